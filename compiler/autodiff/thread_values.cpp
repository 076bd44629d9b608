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
  SmallVector<func::FuncOp> calleesOf(Operation *op) {
    SmallVector<func::FuncOp> found;
    if (auto calling = dyn_cast<graph::Calling>(op))
      for (const graph::CalledFunction &call : calling.calls()) found.push_back(derived.find(call.callee));
    return found;
  }

  void findCarriers() {
    llvm::SetVector<Operation *> reached;
    reached.insert(root);
    for (size_t i = 0; i < reached.size(); ++i)
      if (reached[i] != declared)
        for (Operation &op : cast<func::FuncOp>(reached[i]).getBody().front())
          for (func::FuncOp callee : calleesOf(&op)) reached.insert(callee);
    carriers.insert(root);
    carriers.insert(declared);
    for (bool found = true; found;) {
      found = false;
      for (Operation *function : reached) {
        if (function == declared) continue;
        for (Operation &op : cast<func::FuncOp>(function).getBody().front()) {
          SmallVector<func::FuncOp> callees = calleesOf(&op);
          bool carries =
              op.hasAttr(addsGradientAttr) || llvm::any_of(callees, [&](func::FuncOp one) { return isCarrier(one); });
          if (!carries) continue;
          found |= carriers.insert(function);
          for (func::FuncOp callee : callees) found |= carriers.insert(callee); // both branches
        }
      }
    }
  }
  bool isCarrier(func::FuncOp function) { return carriers.contains(function); }

  void thread(func::FuncOp function) {
    Block &body = function.getBody().front();
    SmallVector<Value> fixed, now;
    for (Type type : values.fixed) fixed.push_back(body.addArgument(type, function.getLoc()));
    for (Type type : values.moving) now.push_back(body.addArgument(type, function.getLoc()));
    for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
      if (op.hasAttr(addsGradientAttr)) {
        auto write = cast<graph::WriteParameterOp>(op);
        OpBuilder b(write);
        Value &sum = now[values.sums.lookup(write.getParameter())];
        sum = graph::addedTo(b, sum, write.getValue());
        op.erase();
      } else if (llvm::any_of(calleesOf(&op), [&](func::FuncOp one) { return isCarrier(one); })) {
        passAlong(op, fixed, now);
      }
    }
    SmallVector<Value> results(body.getTerminator()->getOperands());
    llvm::append_range(results, now);
    body.getTerminator()->erase();
    DerivedFunctions::finish(function, results);
  }

  /// The call or branch with the values behind its operands and results.
  void passAlong(Operation &op, ArrayRef<Value> fixed, SmallVector<Value> &now) {
    OpBuilder b(&op);
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

  DerivedFunctions &derived;
  func::FuncOp root, declared;
  const ThreadedValues &values;
  llvm::SetVector<Operation *> carriers;
};
} // namespace

void threadValues(DerivedFunctions &derived, func::FuncOp root, func::FuncOp declared, const ThreadedValues &values) {
  Threading(derived, root, declared, values).run();
}

} // namespace graphc::autodiff
