// lowering.h. Sizes are affine.apply of the function's dim arguments, composed and folded, so that later passes can
// read the expression behind a size and CSE makes equal sizes one value.
#include "dialects/graph/lowering.h"
#include "dialects/graph/broadcast_shape.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace graphc::graph {

RankedTensorType Lowering::operandType(unsigned i) const { return cast<RankedTensorType>(op->getOperand(i).getType()); }
RankedTensorType Lowering::resultType(unsigned i) const { return cast<RankedTensorType>(op->getResult(i).getType()); }

Type Lowering::plainElement(Dtype dtype) {
  if (isFloat(dtype)) return elementType(getContext(), dtype);
  return getIntegerType(8 * dtypeBytes(dtype));
}

RankedTensorType Lowering::plainType(ArrayRef<Dim> shape, Type element) {
  SmallVector<int64_t> sizes;
  for (const Dim &dim : shape) sizes.push_back(dim.staticValue());
  return RankedTensorType::get(sizes, element);
}

RankedTensorType Lowering::plainResult(unsigned i) { return plainType(resultShape(i), plainElement(resultDtype(i))); }

Value Lowering::index(int64_t value) { return create<arith::ConstantIndexOp>(value); }

Value Lowering::size(const Dim &dim) {
  if (dim.isStatic()) return index(dim.staticValue());
  SmallVector<AffineExpr> symbols;
  SmallVector<OpFoldResult> operands;
  for (auto [i, symbol] : llvm::enumerate(dim.symbols())) {
    symbols.push_back(getAffineSymbolExpr(i).floorDiv(symbol.getMultipleOf()));
    operands.push_back(valueOf(symbol));
  }
  AffineMap map = AffineMap::get(0, symbols.size(), dim.affine().replaceSymbols(symbols));
  OpFoldResult folded = affine::makeComposedFoldedAffineApply(*this, getLoc(), map, operands);
  return getValueOrCreateConstantIndexOp(*this, getLoc(), folded);
}

SmallVector<Value> Lowering::sizes(ArrayRef<Dim> shape) {
  SmallVector<Value> values;
  for (const Dim &dim : shape) values.push_back(size(dim));
  return values;
}

Value Lowering::empty(ArrayRef<Dim> shape, Type element) {
  SmallVector<Value> dynamic;
  for (const Dim &dim : shape)
    if (!dim.isStatic()) dynamic.push_back(size(dim));
  return create<tensor::EmptyOp>(plainType(shape, element), dynamic);
}

Value Lowering::filled(ArrayRef<Dim> shape, TypedAttr value) {
  Value scalar = create<arith::ConstantOp>(value);
  return create<linalg::FillOp>(scalar, empty(shape, value.getType())).getResult(0);
}

/// Groups of axes of `many` whose products are the axes of `few`; nullopt if the shapes do not nest so.
static std::optional<SmallVector<ReassociationIndices>> nest(ArrayRef<Dim> many, ArrayRef<Dim> few) {
  SmallVector<ReassociationIndices> groups;
  size_t axis = 0;
  for (const Dim &wanted : few) {
    ReassociationIndices group;
    Dim product(1);
    if (axis == many.size()) return std::nullopt;
    do {
      product = product * many[axis];
      group.push_back(axis++);
    } while (axis < many.size() && product != wanted);
    if (product != wanted) return std::nullopt;
    groups.push_back(group);
  }
  for (; axis < many.size(); ++axis) { // what is left must be ones
    if (!many[axis].is(1) || groups.empty()) return std::nullopt;
    groups.back().push_back(axis);
  }
  return groups;
}

Value Lowering::reshape(Value tensor, ArrayRef<Dim> from, ArrayRef<Dim> to) {
  if (from == to) return tensor;
  Type element = getElementTypeOrSelf(tensor.getType());
  if (elementCount(from).is(0)) return empty(to, element); // its axes may be named, which no group of axes can say
  auto collapse = [&](Value x, ArrayRef<Dim> shape, ArrayRef<ReassociationIndices> groups) -> Value {
    return create<tensor::CollapseShapeOp>(plainType(shape, element), x, groups);
  };
  auto expand = [&](Value x, ArrayRef<Dim> shape, ArrayRef<ReassociationIndices> groups) -> Value {
    SmallVector<OpFoldResult> sizesOfShape;
    for (const Dim &dim : shape)
      sizesOfShape.push_back(dim.isStatic() ? OpFoldResult(getIndexAttr(dim.staticValue())) : OpFoldResult(size(dim)));
    return create<tensor::ExpandShapeOp>(plainType(shape, element), x, groups, sizesOfShape);
  };
  if (to.size() < from.size() && !to.empty())
    if (auto groups = nest(from, to)) return collapse(tensor, to, *groups);
  if (from.size() < to.size() && !from.empty())
    if (auto groups = nest(to, from)) return expand(tensor, to, *groups);
  // Through one flat axis (or none, for a scalar).
  Dim count = elementCount(from);
  SmallVector<Dim> flat{count};
  if (from.size() > 1) {
    tensor = collapse(tensor, flat, {llvm::to_vector<2>(llvm::seq<int64_t>(0, from.size()))});
  } else if (from.empty()) {
    tensor = expand(tensor, flat, {});
  } else {
    flat.assign(from.begin(), from.end());
  }
  if (to.size() > 1) return expand(tensor, to, {llvm::to_vector<2>(llvm::seq<int64_t>(0, to.size()))});
  if (to.empty()) return collapse(tensor, to, {});
  return tensor;
}

Value Lowering::elementwise(ValueRange operands, ArrayRef<Shape> operandShapes, ArrayRef<Dim> shape, Type element,
                            Body body) {
  SmallVector<AffineMap> maps;
  for (const Shape &from : operandShapes) maps.push_back(broadcastMap(getContext(), from, shape));
  maps.push_back(getMultiDimIdentityMap(shape.size()));
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  Value init = empty(shape, element);
  auto generic = create<linalg::GenericOp>(TypeRange(init.getType()), operands, ValueRange(init), maps, iterators,
                                           [&](OpBuilder &b, Location l, ValueRange scalars) {
                                             ImplicitLocOpBuilder inner(l, b);
                                             Value result = body(inner, scalars.take_front(operands.size()));
                                             inner.create<linalg::YieldOp>(result);
                                           });
  return generic.getResult(0);
}

Type Lowering::computeType(Dtype dtype) {
  if (dtype == Dtype::F16 || dtype == Dtype::BF16) return getF32Type();
  return dtype == Dtype::Bool ? getI1Type() : plainElement(dtype);
}

Value Lowering::toCompute(ImplicitLocOpBuilder &b, Value stored, Dtype dtype) {
  if (dtype == Dtype::F16 || dtype == Dtype::BF16) return b.create<arith::ExtFOp>(b.getF32Type(), stored);
  if (dtype != Dtype::Bool) return stored;
  Value zero = b.create<arith::ConstantOp>(b.getI8IntegerAttr(0));
  return b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, stored, zero);
}

Value Lowering::toStored(ImplicitLocOpBuilder &b, Value computed, Dtype dtype) {
  if (dtype == Dtype::F16 || dtype == Dtype::BF16)
    return b.create<arith::TruncFOp>(elementType(b.getContext(), dtype), computed);
  if (dtype == Dtype::Bool) return b.create<arith::ExtUIOp>(b.getI8Type(), computed);
  return computed;
}

Value Lowering::tensorToCompute(Value tensor, ArrayRef<Dim> shape, Dtype dtype) {
  if (computeType(dtype) == plainElement(dtype)) return tensor;
  return elementwise(tensor, Shape(shape), shape, computeType(dtype),
                     [&](ImplicitLocOpBuilder &b, ValueRange x) { return toCompute(b, x[0], dtype); });
}

Value Lowering::tensorToStored(Value tensor, ArrayRef<Dim> shape, Dtype dtype) {
  if (computeType(dtype) == plainElement(dtype)) return tensor;
  return elementwise(tensor, Shape(shape), shape, plainElement(dtype),
                     [&](ImplicitLocOpBuilder &b, ValueRange x) { return toStored(b, x[0], dtype); });
}

} // namespace graphc::graph
