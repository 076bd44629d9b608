// A large library's kernels become modules of their own, so that several threads can make machine code of them. What is
// a part follows from the module alone, never from how many threads there are: so do the bytes of the product.
#pragma once
#include "llvm/IR/Module.h"
#include <string>
#include <vector>

namespace graphc::codegen {

/// Moves kernels out of `module` if there is enough to share. The parts, as bitcode; nothing if there is not. What the
/// pieces share is external and hidden from then on: whoever puts them together makes it local again. Before anything
/// moves, sizes that are the same in every call have become constants of the kernels, which no part could find out.
std::vector<std::string> splitKernels(llvm::Module &module);

} // namespace graphc::codegen
