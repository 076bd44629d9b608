// Reverse mode. @f.fwd is f with the residuals behind its results, @f.bwd walks f backwards. The rules first read
// values of @f.fwd from @f.bwd as if both were one function; what is read so becomes a residual: a result of @f.fwd and
// an argument of @f.bwd, or is computed again from others: whichever is the least (choose_residuals.h). Arguments and
// results of f are the caller's already.
//
// Contributions to a value are collected and added up once, when the walk reaches where it is made, in the order in
// which they came: the same bits in every run.
#include "compiler/autodiff/choose_residuals.h"
#include "compiler/autodiff/reverse_control.h"
#include "compiler/autodiff/thread_values.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/function_dims.h"
#include "dialects/graph/reverse_while.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace graphc::autodiff {
namespace {

class Reverse {
public:
  Reverse(DerivedFunctions &derived, func::FuncOp function, const Mask &arguments, const Paths &params,
          const Mask &results, IsThere isThere)
      : derived(derived), function(function), arguments(arguments), params(params), isThere(isThere),
        accumulates(!derived.recursionKey.empty()) {
    made.results = results;
    made.arguments.assign(arguments.size(), false);
    made.params.assign(params.size(), false);
  }

  ReverseFunctions run() {
    graph::CustomDerivative custom = graph::customDerivativeOf(function);
    if (custom.vjp)
      callForward(custom.forward ? derived.find(custom.forward) : function);
    else
      copyForward();
    if (!llvm::is_contained(made.results, true)) {
      DerivedFunctions::finish(made.forward, results);
      return made;
    }
    if (custom.vjp)
      copyRule(derived.find(custom.vjp));
    else
      walkBackward();
    passResiduals();
    bindDims();
    DerivedFunctions::finish(made.forward, results);
    return made;
  }

private:
  DerivedFunctions &derived;
  func::FuncOp function;
  const Mask &arguments;
  const Paths &params;
  IsThere isThere;        // null: arguments and results
  const bool accumulates; // gradients of params are added to sums, where they come
  ReverseFunctions made;
  DenseSet<Value> active;                                              // in @f.fwd
  DenseMap<Operation *, const ReverseFunctions *> callsMade;           // calls in @f.fwd that are derived
  DenseMap<Operation *, std::unique_ptr<ReverseControl>> controlsMade; // likewise: control flow
  SmallVector<Value> results;                                          // of @f.fwd
  DenseMap<Value, SmallVector<Value>> contributions;                   // by value of @f.fwd
  std::vector<SmallVector<Value>> paramContributions;

  Block &forwardBody() { return made.forward.getBody().front(); }
  Block &backwardBody() { return made.backward.getBody().front(); }

  /// Of a function with rules: a call of it, or of what runs in its place.
  void callForward(func::FuncOp callee) {
    made.forward = derived.createBeside(function, ".fwd");
    OpBuilder b = OpBuilder::atBlockEnd(&forwardBody());
    for (BlockArgument argument : function.getArguments())
      forwardBody().addArgument(argument.getType(), argument.getLoc());
    auto call = DerivedFunctions::createCall(b, function.getLoc(), callee, forwardBody().getArguments());
    results.assign(call.result_begin(), call.result_begin() + function.getNumResults());
  }

  /// The body of the rule as that of @f.bwd: its arguments are values of @f.fwd, as those of other rules.
  void copyRule(func::FuncOp rule) {
    made.backward = derived.createBeside(function, ".bwd");
    Block &body = backwardBody(), &from = rule.getBody().front();
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    SmallVector<Value> given(forwardBody().getArguments());
    auto call = cast<graph::CallOp>(forwardBody().front());
    given.append(call.result_begin(), call.result_end());
    for (auto [returned, wanted] : llvm::zip(results, made.results)) {
      Value cotangent = wanted ? body.addArgument(returned.getType(), function.getLoc()) : Value();
      if (!isReal(returned)) continue;
      given.push_back(cotangent ? cotangent : graph::RuleBuilder(function.getLoc(), b).zeros(returned));
    }
    IRMapping mapping;
    mapping.map(from.getArguments(), given);
    for (Operation &op : from.without_terminator()) b.clone(op, mapping);
    SmallVector<Value> cotangents;
    unsigned next = 0;
    for (auto [i, argument] : llvm::enumerate(function.getArguments())) {
      if (!isReal(argument)) continue;
      Value cotangent = mapping.lookup(from.getTerminator()->getOperand(next++));
      if (!arguments[i]) continue;
      made.arguments[i] = true;
      cotangents.push_back(cotangent);
    }
    DerivedFunctions::finish(made.backward, cotangents);
  }

  /// The body of f, with calls of the callees' @.fwd where they are derived, and control flow that gives residuals.
  void copyForward() {
    made.forward = derived.createBeside(function, ".fwd");
    Block &from = function.getBody().front(), &to = forwardBody();
    Activity &activity = derived.activities();
    DenseSet<Value> varied = activity.varied(function, arguments, params);
    DenseSet<Value> useful = activity.useful(function, varied, made.results);
    OpBuilder b = OpBuilder::atBlockEnd(&to);
    IRMapping mapping;
    for (BlockArgument argument : from.getArguments())
      mapping.map(argument, to.addArgument(argument.getType(), argument.getLoc()));
    auto mark = [&](Value value) {
      if (varied.contains(value)) active.insert(mapping.lookup(value));
    };
    for (BlockArgument argument : from.getArguments()) mark(argument);
    for (Operation &op : from.without_terminator()) {
      auto call = dyn_cast<graph::CallOp>(op);
      bool isWayBack = isa<graph::ReverseWhileOp>(op); // of which the frontend refuses another one
      bool derives = (call || (graph::isControl(&op) && !isWayBack)) &&
                     llvm::any_of(op.getResults(), [&](Value result) { return useful.contains(result); });
      if (!derives) {
        b.clone(op, mapping);
      } else {
        Mask operands, wanted;
        SmallVector<Value> given;
        for (Value operand : op.getOperands()) {
          operands.push_back(varied.contains(operand));
          given.push_back(mapping.lookup(operand));
        }
        for (Value result : op.getResults()) wanted.push_back(useful.contains(result));
        SmallVector<Value> copies;
        if (call) {
          const ReverseFunctions &inside = derived.reverse(activity.calleeOf(call), operands, params, wanted);
          auto copied = DerivedFunctions::createCall(b, op.getLoc(), inside.forward, given);
          callsMade[copied] = &inside;
          copies = copied.getResults();
        } else {
          auto control = reverseOfControl(derived, b, &op, given, operands, wanted, params);
          copies = control->results();
          controlsMade[control->forward()] = std::move(control);
        }
        for (auto [i, result] : llvm::enumerate(op.getResults())) mapping.map(result, copies[i]);
      }
      for (Value result : op.getResults()) mark(result);
    }
    for (Value returned : from.getTerminator()->getOperands()) results.push_back(mapping.lookup(returned));
  }

  /// The cotangent of a value, all of whose readers were visited; null: zero.
  Value cotangentOf(Value value, OpBuilder &b, Location location) {
    auto it = contributions.find(value);
    if (it == contributions.end()) return {};
    return graph::RuleBuilder(location, b).sumOf(it->second);
  }
  void contribute(Value value, Value cotangent) {
    if (cotangent && active.contains(value)) contributions[value].push_back(cotangent);
  }

  void contributeToParam(StringRef path, ValueRange values, OpBuilder &b, Location location) {
    if (!accumulates) {
      llvm::append_range(paramContributions[llvm::find(params, path) - params.begin()], values);
      return;
    }
    for (Value value : values)
      b.create<graph::WriteParameterOp>(location, path, value)->setAttr(addsGradientAttr, b.getUnitAttr());
    made.accumulates |= !values.empty();
  }

  void walkBackward() {
    made.backward = derived.createBeside(function, ".bwd");
    Block &body = backwardBody();
    for (auto [returned, wanted] : llvm::zip(results, made.results))
      if (wanted) contribute(returned, body.addArgument(returned.getType(), function.getLoc()));
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    paramContributions.resize(params.size());
    for (Operation &op : llvm::reverse(forwardBody())) visit(op, b);

    SmallVector<Value> cotangents;
    for (auto [i, argument] : llvm::enumerate(forwardBody().getArguments()))
      if (Value cotangent = cotangentOf(argument, b, argument.getLoc())) {
        made.arguments[i] = true;
        cotangents.push_back(cotangent);
      }
    for (auto [i, terms] : llvm::enumerate(paramContributions))
      if (!terms.empty()) {
        made.params[i] = true;
        cotangents.push_back(graph::RuleBuilder(function.getLoc(), b).sumOf(terms));
      }
    DerivedFunctions::finish(made.backward, cotangents);
  }

  void visit(Operation &op, OpBuilder &b) {
    if (auto call = callsMade.find(&op); call != callsMade.end()) return visitCall(op, *call->second, b);
    if (auto control = controlsMade.find(&op); control != controlsMade.end()) return visitControl(*control->second, b);
    if (auto read = dyn_cast<graph::ReadParameterOp>(op)) {
      if (!active.contains(read.getValue())) return;
      contributeToParam(read.getParameter(), contributions.lookup(read.getValue()), b, op.getLoc());
      return;
    }
    if (!passesDerivatives(&op)) return;
    graph::VjpState state;
    for (Value operand : op.getOperands()) state.wanted.push_back(active.contains(operand));
    if (!llvm::is_contained(state.wanted, true)) return;
    for (Value result : op.getResults()) state.cotangents.push_back(cotangentOf(result, b, op.getLoc()));
    if (llvm::none_of(state.cotangents, [](Value ct) { return bool(ct); })) return;
    state.sums.resize(op.getNumOperands());
    graph::RuleBuilder rules(op.getLoc(), b);
    cast<graph::Differentiable>(op).vjp(rules, state);
    for (auto [operand, sum] : llvm::zip(op.getOperands(), state.sums)) contribute(operand, sum);
  }

  void visitControl(ReverseControl &control, OpBuilder &b) {
    SmallVector<Value> given;
    for (Value result : control.results()) given.push_back(cotangentOf(result, b, control.forward()->getLoc()));
    ReverseControl::Cotangents made = control.backward(b, given);
    for (auto [operand, cotangent] : llvm::zip(control.operands(), made.operands)) contribute(operand, cotangent);
    for (auto &[path, cotangent] : made.params) contributeToParam(path, cotangent, b, control.forward()->getLoc());
    this->made.accumulates |= control.accumulates;
  }

  void visitCall(Operation &op, const ReverseFunctions &inside, OpBuilder &b) {
    graph::RuleBuilder rules(op.getLoc(), b);
    SmallVector<Value> operands = inside.residualsOf(op.getOperands(), op.getResults());
    bool any = false;
    for (auto [i, wanted] : llvm::enumerate(inside.results)) {
      if (!wanted) continue;
      Value cotangent = cotangentOf(op.getResult(i), b, op.getLoc());
      any |= bool(cotangent);
      operands.push_back(cotangent ? cotangent : rules.zeros(op.getResult(i)));
    }
    if (!any || !inside.backward) return;
    auto made = inside.callBackward(b, op.getLoc(), operands);
    for (auto [operand, gradient] : llvm::zip_equal(op.getOperands(), made.arguments)) contribute(operand, gradient);
    for (auto [path, gradient] : llvm::zip_equal(inside.paths, made.params))
      if (gradient) contributeToParam(path, gradient, b, op.getLoc());
    this->made.accumulates |= inside.accumulates;
  }

  /// Where the body of @f.bwd first needs it, so that it lives no longer than it must.
  Value makeAgain(Value value, OpBuilder &b, const DenseSet<Value> &kept, DenseMap<Value, Value> &inside) {
    SmallVector<Value> open{value}; // a stack of our own: chains may be long
    while (!open.empty()) {
      Value one = open.back();
      Operation *op = one.getDefiningOp();
      size_t before = open.size();
      if (!inside.contains(one) && !kept.contains(one))
        for (Value operand : op->getOperands())
          if (!inside.contains(operand)) open.push_back(operand);
      if (open.size() > before) continue;
      open.pop_back();
      if (inside.contains(one)) continue;
      if (kept.contains(one)) {
        inside[one] = addResidual(one);
        continue;
      }
      IRMapping mapping;
      for (Value operand : op->getOperands()) mapping.map(operand, inside.lookup(operand));
      Operation *copy = b.clone(*op, mapping);
      for (auto [old, made] : llvm::zip(op->getResults(), copy->getResults()))
        if (!kept.contains(old)) inside[old] = made;
    }
    return inside.lookup(value);
  }

  void passResiduals() {
    Block &body = backwardBody();
    SmallVector<OpOperand *> outside;
    llvm::SetVector<Value> read;
    for (Operation &op : body) // a rule may return what it was given
      for (OpOperand &operand : op.getOpOperands())
        if (operand.get().getParentBlock() != &body) {
          outside.push_back(&operand);
          read.insert(operand.get());
        }
    auto callerHas = [&](Value value) {
      if (isThere) return isThere(value, results);
      return isa<BlockArgument>(value) || llvm::is_contained(results, value);
    };
    DenseSet<Value> kept(read.begin(), read.end());
    if (!derived.keepAll) kept = chooseResiduals(read.getArrayRef(), callerHas);
    DenseMap<Value, Value> inside; // of @f.fwd -> in @f.bwd
    for (OpOperand *operand : outside) {
      OpBuilder b(operand->getOwner());
      operand->set(makeAgain(operand->get(), b, kept, inside));
    }
  }
  /// Another operand of @f.bwd, before the cotangents.
  Value addResidual(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      made.residuals.push_back(~int(argument.getArgNumber()));
    } else {
      auto there = llvm::find(results, value);
      made.residuals.push_back(int(there - results.begin()));
      if (there == results.end()) results.push_back(value);
    }
    return backwardBody().insertArgument(made.residuals.size() - 1, value.getType(), value.getLoc());
  }

  /// A dim that f takes from its arguments must be told to @f.bwd by one of its own.
  void bindDims() {
    Block &body = backwardBody();
    auto bound = [&] { return graph::bindDims(body.getArgumentTypes(), body.getArgumentTypes()).dims; };
    auto ofFunction = graph::bindDims(function.getArgumentTypes(), function.getArgumentTypes()).dims;
    for (BlockArgument argument : forwardBody().getArguments()) {
      auto known = bound();
      bool tells = llvm::any_of(graph::bindDims(argument.getType(), argument.getType()).dims, [&](auto &dim) {
        return ofFunction.contains(dim.first) && !known.contains(dim.first);
      });
      if (tells) addResidual(argument);
    }
    made.backward.setFunctionType(
        FunctionType::get(made.backward.getContext(), body.getArgumentTypes(), made.backward.getResultTypes()));
  }
};
} // namespace

ReverseFunctions makeReverse(DerivedFunctions &derived, func::FuncOp function, const Mask &arguments,
                             const Paths &params, const Mask &results, IsThere isThere) {
  return Reverse(derived, function, arguments, params, results, isThere).run();
}

} // namespace graphc::autodiff
