// thread_values.h.
#include "compiler/autodiff/thread_values.h"
#include "dialects/graph/accumulation.h"
#include "dialects/graph/control_flow.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace graphc::autodiff {
namespace {

class Threading {
public:
  Threading(DerivedFunctions &derived, func::FuncOp root, func::FuncOp declared, const ThreadedValues &values)
      : derived(derived), root(root), declared(declared), values(values) {}

  void run() {
    findCarriers();
    for (Operation *function : carriers)
      if (function != declared) thread(cast<func::FuncOp>(function));
  }

private:
  void findCarriers() {
    llvm::SetVector<Operation *> reached;
    reached.insert(root);
    for (size_t i = 0; i < reached.size(); ++i)
      if (reached[i] != declared)
        for (Operation &op : cast<func::FuncOp>(reached[i]).getBody().front())
          for (func::FuncOp callee : derived.calleesOf(&op)) reached.insert(callee);
    carriers.insert(root);
    carriers.insert(declared);
    for (bool found = true; found;) {
      found = false;
      for (Operation *function : reached) {
        if (function == declared) continue;
        for (Operation &op : cast<func::FuncOp>(function).getBody().front()) {
          SmallVector<func::FuncOp> callees = derived.calleesOf(&op);
          bool carries =
              op.hasAttr(addsGradientAttr) || llvm::any_of(callees, [&](func::FuncOp one) { return isCarrier(one); });
          if (!carries) continue;
          found |= carriers.insert(function);
          for (func::FuncOp callee : callees) found |= carriers.insert(callee); // both branches
          if (auto scan = dyn_cast<graph::ScanOp>(op)) {                        // they are carries of it
            unsigned carries = scan.getInits().size();
            turns[callees[0]] = {carries + scan.getIndex(), carries};
          }
        }
      }
    }
  }
  bool isCarrier(func::FuncOp function) { return carriers.contains(function); }

  void thread(func::FuncOp function) {
    Block &body = function.getBody().front();
    SmallVector<Value> fixed, now;
    auto turn = turns.find(function);
    for (Type type : values.fixed) fixed.push_back(body.addArgument(type, function.getLoc()));
    for (auto [i, type] : llvm::enumerate(values.moving)) {
      unsigned at = turn == turns.end() ? body.getNumArguments() : turn->second.argument + i;
      now.push_back(body.insertArgument(at, type, function.getLoc()));
    }
    for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
      if (op.hasAttr(addsGradientAttr)) {
        auto write = cast<graph::WriteParameterOp>(op);
        OpBuilder b(write);
        Value &sum = now[values.sums.lookup(write.getParameter())];
        sum = graph::addedTo(b, sum, write.getValue());
        op.erase();
      } else if (llvm::any_of(derived.calleesOf(&op), [&](func::FuncOp one) { return isCarrier(one); })) {
        passAlong(op, fixed, now);
      }
    }
    SmallVector<Value> results(body.getTerminator()->getOperands());
    results.insert(turn == turns.end() ? results.end() : results.begin() + turn->second.result, now.begin(), now.end());
    body.getTerminator()->erase();
    DerivedFunctions::finish(function, results);
  }

  /// The call or branch with the values behind its operands and results, or the scan with them as carries.
  void passAlong(Operation &op, ArrayRef<Value> fixed, SmallVector<Value> &now) {
    OpBuilder b(&op);
    if (auto scan = dyn_cast<graph::ScanOp>(op)) return passAlongTurns(scan, b, fixed, now);
    SmallVector<Value> operands(op.getOperands());
    llvm::append_range(operands, fixed);
    llvm::append_range(operands, now);
    SmallVector<Type> types(op.getResultTypes());
    llvm::append_range(types, values.moving);
    Operation *made;
    if (auto branch = dyn_cast<graph::IfOp>(op))
      made = b.create<graph::IfOp>(op.getLoc(), types, branch.getThenFunctionAttr(), branch.getElseFunctionAttr(),
                                   operands.front(), ArrayRef(operands).drop_front(), branch.getTouchesStateAttr());
    else
      made = b.create<graph::CallOp>(op.getLoc(), types, cast<graph::CallOp>(op).getCalleeAttr(), operands);
    unsigned own = op.getNumResults();
    op.replaceAllUsesWith(made->getResults().take_front(own));
    now.assign(made->result_begin() + own, made->result_end());
    op.erase();
  }

  void passAlongTurns(graph::ScanOp scan, OpBuilder &b, ArrayRef<Value> fixed, SmallVector<Value> &now) {
    unsigned carries = scan.getInits().size();
    SmallVector<Value> inits(scan.getInits()), captures(scan.getCaptures());
    llvm::append_range(inits, now);
    llvm::append_range(captures, fixed);
    SmallVector<Type> types(scan.getResultTypes());
    types.insert(types.begin() + carries, values.moving.begin(), values.moving.end());
    auto made = b.create<graph::ScanOp>(scan.getLoc(), types, scan.getBodyAttr(), inits, scan.getOver(), captures,
                                        scan.getCount(), scan.getLengthAttr(), scan.getReverseAttr(),
                                        scan.getIndexAttr(), scan.getTouchesStateAttr(), scan.getGradAttr());
    SmallVector<Value> own(made.result_begin(), made.result_begin() + carries);
    now.assign(made.result_begin() + carries, made.result_begin() + carries + now.size());
    own.append(made.result_begin() + carries + now.size(), made.result_end());
    scan->replaceAllUsesWith(own);
    scan.erase();
  }

  DerivedFunctions &derived;
  func::FuncOp root, declared;
  const ThreadedValues &values;
  struct Turn {
    unsigned argument, result; // where the values stand in a function of a scan's turn
  };
  DenseMap<Operation *, Turn> turns;
  llvm::SetVector<Operation *> carriers;
};
} // namespace

void threadValues(DerivedFunctions &derived, func::FuncOp root, func::FuncOp declared, const ThreadedValues &values) {
  Threading(derived, root, declared, values).run();
}

} // namespace graphc::autodiff
