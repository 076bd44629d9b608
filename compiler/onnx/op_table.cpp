// The families' rows as one map, made once.
#include "compiler/onnx/op_table.h"
#include "llvm/ADT/StringMap.h"

namespace graphc::onnx {

static const llvm::StringMap<Mapping> &table() {
  static const llvm::StringMap<Mapping> instance = [] {
    llvm::StringMap<Mapping> map;
    for (auto rows :
         {elementwiseRows, generateRows, reshapeRows, sliceRows, gatherRows, reductionRows, matrixRows, convolutionRows,
          poolingRows, normalizationRows, attentionRows, recurrentRows, lossRows, resizeRows, quantizeRows})
      for (const OpRow &row : rows()) map[row.name] = row.mapping;
    return map;
  }();
  return instance;
}

Mapping findMapping(llvm::StringRef name) { return table().lookup(name); }

std::vector<llvm::StringRef> mappedOperators() {
  std::vector<llvm::StringRef> names;
  for (const auto &entry : table()) names.push_back(entry.first());
  llvm::sort(names);
  return names;
}

} // namespace graphc::onnx
