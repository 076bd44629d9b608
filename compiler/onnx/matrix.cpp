// Matrix products.
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

/// A vector is a row on the left, a column on the right; graph.matmul wants at least a matrix on the right.
Value product(NodeBuilder &n, Value a, Value b) {
  if (b.rank() != 1) return n.op("matmul", {a, b});
  Value y = n.op("matmul", {a, n.reshape(b, {b.dim(0), 1})});
  return n.reshape(y, y.shape().drop_back(y.rank() ? 1 : 0));
}

void mapMatMul(NodeBuilder &n) { n.result(0, product(n, n.in(0), n.in(1))); }

/// alpha A B + beta C. Transposed constants are turned on their bytes; other operands by the product itself.
void mapGemm(NodeBuilder &n) {
  Value a = n.in(0), b = n.in(1), c = n.optional(2);
  Arguments arguments;
  if (n.integer("transA", 0)) {
    if (a.constant())
      a = n.transpose(a, {1, 0});
    else
      arguments.push_back({"transpose_a", true});
  }
  if (n.integer("transB", 0)) {
    if (b.constant())
      b = n.transpose(b, {1, 0});
    else
      arguments.push_back({"transpose_b", true});
  }
  if (a.rank() != 2 || b.rank() != 2) n.error("G0202", "it needs two matrices");
  Value y = n.op("matmul", {a, b}, arguments);
  double alpha = n.real("alpha", 1), beta = n.real("beta", 1);
  if (alpha != 1) y = n.mul(y, n.like(y, alpha));
  if (c && beta != 0) y = n.add(y, beta != 1 ? n.mul(c, n.like(c, beta)) : c);
  n.result(0, y);
}

void mapEinsum(NodeBuilder &n) {
  Values operands;
  for (size_t i = 0; i < n.inputCount(); ++i) operands.push_back(n.in(i));
  std::string equation;
  for (char c : n.text("equation", ""))
    if (c != ' ') equation += c;
  n.result(0, n.op("einsum", operands, {{"equation", equation}}));
}

/// x - zero point, as i32.
Value shifted(NodeBuilder &n, Value x, Value zero, bool perRow) {
  Value wide = n.cast(x, Dtype::I32);
  if (!zero) return wide;
  if (perRow && zero.rank() == 1 && zero.dim(0) > 1) zero = n.reshape(zero, {zero.dim(0), 1});
  return n.sub(wide, n.cast(zero, Dtype::I32));
}

void mapMatMulInteger(NodeBuilder &n) {
  Value a = shifted(n, n.in(0), n.optional(2), true), b = shifted(n, n.in(1), n.optional(3), false);
  n.result(0, product(n, a, b));
}

constexpr OpRow rows[] = {
    {"Einsum", mapEinsum}, {"Gemm", mapGemm}, {"MatMul", mapMatMul}, {"MatMulInteger", mapMatMulInteger}};
} // namespace

llvm::ArrayRef<OpRow> matrixRows() { return rows; }

} // namespace graphc::onnx
