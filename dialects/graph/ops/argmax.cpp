// argmax: y = min { i : x_i = max_j x_j } along an axis, or the first NaN. One reduction that carries the best value
// and its position.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace graphc::graph;

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "argmax", adaptor.getOperands(), 0, Dtype::F32); // (C3)
  if (failed(x)) return failure();
  auto axis = checkedAxis(location, adaptor.getAxis(), x->getRank(), "axis", "x"); // (C1)
  if (failed(axis)) return failure();
  int64_t length = x->getDimSize(*axis);
  if (length == 0) // (C2)
    return shapeError(location, "G3016", {About::theOperand(0), About::theAttribute("axis")},
                      "'argmax' needs at least one element, axis " + Twine(*axis) + " of " + shapeText(x->getShape()) +
                          " is empty");
  Type element = adaptor.getDtype().value_or(elementType(context, Dtype::I32));
  if (element != elementType(context, Dtype::I32) && element != elementType(context, Dtype::I64)) // (C4)
    return shapeError(location, "G4002", About::theAttribute("dtype"),
                      "positions cannot be " + typeName(element) + " (i32, i64)");
  if (element.isInteger(32) && length - 1 > std::numeric_limits<int32_t>::max()) // (C5)
    return shapeError(location, "G4005", {About::theAttribute("axis"), About::theOperand(0)},
                      "positions along an axis of size " + Twine(length) + " do not fit i32, set 'dtype' to i64");
  SmallVector<int64_t> shape(x->getShape());
  if (adaptor.getKeepDims())
    shape[*axis] = 1;
  else
    shape.erase(shape.begin() + *axis);
  return addResultType(location, shape, element, About::theOperand(0), types);
}

/// One step: (x, best, position) -> (best, position). "x > best or either is NaN" and "best is no NaN": the first NaN
/// stays.
static void buildStep(OpBuilder &b, Location l, ValueRange in, int64_t axis) {
  Value x = in[0], best = in[1], position = in[2];
  Value above = b.create<arith::CmpFOp>(l, arith::CmpFPredicate::UGT, x, best);
  Value open = b.create<arith::CmpFOp>(l, arith::CmpFPredicate::ORD, best, best);
  Value take = b.create<arith::AndIOp>(l, above, open);
  Value here = b.create<arith::IndexCastOp>(l, position.getType(), b.create<linalg::IndexOp>(l, axis));
  Value newBest = b.create<arith::SelectOp>(l, take, x, best);
  Value newPosition = b.create<arith::SelectOp>(l, take, here, position);
  b.create<linalg::YieldOp>(l, ValueRange{newBest, newPosition});
}

static Value filled(OpBuilder &b, Location l, ArrayRef<int64_t> shape, TypedAttr value) {
  Value scalar = b.create<arith::ConstantOp>(l, value);
  Value empty = b.create<tensor::EmptyOp>(l, shape, value.getType());
  return b.create<linalg::FillOp>(l, scalar, empty).getResult(0);
}

FailureOr<SmallVector<Value>> ArgmaxOp::lower(OpBuilder &builder) {
  Location location = getLoc();
  auto x = getX().getType();
  int64_t rank = x.getRank(), axis = axisFromFront(getAxis(), rank);
  SmallVector<int64_t> shape(x.getShape());
  shape.erase(shape.begin() + axis);
  Value best = filled(builder, location, shape,
                      builder.getFloatAttr(x.getElementType(), -std::numeric_limits<double>::infinity()));
  Value position = filled(builder, location, shape, builder.getIntegerAttr(getType().getElementType(), 0));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators[axis] = utils::IteratorType::reduction;
  AffineMap in = builder.getMultiDimIdentityMap(rank), out = in.dropResult(axis);
  auto generic = builder.create<linalg::GenericOp>(
      location, TypeRange{best.getType(), position.getType()}, getX(), ValueRange{best, position},
      ArrayRef{in, out, out}, iterators,
      [&](OpBuilder &b, Location l, ValueRange scalars) { buildStep(b, l, scalars, axis); });
  Value y = generic.getResult(1);
  if (!getKeepDims()) return SmallVector<Value>{y};
  SmallVector<ReassociationIndices> groups; // the axis comes back with size 1, beside a neighbour
  for (int64_t i = 0; i + 1 < rank; ++i) groups.push_back({i < axis ? i : i + 1});
  if (!groups.empty()) {
    if (axis == 0)
      groups.front().insert(groups.front().begin(), 0);
    else
      groups[axis - 1].push_back(axis);
  }
  return SmallVector<Value>{builder.create<tensor::ExpandShapeOp>(location, getType(), y, groups)};
}

LogicalResult ArgmaxOp::evaluate(ArrayRef<HostTensor> operands, SmallVectorImpl<HostTensor> &results) {
  const HostTensor &x = operands[0];
  int64_t axis = axisFromFront(getAxis(), x.shape.size()), length = x.shape[axis], inner = 1;
  for (int64_t size : ArrayRef(x.shape).drop_front(axis + 1)) inner *= size;
  HostTensor y(*dtypeOf(getType().getElementType()), getType().getShape());
  for (int64_t i = 0; i < y.size(); ++i) {
    int64_t start = i / inner * inner * length + i % inner;
    auto at = [&](int64_t j) { return x.floats[start + j * inner].v; };
    int64_t &best = y.integers[i];
    for (int64_t j = 1; j < length && !std::isnan(at(best)); ++j)
      if (at(j) > at(best) || std::isnan(at(j))) best = j;
  }
  results.push_back(std::move(y));
  return success();
}

uint64_t ArgmaxOp::flops() { return uint64_t(getX().getType().getNumElements()); }
