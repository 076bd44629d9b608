// machine_code: the one target (x86-64, position independent), LLVM's optimizer and the emission of an object or a
// text.
#pragma once
#include "compiler/codegen/codegen.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace graphc::codegen {

std::unique_ptr<llvm::TargetMachine> createTargetMachine(int optLevel, std::string &error);
void optimize(llvm::Module &module, llvm::TargetMachine &machine, int optLevel);
/// Drops internal functions and constants that nothing refers to.
void removeUnused(llvm::Module &module, llvm::TargetMachine &machine);
std::optional<std::string> emitModule(llvm::Module &module, llvm::TargetMachine &machine, Emit emit,
                                      std::string &error);

} // namespace graphc::codegen
