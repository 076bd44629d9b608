// translate: LLVM dialect -> LLVM IR for the target: everything internal, async unwind tables, no unwinding, and the
// ISA level on every function (kernels bring their own). Without -g all debug information goes, so that no path reaches
// the object.
#pragma once
#include "compiler/codegen/codegen.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace graphc::codegen {

std::unique_ptr<llvm::Module> translate(mlir::ModuleOp source, llvm::LLVMContext &context,
                                        const llvm::TargetMachine &machine, llvm::StringRef name,
                                        const Options &options, std::string &error);
} // namespace graphc::codegen
