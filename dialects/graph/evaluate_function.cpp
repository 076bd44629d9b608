// evaluate_function.h. Calls are frames on a stack of our own, so the depth of the graph is no matter of the C++ stack.
// A value is dropped with its frame.
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/call_dims.h"
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
  DenseMap<Attribute, int64_t> dims;
};

class Evaluation {
public:
  Evaluation(ReadParameter readParameter, ObserveOp observe) : readParameter(readParameter), observe(observe) {}

  LogicalResult run(func::FuncOp function, ArrayRef<HostTensor> arguments, SmallVectorImpl<HostTensor> &results) {
    if (failed(enter(function, function, arguments))) return failure();
    while (!frames.empty()) {
      Operation *op = frames.back().next;
      if (auto call = dyn_cast<CallOp>(op)) {
        auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
        if (failed(enter(call, callee, take(call.getOperands())))) return failure();
      } else if (isa<func::ReturnOp>(op)) {
        SmallVector<HostTensor> returned = take(op->getOperands());
        frames.pop_back();
        if (frames.empty()) {
          results.assign(std::make_move_iterator(returned.begin()), std::make_move_iterator(returned.end()));
          return success();
        }
        Operation *call = frames.back().next;
        if (observe) observe({call, take(call->getOperands()), returned, frames.back().dims});
        define(call, returned);
      } else if (failed(step(op))) {
        return failure();
      }
    }
    return failure();
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
    bool known = true;
    for (const Dim &dim : shapeOf(ranked))
      shape.push_back(dim.evaluate([&](DimAttr name) {
        auto found = frames.back().dims.find(name);
        known &= found != frames.back().dims.end();
        return known ? found->second : 0;
      }));
    if (!known) return failure();
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
    if (frames.size() == maxDepth) return from->emitError("cannot evaluate: calls are nested deeper than ") << maxDepth;
    if (arguments.size() != function.getNumArguments())
      return from->emitError("cannot evaluate: wrong number of arguments");
    Frame frame;
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
    } else {
      auto evaluable = dyn_cast<Evaluable>(op);
      if (!evaluable) return op->emitError("cannot evaluate this op");
      for (Type type : op->getResultTypes()) {
        FailureOr<HostTensor> result = makeTensor(type);
        if (failed(result)) return op->emitError("cannot evaluate: a dim of the result has no value");
        results.push_back(std::move(*result));
      }
      SmallVector<HostTensor> operands = take(op->getOperands());
      if (failed(evaluate(evaluable, operands, results))) return op->emitError("evaluation failed");
      for (HostTensor &result : results) result.round();
      if (observe) observe({op, operands, results, frames.back().dims});
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
  ObserveOp observe;
  std::vector<Frame> frames;
};
} // namespace

LogicalResult evaluateFunction(func::FuncOp function, ArrayRef<HostTensor> arguments, ReadParameter readParameter,
                               SmallVectorImpl<HostTensor> &results, ObserveOp observe) {
  return Evaluation(readParameter, observe).run(function, arguments, results);
}

} // namespace graphc::graph
