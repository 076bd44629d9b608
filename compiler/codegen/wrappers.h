// wrappers: per entry the functions between C and the entry's body:
//   <name>_<entry>         public: fills arrays of dims, addresses and sizes, calls the runtime's graphc_abi_call
//   <name>_<entry>_invoke  the same with arrays from the caller (graphc_entry_info.invoke)
//   <name>_<entry>_unpack  one per ISA level, called by the runtime after its checks: loads the addresses and dims and
//                          calls the level's body, of the variant for these dims if there is one
//   <name>_<entry>_context_bytes, _arena   what a call needs, from an array of dims
// and, where the library has dims, the public <name>_context_bytes(int64_t...).
#pragma once
#include "compiler/support/library_description.h"
#include "llvm/IR/Module.h"
#include <optional>

namespace graphc::codegen {

struct EntryFunctions {
  llvm::Function *invoke = nullptr, *contextBytes = nullptr;
  std::vector<llvm::Function *> unpack; // one per level of the library
  llvm::Function *arena = nullptr;      // null: the workspace does not depend on dims
};

/// One element per entry, for the descriptor; nullopt with a sentence in `error`.
std::optional<std::vector<EntryFunctions>> addWrappers(llvm::Module &module, const support::LibraryDescription &library,
                                                       std::string &error);
} // namespace graphc::codegen
