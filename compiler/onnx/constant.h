// A tensor that is known while a model is imported: initializers, values of Constant nodes, and what was computed from
// them. Kept as bytes, since weights are large and host tensors are not small; nodes hold constants by shared pointer.
#pragma once
#include "dialects/graph/element_type.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/ArrayRef.h"
#include <memory>
#include <string>

namespace graphc::onnx {

struct Constant {
  graph::Dtype dtype = graph::Dtype::F32;
  llvm::SmallVector<int64_t> shape;
  std::shared_ptr<const std::string> bytes; // row-major, little-endian; bools are one byte, 0 or 1
  std::string name;                         // of the initializer or value it comes from: names the param
  mlir::Value built;                        // its value in the graph, where it was read last
  std::string path;                         // of the param that holds it, if it is one

  int64_t elements() const;
  /// Elements that are integers or bools.
  llvm::SmallVector<int64_t> integers() const;
  /// Element `i` as a double.
  double real(int64_t i) const;
  /// True if all elements have the same bits (and there is one).
  bool isSplat() const;
};
using ConstantRef = std::shared_ptr<Constant>;

/// Number of elements, or nullopt for a negative dim or 2^47 elements and more.
std::optional<int64_t> checkedElements(llvm::ArrayRef<int64_t> shape);

graph::HostTensor toHost(const Constant &constant);
ConstantRef fromHost(const graph::HostTensor &tensor, llvm::StringRef name);
/// With axis i of the result being axis perm[i]. `perm` is a permutation.
ConstantRef permuted(const Constant &constant, llvm::ArrayRef<int64_t> perm);
/// The same elements in another shape of as many.
ConstantRef reshaped(const Constant &constant, llvm::ArrayRef<int64_t> shape);

} // namespace graphc::onnx
