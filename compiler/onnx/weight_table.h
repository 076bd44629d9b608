// The params of an imported model: paths, types and values. Written out as one safetensors file, so that a model built
// from .onnx and one from the imported JSON get their weights through the same reader.
#pragma once
#include "compiler/onnx/constant.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::onnx {

class WeightTable {
public:
  /// Adds a param and returns its path: "predict." and an identifier made of the name.
  std::string add(ConstantRef constant);
  /// The bytes of a safetensors file; empty without params.
  std::string safetensors() const;

private:
  struct Row {
    std::string path;
    ConstantRef constant;
  };
  std::vector<Row> rows;
  llvm::StringSet<> paths;
};

} // namespace graphc::onnx
