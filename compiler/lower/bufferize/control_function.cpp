// control_function.h.
#include "compiler/lower/bufferize/control_function.h"
#include "compiler/lower/entries.h"
#include "compiler/support/source_place.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc;
using graph::Shape;
using lower::ControlFunction, lower::Place, lower::Sequence;

LogicalResult ControlFunction::make() {
  Block &block = function.getBody().front();
  if (failed(describeArguments()) || failed(describeResults())) return failure();
  addArguments();
  b.setInsertionPoint(op);
  write();
  b.setInsertionPoint(block.getTerminator());
  b.create<func::ReturnOp>();
  block.getTerminator()->erase();
  for (Operation &tensor : llvm::make_early_inc_range(llvm::reverse(block)))
    if (&tensor == op || (tensor.use_empty() && llvm::any_of(tensor.getResultTypes(), llvm::IsaPred<RankedTensorType>)))
      tensor.erase();
  for (auto &[argument, place] : places) argument.setType(place.buffer.getType());
  return setSignature();
}

// ---- the function's arguments: inputs, dims, params, outputs, arena and, if something may fail, the status cell

LogicalResult ControlFunction::describeArguments() {
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type) continue;
    std::optional<Shape> shape = sizes.shapeOf(argument);
    if (!shape) return function.emitOpError("has an argument whose size does not come from its dims");
    inputs.push_back({{}, *shape, type.getElementType()});
  }
  return success();
}

LogicalResult ControlFunction::describeResults() {
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    Shape shape(tensor.getShape().begin(), tensor.getShape().end());
    auto said = function.getResultAttrOfType<graph::ShapeAttr>(i, lower::shapeAttr);
    if (said) shape = graph::shapeOf(said);
    if (!said && !tensor.hasStaticShape())
      return function.emitOpError("has a result whose size does not come from its dims");
    outputs.push_back({{}, shape, tensor.getElementType()});
  }
  return success();
}

BlockArgument ControlFunction::addArgument(Type type) {
  return function.getBody().addArgument(type, function.getLoc());
}

void ControlFunction::addArguments() {
  // Inputs change their type last: until then their readers are tensors'.
  size_t next = 0;
  for (BlockArgument argument : llvm::to_vector(function.getArguments())) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type) continue;
    Place &place = inputs[next++];
    place.buffer = b.create<UnrealizedConversionCastOp>(lower::argumentType(type), argument).getResult(0);
    places.push_back({argument, place});
    placeOf[argument] = place;
  }
  Type byte = b.getI8Type();
  params = addArgument(MemRefType::get(int64_t(library.paramsBytes), byte));
  for (Place &output : outputs) output.buffer = addArgument(bufferType(output));
  addArgument(MemRefType::get(lower::flatElements, byte)); // the arena, for plan-arena
  bool mayFail = false;
  for (func::FuncOp callee : lower::calledFunctions(op)) mayFail |= callee->hasAttr(lower::mayFailAttr);
  if (auto loop = dyn_cast<kern::WhileOp>(op)) mayFail |= loop.failsAtLimit();
  if (!mayFail) return;
  status = addArgument(graph::flatBuffer(b.getI32Type()));
  function->setAttr(lower::mayFailAttr, b.getUnitAttr());
}

LogicalResult ControlFunction::setSignature() {
  for (auto &[argument, place] : places) {
    auto cast = place.buffer.getDefiningOp<UnrealizedConversionCastOp>();
    cast.getResult(0).replaceAllUsesWith(argument);
    cast.erase();
  }
  SmallVector<DictionaryAttr> attributes;
  function.getAllArgAttrs(attributes);
  attributes.emplace_back(); // params
  SmallVector<DictionaryAttr> results;
  function.getAllResultAttrs(results);
  attributes.append(results);
  attributes.resize(function.getBody().getNumArguments());
  for (DictionaryAttr &one : attributes)
    if (!one) one = DictionaryAttr::get(function.getContext());
  function.setFunctionType(FunctionType::get(function.getContext(), function.getBody().getArgumentTypes(), {}));
  function.removeResAttrsAttr();
  function.setAllArgAttrs(attributes);
  function->setAttr("passthrough", b.getStrArrayAttr({"noinline", "nounwind"}));
  return success();
}

// ---- buffers

Value ControlFunction::constant(int64_t value) { return b.create<arith::ConstantIndexOp>(value); }

Value ControlFunction::value(const graph::Dim &size) {
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes.value(size));
}

Place ControlFunction::another(const Place &like) {
  Place place = like;
  MemRefType type = bufferType(like);
  graph::Dim count = lower::productOf(like.shape);
  if (count.isStatic()) {
    place.buffer = b.create<memref::AllocOp>(type);
    return place;
  }
  auto sized = MemRefType::get({ShapedType::kDynamic}, like.element);
  Value buffer = b.create<memref::AllocOp>(sized, ValueRange{value(count)});
  place.buffer = lower::reshapeBuffer(b, buffer, type, graph::Dim(graph::flatElements), sizes);
  return place;
}

Value ControlFunction::flatOf(Value buffer) {
  MemRefType flat = graph::flatBuffer(cast<MemRefType>(buffer.getType()).getElementType());
  return lower::reshapeBuffer(b, buffer, flat, graph::Dim(graph::flatElements), sizes);
}

Value ControlFunction::bytesOf(Value buffer) {
  return b.create<UnrealizedConversionCastOp>(graph::flatBuffer(b.getI8Type()), flatOf(buffer)).getResult(0);
}

Sequence ControlFunction::sequence(const Place &whole) {
  Place slice{{}, Shape(ArrayRef(whole.shape).drop_front()), whole.element};
  graph::Dim bytes =
      lower::productOf(slice.shape) * graph::Dim(int64_t(llvm::divideCeil(whole.element.getIntOrFloatBitWidth(), 8)));
  return {bytesOf(whole.buffer), slice, value(bytes)};
}

Value ControlFunction::sliceAt(const Sequence &of, Value turn) {
  Value offset = b.create<arith::MulIOp>(turn, of.sliceBytes);
  return b.create<memref::ViewOp>(bufferType(of.slice), of.bytes, offset, ValueRange());
}

SmallVector<Place> ControlFunction::placesOf(ValueRange tensors) {
  SmallVector<Place> found;
  for (Value tensor : tensors) found.push_back(placeOf.lookup(tensor));
  return found;
}

SmallVector<Value> ControlFunction::buffersOf(ArrayRef<Place> of) {
  SmallVector<Value> buffers;
  for (const Place &place : of) buffers.push_back(place.buffer);
  return buffers;
}

Value ControlFunction::cell(Type element) { return b.create<memref::AllocOp>(MemRefType::get({}, element)); }

void ControlFunction::storeTurn(Value into, Value turn) {
  b.create<memref::StoreOp>(b.create<arith::IndexCastOp>(b.getI64Type(), turn), into, ValueRange());
}

// ---- runs

void ControlFunction::run(FlatSymbolRefAttr callee, ArrayRef<Value> ins, ValueRange calleeSizes, ArrayRef<Value> outs) {
  SmallVector<Value> all(ins), into(outs);
  llvm::append_range(all, calleeSizes);
  all.push_back(params);
  auto called = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(function, callee);
  if (called->hasAttr(lower::mayFailAttr)) into.push_back(status);
  auto made = b.create<kern::RunOp>(callee, all, into);
  if (called->hasAttr(lower::touchesStateAttr)) made->setAttr(kern::touchesStateAttr, b.getUnitAttr());
}

void ControlFunction::copy(const Place &from, Value source, Value to) {
  Value size = value(lower::productOf(from.shape));
  b.create<kern::RunOp>(table.copyKernel(b.getLoc(), from.element), ValueRange{source, size}, to);
}

int64_t ControlFunction::limitStatus(StringRef what, int status) {
  std::string node = support::nodeName(op->getLoc());
  if (!node.empty()) node = " '" + node + "'";
  library.limits.push_back((" passed the limit of '" + what + "'" + node + ": max_iterations").str());
  return status - 256 * int64_t(library.limits.size());
}
