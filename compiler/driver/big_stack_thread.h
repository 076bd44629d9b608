// MLIR and LLVM recurse over what they compile (printing, walks, instruction selection): the compiler works on a thread
// with a 64 MB stack, whatever `ulimit -s` says, so that a deep graph is no crash.
#pragma once
#include "llvm/ADT/STLFunctionalExtras.h"

namespace graphc::driver {

/// Runs `work` on such a thread and waits for it; on the caller's own stack if the system gives no thread.
void runOnBigStack(llvm::function_ref<void()> work);

} // namespace graphc::driver
