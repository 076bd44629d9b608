// matmul: y[..., m, n] = sum over k of a[..., m, k] b[..., k, n]. The lowering brings every case to a plain
// linalg.matmul (b is a matrix) or a linalg.batch_matmul (b has batch axes) by views alone, except where one side's
// batch must be stretched, which copies it.
#include "dialects/graph/broadcast_shape.h"
#include "dialects/graph/elementwise.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc::graph;

/// The sizes in the formula; a vector a counts as one row.
struct MatmulSizes {
  SmallVector<int64_t> batchA, batchB, batch; // leading axes of a, of b, of y
  int64_t m, k, n;
  bool vector;
};

static MatmulSizes sizesOf(MatmulOp op) {
  ArrayRef<int64_t> a = op.getA().getType().getShape(), b = op.getB().getType().getShape(), y = op.getType().getShape();
  MatmulSizes s;
  s.vector = a.size() == 1;
  s.m = s.vector ? 1 : a[a.size() - 2];
  s.k = a.back();
  s.n = b.back();
  s.batchA.assign(a.begin(), a.end() - (s.vector ? 1 : 2));
  s.batchB.assign(b.begin(), b.end() - 2);
  s.batch.assign(y.begin(), y.end() - (s.vector ? 1 : 2));
  return s;
}

static SmallVector<int64_t> joined(ArrayRef<int64_t> front, ArrayRef<int64_t> back) {
  SmallVector<int64_t> all(front);
  all.append(back.begin(), back.end());
  return all;
}

static int64_t product(ArrayRef<int64_t> sizes) {
  int64_t result = 1;
  for (int64_t size : sizes) result *= size;
  return result;
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  for (auto [name, set] :
       {std::pair("transpose_a", adaptor.getTransposeA()), std::pair("transpose_b", adaptor.getTransposeB())})
    if (set) // (C5)
      return shapeError(location, "G0014", About::theAttribute(name),
                        "'" + Twine(name) + "' is not supported by this version of graphc");
  auto in = operandTypes(location, "matmul", adaptor.getOperands(), Dtype::F32); // (C4)
  if (failed(in)) return failure();
  ArrayRef<int64_t> a = (*in)[0].getShape(), b = (*in)[1].getShape();
  if (a.empty()) // (C1)
    return shapeError(location, "G3008", About::theOperand(0), "'matmul' needs a matrix or a vector, 'a' is a scalar");
  if (b.size() < 2)
    return shapeError(location, "G3008", About::theOperand(1),
                      "'matmul' needs a matrix 'b', it has " + Twine(b.empty() ? "no axis" : "only one axis"));
  if (a.back() != b[b.size() - 2]) // (C2)
    return shapeError(location, "G3002", {About::theOperand(1), About::theOperand(0)},
                      "inner dimensions differ: 'a' has " + Twine(a.back()) + " columns and 'b' has " +
                          Twine(b[b.size() - 2]) + " rows");
  bool vector = a.size() == 1;
  auto batch = broadcastShape(location, vector ? ArrayRef<int64_t>() : a.drop_back(2), 0, b.drop_back(2), 1); // (C3)
  if (failed(batch)) return failure();
  if (!vector) batch->push_back(a[a.size() - 2]);
  batch->push_back(b.back());
  return addResultType(location, *batch, (*in)[0].getElementType(), {About::theOperand(0), About::theOperand(1)},
                       types); // (C6)
}

/// A view of the same elements: axes [from, from + count) become one.
static Value joinAxes(OpBuilder &builder, Location location, Value x, int64_t from, int64_t count) {
  int64_t rank = cast<RankedTensorType>(x.getType()).getRank();
  if (count == 1) return x;
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis < rank;) {
    int64_t size = axis == from ? count : 1;
    groups.push_back(llvm::to_vector(llvm::seq<int64_t>(axis, axis + size)));
    axis += size;
  }
  return builder.create<tensor::CollapseShapeOp>(location, x, groups);
}

/// A view of the same elements: axis 0 becomes the axes `sizes` (at least one), the others stay.
static Value splitFirstAxis(OpBuilder &builder, Location location, Value x, ArrayRef<int64_t> sizes) {
  auto type = cast<RankedTensorType>(x.getType());
  if (sizes.size() == 1) return x;
  SmallVector<ReassociationIndices> groups = {llvm::to_vector(llvm::seq<int64_t>(0, sizes.size()))};
  for (int64_t axis = 1; axis < type.getRank(); ++axis) groups.push_back({int64_t(sizes.size()) + axis - 1});
  auto result = RankedTensorType::get(joined(sizes, type.getShape().drop_front()), type.getElementType());
  return builder.create<tensor::ExpandShapeOp>(location, result, x, groups);
}

static Value zeros(OpBuilder &builder, Location location, ArrayRef<int64_t> shape, Type element) {
  Value zero = builder.create<arith::ConstantOp>(location, builder.getZeroAttr(element));
  Value empty = builder.create<tensor::EmptyOp>(location, shape, element);
  return builder.create<linalg::FillOp>(location, zero, empty).getResult(0);
}

/// The operand with its batch stretched to `batch` where that differs, and all batch axes joined to one: rank 3.
static Value batched(OpBuilder &builder, Location location, Value x, ArrayRef<int64_t> own, ArrayRef<int64_t> batch,
                     int64_t rows, int64_t columns) {
  if (own != batch) {
    auto type =
        RankedTensorType::get(joined(batch, {rows, columns}), cast<RankedTensorType>(x.getType()).getElementType());
    x = buildElementwise(builder, location, x, type,
                         [](OpBuilder &, Location, ValueRange scalar) -> Value { return scalar[0]; });
  }
  return joinAxes(builder, location, x, 0, batch.size());
}

FailureOr<SmallVector<Value>> MatmulOp::lower(OpBuilder &builder) {
  Location location = getLoc();
  MatmulSizes s = sizesOf(*this);
  Type element = getType().getElementType();
  Value a = getA(), b = getB(), y;
  if (s.vector) a = splitFirstAxis(builder, location, a, {1, s.k}); // one row
  if (s.batchB.empty()) {                                           // every row of a, whatever its batch
    SmallVector<int64_t> rows = joined(s.batchA, s.m);
    a = joinAxes(builder, location, a, 0, rows.size());
    Value init = zeros(builder, location, {product(rows), s.n}, element);
    y = builder.create<linalg::MatmulOp>(location, ValueRange{a, b}, ValueRange{init}).getResult(0);
    y = splitFirstAxis(builder, location, y, rows);
  } else {
    a = batched(builder, location, a, s.batchA, s.batch, s.m, s.k);
    b = batched(builder, location, b, s.batchB, s.batch, s.k, s.n);
    Value init = zeros(builder, location, {product(s.batch), s.m, s.n}, element);
    y = builder.create<linalg::BatchMatmulOp>(location, ValueRange{a, b}, ValueRange{init}).getResult(0);
    y = splitFirstAxis(builder, location, y, s.batch);
  }
  if (s.vector) y = joinAxes(builder, location, y, s.batch.size(), 2); // drops axis m
  return SmallVector<Value>{y};
}

LogicalResult MatmulOp::evaluate(ArrayRef<HostTensor> operands, SmallVectorImpl<HostTensor> &results) {
  MatmulSizes s = sizesOf(*this);
  HostTensor y(operands[0].dtype, getType().getShape());
  SmallVector<int64_t> stridesA = broadcastStrides(s.batchA, s.batch), stridesB = broadcastStrides(s.batchB, s.batch);
  int64_t count = product(s.batch);
  for (int64_t g = 0; g < count; ++g) {
    int64_t matrixA = 0, matrixB = 0, rest = g; // which matrix of a and of b belongs to batch position g
    for (size_t axis = s.batch.size(); axis-- > 0; rest /= s.batch[axis]) {
      matrixA += rest % s.batch[axis] * stridesA[axis];
      matrixB += rest % s.batch[axis] * stridesB[axis];
    }
    const Jet *a = operands[0].floats.data() + matrixA * s.m * s.k,
              *b = operands[1].floats.data() + matrixB * s.k * s.n;
    Jet *out = y.floats.data() + g * s.m * s.n;
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t k = 0; k < s.k; ++k)
        for (int64_t j = 0; j < s.n; ++j) out[i * s.n + j] = out[i * s.n + j] + a[i * s.k + k] * b[k * s.n + j];
  }
  y.round();
  results.push_back(std::move(y));
  return success();
}

uint64_t MatmulOp::flops() {
  return llvm::SaturatingMultiply<uint64_t>(getType().getNumElements(),
                                            2 * uint64_t(getA().getType().getShape().back()));
}
