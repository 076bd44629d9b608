// What all scatters do once they know where each update goes: y = x, then the updates in order.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/number.h"

namespace graphc::graph {

/// As one graph.loops that may run in x's own memory (operand 0), where nothing but the updates is touched: copies x to
/// elsewhere, hands out the places to update, and brings back what was made in f32, where 16-bit floats are combined.
/// `reduction` as the ops have it.
class Scatter {
public:
  using Value = mlir::Value;
  /// `sizes`: what the body needs of sizes; the element count of the result follows them.
  Scatter(Lowering &l, llvm::ArrayRef<Dim> sizes, llvm::StringRef reduction);
  LoopWriter &writer() { return w; }
  /// y[to + j] (+)= update[from + j] for `count` elements.
  void update(Value buffer, Value from, Value to, Value count);
  /// The result. `countAt`: the number of sizes given.
  llvm::SmallVector<Value> finish(unsigned countAt);

private:
  Value combined(Value a, Value b);
  Dtype dtype;
  llvm::StringRef reduction;
  bool wide;
  LoopWriter w;
};

/// The same on the host. f16 and bf16 stay unrounded until the end, as everywhere in evaluation.
class HostScatter {
public:
  HostScatter(HostTensor &y, llvm::StringRef reduction);
  void put(int64_t at, const Number &next);
  /// Of "min" and "max": equals share the derivative.
  void finish();

private:
  void note(int64_t at, const Jet &next, bool same, bool keeps);
  HostTensor &y;
  llvm::StringRef reduction;
  bool chooses;
  std::vector<Jet> equals; // sum of what is equal to y
  std::vector<double> counts;
};

} // namespace graphc::graph
