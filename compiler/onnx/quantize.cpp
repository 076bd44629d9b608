// Quantization: to and from 8- and 16-bit integers, and products of quantized matrices through i32.
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

/// A scale or zero point per channel stands beside the given axis.
Value alongAxis(NodeBuilder &n, Value v, const Value &x, int64_t axis) {
  if (!v || v.rank() != 1 || x.rank() == 0) return v;
  if (v.dim(0) == 1) return n.reshape(v, {});
  Ints shape(x.rank(), 1);
  shape[axis] = v.dim(0);
  return n.reshape(v, shape);
}

struct Quantization { // as the node gives it, brought beside x
  Value scale, zero;
};

Quantization readQuantization(NodeBuilder &n, const Value &x) {
  Value scale = n.in(1), zero = n.optional(2);
  if (n.integer("block_size", 0)) n.unsupported("attribute 'block_size'");
  int64_t axis = 0;
  if (scale.rank() == 1 && scale.dim(0) > 1) axis = n.axis(n.integer("axis", 1), x.rank());
  if (scale.rank() > 1) n.unsupported("a scale of more than one axis");
  return {alongAxis(n, scale, x, axis), alongAxis(n, zero, x, axis)};
}

struct Range {
  double low, high;
};
std::optional<Range> rangeOf(Dtype dtype) {
  switch (dtype) {
  case Dtype::U8:
    return Range{0, 255};
  case Dtype::I8:
    return Range{-128, 127};
  case Dtype::U16:
    return Range{0, 65535};
  case Dtype::I16:
    return Range{-32768, 32767};
  default:
    return std::nullopt;
  }
}

/// clamp(round(x / scale) + zero), in the scale's dtype.
Value quantized(NodeBuilder &n, Value x, Value scale, Value zero, Dtype dtype) {
  std::optional<Range> range = rangeOf(dtype);
  if (!range) return n.unsupported("quantization to " + graph::dtypeName(dtype));
  Value y = n.op("round", n.div(n.cast(x, scale.dtype()), scale));
  if (zero) y = n.add(y, n.cast(zero, y.dtype()));
  y = n.op("min", {n.op("max", {y, n.like(y, range->low)}), n.like(y, range->high)});
  return n.cast(y, dtype);
}

void mapQuantizeLinear(NodeBuilder &n) {
  Value x = n.in(0);
  Quantization q = readQuantization(n, x);
  Dtype dtype = q.zero ? q.zero.dtype() : Dtype::U8;
  if (!q.zero && n.integer("output_dtype", 0)) dtype = n.dtypeOf(n.integer("output_dtype", 0));
  n.result(0, quantized(n, x, q.scale, q.zero, dtype));
}

/// (x - zero) * scale; the difference is exact in i32.
Value dequantized(NodeBuilder &n, Value x, Value scale, Value zero) {
  Value wide = n.cast(x, Dtype::I32);
  if (zero) wide = n.sub(wide, n.cast(zero, Dtype::I32));
  return n.mul(n.cast(wide, scale.dtype()), scale);
}

void mapDequantizeLinear(NodeBuilder &n) {
  Value x = n.in(0);
  Quantization q = readQuantization(n, x);
  n.result(0, dequantized(n, x, q.scale, q.zero));
}

/// Scale and zero point from the tensor's own range, which is made to hold 0.
void mapDynamicQuantizeLinear(NodeBuilder &n) {
  Value x = n.in(0), zero = n.like(x, 0);
  Ints axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  Value high = n.op("max", {n.op("reduce_max", x, {{"axis", axes}}), zero});
  Value low = n.op("min", {n.op("reduce_min", x, {{"axis", axes}}), zero});
  Value scale = n.div(n.sub(high, low), n.like(x, 255));
  Value point = n.op("round", n.op("min", {n.op("max", {n.div(n.op("neg", low), scale), zero}), n.like(x, 255)}));
  Value zeroPoint = n.cast(point, Dtype::U8);
  n.result(0, quantized(n, x, scale, zeroPoint, Dtype::U8));
  n.result(1, scale);
  n.result(2, zeroPoint);
}

/// A zero point per row of the left operand, per column of the right one.
Value centred(NodeBuilder &n, Value x, Value zero, bool perRow) {
  if (perRow && zero.rank() == 1 && zero.dim(0) > 1) zero = n.reshape(zero, {zero.dim(0), 1});
  return n.sub(n.cast(x, Dtype::I32), n.cast(zero, Dtype::I32));
}

void mapQLinearMatMul(NodeBuilder &n) {
  Value aScale = n.in(1), bScale = n.in(4), yScale = n.in(6), yZero = n.in(7);
  if (aScale.rank() == 1 && aScale.dim(0) > 1) aScale = n.reshape(aScale, {aScale.dim(0), 1});
  Value product = n.op("matmul", {centred(n, n.in(0), n.in(2), true), centred(n, n.in(3), n.in(5), false)});
  Value wide = n.mul(n.cast(product, Dtype::F32), n.cast(n.mul(aScale, bScale), Dtype::F32));
  n.result(0, quantized(n, wide, n.cast(yScale, Dtype::F32), yZero, yZero.dtype()));
}

constexpr OpRow rows[] = {{"DequantizeLinear", mapDequantizeLinear},
                          {"DynamicQuantizeLinear", mapDynamicQuantizeLinear},
                          {"QLinearMatMul", mapQLinearMatMul},
                          {"QuantizeLinear", mapQuantizeLinear}};
} // namespace

llvm::ArrayRef<OpRow> quantizeRows() { return rows; }

} // namespace graphc::onnx
