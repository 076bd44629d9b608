// hoist_from_recursion.h. Which arguments are only handed on: two arguments, of a caller and of a callee in the circle,
// are of one class if a call passes the one for the other; a class counts if no call passes it anything else and no
// function has two of its arguments.
#include "compiler/lower/fuse/hoist_from_recursion.h"
#include "compiler/lower/entries.h"
#include "dialects/kern/checkpoint_ops.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace graphc;

bool lower::isSameEverywhere(Operation *maker) {
  auto read = dyn_cast<kern::ReadParameterOp>(maker);
  return isa<arith::ConstantOp>(maker) || (read && !read.getState());
}

bool lower::isRepeatable(Operation *op) {
  auto run = cast<kern::RunOp>(op);
  auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
  if (!kernel || kernel.getMayFail() || run->hasAttr(kern::touchesStateAttr) || !run->getNumResults()) return false;
  return llvm::all_of(run->getResultTypes(), [](Type type) { return cast<RankedTensorType>(type).hasStaticShape(); });
}

unsigned lower::tensorArguments(func::FuncOp function) {
  return llvm::count_if(function.getArgumentTypes(), llvm::IsaPred<RankedTensorType>);
}

namespace {
class RecursionHoisting {
public:
  explicit RecursionHoisting(ArrayRef<func::FuncOp> circle)
      : circle(circle), members(circle.begin(), circle.end()),
        module(func::FuncOp(circle.front())->getParentOfType<ModuleOp>()) {}

  bool run() {
    addOwned();
    if (!findCalls()) return false;
    findHandedOn();
    findWritten();
    bool moved = false;
    for (func::FuncOp member : circle) {
      if (member->hasAttr(lower::controlAttr)) continue;
      SmallVector<kern::RunOp> found;
      for (auto run : member.getOps<kern::RunOp>())
        if (isInvariant(run)) found.push_back(run);
      std::vector<IRMapping> outside(outer.size());
      for (kern::RunOp run : found) hoist(run, member, outside);
      moved |= !found.empty();
    }
    return moved;
  }

private:
  /// A call of a member: what it passes for the callee's last tensor arguments, from `first` on.
  struct Call {
    Operation *op;
    func::FuncOp callee;
    unsigned first;
  };

  static MutableOperandRange passedBy(Operation *op) {
    if (auto run = dyn_cast<kern::RunOp>(op)) return run.getInsMutable();
    if (auto branch = dyn_cast<kern::IfOp>(op)) return branch.getCapturesMutable();
    if (auto scan = dyn_cast<kern::ScanOp>(op)) return scan.getCapturesMutable();
    return cast<kern::WhileOp>(op).getCapturesMutable();
  }
  static unsigned passedCount(Operation *op) { // of a run the sizes follow
    OperandRange all(passedBy(op));
    return llvm::count_if(all.getTypes(), llvm::IsaPred<RankedTensorType>);
  }

  /// What nobody calls but members counts as one: a branch that ends the recursion reads weights, too.
  void addOwned() {
    auto callers = lower::callersIn(module);
    auto isInside = [&](Operation *caller) { return members.contains(caller->getParentOfType<func::FuncOp>()); };
    for (size_t i = 0; i < circle.size(); ++i)
      circle[i].walk([&](Operation *op) {
        for (func::FuncOp callee : lower::calledFunctions(op))
          if (llvm::all_of(callers[callee], isInside) && members.insert(callee).second) circle.push_back(callee);
      });
  }

  /// False if something calls a member in a way that cannot pass more.
  bool findCalls() {
    bool good = llvm::none_of(circle, [](func::FuncOp member) { return lower::isEntry(member); });
    module.walk([&](Operation *op) {
      bool isInside = members.contains(op->getParentOfType<func::FuncOp>());
      for (func::FuncOp callee : lower::calledFunctions(op)) {
        if (!members.contains(callee)) { // an op's functions take the same
          good &= isa<kern::RunOp>(op) || !isInside;
        } else if (isa<kern::RunOp>(op) || (isInside && isa<kern::IfOp, kern::ScanOp, kern::WhileOp>(op))) {
          (isInside ? inner : outer).push_back({op, callee, lower::tensorArguments(callee) - passedCount(op)});
        } else {
          good = false;
        }
      }
    });
    return good && !outer.empty();
  }

  Value passed(const Call &call, unsigned argument) {
    if (argument < call.first) return {};
    return passedBy(call.op)[argument - call.first].get();
  }

  void findHandedOn() {
    for (Call &call : inner) {
      auto caller = call.op->getParentOfType<func::FuncOp>();
      for (unsigned i = 0; i < lower::tensorArguments(call.callee); ++i) {
        void *argument = call.callee.getArgument(i).getAsOpaquePointer();
        auto given = dyn_cast_or_null<BlockArgument>(passed(call, i));
        if (given && given.getOwner() == &caller.getBody().front())
          classes.unionSets(argument, given.getAsOpaquePointer());
        else
          varying.push_back(argument);
      }
    }
    for (func::FuncOp member : circle) {
      DenseSet<void *> seen;
      for (BlockArgument argument : member.getArguments()) {
        void *leader = leaderOf(argument);
        if (leader && !seen.insert(leader).second) varying.push_back(leader);
      }
    }
    for (void *argument : varying)
      if (auto it = classes.findLeader(argument); it != classes.member_end()) changing.insert(*it);
  }
  void *leaderOf(Value argument) {
    auto it = classes.findLeader(argument.getAsOpaquePointer());
    return it == classes.member_end() ? nullptr : *it;
  }

  /// Params that something in the circle, or what it calls, writes.
  void findWritten() {
    SmallVector<func::FuncOp> open(circle);
    DenseSet<Operation *> seen(members);
    while (!open.empty())
      open.pop_back_val().walk([&](Operation *op) {
        if (auto write = dyn_cast<kern::WriteParameterOp>(op)) written.insert(write.getParameter());
        for (func::FuncOp callee : lower::calledFunctions(op))
          if (seen.insert(callee).second) open.push_back(callee);
      });
  }

  /// What the outer call passes for what `argument` is everywhere; null if its callee has none such.
  Value passedFrom(Call &call, Value argument) {
    void *leader = leaderOf(argument);
    if (!leader || changing.contains(leader)) return {};
    for (unsigned i = 0; i < lower::tensorArguments(call.callee); ++i)
      if (leaderOf(call.callee.getArgument(i)) == leader) return passed(call, i);
    return {};
  }

  bool isInvariant(kern::RunOp run) {
    if (!lower::isRepeatable(run)) return false;
    bool is = llvm::all_of(run.getIns(), [&](Value value) {
      if (Operation *maker = value.getDefiningOp()) {
        auto read = dyn_cast<kern::ReadParameterOp>(maker);
        if (read && written.contains(read.getParameter())) return false;
        return lower::isSameEverywhere(maker) || invariant.contains(maker);
      }
      return llvm::all_of(outer, [&](Call &call) { return bool(passedFrom(call, value)); });
    });
    if (is) invariant.insert(run);
    return is;
  }

  void hoist(kern::RunOp run, func::FuncOp member, std::vector<IRMapping> &outside) {
    for (auto [call, values] : llvm::zip_equal(outer, outside)) {
      OpBuilder b(call.op);
      for (Value operand : run->getOperands()) {
        if (values.contains(operand)) continue;
        if (isa<BlockArgument>(operand))
          values.map(operand, passedFrom(call, operand));
        else
          b.clone(*operand.getDefiningOp(), values); // a constant, a param or the empty tensor that the run fills
      }
      b.clone(*run, values);
    }
    for (Value result : run->getResults()) {
      Value argument = addArgument(result, member, outside);
      for (IRMapping &values : outside) values.map(argument, values.lookup(result)); // runs that follow read it
      result.replaceAllUsesWith(argument);
    }
    run.erase();
  }

  /// One more argument of all members; what `member` gets.
  Value addArgument(Value value, func::FuncOp member, std::vector<IRMapping> &outside) {
    DenseMap<Operation *, Value> made;
    auto add = [&](func::FuncOp function) {
      unsigned at = lower::tensorArguments(function);
      function.insertArgument(at, value.getType(), {}, value.getLoc());
      made[function] = function.getArgument(at);
    };
    for (func::FuncOp function : circle) add(function);
    DenseSet<Operation *> appended;
    auto append = [&](Operation *op, Value given) {
      if (!appended.insert(op).second) return; // both branches may be members
      unsigned position = passedCount(op);
      SmallVector<Value> all((OperandRange(passedBy(op))));
      all.insert(all.begin() + position, given);
      passedBy(op).assign(all);
    };
    for (const Call &call : inner) append(call.op, made[call.op->getParentOfType<func::FuncOp>()]);
    for (auto [call, values] : llvm::zip_equal(outer, outside)) append(call.op, values.lookup(value));
    return made[member];
  }

  SmallVector<func::FuncOp> circle; // and what nobody else calls
  DenseSet<Operation *> members;
  ModuleOp module;
  SmallVector<Call> inner, outer;
  llvm::EquivalenceClasses<void *> classes; // of arguments
  SmallVector<void *> varying;
  DenseSet<void *> changing; // leaders of classes
  llvm::StringSet<> written;
  DenseSet<Operation *> invariant;
};
} // namespace

bool lower::hoistFromRecursion(ArrayRef<func::FuncOp> circle) { return RecursionHoisting(circle).run(); }
