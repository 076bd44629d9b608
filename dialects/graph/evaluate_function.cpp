// evaluate_function.h. Calls, and branches of `if`, are frames on a stack of our own, so the depth of the graph is no
// matter of the C++ stack; only loops inside loops are. A value is dropped with its frame.
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/number.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/recursion.h"
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/structure.h"
#include "llvm/ADT/DenseMap.h"
#include <cmath>

using namespace mlir;

namespace graphc::graph {
namespace {

constexpr size_t maxFrames = 1 << 21; // recursion may be a million calls deep
constexpr unsigned maxLoops = 200;    // inside each other

struct Frame {
  Operation *next = nullptr; // to run; for all but the innermost frame, the call that waits for its results
  DenseMap<Value, HostTensor> values;
  DenseMap<Attribute, int64_t> dims;
  std::optional<unsigned> cycle; // of a recursive function: whose depth it counts for
};

class Evaluation {
public:
  Evaluation(ModuleOp module, ReadParameter readParameter, ObserveOp observe)
      : readParameter(readParameter), observe(observe) {
    if (module && llvm::any_of(module.getOps<func::FuncOp>(), isRecursive)) cycles = cyclesOf(module);
  }

  /// Runs the function to its end, as a call by `from` in the innermost frame, if there is one. Calls within it take a
  /// frame of `frames`; only what loops call comes back here.
  LogicalResult run(Operation *from, func::FuncOp function, ArrayRef<HostTensor> arguments,
                    SmallVectorImpl<HostTensor> &results) {
    size_t base = frames.size();
    if (failed(enter(from, function, arguments))) return failure();
    while (true) {
      Operation *op = frames.back().next;
      if (auto call = dyn_cast<CallOp>(op)) {
        if (failed(enter(call, calleeOf(call, call.getCalleeAttr()), take(call.getOperands())))) return failure();
      } else if (auto branch = dyn_cast<IfOp>(op)) {
        bool chosen = take(branch.getCondition())[0].integers[0];
        auto symbol = chosen ? branch.getThenFunctionAttr() : branch.getElseFunctionAttr();
        if (failed(enter(branch, calleeOf(branch, symbol), take(branch.getCaptures())))) return failure();
      } else if (isa<func::ReturnOp>(op)) {
        SmallVector<HostTensor> returned = take(op->getOperands());
        if (frames.back().cycle) --depths[*frames.back().cycle];
        frames.pop_back();
        if (frames.size() == base) {
          results.assign(std::make_move_iterator(returned.begin()), std::make_move_iterator(returned.end()));
          return success();
        }
        Operation *caller = frames.back().next; // a call or `if`
        if (observe) observe({caller, take(caller->getOperands()), returned, frames.back().dims});
        define(caller, returned);
      } else if (failed(step(op))) {
        return failure();
      }
    }
  }

private:
  static bool fits(const HostTensor &tensor, Type type) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    return ranked && ranked.getRank() == int64_t(tensor.shape.size()) &&
           dtypeOf(ranked.getElementType()) == tensor.dtype;
  }

  /// A tensor of this type under the frame's dims, zeros; failure if a dim has no value.
  FailureOr<HostTensor> makeTensor(Type type) {
    auto ranked = cast<RankedTensorType>(type);
    std::optional<Dtype> dtype = dtypeOf(ranked.getElementType());
    if (!dtype || !isNamed(ranked)) return failure();
    SmallVector<int64_t> shape;
    for (const Dim &dim : shapeOf(ranked)) {
      FailureOr<int64_t> size = evaluate(dim);
      if (failed(size)) return failure();
      shape.push_back(*size);
    }
    return HostTensor(*dtype, shape);
  }

  /// Evaluates the op with numbers in place of the frame's dims where its attributes speak of them.
  LogicalResult evaluate(Evaluable op, ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
    NamedAttrList attributes;
    for (NamedAttribute attribute : op->getAttrDictionary()) {
      auto shape = dyn_cast<ShapeAttr>(attribute.getValue());
      if (!shape || shape.getDims().empty()) continue;
      Shape known;
      for (const Dim &dim : shapeOf(shape))
        known.push_back(dim.substitute([&](DimAttr name) -> std::optional<Dim> {
          auto found = frames.back().dims.find(name);
          return found == frames.back().dims.end() ? std::nullopt : std::optional<Dim>(found->second);
        }));
      attributes.append(attribute.getName(), shapeAttr(op.getContext(), known));
    }
    if (attributes.empty()) return op.evaluate(operands, results);
    Operation *known = op->clone(); // never inserted: for this evaluation alone
    for (NamedAttribute attribute : attributes) known->setAttr(attribute.getName(), attribute.getValue());
    LogicalResult result = cast<Evaluable>(known).evaluate(operands, results);
    known->destroy();
    return result;
  }

  LogicalResult enter(Operation *from, func::FuncOp function, ArrayRef<HostTensor> arguments) {
    if (!function || !function.getBody().hasOneBlock())
      return from->emitError("cannot evaluate this function: its body is not one block");
    if (frames.size() == maxFrames)
      return from->emitError("cannot evaluate: calls are nested deeper than ") << maxFrames;
    if (arguments.size() != function.getNumArguments())
      return from->emitError("cannot evaluate: wrong number of arguments");
    Frame frame;
    if (auto most = function->getAttrOfType<IntegerAttr>(maxDepthAttr); most && cycles.count(function)) {
      frame.cycle = cycles.lookup(function);
      if (depths[*frame.cycle] >= most.getInt())
        return from->emitError("cannot evaluate: calls passed the max_depth of '") << function.getSymName() << "'";
      ++depths[*frame.cycle];
    }
    if (!frames.empty()) frame.dims = frames.back().dims; // what the inputs do not say is the caller's
    SmallVector<Type> given;
    for (auto [argument, tensor] : llvm::zip(function.getArguments(), arguments)) {
      if (!fits(tensor, argument.getType()))
        return from->emitError("cannot evaluate: argument ")
               << argument.getArgNumber() << " is not of type " << argument.getType();
      frame.values[argument] = tensor;
      given.push_back(RankedTensorType::get(tensor.shape, cast<RankedTensorType>(argument.getType()).getElementType()));
    }
    BoundDims bound = bindDims(function.getArgumentTypes(), given);
    if (bound.conflict)
      return from->emitError("cannot evaluate: argument ")
             << bound.conflict->operand << " is not of type " << function.getArgumentTypes()[bound.conflict->operand];
    for (auto &[name, value] : bound.dims) frame.dims[name] = value.staticValue();
    frame.next = &function.getBody().front().front();
    frames.push_back(std::move(frame));
    return success();
  }

  LogicalResult step(Operation *op) {
    SmallVector<HostTensor> results;
    if (auto read = dyn_cast<ReadParameterOp>(op)) {
      FailureOr<HostTensor> value = readParameter(read.getParameter());
      if (failed(value) || !fits(*value, read.getType()) || ArrayRef(value->shape) != read.getType().getShape())
        return op->emitError("cannot evaluate: no fitting value for parameter '") << read.getParameter() << "'";
      results.push_back(std::move(*value));
    } else if (isa<UnwrittenOp>(op)) {
      if (failed(makeResults(op, 0, results))) return failure();
      for (HostTensor &result : results) result.floats.assign(result.floats.size(), std::nan(""));
    } else if (isControl(op)) {
      if (failed(control(op, results))) return failure();
      if (observe) observe({op, take(op->getOperands()), results, frames.back().dims});
    } else {
      auto evaluable = dyn_cast<Evaluable>(op);
      if (!evaluable) return op->emitError("cannot evaluate this op");
      if (failed(makeResults(op, 0, results))) return failure();
      SmallVector<HostTensor> operands = take(op->getOperands());
      if (failed(evaluate(evaluable, operands, results))) return op->emitError("evaluation failed");
      for (HostTensor &result : results) result.round();
      if (observe) observe({op, operands, results, frames.back().dims});
    }
    define(op, results);
    return success();
  }

  static func::FuncOp calleeOf(Operation *op, FlatSymbolRefAttr symbol) {
    return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol);
  }

  LogicalResult control(Operation *op, SmallVectorImpl<HostTensor> &results) {
    if (loops == maxLoops) return op->emitError("cannot evaluate: loops are nested deeper than ") << maxLoops;
    ++loops;
    LogicalResult done = runLoop(op, results);
    --loops;
    return done;
  }

  LogicalResult runLoop(Operation *op, SmallVectorImpl<HostTensor> &results) {
    if (auto loop = dyn_cast<WhileOp>(op)) return controlWhile(loop, results);
    if (auto reverse = dyn_cast<ReverseWhileOp>(op)) return controlReverseWhile(reverse, results);
    return controlScan(cast<ScanOp>(op), results);
  }

  static HostTensor turnNumber(int64_t turn) {
    HostTensor number(Dtype::I64, {});
    number.integers[0] = turn;
    return number;
  }

  /// What a function of a loop takes: with `index` the turn's number, then the groups.
  static SmallVector<HostTensor> turnOperands(bool index, int64_t turn, ArrayRef<ArrayRef<HostTensor>> groups) {
    SmallVector<HostTensor> operands;
    if (index) operands.push_back(turnNumber(turn));
    for (ArrayRef<HostTensor> group : groups) llvm::append_range(operands, group);
    return operands;
  }

  FailureOr<int64_t> evaluate(const Dim &size) {
    bool known = true;
    int64_t value = size.evaluate([&](DimAttr name) {
      auto found = frames.back().dims.find(name);
      known &= found != frames.back().dims.end();
      return known ? found->second : 0;
    });
    if (!known) return failure();
    return value;
  }

  LogicalResult controlWhile(WhileOp loop, SmallVectorImpl<HostTensor> &results) {
    size_t count = loop.getInits().size();
    results = take(loop.getInits());
    SmallVector<HostTensor> captures = take(loop.getCaptures()), truth, given, collected;
    if (failed(makeRows(loop, count + 1, collected))) return failure();
    bool keepsRows = checkpointRows(loop).has_value();
    std::vector<SmallVector<HostTensor>> states; // before each turn, if some are kept as checkpoints
    FailureOr<int64_t> limit =
        loop.getLimit() ? evaluate(Dim::ofShape(*loop.getLimit(), 0)) : FailureOr<int64_t>(INT64_MAX);
    if (failed(limit)) return loop.emitError("cannot evaluate: the limit has no value");
    for (int64_t turn = 0;; ++turn) {
      SmallVector<HostTensor> operands = turnOperands(loop.getIndex(), turn, {results, captures});
      if (failed(run(loop, calleeOf(loop, loop.getConditionAttr()), operands, truth))) return failure();
      bool goesOn = truth[0].integers[0];
      if (goesOn && turn >= *limit && !loop.getStop())
        return loop.emitError("cannot evaluate: the loop passed its limit of turns");
      if (!goesOn || turn >= *limit) {
        results.push_back(turnNumber(turn));
        if (keepsRows) fillRows(states, collected);
        llvm::append_range(results, collected);
        return success();
      }
      if (keepsRows) states.emplace_back(results.begin(), results.end());
      if (failed(run(loop, calleeOf(loop, loop.getBodyAttr()), operands, given))) return failure();
      results.assign(given.begin(), given.begin() + count);
      if (!keepsRows) collect(ArrayRef(given).drop_front(count), turn, collected);
    }
  }

  /// The states before turns 0, stride, 2 stride, ...: the smallest power of two with which they fit.
  static void fillRows(ArrayRef<SmallVector<HostTensor>> states, MutableArrayRef<HostTensor> rows) {
    size_t stride = 1;
    while (states.size() > stride * rows[0].shape[0]) stride *= 2;
    for (size_t turn = 0; turn < states.size(); turn += stride) collect(states[turn], turn / stride, rows);
  }

  /// From the first row alone, storing all that turns give: what the checkpoints and the schedule are checked by.
  LogicalResult controlReverseWhile(ReverseWhileOp op, SmallVectorImpl<HostTensor> &results) {
    SmallVector<HostTensor> rows = take(op.getCheckpoints()), captures = take(op.getCaptures()), state;
    int64_t turns = take(op.getTurns())[0].integers[0];
    results = take(op.getInits());
    for (const HostTensor &all : rows) state.push_back(rowOf(all, 0));
    size_t carries = rows.size();
    std::vector<SmallVector<HostTensor>> tape; // by turn: carries before it, those after it, residuals
    for (int64_t turn = 0; turn < turns; ++turn) {
      SmallVector<HostTensor> operands = turnOperands(op.getIndex(), turn, {state, captures}), given;
      if (failed(run(op, calleeOf(op, op.getForwardAttr()), operands, given))) return failure();
      tape.push_back(state);
      llvm::append_range(tape.back(), given);
      state.assign(given.begin(), given.begin() + carries);
    }
    for (int64_t turn = turns - 1; turn >= 0; --turn) {
      SmallVector<HostTensor> operands = turnOperands(op.getIndex(), turn, {tape[turn], results, captures});
      if (failed(run(op, calleeOf(op, op.getBackwardAttr()), operands, results))) return failure();
      tape.pop_back();
    }
    return success();
  }

  /// Zeros, from result `first` on.
  LogicalResult makeResults(Operation *op, size_t first, SmallVectorImpl<HostTensor> &results) {
    for (Type type : TypeRange(op->getResultTypes()).drop_front(first)) {
      FailureOr<HostTensor> tensor = makeTensor(type);
      if (failed(tensor)) return op->emitError("cannot evaluate: a dim of the result has no value");
      results.push_back(std::move(*tensor));
    }
    return success();
  }

  /// What is collected, from result `first` on: nothing that means anything, until a turn comes.
  LogicalResult makeRows(Operation *op, size_t first, SmallVectorImpl<HostTensor> &rows) {
    if (failed(makeResults(op, first, rows))) return failure();
    for (HostTensor &all : rows) all.floats.assign(all.floats.size(), std::nan(""));
    return success();
  }

  static HostTensor rowOf(const HostTensor &all, int64_t row) {
    HostTensor one(all.dtype, ArrayRef(all.shape).drop_front());
    copyElements(all, row * one.size(), one, 0, one.size());
    return one;
  }

  static void collect(ArrayRef<HostTensor> given, int64_t row, MutableArrayRef<HostTensor> collected) {
    for (auto [all, one] : llvm::zip(collected, given)) copyElements(one, 0, all, row * one.size(), one.size());
  }

  LogicalResult controlScan(ScanOp scan, SmallVectorImpl<HostTensor> &results) {
    SmallVector<HostTensor> carries = take(scan.getInits()), over = take(scan.getOver()),
                            captures = take(scan.getCaptures()), collected;
    size_t count = carries.size();
    if (failed(makeRows(scan, count, collected))) return failure();
    FailureOr<int64_t> length = evaluate(scan.turns());
    if (failed(length)) return scan.emitError("cannot evaluate: the length has no value");
    int64_t turns = *length;
    if (scan.getCount()) turns = std::clamp<int64_t>(take(scan.getCount())[0].integers[0], 0, turns);
    for (int64_t i = 0; i < turns; ++i) {
      int64_t turn = scan.getReverse() ? turns - 1 - i : i;
      SmallVector<HostTensor> slices, given;
      for (const HostTensor &sequence : over) {
        if (sequence.shape[0] != *length) return scan.emitError("cannot evaluate: a sequence of another length");
        slices.push_back(rowOf(sequence, turn));
      }
      SmallVector<HostTensor> operands = turnOperands(scan.getIndex(), turn, {carries, slices, captures});
      if (failed(run(scan, calleeOf(scan, scan.getBodyAttr()), operands, given))) return failure();
      carries.assign(given.begin(), given.begin() + count);
      collect(ArrayRef(given).drop_front(count), turn, collected);
    }
    results = std::move(carries);
    llvm::append_range(results, collected);
    return success();
  }

  static void copyElements(const HostTensor &from, size_t fromBegin, HostTensor &to, size_t toBegin, size_t count) {
    for (size_t i = 0; i < count; ++i) setElement(to, toBegin + i, elementAt(from, fromBegin + i));
  }

  SmallVector<HostTensor> take(ValueRange operands) {
    SmallVector<HostTensor> tensors;
    for (Value operand : operands) tensors.push_back(frames.back().values.find(operand)->second);
    return tensors;
  }

  void define(Operation *op, MutableArrayRef<HostTensor> results) {
    Frame &frame = frames.back();
    for (auto [value, tensor] : llvm::zip(op->getResults(), results)) frame.values[value] = std::move(tensor);
    frame.next = op->getNextNode();
  }

  ReadParameter readParameter;
  ObserveOp observe;
  std::vector<Frame> frames;
  DenseMap<Operation *, unsigned> cycles;
  DenseMap<unsigned, int64_t> depths; // by cycle: open calls of its functions, regions not counted
  unsigned loops = 0;                 // that are at work
};
} // namespace

LogicalResult evaluateFunction(func::FuncOp function, ArrayRef<HostTensor> arguments, ReadParameter readParameter,
                               SmallVectorImpl<HostTensor> &results, ObserveOp observe) {
  return Evaluation(function->getParentOfType<ModuleOp>(), readParameter, observe)
      .run(function, function, arguments, results);
}

} // namespace graphc::graph
