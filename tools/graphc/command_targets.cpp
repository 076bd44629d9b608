// graphc targets: the ISA levels that --target takes, and which one this machine has.
#include "compiler/driver/driver.h"
#include "compiler/support/isa_level.h"
#include "tools/graphc/command.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphc;

int cli::runTargets(const llvm::opt::InputArgList &) {
  const support::IsaLevel &native = support::nativeIsaLevel();
  for (const support::IsaLevel &level : support::isaLevels())
    llvm::outs() << llvm::format("%-20s %3d-bit vectors, %s%s%s\n", level.name.str().c_str(), level.lanes * 32,
                                 level.fma ? "fused multiply-add" : "no fused multiply-add",
                                 level.dotBF16 ? ", products of i8 and bf16"
                                 : level.dotI8 ? ", products of i8"
                                               : "",
                                 level.number == native.number ? "   (native)" : "");
  return driver::Ok;
}
