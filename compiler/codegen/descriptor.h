// descriptor: LibraryDescription -> the constant graphc_library that the runtime reads (graphc/abi.h), with everything
// it points to: signature, entries, tensors, params, bodies and the embedded image.
#pragma once
#include "compiler/codegen/wrappers.h"

namespace graphc::codegen {

bool addDescriptor(llvm::Module &module, const support::LibraryDescription &library,
                   const std::vector<EntryFunctions> &functions, std::string &error);
} // namespace graphc::codegen
