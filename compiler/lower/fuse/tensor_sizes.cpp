// Values are followed in loops. What recursion is left goes from an index to the sizes it was made of: sizes are
// composed where they are made (makeComposedFoldedAffineApply), so that is a step or two.
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/lower/entries.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphc;
using graph::Dim, graph::Shape;
using lower::TensorSizes;

SmallVector<graph::DimAttr> lower::functionDims(func::FuncOp function) {
  SmallVector<graph::DimAttr> dims;
  if (auto all = function->getAttrOfType<ArrayAttr>(dimsAttr))
    for (Attribute dim : all) dims.push_back(cast<graph::DimAttr>(dim));
  return dims;
}

SmallVector<BlockArgument> lower::dimArguments(func::FuncOp function) {
  SmallVector<BlockArgument> arguments;
  for (BlockArgument argument : function.getArguments())
    if (argument.getType().isIndex()) arguments.push_back(argument);
  return arguments;
}

Dim lower::productOf(ArrayRef<Dim> shape) {
  if (llvm::any_of(shape, [](const Dim &size) { return size.is(0); })) return 0;
  return graph::elementCount(shape);
}

RankedTensorType lower::plainTensor(ArrayRef<Dim> shape, Type element) {
  SmallVector<int64_t> sizes;
  for (const Dim &size : shape) sizes.push_back(size.staticValue());
  return RankedTensorType::get(sizes, element);
}

static SmallVector<OpFoldResult> mixed(Operation *op, ArrayRef<int64_t> numbers, ValueRange values) {
  Builder b(op->getContext());
  return getMixedValues(numbers, values, b);
}

/// An affine expression where every operand is a size. As deep as the formula of a size.
static std::optional<Dim> evaluate(AffineExpr e, unsigned dimCount, ArrayRef<Dim> operands) {
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(e)) return operands[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(e)) return operands[dimCount + symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(e);
  std::optional<Dim> a = evaluate(binary.getLHS(), dimCount, operands),
                     b = evaluate(binary.getRHS(), dimCount, operands);
  if (!a || !b) return std::nullopt;
  if (e.getKind() == AffineExprKind::Add) return *a + *b;
  if (e.getKind() == AffineExprKind::Mul) return *a * *b;
  if (!b->isStatic() || b->staticValue() < 1) return std::nullopt;
  int64_t divisor = b->staticValue();
  if (e.getKind() == AffineExprKind::FloorDiv) return a->floorDiv(divisor);
  if (e.getKind() == AffineExprKind::CeilDiv) return a->ceilDiv(divisor);
  return *a - a->floorDiv(divisor) * Dim(divisor); // mod
}

std::optional<Dim> TensorSizes::sizeOf(Value index) const {
  APInt constant;
  if (matchPattern(index, m_ConstantInt(&constant))) return constant.getSExtValue();
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    SmallVector<graph::DimAttr> dims = functionDims(function);
    for (auto [position, candidate] : llvm::enumerate(dimArguments(function)))
      if (candidate == argument && position < dims.size()) return Dim::named(dims[position]);
    return std::nullopt;
  }
  Operation *op = index.getDefiningOp();
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    SmallVector<Dim> operands;
    for (Value operand : apply.getMapOperands()) {
      std::optional<Dim> size = sizeOf(operand);
      if (!size) return std::nullopt;
      operands.push_back(*size);
    }
    return evaluate(apply.getAffineMap().getResult(0), apply.getAffineMap().getNumDims(), operands);
  }
  if (auto quotient = dyn_cast<arith::DivUIOp>(op)) { // MLIR's patterns, where reshapes meet
    std::optional<Dim> dividend = sizeOf(quotient.getLhs()), divisor = sizeOf(quotient.getRhs());
    if (!dividend || !divisor || !divisor->isStatic() || divisor->staticValue() < 1) return std::nullopt;
    return dividend->floorDiv(divisor->staticValue());
  }
  std::optional<int64_t> axis;
  if (auto dim = dyn_cast<tensor::DimOp>(op)) axis = dim.getConstantIndex();
  if (auto dim = dyn_cast<memref::DimOp>(op)) axis = dim.getConstantIndex();
  if (!axis) return std::nullopt;
  std::optional<Shape> shape = shapeOf(op->getOperand(0));
  if (!shape || *axis < 0 || size_t(*axis) >= shape->size()) return std::nullopt;
  return (*shape)[*axis];
}

std::optional<Shape> TensorSizes::ofSizes(ArrayRef<OpFoldResult> sizes) const {
  Shape shape;
  for (OpFoldResult size : sizes) {
    std::optional<int64_t> number = getConstantIntValue(size);
    std::optional<Dim> dim = number ? std::optional<Dim>(*number) : sizeOf(cast<Value>(size));
    if (!dim) return std::nullopt;
    shape.push_back(*dim);
  }
  return shape;
}

std::optional<Shape> TensorSizes::ofArgument(BlockArgument argument) const {
  func::FuncOp function = this->function; // MLIR's ops are handles without const methods
  if (argument.getOwner() != &function.getBody().front()) return std::nullopt;
  auto shape = function.getArgAttrOfType<graph::ShapeAttr>(argument.getArgNumber(), shapeAttr);
  if (!shape || !areOwn(shape.getDims())) return std::nullopt;
  return graph::shapeOf(shape);
}

bool TensorSizes::areOwn(ArrayRef<graph::DimAttr> symbols) const {
  SmallVector<graph::DimAttr> own = functionDims(function);
  return llvm::all_of(symbols, [&](graph::DimAttr dim) { return llvm::is_contained(own, dim); });
}

/// What the callee says of its result, with the sizes in its dims' place that this call passes.
std::optional<Shape> TensorSizes::ofCallResult(OpResult result, func::FuncOp callee) const {
  auto said = callee.getResultAttrOfType<graph::ShapeAttr>(result.getResultNumber(), shapeAttr);
  if (!said) return std::nullopt;
  DenseMap<Attribute, Dim> bound;
  SmallVector<graph::DimAttr> dims = functionDims(callee);
  size_t next = 0;
  for (Value operand : result.getOwner()->getOperands()) {
    if (!operand.getType().isIndex()) continue;
    std::optional<Dim> size = sizeOf(operand);
    if (!size || next == dims.size()) return std::nullopt;
    bound.try_emplace(dims[next++], *size);
  }
  Shape shape = graph::shapeOf(said);
  for (Dim &size : shape)
    size = size.substitute([&](graph::DimAttr dim) -> std::optional<Dim> {
      auto found = bound.find(dim);
      return found == bound.end() ? std::nullopt : std::optional(found->second);
    });
  if (!llvm::all_of(shape, [&](const Dim &size) { return areOwn(size.symbols()); })) return std::nullopt;
  return shape;
}

Value TensorSizes::sameShape(OpResult result) const {
  Operation *op = result.getOwner();
  if (isa<tensor::CastOp, memref::CastOp, bufferization::ToTensorOp, bufferization::ToMemrefOp>(op))
    return op->getOperand(0);
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op)) return softmax.getOutput();
  if (auto written = dyn_cast<DestinationStyleOpInterface>(op)) return written.getTiedOpOperand(result)->get();
  return nullptr;
}

std::optional<Shape> TensorSizes::shapeOf(Value value) const {
  SmallVector<std::pair<ShapedType, SmallVector<ReassociationIndices>>> later; // what lies between it and the source
  std::optional<Shape> shape;
  while (true) {
    auto type = cast<ShapedType>(value.getType());
    if (type.hasStaticShape()) {
      shape = Shape(type.getShape().begin(), type.getShape().end());
      break;
    }
    later.push_back({type, {}});
    auto result = dyn_cast<OpResult>(value);
    if (!result) {
      shape = ofArgument(cast<BlockArgument>(value));
      break;
    }
    Operation *op = result.getOwner();
    if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
      later.back().second = collapse.getReassociationIndices();
      value = collapse.getSrc();
    } else if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op)) {
      later.back().second = collapse.getReassociationIndices();
      value = collapse.getSrc();
    } else if (Value same = sameShape(result)) {
      value = same;
    } else {
      if (auto empty = dyn_cast<tensor::EmptyOp>(op)) shape = ofSizes(empty.getMixedSizes());
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) shape = ofSizes(alloc.getMixedSizes());
      if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op)) shape = ofSizes(cast.getMixedSizes());
      if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
        shape = ofSizes(mixed(op, expand.getStaticOutputShape(), expand.getOutputShape()));
      if (auto expand = dyn_cast<memref::ExpandShapeOp>(op))
        shape = ofSizes(mixed(op, expand.getStaticOutputShape(), expand.getOutputShape()));
      if (auto view = dyn_cast<memref::ViewOp>(op))
        shape = ofSizes(mixed(op, view.getType().getShape(), view.getSizes()));
      if (func::FuncOp callee = calledFunction(op)) shape = ofCallResult(result, callee);
      break;
    }
  }
  for (auto &[type, groups] : llvm::reverse(later)) {
    if (!shape) return std::nullopt;
    bool collapses = int64_t(shape->size()) != type.getRank();
    if (collapses) {
      Shape merged(type.getRank(), Dim(1)); // of no group: a scalar's
      for (auto [axis, group] : llvm::enumerate(groups))
        for (int64_t source : group) merged[axis] = merged[axis] * (*shape)[source];
      shape = merged;
    }
    for (auto [size, known] : llvm::zip(*shape, type.getShape()))
      if (!ShapedType::isDynamic(known)) size = known;
  }
  return shape;
}

std::optional<Shape> TensorSizes::loopSizes(linalg::LinalgOp op) const {
  SmallVector<int64_t> numbers = op.getStaticLoopRanges();
  Shape sizes(numbers.begin(), numbers.end());
  if (llvm::none_of(numbers, ShapedType::isDynamic)) return sizes;
  BitVector known(numbers.size());
  for (auto [i, number] : llvm::enumerate(numbers))
    if (!ShapedType::isDynamic(number)) known.set(i);
  for (OpOperand &operand : op->getOpOperands()) {
    if (known.all()) break;
    if (!isa<RankedTensorType>(operand.get().getType())) continue;
    std::optional<Shape> shape = shapeOf(operand.get());
    if (!shape) continue;
    for (auto [axis, result] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(result);
      if (!dim || known.test(dim.getPosition())) continue;
      sizes[dim.getPosition()] = (*shape)[axis];
      known.set(dim.getPosition());
    }
  }
  return known.all() ? std::optional(sizes) : std::nullopt;
}

OpFoldResult TensorSizes::value(const Dim &size) {
  Builder context(function.getContext());
  if (size.isStatic()) return context.getIndexAttr(size.staticValue());
  auto found = llvm::find_if(made, [&](auto &one) { return one.first == size; });
  if (found != made.end()) return found->second;
  OpBuilder b = OpBuilder::atBlockBegin(&function.getBody().front());
  if (!made.empty()) b.setInsertionPointAfterValue(made.back().second);
  SmallVector<graph::DimAttr> dims = functionDims(function);
  SmallVector<BlockArgument> arguments = dimArguments(function);
  SmallVector<AffineExpr> symbols;
  SmallVector<OpFoldResult> operands;
  for (auto [i, symbol] : llvm::enumerate(size.symbols())) {
    size_t position = llvm::find(dims, symbol) - dims.begin(); // there: sizes are read off the function's own dims
    symbols.push_back(getAffineSymbolExpr(i, b.getContext()).floorDiv(symbol.getMultipleOf()));
    operands.push_back(arguments[position]);
  }
  AffineMap map = AffineMap::get(0, symbols.size(), size.affine().replaceSymbols(symbols));
  OpFoldResult result = affine::makeComposedFoldedAffineApply(b, function.getLoc(), map, operands);
  if (auto computed = dyn_cast<Value>(result))
    if (!isa<BlockArgument>(computed)) made.push_back({size, computed});
  return result;
}

SmallVector<Value> TensorSizes::dynamicValues(ArrayRef<Dim> shape) {
  SmallVector<Value> values;
  for (const Dim &size : shape)
    if (!size.isStatic()) values.push_back(cast<Value>(value(size)));
  return values;
}
