// link_runtime: the runtime's bitcode (built from runtime/ with graphc) becomes part of the module: its public
// functions take the library's prefix, everything else becomes internal, so that several libraries can live in one
// program.
#pragma once
#include "compiler/support/library_description.h"
#include "llvm/IR/Module.h"

namespace graphc::codegen {

/// Frees the symbol `name` for a public function: an internal namesake is renamed; one of the C library is an error.
bool claimSymbol(llvm::Module &module, llvm::StringRef name, std::string &error);
bool linkRuntime(llvm::Module &module, const support::LibraryDescription &library, std::string &error);

} // namespace graphc::codegen
