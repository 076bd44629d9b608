// The shared part of the builders (kernel_builder.h).
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/body_size.h"
#include "compiler/lower/part_expr.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

/// A piece takes about 10 us: long beside what a thread pays to take it (under 0.1 us) and what a region costs (1 us).
static constexpr int64_t pieceCost = 10000 * 64;
/// More would serve only machines with more processors; fewer leave more of them idle at a region's end.
static constexpr int64_t mostPieces = 64;

KernelBuilder::KernelBuilder(kern::KernelOp kernel, const support::IsaLevel &level)
    : ImplicitLocOpBuilder(kernel.getLoc(), kernel), kernel(kernel), level(level) {}

func::FuncOp KernelBuilder::declare(StringRef name, ArrayRef<Type> arguments) {
  SmallVector<Type> types;
  for (Type type : arguments) types.push_back(isa<IndexType, MemRefType>(type) ? type : graph::flatBuffer(type));
  auto result = create<func::FuncOp>(name, getFunctionType(types, {}));
  result.setPrivate();
  return result;
}

void KernelBuilder::startPart(func::FuncOp part) {
  function = part;
  // A kernel is shared by its callers and keyed by its specification: inlining one would only clone it.
  function->setAttr("passthrough", getStrArrayAttr({"noinline", "nounwind"}));
  setFunctionLevel(function, level);
  setInsertionPointToStart(function.addEntryBlock());
}

void KernelBuilder::begin(ArrayRef<Type> arguments) { startPart(declare(kernel.getSymName(), arguments)); }

void KernelBuilder::begin(ArrayRef<Type> arguments, function_ref<Shares()> plan) {
  std::string name = kernel.getSymName().str();
  function = declare(name, arguments);
  setInsertionPointToStart(function.addEntryBlock());
  Shares shares = plan();
  Values operands(function.getArguments());
  llvm::append_range(operands, shares.more);
  operands.push_back(shares.units);
  operands.push_back(divideUp(shares.units, pieces(shares.cost))); // units per piece
  SmallVector<Type> types(arguments);
  types.append(shares.more.size() + 2, getIndexType());
  create<func::CallOp>(name + ".shared", TypeRange(), operands);
  create<func::ReturnOp>();
  setInsertionPoint(kernel);
  declare(name + ".shared", types)->setAttr(shareOutAttr, FlatSymbolRefAttr::get(getContext(), name + ".part"));
  startPart(declare(name + ".part", types));
}

Value KernelBuilder::pieces(Value cost) {
  return max(min(createOrFold<arith::DivUIOp>(cost, index(pieceCost)), index(mostPieces)), index(1));
}

Values KernelBuilder::arguments(size_t first, size_t count) {
  auto range = function.getArguments().slice(first, count);
  return Values(range.begin(), range.end());
}

std::optional<int64_t> KernelBuilder::knownSize(size_t i) {
  auto known = kernel.getKnown().value_or(ArrayRef<int64_t>());
  return i < known.size() && !ShapedType::isDynamic(known[i]) ? std::optional(known[i]) : std::nullopt;
}

Values KernelBuilder::sizeArguments(size_t first, size_t count) {
  Values sizes = arguments(first, count);
  for (auto [i, size] : llvm::enumerate(sizes))
    if (std::optional<int64_t> known = knownSize(i)) size = index(*known);
  return sizes;
}

void KernelBuilder::narrow(std::optional<int64_t> columns) {
  constexpr int narrowest = 8;
  if (columns && *columns <= narrowest) level.lanes = std::min(level.lanes, narrowest);
}

LogicalResult KernelBuilder::fail(const Twine &why) { return kernel.emitOpError() << "cannot be built: " << why; }

Value KernelBuilder::index(int64_t value) { return create<arith::ConstantIndexOp>(value); }
Value KernelBuilder::add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }
Value KernelBuilder::sub(Value a, Value b) { return createOrFold<arith::SubIOp>(a, b); }
Value KernelBuilder::mul(Value a, Value b) { return createOrFold<arith::MulIOp>(a, b); }
Value KernelBuilder::min(Value a, Value b) { return createOrFold<arith::MinSIOp>(a, b); }
Value KernelBuilder::max(Value a, Value b) { return createOrFold<arith::MaxSIOp>(a, b); }
Value KernelBuilder::divideUp(Value a, Value b) { return createOrFold<arith::DivUIOp>(add(a, sub(b, index(1))), b); }
Value KernelBuilder::divide(Value a, int64_t b) { return createOrFold<arith::DivUIOp>(a, index(b)); }

Values KernelBuilder::unflatten(Value flat, ArrayRef<Value> sizes) {
  Values at(sizes.size() + 1);
  for (size_t i = sizes.size(); i > 0; --i) {
    Value outer = createOrFold<arith::DivUIOp>(flat, sizes[i - 1]);
    at[i] = sub(flat, mul(outer, sizes[i - 1]));
    flat = outer;
  }
  at[0] = flat;
  return at;
}

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
  std::optional<int64_t> first = getConstantIntValue(from), last = getConstantIntValue(to);
  if (first && last && *first >= *last) return; // code for no turn would only cost time to compile
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

// Squares of `half` lanes change places across the diagonal, smallest first: a network of two-vector shuffles. MLIR's
// own lowering of vector.transpose takes twice as long.
Values KernelBuilder::transpose(Values rows) {
  for (int64_t half = 1; half < lanes(); half *= 2)
    for (int64_t i = 0; i < lanes(); ++i) {
      if (i & half) continue;
      SmallVector<int64_t> low, high;
      for (int64_t j = 0; j < lanes(); ++j) {
        bool upper = j & half;
        low.push_back(upper ? lanes() + j - half : j);
        high.push_back(upper ? lanes() + j : j + half);
      }
      Value first = rows[size_t(i)], second = rows[size_t(i + half)];
      rows[size_t(i)] = create<vector::ShuffleOp>(first, second, low);
      rows[size_t(i + half)] = create<vector::ShuffleOp>(first, second, high);
    }
  return rows;
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
  auto shiftBy = [&](int64_t part) {
    if (!part) return;
    Value shift = stride ? mul(stride, index(part)) : index(part);
    result.base = result.base ? add(result.base, shift) : shift;
  };
  for (auto [i, expr] : llvm::enumerate(llvm::reverse(map.getResults()))) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
      bool outermost = i + 1 == map.getNumResults();
      if (constant.getValue() < 0 || (constant.getValue() && !outermost)) return fail("a map is no projection");
      shiftBy(constant.getValue());
      continue;
    }
    std::optional<PartExpr> of = partOf(expr);
    if (!of) return fail("a map is no projection");
    size_t d = of->dim;
    shiftBy(of->part);
    Value step = stride ? stride : index(1), size = sizes[d];
    if (of->parts != 1) step = mul(step, index(of->parts)), size = mul(size, index(of->parts));
    result.unit[d] = !stride && !result.strides[d] && of->parts == 1;
    result.strides[d] = result.strides[d] ? add(result.strides[d], step) : step;
    stride = stride ? mul(stride, size) : size;
  }
  return result;
}

Value KernelBuilder::offset(const Operand &operand, ValueRange indices) {
  Value sum = operand.base;
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

bool KernelBuilder::isBodyLong() {
  constexpr size_t most = 24;
  return bodySize(bodyBlock()) >= most;
}

int64_t KernelBuilder::costOfElement(size_t buffers) {
  int64_t cost = 2 * int64_t(buffers); // 4 bytes at 128 GB/s
  for (Operation &op : bodyBlock().without_terminator()) cost += isa<math::MathDialect>(op.getDialect()) ? 16 : 1;
  return cost;
}

std::string KernelBuilder::reasonAgainstVectors() {
  auto inMemory = [](Type type) { return type.isIntOrFloat() && type.getIntOrFloatBitWidth() >= 8; };
  for (BlockArgument argument : bodyBlock().getArguments())
    if (!inMemory(argument.getType()) && !(argument.getType().isIndex() && argument.use_empty()))
      return "an element type has no vectors in memory";
  for (Type type : yieldTypes())
    if (!inMemory(type)) return "an element type has no vectors in memory";
  for (Operation &op : bodyBlock().without_terminator())
    if (!lower::isVectorizable(op)) return "'" + op.getName().getStringRef().str() + "' has no vector form";
  return "";
}

bool graphc::lower::isVectorizable(Operation &op) {
  if (auto fold = dyn_cast<kern::FoldOp>(op))
    return llvm::all_of(fold.getBody().front().without_terminator(), isVectorizable);
  return isa<arith::ConstantOp>(op) || (op.getNumRegions() == 0 && op.hasTrait<OpTrait::Vectorizable>());
}

void KernelBuilder::repeat(Operation &op, IRMapping &values, int64_t lanes) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    values.map(constant.getResult(), vectorOf(constant.getValue(), constant.getType()));
    return;
  }
  for (OpResult result : insert(op.clone(values))->getResults())
    result.setType(VectorType::get({lanes}, result.getType()));
}

Values KernelBuilder::body(ValueRange arguments, bool vectors) {
  IRMapping mapping;
  mapping.map(bodyBlock().getArguments(), arguments);
  for (Operation &op : bodyBlock().without_terminator()) {
    if (vectors)
      repeat(op, mapping, lanes());
    else
      insert(op.clone(mapping));
  }
  Values results;
  for (Value value : bodyBlock().getTerminator()->getOperands()) results.push_back(mapping.lookup(value));
  return results;
}

Value KernelBuilder::bodyResult(unsigned result, ValueRange arguments) {
  IRMapping mapping;
  mapping.map(bodyBlock().getArguments(), arguments);
  Value wanted = bodyBlock().getTerminator()->getOperand(result);
  llvm::SmallPtrSet<Operation *, 16> needed{wanted.getDefiningOp()};
  for (Operation &op : llvm::reverse(bodyBlock().without_terminator()))
    if (needed.contains(&op))
      for (Value operand : op.getOperands()) needed.insert(operand.getDefiningOp());
  for (Operation &op : bodyBlock().without_terminator())
    if (needed.contains(&op)) repeat(op, mapping, lanes());
  return mapping.lookup(wanted);
}
