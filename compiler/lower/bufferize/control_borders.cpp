// control_borders.h.
#include "compiler/lower/bufferize/control_borders.h"
#include "compiler/lower/bufferize/borders.h"
#include "compiler/lower/bufferize/carry_in_place.h"
#include "compiler/lower/entries.h"
#include "graphc/types.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace graphc;
using graph::Shape;

namespace {
/// A tensor's place: a buffer as it stands at borders, and what lies in it.
struct Place {
  Value buffer;
  Shape shape;
  Type element;
};

class ControlBorders {
public:
  ControlBorders(func::FuncOp function, lower::KernelTable &table, support::LibraryDescription &library)
      : function(function), table(table), library(library), sizes(function),
        b(function.getLoc(), OpBuilder::atBlockBegin(&function.getBody().front())) {}

  LogicalResult make() {
    Block &block = function.getBody().front();
    auto isControl = [](Operation &op) { return isa<kern::IfOp, kern::WhileOp, kern::ScanOp>(op); };
    auto found = llvm::find_if(block, isControl);
    if (found == block.end()) return function.emitOpError("has lost its control flow");
    op = &*found;
    if (failed(describeArguments()) || failed(describeResults())) return failure();
    addArguments();
    b.setInsertionPoint(op);
    LogicalResult made = isa<kern::IfOp>(op)      ? makeIf(cast<kern::IfOp>(op))
                         : isa<kern::WhileOp>(op) ? makeWhile(cast<kern::WhileOp>(op))
                                                  : makeScan(cast<kern::ScanOp>(op));
    if (failed(made)) return failure();
    b.setInsertionPoint(block.getTerminator());
    b.create<func::ReturnOp>();
    block.getTerminator()->erase();
    for (Operation &tensor : llvm::make_early_inc_range(llvm::reverse(block)))
      if (&tensor == op ||
          (tensor.use_empty() && llvm::any_of(tensor.getResultTypes(), llvm::IsaPred<RankedTensorType>)))
        tensor.erase();
    for (auto &[argument, place] : places) argument.setType(place.buffer.getType());
    return setSignature();
  }

private:
  // ---- the function's arguments: inputs, dims, params, outputs, arena and, if something may fail, the status cell

  LogicalResult describeArguments() {
    for (BlockArgument argument : function.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type) continue;
      std::optional<Shape> shape = sizes.shapeOf(argument);
      if (!shape) return function.emitOpError("has an argument whose size does not come from its dims");
      inputs.push_back({{}, *shape, type.getElementType()});
    }
    return success();
  }

  LogicalResult describeResults() {
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

  BlockArgument addArgument(Type type) { return function.getBody().addArgument(type, function.getLoc()); }

  void addArguments() {
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
    if (auto loop = dyn_cast<kern::WhileOp>(op)) mayFail |= loop.getLimit() && !loop.getStop();
    if (!mayFail) return;
    status = addArgument(graph::flatBuffer(b.getI32Type()));
    function->setAttr(lower::mayFailAttr, b.getUnitAttr());
  }

  LogicalResult setSignature() {
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

  static RankedTensorType tensorOf(const Place &place) { return lower::plainTensor(place.shape, place.element); }
  static MemRefType bufferType(const Place &place) { return lower::argumentType(tensorOf(place)); }

  Value constant(int64_t value) { return b.create<arith::ConstantIndexOp>(value); }
  Value value(const graph::Dim &size) { return getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes.value(size)); }

  /// One more buffer for what lies at `like`.
  Place another(const Place &like) {
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

  /// The bytes that begin where the buffer does: a flat buffer of any type is one pointer in the end.
  Value bytesOf(Value buffer) {
    MemRefType flat = graph::flatBuffer(cast<MemRefType>(buffer.getType()).getElementType());
    buffer = lower::reshapeBuffer(b, buffer, flat, graph::Dim(graph::flatElements), sizes);
    return b.create<UnrealizedConversionCastOp>(graph::flatBuffer(b.getI8Type()), buffer).getResult(0);
  }

  struct Sequence {
    Value bytes;
    Place slice;
    Value sliceBytes;
  };
  Sequence sequence(const Place &whole) {
    Place slice{{}, Shape(ArrayRef(whole.shape).drop_front()), whole.element};
    graph::Dim bytes =
        lower::productOf(slice.shape) * graph::Dim(int64_t(llvm::divideCeil(whole.element.getIntOrFloatBitWidth(), 8)));
    return {bytesOf(whole.buffer), slice, value(bytes)};
  }
  Value sliceAt(const Sequence &of, Value turn) {
    Value offset = b.create<arith::MulIOp>(turn, of.sliceBytes);
    return b.create<memref::ViewOp>(bufferType(of.slice), of.bytes, offset, ValueRange());
  }

  // ---- runs

  void run(FlatSymbolRefAttr callee, ArrayRef<Value> ins, ValueRange calleeSizes, ArrayRef<Value> outs) {
    SmallVector<Value> all(ins), into(outs);
    llvm::append_range(all, calleeSizes);
    all.push_back(params);
    auto called = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(function, callee);
    if (called->hasAttr(lower::mayFailAttr)) into.push_back(status);
    auto made = b.create<kern::RunOp>(TypeRange(), callee, all, into, UnitAttr(), DenseI64ArrayAttr());
    if (called->hasAttr(lower::touchesStateAttr)) made->setAttr(kern::touchesStateAttr, b.getUnitAttr());
  }

  void copy(const Place &from, Value source, Value to) {
    Value size = value(lower::productOf(from.shape));
    b.create<kern::RunOp>(TypeRange(), table.copyKernel(b.getLoc(), from.element), ValueRange{source, size}, to,
                          UnitAttr(), DenseI64ArrayAttr());
  }

  SmallVector<Place> placesOf(ValueRange tensors) {
    SmallVector<Place> found;
    for (Value tensor : tensors) found.push_back(placeOf.lookup(tensor));
    return found;
  }
  static SmallVector<Value> buffersOf(ArrayRef<Place> of) {
    SmallVector<Value> buffers;
    for (const Place &place : of) buffers.push_back(place.buffer);
    return buffers;
  }

  /// A byte, or a number of turns, that a callee gives or takes.
  Value cell(Type element) { return b.create<memref::AllocOp>(MemRefType::get({}, element)); }

  void storeTurn(Value into, Value turn) {
    b.create<memref::StoreOp>(b.create<arith::IndexCastOp>(b.getI64Type(), turn), into, ValueRange());
  }

  /// The status of a limit that was passed, which names this node (graphc_body).
  int64_t limitStatus(StringRef what, int status) {
    Location location = op->getLoc();
    while (auto fused = dyn_cast<FusedLoc>(location)) location = fused.getLocations().front();
    auto name = dyn_cast<NameLoc>(location);
    std::string node = name ? " '" + name.getName().str() + "'" : "";
    library.limits.push_back((" passed the limit of '" + what + "'" + node + ": max_iterations").str());
    return status - 256 * int64_t(library.limits.size());
  }

  // ---- the three ops

  LogicalResult makeIf(kern::IfOp branch) {
    SmallVector<Value> captures = buffersOf(placesOf(branch.getCaptures())), outs = buffersOf(outputs);
    Value chosen = isSet(placeOf.lookup(branch.getCondition()).buffer);
    auto made = b.create<scf::IfOp>(chosen, /*withElseRegion=*/true);
    b.setInsertionPointToStart(made.thenBlock());
    run(branch.getThenFunctionAttr(), captures, branch.getThenSizes(), outs);
    b.setInsertionPointToStart(made.elseBlock());
    run(branch.getElseFunctionAttr(), captures, branch.getElseSizes(), outs);
    return success();
  }

  /// A bool scalar, as it lies in memory.
  Value isSet(Value truth) {
    Value byte = b.create<memref::LoadOp>(truth, ValueRange());
    return b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, byte, b.create<arith::ConstantIntOp>(0, 8));
  }

  LogicalResult makeScan(kern::ScanOp scan) {
    SmallVector<Place> inits = placesOf(scan.getInits()), captures = placesOf(scan.getCaptures());
    size_t carries = inits.size();
    SmallVector<Sequence> over, collected;
    for (const Place &whole : placesOf(scan.getOver())) over.push_back(sequence(whole));
    for (const Place &whole : ArrayRef(outputs).drop_front(carries)) collected.push_back(sequence(whole));
    Value turns = scan.getLength(), zero = constant(0), one = constant(1);
    Value last = b.create<arith::SubIOp>(turns, one);
    std::optional<int64_t> known = getConstantIntValue(turns);
    Value number = scan.getIndex() ? cell(b.getI64Type()) : Value();
    // Per carry: what the next turn reads, what it writes, and what the one behind it writes.
    SmallVector<Value> state = buffersOf(inits), written, others;
    Value isOdd;
    if (carries && !known) {
      Value bit = b.create<arith::AndIOp>(last, one);
      isOdd = b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, bit, zero);
    }
    for (const Place &output : ArrayRef(outputs).take_front(carries)) {
      if (known && *known < 2) { // one turn writes the output itself
        written.push_back(output.buffer);
        others.push_back(output.buffer);
        continue;
      }
      Value other = another(output).buffer;
      bool otherFirst = known && *known % 2 == 0;
      if (known) {
        written.push_back(otherFirst ? other : output.buffer);
        others.push_back(otherFirst ? output.buffer : other);
      } else {
        written.push_back(b.create<arith::SelectOp>(isOdd, other, output.buffer));
        others.push_back(b.create<arith::SelectOp>(isOdd, output.buffer, other));
      }
    }
    llvm::append_range(state, written);
    llvm::append_range(state, others);
    auto loop = b.create<scf::ForOp>(zero, turns, one, state);
    noteCarries(loop, carries);
    if (state.empty()) loop.getBody()->getTerminator()->erase();
    b.setInsertionPointToStart(loop.getBody());
    Value turn = loop.getInductionVar();
    if (scan.getReverse()) turn = b.create<arith::SubIOp>(last, turn);
    ValueRange now = loop.getRegionIterArgs();
    SmallVector<Value> ins, outs(now.slice(carries, carries));
    if (number) {
      storeTurn(number, turn);
      ins.push_back(number);
    }
    llvm::append_range(ins, now.take_front(carries));
    for (const Sequence &one : over) ins.push_back(sliceAt(one, turn));
    llvm::append_range(ins, buffersOf(captures));
    for (const Sequence &one : collected) outs.push_back(sliceAt(one, turn));
    run(scan.getBodyAttr(), ins, scan.getBodySizes(), outs);
    SmallVector<Value> next(now.slice(carries, carries));
    llvm::append_range(next, now.drop_front(2 * carries));
    llvm::append_range(next, now.slice(carries, carries));
    b.create<scf::YieldOp>(next);
    b.setInsertionPointAfter(loop);
    if (!carries || (known && *known > 0)) return success();
    auto never = b.create<scf::IfOp>(b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, turns, zero), false);
    b.setInsertionPointToStart(never.thenBlock());
    for (size_t i = 0; i < carries; ++i) copy(inits[i], inits[i].buffer, outputs[i].buffer);
    return success();
  }

  void noteCarries(Operation *loop, size_t carries) {
    if (!carries) return;
    int64_t firstOutput = cast<BlockArgument>(outputs.front().buffer).getArgNumber();
    loop->setAttr(lower::carriesAttr, b.getDenseI64ArrayAttr({int64_t(carries), firstOutput}));
  }

  LogicalResult makeWhile(kern::WhileOp loop) {
    SmallVector<Place> inits = placesOf(loop.getInits());
    SmallVector<Value> captures = buffersOf(placesOf(loop.getCaptures()));
    size_t carries = inits.size();
    Value zero = constant(0), one = constant(1), truth = cell(b.getI8Type());
    Value number = loop.getIndex() ? cell(b.getI64Type()) : Value();
    // The turn's number, and per carry as in scan.
    SmallVector<Value> state{zero};
    llvm::append_range(state, buffersOf(inits));
    for (const Place &output : ArrayRef(outputs).take_front(carries)) state.push_back(output.buffer);
    for (const Place &output : ArrayRef(outputs).take_front(carries)) state.push_back(another(output).buffer);
    SmallVector<Type> types(ValueRange(state).getTypes());
    auto turns = b.create<scf::WhileOp>(types, state);
    noteCarries(turns, carries);
    SmallVector<Location> places(types.size(), b.getLoc());
    auto operands = [&](ValueRange now) {
      SmallVector<Value> ins;
      if (number) ins.push_back(number);
      llvm::append_range(ins, now.slice(1, carries));
      llvm::append_range(ins, captures);
      return ins;
    };

    ValueRange now = b.createBlock(&turns.getBefore(), {}, types, places)->getArguments();
    if (number) storeTurn(number, now[0]);
    run(loop.getConditionAttr(), operands(now), loop.getConditionSizes(), truth);
    Value goesOn = isSet(truth);
    if (status) { // wrong data end the loop: they might never end it otherwise
      Value said = b.create<memref::LoadOp>(status, zero);
      Value good = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, said, b.create<arith::ConstantIntOp>(0, 32));
      goesOn = b.create<arith::AndIOp>(goesOn, good);
    }
    if (loop.getLimit()) {
      Value below = b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, now[0], loop.getLimit());
      if (!loop.getStop()) {
        Value over =
            b.create<arith::AndIOp>(goesOn, b.create<arith::XOrIOp>(below, b.create<arith::ConstantIntOp>(1, 1)));
        auto fails = b.create<scf::IfOp>(over, false);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(fails.thenBlock());
        b.create<memref::StoreOp>(b.create<arith::ConstantIntOp>(limitStatus("while", GRAPHC_ERR_ITER), 32), status,
                                  zero);
      }
      goesOn = b.create<arith::AndIOp>(goesOn, below);
    }
    b.create<scf::ConditionOp>(goesOn, now);

    now = b.createBlock(&turns.getAfter(), {}, types, places)->getArguments();
    run(loop.getBodyAttr(), operands(now), loop.getBodySizes(), SmallVector<Value>(now.slice(1 + carries, carries)));
    SmallVector<Value> next{b.create<arith::AddIOp>(now[0], one)};
    llvm::append_range(next, now.slice(1 + carries, carries));
    if (carries) {
      // After turn 1 the input is read no more: the two buffers take turns.
      llvm::append_range(next, now.drop_front(1 + 2 * carries));
      llvm::append_range(next, now.slice(1 + carries, carries));
    }
    b.create<scf::YieldOp>(next);

    b.setInsertionPointAfter(turns);
    storeTurn(outputs.back().buffer, turns.getResult(0));
    if (!carries) return success();
    Value bit = b.create<arith::AndIOp>(turns.getResult(0), one);
    Value elsewhere = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, bit, zero);
    auto moves = b.create<scf::IfOp>(elsewhere, false);
    b.setInsertionPointToStart(moves.thenBlock());
    for (size_t i = 0; i < carries; ++i) copy(inits[i], turns.getResult(1 + i), outputs[i].buffer);
    return success();
  }

  func::FuncOp function;
  lower::KernelTable &table;
  support::LibraryDescription &library;
  lower::TensorSizes sizes;
  ImplicitLocOpBuilder b;
  Operation *op = nullptr;
  SmallVector<Place> inputs, outputs;
  SmallVector<std::pair<BlockArgument, Place>> places;
  DenseMap<Value, Place> placeOf;
  Value params, status; // null: nothing may fail
};
} // namespace

LogicalResult lower::makeControlBorders(func::FuncOp function, KernelTable &table,
                                        support::LibraryDescription &library) {
  return ControlBorders(function, table, library).make();
}
