// evaluate_function.h. Calls are frames on a stack of our own, so the depth of the graph is no matter of the C++ stack.
// A value is dropped with its frame.
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/structure.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace graphc::graph {
namespace {

constexpr size_t maxDepth = 1000;

struct Frame {
  Operation *next = nullptr; // to run; for all but the innermost frame, the call that waits for its results
  DenseMap<Value, HostTensor> values;
};

class Evaluation {
public:
  explicit Evaluation(ReadParameter readParameter) : readParameter(readParameter) {}

  LogicalResult run(func::FuncOp function, ArrayRef<HostTensor> arguments, SmallVectorImpl<HostTensor> &results) {
    if (failed(enter(function, function, arguments))) return failure();
    while (!frames.empty()) {
      Operation *op = frames.back().next;
      if (auto call = dyn_cast<func::CallOp>(op)) {
        if (failed(enterCall(call))) return failure();
      } else if (isa<func::ReturnOp>(op)) {
        SmallVector<HostTensor> returned = take(op->getOperands());
        frames.pop_back();
        if (frames.empty()) {
          results.assign(std::make_move_iterator(returned.begin()), std::make_move_iterator(returned.end()));
          return success();
        }
        define(frames.back().next, returned);
      } else if (failed(step(op))) {
        return failure();
      }
    }
    return failure();
  }

private:
  static bool fits(const HostTensor &tensor, Type type) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    return ranked && ranked.getShape() == ArrayRef(tensor.shape) && dtypeOf(ranked.getElementType()) == tensor.dtype;
  }

  LogicalResult enter(Operation *from, func::FuncOp function, ArrayRef<HostTensor> arguments) {
    if (!function || !function.getBody().hasOneBlock())
      return from->emitError("cannot evaluate this function: its body is not one block");
    if (frames.size() == maxDepth) return from->emitError("cannot evaluate: calls are nested deeper than ") << maxDepth;
    if (arguments.size() != function.getNumArguments())
      return from->emitError("cannot evaluate: wrong number of arguments");
    Frame frame;
    for (auto [argument, tensor] : llvm::zip(function.getArguments(), arguments)) {
      if (!fits(tensor, argument.getType()))
        return from->emitError("cannot evaluate: argument ")
               << argument.getArgNumber() << " is not of type " << argument.getType();
      frame.values[argument] = tensor;
    }
    frame.next = &function.getBody().front().front();
    frames.push_back(std::move(frame));
    return success();
  }

  LogicalResult enterCall(func::CallOp call) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
    return enter(call, callee, take(call.getOperands()));
  }

  LogicalResult step(Operation *op) {
    SmallVector<HostTensor> results;
    if (auto read = dyn_cast<ReadParameterOp>(op)) {
      FailureOr<HostTensor> value = readParameter(read.getParameter());
      if (failed(value) || !fits(*value, read.getType()))
        return op->emitError("cannot evaluate: no fitting value for parameter '") << read.getParameter() << "'";
      results.push_back(std::move(*value));
    } else {
      auto evaluable = dyn_cast<Evaluable>(op);
      if (!evaluable) return op->emitError("cannot evaluate this op");
      if (failed(evaluable.evaluate(take(op->getOperands()), results))) return op->emitError("evaluation failed");
    }
    define(op, results);
    return success();
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
  std::vector<Frame> frames;
};
} // namespace

LogicalResult evaluateFunction(func::FuncOp function, ArrayRef<HostTensor> arguments, ReadParameter readParameter,
                               SmallVectorImpl<HostTensor> &results) {
  return Evaluation(readParameter).run(function, arguments, results);
}

} // namespace graphc::graph
