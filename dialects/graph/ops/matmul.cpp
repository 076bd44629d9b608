// matmul: y[..., m, n] = sum_k a[..., m, k] b[..., k, n]. Lowers to one linalg.matmul (a single matrix b: the leading
// axes of a join its rows) or a linalg.batch_matmul (b has batch axes) by views alone, except where one side's batch
// must be stretched or an operand transposed, which copies it. The sum is made in f32 for f16 and bf16, in i32 for i8.
#include "dialects/graph/broadcast_shape.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permuted.h"
#include "dialects/graph/stackable.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc::graph;

/// The dtype that sums are made in.
static Dtype sumDtype(Dtype dtype) {
  if (dtype == Dtype::F16 || dtype == Dtype::BF16) return Dtype::F32;
  return dtype == Dtype::I8 ? Dtype::I32 : dtype;
}

/// The sizes in the formula, transposes done; a vector a counts as one row.
struct MatmulSizes {
  Shape batchA, batchB; // leading axes of a and of b
  Dim m, k, n, rowsB;   // rowsB: k as b has it
  bool vector;
};

static MatmulSizes sizesOf(ArrayRef<Dim> a, ArrayRef<Dim> b, bool transposeA, bool transposeB) {
  MatmulSizes s;
  s.vector = a.size() == 1;
  s.m = s.vector ? Dim(1) : a[a.size() - (transposeA ? 1 : 2)];
  s.k = a[a.size() - (transposeA ? 2 : 1)];
  s.rowsB = b[b.size() - (transposeB ? 1 : 2)];
  s.n = b[b.size() - (transposeB ? 2 : 1)];
  s.batchA.assign(a.begin(), a.end() - (s.vector ? 1 : 2));
  s.batchB.assign(b.begin(), b.end() - 2);
  return s;
}

static Shape joined(ArrayRef<Dim> front, ArrayRef<Dim> back) {
  Shape all(front);
  all.append(back.begin(), back.end());
  return all;
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto in = operandTypes(location, "matmul", adaptor.getOperands(), numberDtypes); // (C4)
  if (failed(in)) return failure();
  Shape a = shapeOf((*in)[0]), b = shapeOf((*in)[1]);
  if (a.empty()) // (C1)
    return shapeError(location, "G3008", About::theOperand(0), "'matmul' needs a matrix or a vector, 'a' is a scalar");
  if (b.size() < 2)
    return shapeError(location, "G3008", About::theOperand(1),
                      "'matmul' needs a matrix 'b', it has " + Twine(b.empty() ? "no axis" : "only one axis"));
  if (a.size() == 1 && adaptor.getTransposeA()) // (C5)
    return shapeError(location, "G3008", {About::theOperand(0), About::theAttribute("transpose_a")},
                      "'transpose_a' needs a matrix 'a', it has only one axis");
  MatmulSizes s = sizesOf(a, b, adaptor.getTransposeA(), adaptor.getTransposeB());
  if (s.k != s.rowsB) // (C2)
    return shapeError(location, "G3002", {About::theOperand(1), About::theOperand(0)},
                      "inner dimensions differ: 'a' has " + s.k.text() +
                          (adaptor.getTransposeA() ? " rows (transposed)" : " columns") + " and 'b' has " +
                          s.rowsB.text() + (adaptor.getTransposeB() ? " columns (transposed)" : " rows"));
  auto shape = broadcastShape(location, s.batchA, 0, s.batchB, 1); // (C3)
  if (failed(shape)) return failure();
  if (!s.vector) shape->push_back(s.m);
  shape->push_back(s.n);
  Type element = (*in)[0].getElementType(), sum = elementType(context, sumDtype(*dtypeOf(element)));
  std::optional<Type> accumulate = adaptor.getAccumulate();
  if (accumulate && *accumulate != sum) // (C7)
    return shapeError(location, "G4002", {About::theAttribute("accumulate"), About::theOperand(0)},
                      "'matmul' of " + typeName(element) + " makes its sums in " + typeName(sum) + ", not in " +
                          typeName(*accumulate));
  if (accumulate || dtypeOf(element) == Dtype::I8) element = sum;
  return addResultType(location, *shape, element, {About::theOperand(0), About::theOperand(1)}, types); // (C6)
}

/// The operand with its matrix transposed if asked, stretched to `batch` where that differs, and all batch axes joined
/// to one: rank 3.
static Value batched(Lowering &l, Value x, ArrayRef<Dim> own, ArrayRef<Dim> batch, Dim rows, Dim columns) {
  Shape from = joined(own, {rows, columns}), to = joined(batch, {rows, columns});
  if (own != batch)
    x = l.elementwise(x, from, to, getElementTypeOrSelf(x.getType()),
                      [](ImplicitLocOpBuilder &, ValueRange scalar) -> Value { return scalar[0]; });
  return l.reshape(x, to, {elementCount(batch), rows, columns});
}

/// A copy of x, of this shape, with its last two axes swapped.
static Value transposed(Lowering &l, Value x, ArrayRef<Dim> shape) {
  SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  std::swap(perm[shape.size() - 1], perm[shape.size() - 2]);
  return permuted(l, x, shape, perm);
}

FailureOr<SmallVector<Value>> MatmulOp::lower(Lowering &l) {
  Shape shapeA = l.operandShape(0), shapeB = l.operandShape(1), shapeY = l.resultShape();
  MatmulSizes s = sizesOf(shapeA, shapeB, getTransposeA(), getTransposeB());
  Shape batch(shapeY.begin(), shapeY.end() - (s.vector ? 1 : 2));
  Dtype dtype = l.resultDtype();
  Type sum = l.computeType(dtype);
  Value a = getTransposeA() ? transposed(l, l.in[0], shapeA) : l.in[0];
  Value b = getTransposeB() ? transposed(l, l.in[1], shapeB) : l.in[1];
  TypedAttr zero = l.getZeroAttr(sum);
  Value y;
  Shape made;
  if (s.batchB.empty()) { // every row of a, whatever its batch
    Dim rows = elementCount(s.batchA) * s.m;
    a = l.reshape(a, joined(s.batchA, s.vector ? Shape{s.k} : Shape{s.m, s.k}), {rows, s.k});
    made = {rows, s.n};
    y = l.create<linalg::MatmulOp>(ValueRange{a, b}, ValueRange{l.filled(made, zero)}).getResult(0);
  } else {
    if (s.vector) a = l.reshape(a, {s.k}, {Dim(1), s.k});
    a = batched(l, a, s.batchA, batch, s.m, s.k);
    b = batched(l, b, s.batchB, batch, s.k, s.n);
    made = {elementCount(batch), s.m, s.n};
    y = l.create<linalg::BatchMatmulOp>(ValueRange{a, b}, ValueRange{l.filled(made, zero)}).getResult(0);
  }
  return SmallVector<Value>{l.reshape(l.tensorToStored(y, made, dtype), made, shapeY)};
}

LogicalResult MatmulOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &a = operands[0], &b = operands[1];
  HostTensor &y = results[0];
  bool vector = a.shape.size() == 1;
  int64_t rankA = a.shape.size(), rankB = b.shape.size();
  int64_t m = vector ? 1 : a.shape[rankA - (getTransposeA() ? 1 : 2)], k = a.shape[rankA - (getTransposeA() ? 2 : 1)],
          n = b.shape[rankB - (getTransposeB() ? 2 : 1)];
  auto batchOf = [](const HostTensor &t, int64_t drop) { return ArrayRef(t.shape).drop_back(drop); };
  SmallVector<int64_t> batch(batchOf(y, vector ? 1 : 2));
  SmallVector<int64_t> stridesA = broadcastStrides(batchOf(a, vector ? 1 : 2), batch),
                       stridesB = broadcastStrides(batchOf(b, 2), batch);
  int64_t count = 1;
  for (int64_t size : batch) count *= size;
  for (int64_t g = 0; g < count; ++g) {
    int64_t matrixA = 0, matrixB = 0, rest = g; // which matrix of a and of b belongs to batch position g
    for (size_t axis = batch.size(); axis-- > 0; rest /= batch[axis]) {
      matrixA += rest % batch[axis] * stridesA[axis];
      matrixB += rest % batch[axis] * stridesB[axis];
    }
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        Jet sum;
        uint64_t whole = 0;
        for (int64_t t = 0; t < k; ++t) {
          Number left = elementAt(a, matrixA * m * k + (getTransposeA() ? t * m + i : i * k + t));
          Number right = elementAt(b, matrixB * k * n + (getTransposeB() ? j * k + t : t * n + j));
          if (left.isReal())
            sum = sum + left.real * right.real;
          else
            whole += uint64_t(left.integer) * uint64_t(right.integer);
        }
        int64_t at = (g * m + i) * n + j;
        if (isFloat(y.dtype))
          y.floats[at] = sum;
        else
          y.integers[at] = int64_t(whole);
      }
  }
  return success();
}

Dim MatmulOp::flops() {
  Shape a = shapeOf(getA().getType());
  Dim k = sizesOf(a, shapeOf(getB().getType()), getTransposeA(), getTransposeB()).k;
  return Dim(2) * k * elementCount(shapeOf(getType()));
}

// With A = a or its transpose: A gets ct B^T and B gets A^T ct, summed over the batch axes that were stretched. A
// matrix b for all of a batch gets one product over all of its rows.
Value MatmulOp::transpose(RuleBuilder &b, unsigned i, ValueRange cts) {
  Shape shapeA = shapeOf(getA()), shapeB = shapeOf(getB()), shapeCt = shapeOf(cts[0]);
  Type sums = typeOf(cts[0]).getElementType(), own = typeOf(getA()).getElementType();
  Value left = b.cast(getA(), sums), right = b.cast(getB(), sums), ct = cts[0]; // `accumulate`: sums are wider
  if (shapeA.size() == 1) {
    left = b.reshape(left, {Dim(1), shapeA[0]});
    ct = b.reshape(ct, joined(ArrayRef(shapeCt).drop_back(), {Dim(1), shapeCt.back()}));
  }
  auto product = [&](Value x, Value y, bool transposeX, bool transposeY) -> Value {
    return b.op<MatmulOp>({x, y}, {b.getNamedAttr("transpose_a", b.getBoolAttr(transposeX)),
                                   b.getNamedAttr("transpose_b", b.getBoolAttr(transposeY))});
  };
  Value sum;
  if (i == 0) {
    sum = getTransposeA() ? product(right, ct, getTransposeB(), true) : product(ct, right, false, !getTransposeB());
    sum = b.sumTo(sum, shapeOf(left));
    return b.cast(b.reshape(sum, shapeA), own);
  }
  if (shapeB.size() == 2 && !getTransposeA()) {
    auto rows = [&](Value x) {
      Shape shape = shapeOf(x);
      return b.reshape(x, {elementCount(ArrayRef(shape).drop_back()), shape.back()});
    };
    left = rows(left);
    ct = rows(ct);
  }
  sum = getTransposeB() ? product(ct, left, true, getTransposeA()) : product(left, ct, !getTransposeA(), false);
  return b.cast(b.sumTo(sum, shapeB), own);
}

namespace {
struct StackableMatmul : Stackable::ExternalModel<StackableMatmul, MatmulOp> {
  // A matrix b for all turns: those of a are further leading axes.
  SmallVector<Value> createStacked(Operation *op, RuleBuilder &b, ValueRange operands, ArrayRef<bool> stacked) const {
    auto matmul = cast<MatmulOp>(op);
    size_t rankA = shapeOf(matmul.getA()).size(), rankB = shapeOf(matmul.getB()).size();
    if (stacked[1] || (rankB > 2 && rankA < rankB)) return {};
    return {createLike(b, op, operands)->getResult(0)};
  }

  // The sum over turns of sums over k is one sum, over both.
  Value createSummed(Operation *op, RuleBuilder &b, ValueRange operands) const {
    auto matmul = cast<MatmulOp>(op);
    if (shapeOf(matmul.getA()).size() != 2 || shapeOf(matmul.getB()).size() != 2) return {};
    auto joined = [&](Value x, bool turnsAreRows) {
      if (!turnsAreRows) x = b.permute(x, {1, 0, 2});
      Shape shape = shapeOf(x);
      if (turnsAreRows) return b.reshape(x, {shape[0] * shape[1], shape[2]});
      return b.reshape(x, {shape[0], shape[1] * shape[2]});
    };
    SmallVector<NamedAttribute> more;
    Dtype dtype = *dtypeOf(typeOf(matmul.getA()).getElementType());
    if (dtype == Dtype::F16 || dtype == Dtype::BF16)
      more.push_back(b.getNamedAttr("accumulate", TypeAttr::get(elementType(b.getContext(), sumDtype(dtype)))));
    Value left = joined(operands[0], matmul.getTransposeA()), right = joined(operands[1], !matmul.getTransposeB());
    return createLike(b, op, {left, right}, more)->getResult(0);
  }
};
} // namespace

void graphc::graph::attachStackableMatmul(MLIRContext &context) { MatmulOp::attachInterface<StackableMatmul>(context); }
