// stages.def as a table.
#include "compiler/driver/stages.h"

using namespace graphc::driver;

static constexpr Stage table[] = {
#define GRAPHC_STAGE(word, summary) {#word, summary},
#include "compiler/driver/stages.def"
};

llvm::ArrayRef<Stage> graphc::driver::stages() { return table; }

int graphc::driver::stageIndex(llvm::StringRef name) {
  for (size_t i = 0; i < std::size(table); ++i)
    if (table[i].name == name) return static_cast<int>(i);
  return -1;
}

std::vector<llvm::StringRef> graphc::driver::stageNames() {
  std::vector<llvm::StringRef> names;
  for (const Stage &stage : table) names.push_back(stage.name);
  return names;
}
