// One call of an entry on .npy files, through the very library that `graphc build` writes: what run, vjp and jvp share.
// All inputs are read and checked before the call, all outputs are written or none.
#pragma once
#include "compiler/driver/driver.h"
#include "tools/graphc/options.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace graphc::cli {

/// Where an argument's values lie.
struct CallFiles {
  std::function<std::string(llvm::StringRef name)> input;  // path, "" if no folder was given
  std::function<std::string(llvm::StringRef name)> output; // name in `outputs`
  std::string outputs;                                     // folder
};

/// `entryName`: empty if there is one. Returns the exit code; messages are printed.
int callOnFiles(const llvm::opt::InputArgList &arguments, const driver::CompileOptions &request,
                llvm::StringRef entryName, const CallFiles &files);

/// The file of a tensor in a folder; "" without a folder.
std::string pathIn(llvm::StringRef folder, llvm::StringRef tensor);

} // namespace graphc::cli
