// The shared part of the builders (kernel_builder.h).
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/clone_levels.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

KernelBuilder::KernelBuilder(kern::KernelOp kernel, const support::IsaLevel &level)
    : ImplicitLocOpBuilder(kernel.getLoc(), kernel), kernel(kernel), level(level) {}

void KernelBuilder::begin(ArrayRef<Type> arguments) {
  SmallVector<Type> types;
  for (Type type : arguments) types.push_back(isa<IndexType, MemRefType>(type) ? type : graph::flatBuffer(type));
  function = create<func::FuncOp>(kernel.getSymName(), getFunctionType(types, {}));
  function.setPrivate();
  // A kernel is shared by its callers and keyed by its specification: inlining one would only clone it.
  function->setAttr("passthrough", getStrArrayAttr({"noinline", "nounwind"}));
  setFunctionLevel(function, level);
  setInsertionPointToStart(function.addEntryBlock());
}

Values KernelBuilder::arguments(size_t first, size_t count) {
  auto range = function.getArguments().slice(first, count);
  return Values(range.begin(), range.end());
}

LogicalResult KernelBuilder::fail(const Twine &why) { return kernel.emitOpError() << "cannot be built: " << why; }

Value KernelBuilder::index(int64_t value) { return create<arith::ConstantIndexOp>(value); }
Value KernelBuilder::add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }
Value KernelBuilder::sub(Value a, Value b) { return createOrFold<arith::SubIOp>(a, b); }
Value KernelBuilder::mul(Value a, Value b) { return createOrFold<arith::MulIOp>(a, b); }
Value KernelBuilder::min(Value a, Value b) { return createOrFold<arith::MinSIOp>(a, b); }
Value KernelBuilder::max(Value a, Value b) { return createOrFold<arith::MaxSIOp>(a, b); }
Value KernelBuilder::divide(Value a, int64_t b) { return createOrFold<arith::DivUIOp>(a, index(b)); }

Values KernelBuilder::loop(Value from, Value to, int64_t step, ValueRange inits,
                           function_ref<Values(Value, ValueRange)> body) {
  auto op = create<scf::ForOp>(from, to, index(step), inits);
  InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  Values next = body(op.getInductionVar(), op.getRegionIterArgs());
  if (!inits.empty()) create<scf::YieldOp>(next); // without accumulators scf.for has its terminator already
  return Values(op.getResults());
}

void KernelBuilder::loop(Value from, Value to, int64_t step, function_ref<void(Value)> body) {
  loopBy(from, to, index(step), body);
}

void KernelBuilder::loopBy(Value from, Value to, Value step, function_ref<void(Value)> body) {
  auto op = create<scf::ForOp>(from, to, step);
  InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

void KernelBuilder::nest(ValueRange sizes, function_ref<void(ValueRange)> body) {
  InsertionGuard guard(*this);
  Values indices;
  for (Value size : sizes) {
    auto op = create<scf::ForOp>(index(0), size, index(1));
    setInsertionPointToStart(op.getBody());
    indices.push_back(op.getInductionVar());
  }
  body(indices);
}

void KernelBuilder::when(Value condition, function_ref<void()> then, function_ref<void()> otherwise) {
  auto op = create<scf::IfOp>(condition, bool(otherwise));
  InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  then();
  if (!otherwise) return;
  setInsertionPointToStart(op.elseBlock());
  otherwise();
}

Value KernelBuilder::vectorOf(Attribute constant, Type element) {
  return create<arith::ConstantOp>(DenseElementsAttr::get(cast<ShapedType>(vector(element)), constant));
}
Value KernelBuilder::splat(double value, Type element) {
  if (!element) element = getF32Type();
  return vectorOf(getFloatAttr(element, value), element);
}
Value KernelBuilder::broadcast(Value scalar) { return create<vector::BroadcastOp>(vector(scalar.getType()), scalar); }

Value KernelBuilder::mask(Value count) {
  // Brought into range first: the lowering compares in 32 bits.
  Value inRange = max(min(count, index(lanes())), index(0));
  return create<vector::CreateMaskOp>(vector(getI1Type()), inRange);
}

Value KernelBuilder::load(Value buffer, Value at, Value mask, Value otherwise) {
  VectorType type = vector(cast<MemRefType>(buffer.getType()).getElementType());
  if (!mask) return create<vector::LoadOp>(type, buffer, at);
  if (!otherwise) otherwise = create<arith::ConstantOp>(cast<TypedAttr>(getZeroAttr(type)));
  return create<vector::MaskedLoadOp>(type, buffer, at, mask, otherwise);
}

void KernelBuilder::store(Value vector, Value buffer, Value at, Value mask) {
  if (mask)
    create<vector::MaskedStoreOp>(buffer, at, mask, vector);
  else
    create<vector::StoreOp>(vector, buffer, at);
}

Value KernelBuilder::loadScalar(Value buffer, Value at) { return create<memref::LoadOp>(buffer, at); }
void KernelBuilder::storeScalar(Value value, Value buffer, Value at) { create<memref::StoreOp>(value, buffer, at); }

Value KernelBuilder::fold(Value vector, function_ref<Value(Value, Value)> combine) {
  for (int64_t half = lanes() / 2; half >= 1; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < half; ++i) low.push_back(i), high.push_back(half + i);
    vector = combine(create<vector::ShuffleOp>(vector, vector, low), create<vector::ShuffleOp>(vector, vector, high));
  }
  return create<vector::ExtractOp>(vector, 0);
}

Value KernelBuilder::tree(Values values, function_ref<Value(Value, Value)> combine) {
  while (values.size() > 1) {
    Values next;
    for (size_t i = 0; i < values.size(); i += 2)
      next.push_back(i + 1 < values.size() ? combine(values[i], values[i + 1]) : values[i]);
    values = next;
  }
  return values[0];
}

FailureOr<Operand> KernelBuilder::operand(Value buffer, AffineMap map, ValueRange sizes) {
  if (map.getNumDims() != sizes.size() || map.getNumSymbols() != 0) return fail("a map has the wrong number of dims");
  Operand result{buffer, Values(sizes.size()), SmallVector<bool>(sizes.size(), false)};
  Value stride; // null: 1
  for (AffineExpr expr : llvm::reverse(map.getResults())) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr); constant && constant.getValue() == 0) continue;
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim) return fail("a map is no projection");
    size_t d = dim.getPosition();
    Value step = stride ? stride : index(1);
    result.unit[d] = !stride && !result.strides[d];
    result.strides[d] = result.strides[d] ? add(result.strides[d], step) : step;
    stride = stride ? mul(stride, sizes[d]) : sizes[d];
  }
  return result;
}

Value KernelBuilder::offset(const Operand &operand, ValueRange indices) {
  Value sum;
  for (auto [d, i] : llvm::enumerate(indices)) {
    if (!operand.strides[d]) continue;
    Value term = operand.unit[d] ? i : mul(i, operand.strides[d]);
    sum = sum ? add(sum, term) : term;
  }
  return sum ? sum : index(0);
}

Value KernelBuilder::loadAlong(const Operand &operand, size_t dim, Value base, Value at, Value size, Value mask) {
  if (!operand.strides[dim]) return broadcast(loadScalar(operand.buffer, base));
  if (operand.unit[dim]) return load(operand.buffer, add(base, at), mask);
  Values elements; // strided: one by one; lanes past the end repeat the last element, so that nothing outside is read
  for (int64_t lane = 0; lane < lanes(); ++lane) {
    Value i = add(at, index(lane));
    if (mask) i = min(i, sub(size, index(1)));
    elements.push_back(loadScalar(operand.buffer, add(base, mul(i, operand.strides[dim]))));
  }
  return create<vector::FromElementsOp>(vector(elements[0].getType()), elements);
}

LogicalResult KernelBuilder::checkVectorizable() {
  std::string reason = reasonAgainstVectors();
  return reason.empty() ? success() : fail(reason);
}

std::string KernelBuilder::reasonAgainstVectors() {
  auto inMemory = [](Type type) { return type.isIntOrFloat() && type.getIntOrFloatBitWidth() >= 8; };
  for (BlockArgument argument : bodyBlock().getArguments())
    if (!inMemory(argument.getType()) && !(argument.getType().isIndex() && argument.use_empty()))
      return "an element type has no vectors in memory";
  for (Type type : yieldTypes())
    if (!inMemory(type)) return "an element type has no vectors in memory";
  for (Operation &op : bodyBlock().without_terminator())
    if (!isa<arith::ConstantOp>(op) && (op.getNumRegions() != 0 || !op.hasTrait<OpTrait::Vectorizable>()))
      return "'" + op.getName().getStringRef().str() + "' has no vector form";
  return "";
}

Values KernelBuilder::body(ValueRange arguments, bool vectors) {
  IRMapping mapping;
  mapping.map(bodyBlock().getArguments(), arguments);
  for (Operation &op : bodyBlock().without_terminator()) {
    auto constant = dyn_cast<arith::ConstantOp>(op);
    if (vectors && constant) {
      mapping.map(constant.getResult(), vectorOf(constant.getValue(), constant.getType()));
      continue;
    }
    Operation *copy = insert(op.clone(mapping));
    if (vectors)
      for (OpResult result : copy->getResults()) result.setType(vector(result.getType()));
  }
  Values results;
  for (Value value : bodyBlock().getTerminator()->getOperands()) results.push_back(mapping.lookup(value));
  return results;
}
