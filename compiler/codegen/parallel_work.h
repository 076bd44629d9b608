// Pieces of work on several threads. Threads have the stacks that deep functions need of LLVM's recursions.
#pragma once
#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstddef>

namespace graphc::codegen {
/// work(0) .. work(count - 1), each once, in any order, on at most `threads` threads, this one included. Where the
/// system gives fewer threads those that exist do it all.
void inParallel(size_t count, unsigned threads, llvm::function_ref<void(size_t)> work);
} // namespace graphc::codegen
