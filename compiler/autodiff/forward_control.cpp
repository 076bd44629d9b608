// Forward mode of control flow: the same op, whose regions carry tangents beside values. Which turn comes, and which
// branch, is decided by the values alone. Which carries have tangents, controlActivity says. Each region gets a
// function around its own derivative that puts arguments and results in the order that the op wants, and zeros where a
// tangent is.
#include "compiler/autodiff/derived_functions.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/reverse_while.h"

using namespace mlir;

namespace graphc::autodiff {

namespace {
class ForwardControl {
public:
  ForwardControl(DerivedFunctions &derived, OpBuilder &b, Operation *op, ValueRange primals, ArrayRef<Value> tangents,
                 const Paths &params, ValueRange paramTangents)
      : derived(derived), b(b), rules(op->getLoc(), b), op(op), primals(primals), tangents(tangents), params(params),
        paramTangents(paramTangents),
        activity(graph::controlActivity(derived.activities(), op, maskOf(0, op->getNumOperands()), params)) {}

  /// The op's results, and a tangent for each, null for zero.
  std::pair<SmallVector<Value>, SmallVector<Value>> make() {
    if (auto branch = dyn_cast<graph::IfOp>(op)) return makeIf(branch);
    if (auto loop = dyn_cast<graph::WhileOp>(op)) return makeWhile(loop);
    if (auto reverse = dyn_cast<graph::ReverseWhileOp>(op)) return makeReverseWhile(reverse);
    return makeScan(cast<graph::ScanOp>(op));
  }

private:
  using Values = SmallVector<Value>;
  using Made = std::pair<Values, Values>;

  func::FuncOp callee(FlatSymbolRefAttr symbol) { return derived.find(symbol); }
  static bool any(const Mask &mask) { return llvm::is_contained(mask, true); }
  Mask maskOf(unsigned from, unsigned count) {
    Mask mask;
    for (unsigned i = from; i < from + count; ++i) mask.push_back(bool(tangents[i]));
    return mask;
  }
  static void append(Mask &to, const Mask &from) { to.insert(to.end(), from.begin(), from.end()); }

  /// The operands from `from` on, then their tangents as far as `mask` wants them.
  void addPairs(Values &to, unsigned from, const Mask &mask) {
    for (size_t i = 0; i < mask.size(); ++i) to.push_back(primals[from + i]);
    for (size_t i = 0; i < mask.size(); ++i)
      if (mask[i]) to.push_back(tangents[from + i] ? tangents[from + i] : rules.zeros(primals[from + i]));
  }

  /// A region that takes, group by group, values and then the tangents of those in the group's mask, then the tangents
  /// of params; gives, group by group, results and tangents of those in `resultMasks`. `derive`: false for a condition,
  /// which has no tangents.
  FlatSymbolRefAttr wrap(func::FuncOp region, ArrayRef<Mask> groups, ArrayRef<Mask> resultMasks, bool derive) {
    func::FuncOp made = derived.createBeside(region, ".jvp");
    Block &body = made.getBody().front();
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder zeros(region.getLoc(), inner);
    Values values, given;
    Mask active;
    unsigned position = 0;
    for (const Mask &group : groups) {
      unsigned begin = position;
      for (size_t i = 0; i < group.size(); ++i, ++position)
        values.push_back(body.addArgument(region.getArgumentTypes()[position], region.getLoc()));
      for (size_t i = 0; i < group.size(); ++i)
        if (group[i]) given.push_back(body.addArgument(region.getArgumentTypes()[begin + i], region.getLoc()));
      append(active, group);
    }
    Values ofParams;
    for (Value tangent : paramTangents) ofParams.push_back(body.addArgument(tangent.getType(), region.getLoc()));
    Values results, resultTangents;
    Paths read = derived.activities().paramsRead(region, params);
    if (!derive || (!any(active) && read.empty())) {
      results = Values(DerivedFunctions::createCall(inner, region.getLoc(), region, values).getResults());
      resultTangents.resize(results.size());
    } else {
      const ForwardFunction &inside = derived.forward(region, active, params);
      Values operands(values);
      operands.append(given);
      for (auto [path, tangent] : llvm::zip(params, ofParams))
        if (llvm::is_contained(read, path)) operands.push_back(tangent);
      auto call = DerivedFunctions::createCall(inner, region.getLoc(), inside.function, operands);
      unsigned next = region.getNumResults();
      for (unsigned i = 0; i < region.getNumResults(); ++i) {
        results.push_back(call.getResult(i));
        resultTangents.push_back(inside.tangents[i] ? call.getResult(next++) : Value());
      }
    }
    Values returned;
    position = 0;
    for (const Mask &group : resultMasks) {
      for (size_t i = 0; i < group.size(); ++i) returned.push_back(results[position + i]);
      for (size_t i = 0; i < group.size(); ++i)
        if (group[i])
          returned.push_back(resultTangents[position + i] ? resultTangents[position + i]
                                                          : zeros.zeros(results[position + i]));
      position += group.size();
    }
    DerivedFunctions::finish(made, returned);
    return FlatSymbolRefAttr::get(made.getSymNameAttr());
  }

  /// Takes what the new op gives apart again.
  Made takeApart(Operation *made, ArrayRef<Mask> groups) {
    Made result;
    unsigned position = 0;
    for (const Mask &group : groups) {
      for (size_t i = 0; i < group.size(); ++i) result.first.push_back(made->getResult(position++));
      for (size_t i = 0; i < group.size(); ++i)
        result.second.push_back(group[i] ? made->getResult(position++) : Value());
    }
    return result;
  }

  /// Types of results, group by group, as wrap orders them.
  SmallVector<Type> typesOf(TypeRange types, ArrayRef<Mask> groups) {
    SmallVector<Type> all;
    unsigned position = 0;
    for (const Mask &group : groups) {
      for (size_t i = 0; i < group.size(); ++i) all.push_back(types[position + i]);
      for (size_t i = 0; i < group.size(); ++i)
        if (group[i]) all.push_back(types[position + i]);
      position += group.size();
    }
    return all;
  }

  Made makeIf(graph::IfOp branch) {
    Mask captures = maskOf(1, branch.getCaptures().size());
    func::FuncOp yes = callee(branch.getThenFunctionAttr()), no = callee(branch.getElseFunctionAttr());
    Values operands;
    addPairs(operands, 1, captures);
    llvm::append_range(operands, paramTangents);
    auto made = b.create<graph::IfOp>(
        op->getLoc(), typesOf(op->getResultTypes(), activity.results), wrap(yes, captures, activity.results, true),
        wrap(no, captures, activity.results, true), primals[0], operands, branch.getTouchesStateAttr());
    return takeApart(made, activity.results);
  }

  Made makeWhile(graph::WhileOp loop) {
    unsigned count = loop.getInits().size();
    Mask captures = maskOf(count, loop.getCaptures().size());
    SmallVector<Mask> groups{Mask(loop.getIndex(), false), activity.carries, captures};
    Values inits, further;
    addPairs(inits, 0, activity.carries);
    addPairs(further, count, captures);
    llvm::append_range(further, paramTangents);
    Mask collected(activity.results.begin() + count + 1, activity.results.end());
    SmallVector<Mask> results{activity.carries, Mask(1, false), collected}, given{activity.carries};
    if (!graph::checkpointRows(loop)) given.push_back(collected); // which no turn gives
    auto made = b.create<graph::WhileOp>(op->getLoc(), typesOf(op->getResultTypes(), results),
                                         wrap(callee(loop.getConditionAttr()), groups, Mask(1, false), false),
                                         wrap(callee(loop.getBodyAttr()), groups, given, true), inits, further,
                                         loop.getLimitAttr(), loop.getStopAttr(), loop.getIndexAttr(),
                                         loop.getTouchesStateAttr(), loop.getGradAttr());
    made->setDiscardableAttrs(loop->getDiscardableAttrDictionary()); // checkpoints
    return takeApart(made, results);
  }

  Made makeReverseWhile(graph::ReverseWhileOp loop) {
    unsigned count = loop.getCheckpoints().size(), further = 1 + count, first = further + loop.getCaptures().size();
    Mask captures = maskOf(further, loop.getCaptures().size()), index(loop.getIndex(), false);
    Values checkpoints, seen, inits;
    addPairs(checkpoints, 1, activity.carries);
    addPairs(seen, further, captures);
    llvm::append_range(seen, paramTangents);
    addPairs(inits, first, activity.results);
    SmallVector<Mask> before{index, activity.carries, captures}, after{activity.carries, activity.residuals},
        back{index, activity.carries, activity.carries, activity.residuals, activity.results, captures};
    SmallVector<Type> types(loop.getResiduals().getAsValueRange<TypeAttr>());
    SmallVector<Type> residuals = typesOf(types, activity.residuals);
    auto made =
        b.create<graph::ReverseWhileOp>(op->getLoc(), typesOf(op->getResultTypes(), activity.results),
                                        wrap(callee(loop.getForwardAttr()), before, after, true),
                                        wrap(callee(loop.getBackwardAttr()), back, activity.results, true), primals[0],
                                        checkpoints, seen, inits, b.getTypeArrayAttr(residuals), loop.getSlotsAttr(),
                                        loop.getTapeAttr(), loop.getIndexAttr(), loop.getTouchesStateAttr());
    return takeApart(made, activity.results);
  }

  Made makeScan(graph::ScanOp scan) {
    unsigned count = scan.getInits().size(), sequences = scan.getOver().size();
    Mask over = maskOf(count, sequences), captures = maskOf(count + sequences, scan.getCaptures().size());
    Mask collected(activity.results.begin() + count, activity.results.end());
    Values inits, slices, further;
    addPairs(inits, 0, activity.carries);
    addPairs(slices, count, over);
    addPairs(further, count + sequences, captures);
    llvm::append_range(further, paramTangents);
    SmallVector<Mask> groups{Mask(scan.getIndex(), false), activity.carries, over, captures},
        given{activity.carries, collected};
    auto made = b.create<graph::ScanOp>(
        op->getLoc(), typesOf(op->getResultTypes(), given), wrap(callee(scan.getBodyAttr()), groups, given, true),
        inits, slices, further, scan.getCount() ? primals.back() : Value(), scan.getLengthAttr(), scan.getReverseAttr(),
        scan.getIndexAttr(), scan.getTouchesStateAttr(), scan.getGradAttr());
    made->setDiscardableAttrs(scan->getDiscardableAttrDictionary()); // segments
    return takeApart(made, given);
  }

  DerivedFunctions &derived;
  OpBuilder &b;
  graph::RuleBuilder rules;
  Operation *op;
  ValueRange primals;
  ArrayRef<Value> tangents;
  const Paths &params;
  ValueRange paramTangents;
  graph::ControlActivity activity;
};
} // namespace

std::pair<SmallVector<Value>, SmallVector<Value>> forwardOfControl(DerivedFunctions &derived, OpBuilder &b,
                                                                   Operation *op, ValueRange primals,
                                                                   ArrayRef<Value> tangents, const Paths &params,
                                                                   ValueRange paramTangents) {
  return ForwardControl(derived, b, op, primals, tangents, params, paramTangents).make();
}

} // namespace graphc::autodiff
