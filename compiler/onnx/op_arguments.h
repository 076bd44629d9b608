// Attributes of a graph op as the mappings write them, and their form in the IR. The kinds come from the op's
// signature, so a mapping need not know whether, say, a padding is a list of numbers or a word.
#pragma once
#include "dialects/graph/element_type.h"
#include "dialects/graph/op_signature.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <variant>
#include <vector>

namespace graphc::onnx {

using Ints = llvm::SmallVector<int64_t>;
struct Pairs { // [[low, high], ...]
  std::vector<std::pair<int64_t, int64_t>> list;
};
struct Floats {
  std::vector<double> list;
};
struct TensorType { // "f32[2, 3]"
  graph::Dtype dtype;
  Ints shape;
};
using Argument =
    std::variant<int64_t, bool, double, std::string, graph::Dtype, Ints, Pairs, Floats, TensorType, mlir::Attribute>;

struct NamedArgument {
  llvm::StringRef name;
  Argument value;
};
using Arguments = std::vector<NamedArgument>;

/// The attribute, or null if this op has none of that name or it takes another kind of value.
mlir::Attribute toAttribute(mlir::Builder &builder, const graph::OpSignature &op, const NamedArgument &argument);

} // namespace graphc::onnx
