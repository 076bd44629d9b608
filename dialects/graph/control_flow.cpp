// The ops that call functions of the graph: what each passes to which (Calling), and their verification, which is one
// for all: a callee takes what it gets, with its dims bound by that, and gives what the op says. Then what derivatives
// ask of them.
#include "dialects/graph/control_flow.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/custom_derivative.h"
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/structure.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphc::graph;

#include "dialects/graph/calling.cpp.inc"

static bool isSameKind(Type a, Type b) {
  auto x = dyn_cast<RankedTensorType>(a), y = dyn_cast<RankedTensorType>(b);
  return x && y && x.getElementType() == y.getElementType() && x.getRank() == y.getRank() && isNamed(x) && isNamed(y);
}

LogicalResult graphc::graph::verifyCall(Operation *op, SymbolTableCollection &tables, const CalledFunction &call,
                                        TypeRange results) {
  auto callee = tables.lookupNearestSymbolFrom<func::FuncOp>(op, call.callee);
  if (!callee) return op->emitOpError("function ") << call.callee << " does not exist";
  if (callee.getNumArguments() != call.operands.size() || callee.getNumResults() != results.size() ||
      !llvm::all_of(llvm::zip(callee.getArgumentTypes(), call.operands),
                    [](auto pair) { return isSameKind(std::get<0>(pair), std::get<1>(pair)); }))
    return op->emitOpError("does not fit the signature of ") << call.callee;
  BoundDims bound = bindDims(callee.getArgumentTypes(), call.operands);
  if (bound.conflict) return op->emitOpError("passes a size that ") << call.callee << " does not take";
  for (auto [declared, result] : llvm::zip(callee.getResultTypes(), results))
    if (substituteDims(declared, bound) != result)
      return op->emitOpError("gives ") << result << " where " << call.callee << " gives "
                                       << substituteDims(declared, bound);
  return success();
}

static Type scalar(Type element) { return RankedTensorType::get({}, element); }

RankedTensorType graphc::graph::turnType(MLIRContext *context) {
  return RankedTensorType::get({}, IntegerType::get(context, 64));
}

RankedTensorType graphc::graph::rowOf(Type rows) {
  auto tensor = cast<RankedTensorType>(rows);
  Shape shape = shapeOf(tensor);
  return tensorType(ArrayRef(shape).drop_front(std::min<size_t>(1, shape.size())), tensor.getElementType());
}

RankedTensorType graphc::graph::rowsOf(Type row, const Dim &count) {
  auto tensor = cast<RankedTensorType>(row);
  Shape shape = shapeOf(tensor);
  shape.insert(shape.begin(), count);
  return tensorType(shape, tensor.getElementType());
}

static bool isAlong(Type type, const Dim &turns) {
  auto sequence = cast<RankedTensorType>(type);
  return isNamed(sequence) && sequence.getRank() > 0 && shapeOf(sequence)[0] == turns;
}

SmallVector<CalledFunction> CallOp::calls() {
  return {{getCalleeAttrName(), getCalleeAttr(), SmallVector<Type>(getOperandTypes())}};
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyCall(*this, tables, calls()[0], getResultTypes());
}

/// Without what the derivative takes beside the function's own operands.
SmallVector<CalledFunction> DerivativeOp::calls() {
  size_t further = getKind() == "vjp" ? getOf().size() : getKind() == "jvp" ? getWrt().size() + getParams().size() : 0;
  TypeRange types = getOperandTypes();
  return {{getCalleeAttrName(), getCalleeAttr(),
           SmallVector<Type>(types.take_front(types.size() - std::min(further, types.size())))}};
}

SmallVector<CalledFunction> IfOp::calls() {
  SmallVector<Type> operands(getCaptures().getTypes());
  return {{getThenFunctionAttrName(), getThenFunctionAttr(), operands},
          {getElseFunctionAttrName(), getElseFunctionAttr(), operands}};
}

LogicalResult IfOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (getCondition().getType() != scalar(IntegerType::get(getContext(), 1)))
    return emitOpError("needs a bool scalar as its condition");
  for (const CalledFunction &branch : calls())
    if (failed(verifyCall(*this, tables, branch, getResultTypes()))) return failure();
  return success();
}

SmallVector<CalledFunction> WhileOp::calls() {
  SmallVector<Type> operands;
  if (getIndex()) operands.push_back(turnType(getContext()));
  llvm::append_range(operands, getInits().getTypes());
  llvm::append_range(operands, getCaptures().getTypes());
  return {{getConditionAttrName(), getConditionAttr(), operands}, {getBodyAttrName(), getBodyAttr(), operands}};
}

LogicalResult WhileOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (getLimit() && shapeOf(*getLimit()).size() != 1) return emitOpError("needs one size as its limit");
  size_t count = getInits().size();
  if (getNumResults() < count + 1 || getResult(count).getType() != turnType(getContext()))
    return emitOpError("needs one result per carry and the number of turns");
  TypeRange rows = TypeRange(getResultTypes()).drop_front(count + 1);
  if (std::optional<int64_t> checkpoints = checkpointRows(*this)) {
    if (*checkpoints < 2 || *checkpoints % 2) return emitOpError("needs an even number of rows for its checkpoints");
    SmallVector<Type> kept;
    for (Type carry : getInits().getTypes()) kept.push_back(rowsOf(carry, *checkpoints));
    if (TypeRange(kept) != rows) return emitOpError("has checkpoints of other types than its carries");
  } else {
    if (!rows.empty() && !getLimit()) return emitOpError("collects without a limit");
    for (Type type : rows)
      if (!isAlong(type, Dim::ofShape(*getLimit(), 0)))
        return emitOpError("collects along another axis than its turns");
  }
  SmallVector<CalledFunction> callees = calls();
  Type condition = scalar(IntegerType::get(getContext(), 1));
  SmallVector<Type> given(getInits().getTypes());
  if (TypeRange(given) != getResults().take_front(count).getTypes())
    return emitOpError("has a carry that changes its type");
  llvm::append_range(given, collectedTypes());
  return success(succeeded(verifyCall(*this, tables, callees[0], condition)) &&
                 succeeded(verifyCall(*this, tables, callees[1], given)));
}

SmallVector<Type> WhileOp::collectedTypes() {
  SmallVector<Type> types;
  if (checkpointRows(*this)) return types;
  for (Type type : TypeRange(getResultTypes()).drop_front(getInits().size() + 1)) types.push_back(rowOf(type));
  return types;
}

Dim ScanOp::turns() { return Dim::ofShape(getLength(), 0); }

SmallVector<CalledFunction> ScanOp::calls() {
  SmallVector<Type> operands;
  if (getIndex()) operands.push_back(turnType(getContext()));
  llvm::append_range(operands, getInits().getTypes());
  for (Type type : getOver().getTypes()) operands.push_back(rowOf(type));
  llvm::append_range(operands, getCaptures().getTypes());
  return {{getBodyAttrName(), getBodyAttr(), operands}};
}

LogicalResult ScanOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (shapeOf(getLength()).size() != 1) return emitOpError("needs one size as its length");
  if (getCount() && getCount().getType() != turnType(getContext()))
    return emitOpError("needs an i64 scalar as its count");
  auto alongTurns = [&](Type type) { return isAlong(type, turns()); };
  size_t carries = getInits().size();
  if (getNumResults() < carries) return emitOpError("needs one result per carry");
  if (!llvm::all_of(getOver().getTypes(), alongTurns) ||
      !llvm::all_of(getResults().drop_front(carries).getTypes(), alongTurns))
    return emitOpError("has a sequence of another length");
  if (getInits().getTypes() != getResults().take_front(carries).getTypes())
    return emitOpError("has a carry that changes its type");
  SmallVector<Type> given(getInits().getTypes());
  for (Value collected : getResults().drop_front(carries)) given.push_back(rowOf(collected.getType()));
  return verifyCall(*this, tables, calls()[0], given);
}

Operation *graphc::graph::findDerivedControl(func::FuncOp function) {
  enum { Again = 1, Reversed = 2 }; // its derivative is derived; its way back is
  llvm::SetVector<std::pair<Operation *, unsigned>> reached;
  auto find = [&](Operation *from, FlatSymbolRefAttr name, unsigned how) {
    if (auto callee = name ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(from, name) : func::FuncOp())
      reached.insert({callee, how});
  };
  reached.insert({function, 0});
  for (size_t i = 0; i < reached.size(); ++i) {
    auto [op, how] = reached[i];
    auto at = cast<func::FuncOp>(op);
    CustomDerivative custom = customDerivativeOf(at);
    if (custom) {
      if (how & Again)
        for (FlatSymbolRefAttr rule : {custom.jvp, custom.vjp, custom.forward}) find(at, rule, 0);
      else if (custom.vjp) // a transposed rule is derived
        SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(at, custom.vjp).walk([&](DerivativeOp derivative) {
          find(derivative, derivative.getCalleeAttr(), 0);
        });
      if (!custom.derivesItself) continue; // the rules take the body's place
    }
    Operation *found = nullptr;
    unsigned from = how; // a lambda cannot take a part of a pair
    at.walk([&](Calling calling) {
      auto loop = dyn_cast<WhileOp>(calling.getOperation());
      if (!found && loop && isOnline(loop)) {
        auto body = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(loop, loop.getBodyAttr());
        if (from & Reversed || !mayRunAgain(body)) found = calling;
      }
      auto derivative = dyn_cast<DerivativeOp>(calling.getOperation());
      unsigned inside = !derivative ? from : derivative.getKind() == "jvp" ? from | Again : from | Again | Reversed;
      for (const CalledFunction &call : calling.calls()) find(calling, call.callee, inside);
    });
    if (found) return found;
  }
  return nullptr;
}

bool graphc::graph::mayRunAgain(func::FuncOp function) {
  SymbolTable symbols(function->getParentOfType<ModuleOp>());
  return llvm::none_of(functionsBelow(function, symbols), [](Operation *below) {
    return below
        ->walk([](Operation *op) {
          auto read = dyn_cast<ReadParameterOp>(op);
          bool touches = isa<WriteParameterOp>(op) || (read && read.getState());
          return touches ? WalkResult::interrupt() : WalkResult::advance();
        })
        .wasInterrupted();
  });
}

bool graphc::graph::isControl(Operation *op) { return isa<IfOp, WhileOp, ScanOp, ReverseWhileOp>(op); }

/// What `body` gives if carries, its arguments from `first` on, depend on what they did before a turn or after one.
/// `arguments`: of the body; what is found is marked there.
static Mask resultsAfterTurns(Activity &activity, func::FuncOp body, Mask &arguments, size_t first, size_t count,
                              const Paths &params) {
  Mask results;
  for (bool added = true; added;) {
    added = false;
    results = activity.variedResults(body, arguments, activity.paramsRead(body, params));
    for (size_t i = 0; i < count; ++i)
      if (results[i] && !arguments[first + i]) added = arguments[first + i] = true;
  }
  return results;
}

static ControlActivity reverseWhileActivity(Activity &activity, ReverseWhileOp op, func::FuncOp forward,
                                            func::FuncOp backward, const Mask &operands, const Paths &params) {
  ControlActivity found;
  size_t carries = op.getCheckpoints().size(), index = op.getIndex();
  auto checkpoints = operands.begin() + 1, captures = checkpoints + carries, inits = captures + op.getCaptures().size();
  Mask arguments(index, false);
  arguments.insert(arguments.end(), checkpoints, inits);
  Mask results = resultsAfterTurns(activity, forward, arguments, index, carries, params);
  found.carries.assign(arguments.begin() + index, arguments.begin() + index + carries);
  found.residuals.assign(results.begin() + carries, results.end());
  found.regions.push_back({forward, arguments});
  arguments.assign(index, false);
  for (const Mask *group : {&found.carries, &found.carries, &found.residuals})
    arguments.insert(arguments.end(), group->begin(), group->end());
  size_t first = arguments.size();
  arguments.insert(arguments.end(), inits, operands.end());
  arguments.insert(arguments.end(), captures, inits);
  resultsAfterTurns(activity, backward, arguments, first, op.getInits().size(), params);
  found.results.assign(arguments.begin() + first, arguments.begin() + first + op.getInits().size());
  found.regions.push_back({backward, arguments});
  return found;
}

ControlActivity graphc::graph::controlActivity(Activity &activity, Operation *op, const Mask &operands,
                                               const Paths &params) {
  ControlActivity found;
  auto resultsOf = [&](func::FuncOp region, const Mask &arguments) {
    return activity.variedResults(region, arguments, activity.paramsRead(region, params));
  };
  auto regionOf = [&](FlatSymbolRefAttr symbol) {
    return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol);
  };
  if (auto branch = dyn_cast<IfOp>(op)) {
    Mask captures(operands.begin() + 1, operands.end());
    for (FlatSymbolRefAttr symbol : {branch.getThenFunctionAttr(), branch.getElseFunctionAttr()}) {
      found.regions.push_back({regionOf(symbol), captures});
      Mask results = resultsOf(found.regions.back().first, captures);
      found.results.resize(results.size());
      for (size_t i = 0; i < results.size(); ++i) found.results[i] = found.results[i] || results[i];
    }
    return found;
  }
  if (auto reverse = dyn_cast<ReverseWhileOp>(op))
    return reverseWhileActivity(activity, reverse, regionOf(reverse.getForwardAttr()),
                                regionOf(reverse.getBackwardAttr()), operands, params);
  auto loop = dyn_cast<WhileOp>(op);
  auto scan = dyn_cast<ScanOp>(op);
  bool counted = scan && scan.getCount(); // the last operand, which no region takes
  bool index = loop ? loop.getIndex() : scan.getIndex();
  size_t count = loop ? loop.getInits().size() : scan.getInits().size();
  func::FuncOp body = regionOf(loop ? loop.getBodyAttr() : scan.getBodyAttr());
  Mask arguments(index, false);
  arguments.insert(arguments.end(), operands.begin(), operands.end() - counted);
  Mask results = resultsAfterTurns(activity, body, arguments, index, count, params);
  found.carries.assign(arguments.begin() + index, arguments.begin() + index + count);
  found.regions.push_back({body, arguments});
  found.results = found.carries;
  if (loop) found.results.push_back(false); // the number of turns
  if (loop && checkpointRows(loop))
    found.results.insert(found.results.end(), found.carries.begin(), found.carries.end());
  else
    found.results.insert(found.results.end(), results.begin() + count, results.end());
  return found;
}
