// The stages of stages.def as data, for the pipeline, the command line and the reports: nobody else repeats their
// names.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <vector>

namespace graphc::driver {

struct Stage {
  llvm::StringRef name, summary;
};

/// In the order of the data flow.
llvm::ArrayRef<Stage> stages();
/// Position of a stage, or -1.
int stageIndex(llvm::StringRef name);
std::vector<llvm::StringRef> stageNames();

} // namespace graphc::driver
