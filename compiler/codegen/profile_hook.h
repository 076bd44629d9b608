// Of libraries built for a profile (compiler/support/profiled_run.h): the function that bodies call around each run.
#pragma once
#include "compiler/support/library_description.h"
#include "llvm/IR/Module.h"

namespace graphc::codegen {
/// Defines it, where the module calls it: it calls what the variable <library>_profile_hook holds, if anything. The
/// variable is public.
void defineProfileHook(llvm::Module &module, const support::LibraryDescription &library);
} // namespace graphc::codegen
