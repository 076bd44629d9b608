// Reductions along axes, running sums, softmax and what else goes along an axis.
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

struct Reduced { // which axes, and whether anything is reduced at all
  Ints axes;
  bool keepDims = true, nothing = false;
};

/// Axes from the attribute or the input; none means all of them, or with 'noop_with_empty_axes' none at all.
Reduced readReduction(NodeBuilder &n, const Value &x) {
  Reduced reduced;
  reduced.keepDims = n.integer("keepdims", 1) != 0;
  std::optional<Ints> written = n.integersOf("axes", 1);
  if (written && !written->empty()) {
    reduced.axes = n.axes(*written, x.rank());
  } else if (n.integer("noop_with_empty_axes", 0)) {
    reduced.nothing = true;
  } else {
    for (int64_t axis = 0; axis < x.rank(); ++axis) reduced.axes.push_back(axis);
  }
  return reduced;
}

Value reduce(NodeBuilder &n, llvm::StringRef mnemonic, Value x, const Reduced &reduced) {
  if (reduced.nothing || reduced.axes.empty()) return x; // of a scalar, or as asked
  return n.op(mnemonic, x, {{"axis", reduced.axes}, {"keep_dims", reduced.keepDims}});
}

void plain(NodeBuilder &n, llvm::StringRef mnemonic) {
  Value x = n.in(0);
  n.result(0, reduce(n, mnemonic, x, readReduction(n, x)));
}
void mapReduceSum(NodeBuilder &n) { plain(n, "sum"); }
void mapReduceProd(NodeBuilder &n) { plain(n, "prod"); }

/// The mean of integers is their sum divided.
void mapReduceMean(NodeBuilder &n) {
  Value x = n.in(0);
  Reduced reduced = readReduction(n, x);
  if (x.isFloat()) return n.result(0, reduce(n, "mean", x, reduced));
  double count = 1;
  for (int64_t axis : reduced.axes) count *= static_cast<double>(x.dim(axis));
  Value sum = reduce(n, "sum", x, reduced);
  n.result(0, n.op("floor_div", {sum, n.like(sum, count)}));
}

/// Of nothing the farthest limit of the dtype, which ONNX defines and the graph op refuses.
void extremum(NodeBuilder &n, llvm::StringRef mnemonic, bool limitIsLargest) {
  Value x = n.in(0);
  Reduced reduced = readReduction(n, x);
  if (n.failed() || llvm::none_of(reduced.axes, [&](int64_t axis) { return x.dim(axis) == 0; }))
    return n.result(0, reduce(n, mnemonic, x, reduced));
  Ints shape;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    bool gone = llvm::is_contained(reduced.axes, axis);
    if (!gone || reduced.keepDims) shape.push_back(gone ? 1 : x.dim(axis));
  }
  n.result(0, n.broadcast(n.limit(x.dtype(), limitIsLargest), shape));
}
void mapReduceMax(NodeBuilder &n) {
  if (n.in(0).dtype() == Dtype::Bool) return plain(n, "any");
  extremum(n, "reduce_max", false);
}
void mapReduceMin(NodeBuilder &n) {
  if (n.in(0).dtype() == Dtype::Bool) return plain(n, "all");
  extremum(n, "reduce_min", true);
}

void mapReduceL1(NodeBuilder &n) {
  Value x = n.in(0);
  n.result(0, reduce(n, "sum", n.op("abs", x), readReduction(n, x)));
}
Value sumOfSquares(NodeBuilder &n, Value x) { return reduce(n, "sum", n.mul(x, x), readReduction(n, x)); }
void mapReduceSumSquare(NodeBuilder &n) { n.result(0, sumOfSquares(n, n.in(0))); }

Value throughFloats(NodeBuilder &n, llvm::StringRef mnemonic, Value x) {
  if (x.isFloat()) return n.op(mnemonic, x);
  return n.cast(n.op(mnemonic, n.cast(x, Dtype::F64)), x.dtype());
}
void mapReduceL2(NodeBuilder &n) { n.result(0, throughFloats(n, "sqrt", sumOfSquares(n, n.in(0)))); }
void mapReduceLogSum(NodeBuilder &n) {
  Value x = n.in(0);
  n.result(0, throughFloats(n, "log", reduce(n, "sum", x, readReduction(n, x))));
}
void mapReduceLogSumExp(NodeBuilder &n) {
  Value x = n.in(0);
  Reduced reduced = readReduction(n, x);
  if (reduced.nothing || reduced.axes.empty()) return n.result(0, x);
  Value wide = x.isFloat() ? x : n.cast(x, Dtype::F64);
  n.result(0, n.cast(reduce(n, "logsumexp", wide, reduced), x.dtype()));
}

/// Before opset 13 the axes from 'axis' (default 1) on count as one.
void alongAxis(NodeBuilder &n, llvm::StringRef mnemonic) {
  Value x = n.in(0);
  if (x.rank() == 0) { // a scalar is one row of one element
    Value one = n.op(mnemonic, n.reshape(x, {1}), {{"axis", int64_t(0)}});
    return n.result(0, n.reshape(one, {}));
  }
  int64_t axis = n.axis(n.integer("axis", n.opset >= 13 ? -1 : 1), x.rank());
  if (n.opset >= 13 || axis == x.rank() - 1) return n.result(0, n.op(mnemonic, x, {{"axis", axis}}));
  int64_t outer = 1, inner = 1;
  for (int64_t i = 0; i < x.rank(); ++i) (i < axis ? outer : inner) *= x.dim(i);
  Value rows = n.op(mnemonic, n.reshape(x, {outer, inner}), {{"axis", int64_t(1)}});
  n.result(0, n.reshape(rows, x.shape()));
}
void mapSoftmax(NodeBuilder &n) { alongAxis(n, "softmax"); }
void mapLogSoftmax(NodeBuilder &n) { alongAxis(n, "log_softmax"); }

void running(NodeBuilder &n, llvm::StringRef mnemonic) {
  Value x = n.in(0);
  std::optional<double> axis = n.knownReal(n.in(1), "axis");
  if (!axis) return;
  n.result(0, n.op(mnemonic, x,
                   {{"axis", n.axis(static_cast<int64_t>(*axis), x.rank())},
                    {"exclusive", n.integer("exclusive", 0) != 0},
                    {"reverse", n.integer("reverse", 0) != 0}}));
}
void mapCumSum(NodeBuilder &n) { running(n, "cumsum"); }
void mapCumProd(NodeBuilder &n) { running(n, "cumprod"); }

void mapTrilu(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<double> k = 0.0;
  if (n.has(1)) k = n.knownReal(n.in(1), "k");
  if (!k) return;
  n.result(0, n.op("trilu", x, {{"upper", n.integer("upper", 1) != 0}, {"k", static_cast<int64_t>(*k)}}));
}

constexpr OpRow rows[] = {
    {"CumProd", mapCumProd},
    {"CumSum", mapCumSum},
    {"LogSoftmax", mapLogSoftmax},
    {"ReduceL1", mapReduceL1},
    {"ReduceL2", mapReduceL2},
    {"ReduceLogSum", mapReduceLogSum},
    {"ReduceLogSumExp", mapReduceLogSumExp},
    {"ReduceMax", mapReduceMax},
    {"ReduceMean", mapReduceMean},
    {"ReduceMin", mapReduceMin},
    {"ReduceProd", mapReduceProd},
    {"ReduceSum", mapReduceSum},
    {"ReduceSumSquare", mapReduceSumSquare},
    {"Softmax", mapSoftmax},
    {"Trilu", mapTrilu},
};
} // namespace

llvm::ArrayRef<OpRow> reductionRows() { return rows; }

} // namespace graphc::onnx
