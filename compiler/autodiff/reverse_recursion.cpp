// Reverse mode of a function f that calls itself. Its body is derived as any other (`once`), with calls of @f.fwd and
// @f.bwd in it that are declared and not written yet; what these do depends on where residuals lie:
//
// - On a tape, where it is known how many calls there may be: max_calls or, if no path calls f twice, max_depth. @f.fwd
//   writes its residuals behind those of the calls in it, @f.bwd reads them before it goes through its calls in reverse
//   order. So one stack of rows for each residual serves all calls of an outermost call. The way back costs what it
//   costs without recursion.
// - Nowhere: @f.bwd runs the body of f again, with plain calls of f, and then walks it back. The work is that of f,
//   times the depth.
//
// Gradients of params are one sum each over all calls, to which each adds what it has; these, the tape and its height
// go along with the calls (thread_values.h). A recursion through `while`, or through other recursive functions, has
// no such values yet: it runs again, and each call gives whole gradients.
#include "compiler/autodiff/reverse_control.h"
#include "compiler/autodiff/thread_values.h"
#include "dialects/graph/accumulation.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/recursion.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphc;
using graph::Dim;

namespace graphc::autodiff {
namespace {

/// The functions by which one calls itself: it and regions.
class Circle {
public:
  Circle(DerivedFunctions &derived, func::FuncOp function) : derived(derived), function(function) {
    llvm::SetVector<Operation *> reached;
    reached.insert(function);
    for (size_t i = 0; i < reached.size(); ++i)
      for (Operation &op : cast<func::FuncOp>(reached[i]).getBody().front())
        for (func::FuncOp callee : derived.calleesOf(&op)) reached.insert(callee);
    members.insert(function);
    for (bool found = true; found;) {
      found = false;
      for (Operation *one : reached)
        for (Operation &op : cast<func::FuncOp>(one).getBody().front())
          if (!members.contains(one) && callsMember(&op)) found = members.insert(one).second;
    }
  }

  bool callsMember(Operation *op) {
    return llvm::any_of(derived.calleesOf(op), [&](func::FuncOp callee) { return members.contains(callee); });
  }

  /// Values can go along with all its calls.
  bool threads() {
    for (Operation *one : members) {
      if (one != function && graph::isRecursive(cast<func::FuncOp>(one))) return false;
      for (Operation &op : cast<func::FuncOp>(one).getBody().front())
        if (callsMember(&op) && !isa<graph::CallOp, graph::IfOp>(op) && !isScanOnTape(&op)) return false;
    }
    return true;
  }

  /// Its turns do not run again on the way back, for they would call again.
  static bool isScanOnTape(Operation *op) {
    auto scan = dyn_cast<graph::ScanOp>(op);
    return scan && (!scan.getGrad() || *scan.getGrad() == "tape");
  }

  /// How often a path calls the function itself, at most; 2 stands for more. Only if it threads.
  unsigned callsOnPath(func::FuncOp member) {
    unsigned calls = 0;
    for (Operation &op : member.getBody().front()) {
      unsigned most = 0;
      for (func::FuncOp callee : derived.calleesOf(&op))
        if (members.contains(callee)) most = std::max(most, callee == function ? 1u : callsOnPath(callee));
      if (isa<graph::ScanOp>(op)) most *= 2;
      calls = std::min(2u, calls + most);
    }
    return calls;
  }

  /// Adds what is active in the function's calls of itself, where these operands are, and which of their results have a
  /// cotangent, where these results have one.
  void widen(func::FuncOp member, const Mask &given, const Paths &params, const Mask &wanted, Mask &arguments,
             Mask &results) {
    graph::Activity &activity = derived.activities();
    llvm::DenseSet<Value> varied = activity.varied(member, given, params),
                          useful = activity.useful(member, varied, wanted);
    auto mask = [](ValueRange of, const llvm::DenseSet<Value> &among) {
      Mask mask;
      for (Value value : of) mask.push_back(among.contains(value));
      return mask;
    };
    for (Operation &op : member.getBody().front()) {
      Mask of = mask(op.getResults(), useful);
      if (!callsMember(&op) || !llvm::is_contained(of, true)) continue;
      Mask active = mask(op.getOperands(), varied);
      if (isa<graph::IfOp>(op)) active.erase(active.begin());
      if (auto scan = dyn_cast<graph::ScanOp>(op)) {
        active = graph::controlActivity(activity, &op, active, params).regions[0].second;
        of = addCarried(activity, derived.calleesOf(&op)[0], active, params, scan.getIndex(), scan.getInits().size(),
                        of);
      }
      for (func::FuncOp callee : derived.calleesOf(&op)) {
        if (callee != function) {
          if (members.contains(callee)) widen(callee, active, params, of, arguments, results);
          continue;
        }
        for (size_t i = 0; i < active.size(); ++i) arguments[i] = arguments[i] || active[i];
        for (size_t i = 0; i < of.size(); ++i) results[i] = results[i] || of[i];
      }
    }
  }

  llvm::DenseSet<Operation *> members;

private:
  DerivedFunctions &derived;
  func::FuncOp function;
};

class RecursionReverse {
public:
  RecursionReverse(DerivedFunctions &derived, ReverseFunctions &made, func::FuncOp function, const Mask &active,
                   const Paths &params, const Mask &wanted)
      : derived(derived), made(made), function(function), circle(derived, function),
        reached(derived.activities().reached(function, active, params, wanted)) {
    threads = circle.threads();
    if (threads && derived.mayTape) {
      auto said = function->getAttrOfType<IntegerAttr>(circle.callsOnPath(function) > 1 ? graph::maxCallsAttr
                                                                                        : graph::maxDepthAttr);
      if (said) mostCalls = said.getInt();
    }
    for (const std::string &path : params)
      if (reached.params.count(path)) summed.push_back(path);
    declare(params, wanted);
    if (threads) circle.members.swap(derived.circle);
    std::string outer = threads ? " of recursion " + std::to_string(++derived.recursions) : "";
    std::swap(outer, derived.recursionKey);
    auto arguments = [](Value value, ArrayRef<Value>) { return isa<BlockArgument>(value); };
    once = makeReverse(derived, function, active, params, wanted, mostCalls ? IsThere(arguments) : IsThere());
    std::swap(outer, derived.recursionKey);
    if (threads) circle.members.swap(derived.circle);
  }

  void write(const Paths &params) {
    if (!threads) return writeWhole();
    if (mostCalls) chooseTapes();
    for (const std::string &path : summed) {
      back.sums[path] = back.moving.size();
      back.moving.push_back(sumType(derived.typeOf(path)));
    }
    if (mostCalls) {
      threadValues(derived, once.forward, made.forward, forth);
      writeForward();
    }
    threadValues(derived, once.backward, made.backward, back);
    writeBackward();
    if (mostCalls) startForward();
    startBackward(params);
  }

private:
  DerivedFunctions &derived;
  ReverseFunctions &made, once;
  func::FuncOp function;
  Circle circle;
  Activity::Reached reached;
  Paths summed; // params that have a gradient
  bool threads = false;
  std::optional<int64_t> mostCalls; // with a tape
  ThreadedValues forth, back;
  SmallVector<Type> tapes;
  DenseMap<int, unsigned> tapeOf; // by result of once.forward

  Location location() { return function.getLoc(); }
  Type heightType() { return RankedTensorType::get({}, IntegerType::get(function.getContext(), 32)); }

  /// What calls of the function see, inside it.
  void declare(const Paths &params, const Mask &wanted) {
    made.forward = function;
    if (mostCalls) {
      made.forward = derived.createBeside(function, ".fwd");
      graph::copyRecursion(function, made.forward);
      Builder b(function.getContext());
      made.forward->setAttr(graph::tapeCallsAttr, b.getI64IntegerAttr(*mostCalls));
      made.forward.setFunctionType(function.getFunctionType());
    }
    made.backward = derived.createBeside(function, ".bwd");
    graph::copyRecursion(function, made.backward);
    made.results = wanted;
    made.arguments = reached.arguments;
    for (const std::string &path : params) made.params.push_back(!threads && reached.params.count(path));
    made.accumulates = threads;
    Block &body = made.backward.getBody().front();
    for (auto [i, argument] : llvm::enumerate(function.getArguments())) {
      made.residuals.push_back(~int(i));
      body.addArgument(argument.getType(), argument.getLoc());
    }
    for (auto [type, has] : llvm::zip_equal(function.getResultTypes(), wanted))
      if (has) body.addArgument(type, location());
    SmallVector<Type> gradients;
    for (auto [type, has] : llvm::zip_equal(function.getArgumentTypes(), made.arguments))
      if (has) gradients.push_back(type);
    if (!threads)
      for (const std::string &path : summed) gradients.push_back(derived.typeOf(path));
    made.backward.setFunctionType(FunctionType::get(function.getContext(), body.getArgumentTypes(), gradients));
  }

  ValueRange argumentsOf(func::FuncOp of) {
    return ValueRange(of.getBody().front().getArguments()).take_front(function.getNumArguments());
  }

  /// @f.bwd where no values go along: gradients of params are results.
  void writeWhole() {
    Block &body = made.backward.getBody().front();
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder rules(location(), b);
    ValueRange given = argumentsOf(made.backward);
    auto primal = DerivedFunctions::createCall(b, location(), once.forward, given);
    SmallVector<Value> operands = once.residualsOf(given, primal.getResults()), results;
    llvm::append_range(operands, body.getArguments().drop_front(given.size()));
    ReverseFunctions::Gradients gradients = once.callBackward(b, location(), operands);
    ArrayRef<Type> types = made.backward.getResultTypes();
    auto add = [&](bool has, Value gradient) {
      if (has) results.push_back(gradient ? gradient : rules.filled(cast<RankedTensorType>(types[results.size()]), 0));
    };
    for (auto [has, gradient] : llvm::zip_equal(made.arguments, gradients.arguments)) add(has, gradient);
    for (auto [has, gradient] : llvm::zip_equal(made.params, gradients.params)) add(has, gradient);
    DerivedFunctions::finish(made.backward, results);
  }

  /// One stack for each residual that a call does not have as an argument.
  void chooseTapes() {
    func::FuncOp forward = once.forward;
    for (int residual : once.residuals) {
      if (residual < 0 || !tapeOf.try_emplace(residual, tapes.size()).second) continue;
      auto type = cast<RankedTensorType>(forward.getResultTypes()[residual]);
      graph::Shape shape = graph::shapeOf(type);
      shape.insert(shape.begin(), Dim(*mostCalls));
      tapes.push_back(graph::tensorType(shape, type.getElementType()));
    }
    forth.moving = tapes;
    forth.moving.push_back(heightType());
    back.fixed = tapes;
    back.moving.push_back(heightType());
    noteMemory();
  }

  /// For the report of the build.
  void noteMemory() {
    uint64_t bytes = 0;
    for (Type tape : tapes) bytes = llvm::SaturatingAdd(bytes, mostBytes(graph::rowOf(tape)));
    Builder b(function.getContext());
    Attribute name = function->getAttr(graph::recursionAttr);
    derived.noteMemory(function.getLoc(), "tape", llvm::SaturatingMultiply(bytes, uint64_t(*mostCalls)), *mostCalls,
                       b.getNamedAttr("recursion", name ? name : function.getSymNameAttr()));
  }

  /// @f.fwd: the body, then its residuals on the tape.
  void writeForward() {
    Block &body = made.forward.getBody().front();
    for (Type type : function.getArgumentTypes()) body.addArgument(type, location());
    for (Type type : forth.moving) body.addArgument(type, location());
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder rules(location(), b);
    auto call = DerivedFunctions::createCall(b, location(), once.forward, body.getArguments());
    ValueRange all = call.getResults();
    SmallVector<Value> results(all.take_front(function.getNumResults())), stacks(all.take_back(forth.moving.size()));
    Value height = stacks.pop_back_val();
    SmallVector<std::pair<unsigned, int>> pushed; // in the order of the tapes
    for (auto [residual, tape] : tapeOf) pushed.push_back({tape, residual});
    llvm::sort(pushed);
    for (auto [tape, residual] : pushed) stacks[tape] = graph::withRow(b, stacks[tape], all[residual], height);
    llvm::append_range(results, stacks);
    results.push_back(rules.add(height, 1));
    DerivedFunctions::finish(made.forward, results);
  }

  /// @f.bwd: residuals from the tape or by running the body again; then back.
  void writeBackward() {
    Block &body = made.backward.getBody().front();
    SmallVector<Value> cotangents(body.getArguments().drop_front(function.getNumArguments())), fixed, moving;
    for (Type type : back.fixed) fixed.push_back(body.addArgument(type, location()));
    for (Type type : back.moving) moving.push_back(body.addArgument(type, location()));
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder rules(location(), b);
    ValueRange given = argumentsOf(made.backward);
    SmallVector<Value> operands;
    if (mostCalls) {
      moving.front() = rules.add(moving.front(), -1);
      SmallVector<Value> rows;
      for (Value tape : fixed) rows.push_back(graph::rowAt(b, tape, moving.front()));
      for (int residual : once.residuals)
        operands.push_back(residual < 0 ? given[~residual] : rows[tapeOf.lookup(residual)]);
    } else {
      auto primal = DerivedFunctions::createCall(b, location(), once.forward, given);
      operands = once.residualsOf(given, primal.getResults());
    }
    llvm::append_range(operands, cotangents);
    llvm::append_range(operands, fixed);
    llvm::append_range(operands, moving);
    auto call = DerivedFunctions::createCall(b, location(), once.backward, operands);
    SmallVector<Value> results;
    unsigned next = 0;
    for (auto [i, has] : llvm::enumerate(made.arguments)) {
      Value gradient = once.arguments[i] ? call.getResult(next++) : Value();
      if (has) results.push_back(gradient ? gradient : rules.zeros(given[i]));
    }
    llvm::append_range(results, call.getResults().take_back(moving.size()));
    DerivedFunctions::finish(made.backward, results);
  }

  /// What others call: with an empty tape, and sums of zero.
  void startForward() {
    func::FuncOp start = derived.createBeside(function, ".start.fwd");
    Block &body = start.getBody().front();
    SmallVector<Value> operands;
    for (Type type : function.getArgumentTypes()) operands.push_back(body.addArgument(type, location()));
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder rules(location(), b);
    for (Type type : tapes) operands.push_back(b.create<graph::UnwrittenOp>(location(), type));
    operands.push_back(rules.scalar(b.getI32Type(), 0));
    auto call = DerivedFunctions::createCall(b, location(), made.forward, operands);
    DerivedFunctions::finish(start, call.getResults());
    made.forward = start;
    for (unsigned i = 0; i < forth.moving.size(); ++i) made.residuals.push_back(int(function.getNumResults() + i));
  }

  void startBackward(const Paths &params) {
    func::FuncOp start = derived.createBeside(function, ".start.bwd");
    Block &body = start.getBody().front();
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder rules(location(), b);
    SmallVector<Value> operands, tape, results;
    for (Type type : function.getArgumentTypes()) operands.push_back(body.addArgument(type, location()));
    for (Type type : forth.moving) tape.push_back(body.addArgument(type, location()));
    for (auto [type, has] : llvm::zip_equal(function.getResultTypes(), made.results))
      if (has) operands.push_back(body.addArgument(type, location()));
    llvm::append_range(operands, tape);
    for (const std::string &path : summed) operands.push_back(rules.filled(sumType(derived.typeOf(path)), 0));
    auto call = DerivedFunctions::createCall(b, location(), made.backward, operands);
    ValueRange sums = call.getResults().take_back(summed.size());
    llvm::append_range(results, call.getResults().take_front(llvm::count(made.arguments, true)));
    for (auto [path, sum] : llvm::zip_equal(summed, sums))
      results.push_back(rules.cast(sum, getElementTypeOrSelf(derived.typeOf(path))));
    DerivedFunctions::finish(start, results);
    made.backward = start;
    made.accumulates = false;
    for (auto [i, path] : llvm::enumerate(params)) made.params[i] = reached.params.count(path) != 0;
  }
};
} // namespace

void widenOfRecursion(DerivedFunctions &derived, func::FuncOp function, const Paths &params, Mask &arguments,
                      Mask &results) {
  Circle circle(derived, function);
  if (!circle.threads()) return;
  while (true) {
    Mask before = arguments, wanted = results;
    circle.widen(function, before, params, wanted, arguments, results);
    if (before == arguments && wanted == results) return;
  }
}

void makeReverseOfRecursion(DerivedFunctions &derived, ReverseFunctions &made, func::FuncOp function,
                            const Mask &arguments, const Paths &params, const Mask &results) {
  RecursionReverse(derived, made, function, arguments, params, results).write(params);
}

} // namespace graphc::autodiff
