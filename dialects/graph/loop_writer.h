// Writes one graph.loops: flat index arithmetic, loops with carried values, branches, and loads and stores that speak
// compute types (lowering.h). What is written may depend on ranks and dtypes but not on sizes: those are run-time
// values, so that one kernel serves every shape.
#pragma once
#include "dialects/graph/lowering.h"

namespace graphc::graph {

class LoopWriter : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;
  struct Out {
    Shape shape;
    mlir::Type element; // plain
  };
  /// `sizes`: what the body needs of sizes, strides, bounds (size(i) is the i-th). `mayFail`: fail() may be called.
  LoopWriter(Lowering &lowering, mlir::ValueRange ins, llvm::ArrayRef<Dim> sizes, llvm::ArrayRef<Out> outs,
             bool mayFail = false, llvm::ArrayRef<int64_t> inplace = {});
  /// The op's results: plain tensors.
  llvm::SmallVector<Value> results() const;
  /// Sets a unit attribute of the op.
  void mark(llvm::StringRef attribute);

  // The body's arguments.
  Value in(unsigned i) const { return argument(i); }
  Value size(unsigned i) const { return argument(inCount + i); }
  Values sizes(unsigned first, unsigned count) const;
  Value out(unsigned i) const { return argument(inCount + sizeCount + i); }

  // Flat indices.
  Value index(int64_t value);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  /// Of values >= 0.
  Value div(Value a, Value b);
  Value rem(Value a, Value b);
  /// Signed.
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value less(Value a, Value b); // signed
  Value equal(Value a, Value b);
  Value both(Value a, Value b); // and of two conditions
  Value either(Value a, Value b);
  Value select(Value condition, Value yes, Value no);
  Value clamp(Value i, Value size) { return max(min(i, sub(size, index(1))), index(0)); }
  /// An integer element as an index (sign- or zero-extended by dtype), and back.
  Value toIndex(Value integer, Dtype dtype);
  Value fromIndex(Value i, mlir::Type integer);
  /// Row-major strides of sizes; the products are made here.
  Values strides(mlir::ValueRange sizes);
  /// Sum of i * stride.
  Value dot(mlir::ValueRange indices, mlir::ValueRange strides);

  // Loops. `next` of carried values is what the body returns.
  void loop(Value from, Value to, llvm::function_ref<void(Value)> body);
  Values loop(Value from, Value to, mlir::ValueRange inits, llvm::function_ref<Values(Value, mlir::ValueRange)> body);
  /// Nested loops, first outermost.
  void nest(mlir::ValueRange sizes, llvm::function_ref<void(mlir::ValueRange)> body);
  /// Nested loops with carried values.
  Values nest(mlir::ValueRange sizes, mlir::ValueRange inits,
              llvm::function_ref<Values(mlir::ValueRange, mlir::ValueRange)> body);
  void when(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise = nullptr);
  Values choose(Value condition, llvm::function_ref<Values()> then, llvm::function_ref<Values()> otherwise);
  /// while condition(values) do values = body(values).
  Values repeat(mlir::ValueRange inits, llvm::function_ref<Value(mlir::ValueRange)> condition,
                llvm::function_ref<Values(mlir::ValueRange)> body);

  // Elements as they lie in memory, and as they are computed with.
  Value load(Value buffer, Value at);
  void store(Value element, Value buffer, Value at);
  Value loadComputed(Value buffer, Value at, Dtype dtype);
  void storeComputed(Value element, Value buffer, Value at, Dtype dtype);
  /// True if a begins at the same byte as element `at` of b.
  Value isSame(Value a, Value b, Value at = {});

  /// Reports an index outside its tensor (status INDEX) and goes on.
  void fail();
  /// The position clamped into [0, size) and reported where it was outside; negative ones count from the end if
  /// `wraps`.
  Value checkedPosition(Value position, Value size, bool wraps = false);

private:
  Value argument(unsigned i) const;
  mlir::Operation *op;
  unsigned inCount, sizeCount, outCount;
};

} // namespace graphc::graph
