// hoist-runs: what each turn of a loop makes anew of captures, params and constants alone is made once, before the
// loop: above all a weight that the body's products read transposed, or a captured matrix, as panels. On groups,
// because here it is settled what lies in memory: such a run writes the same bytes every turn, so to make them once
// costs nothing, and what fusion made part of a run that changes stays there, where it costs no memory. The result
// becomes one more capture. Innermost loops come first, so that a run moves out as far as it can; then recursions,
// whose runs move to who calls them first (hoist_from_recursion.h), which may be in a loop.
//
// Sizes that are not numbers stay inside: their values belong to the body's own dims.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/hoist_from_recursion.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace graphc;

namespace {
class Hoisting {
public:
  /// `loop`: the op of `control`, which `call` runs.
  Hoisting(Operation *loop, func::FuncOp control, kern::RunOp call)
      : loop(loop), control(control), call(call), regions(lower::calledFunctions(loop)) {}

  void run() {
    for (func::FuncOp region : regions) {
      SmallVector<kern::RunOp> found;
      IRMapping outside;
      for (auto run : region.getOps<kern::RunOp>())
        if (isInvariant(run, region)) found.push_back(run);
      for (kern::RunOp run : found) hoist(run, region, outside);
    }
  }

private:
  MutableOperandRange captures() {
    if (auto scan = dyn_cast<kern::ScanOp>(loop)) return scan.getCapturesMutable();
    return cast<kern::WhileOp>(loop).getCapturesMutable();
  }
  /// What the caller passes where the region gets this argument; null unless it is a capture.
  Value passed(Value value, func::FuncOp region) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument || !isa<RankedTensorType>(value.getType())) return {};
    auto all = OperandRange(captures());
    unsigned first = lower::tensorArguments(region) - all.size();
    if (argument.getArgNumber() < first) return {};
    return call.getIns()[cast<BlockArgument>(all[argument.getArgNumber() - first]).getArgNumber()];
  }

  bool isInvariant(kern::RunOp run, func::FuncOp region) {
    bool is =
        lower::isRepeatable(run) && llvm::all_of(run.getIns(), [&](Value value) {
          Operation *maker = value.getDefiningOp();
          return maker ? lower::isSameEverywhere(maker) || invariant.contains(maker) : bool(passed(value, region));
        });
    if (is) invariant.insert(run);
    return is;
  }

  void hoist(kern::RunOp run, func::FuncOp region, IRMapping &outside) {
    OpBuilder b(call);
    for (Value operand : run->getOperands()) {
      if (outside.contains(operand)) continue;
      if (Value value = passed(operand, region))
        outside.map(operand, value);
      else
        b.clone(*operand.getDefiningOp(), outside); // a constant, a param or the empty tensor that the run fills
    }
    b.clone(*run, outside);
    for (Value result : run->getResults()) result.replaceAllUsesWith(addCapture(outside.lookup(result), region));
    run.erase();
  }

  /// Passes one more tensor to all regions; what `region` gets.
  Value addCapture(Value value, func::FuncOp region) {
    Location location = value.getLoc();
    unsigned position = lower::tensorArguments(control);
    auto addArgument = [&](func::FuncOp function) {
      unsigned at = lower::tensorArguments(function);
      function.insertArgument(at, value.getType(), {}, location);
      return function.getArgument(at);
    };
    Value between = addArgument(control);
    captures().append(between);
    call.getInsMutable().assign([&] {
      SmallVector<Value> ins(call.getIns());
      ins.insert(ins.begin() + position, value);
      return ins;
    }());
    Value found;
    for (func::FuncOp one : regions) {
      Value argument = addArgument(one);
      if (one == region) found = argument;
    }
    return found;
  }

  Operation *loop;
  func::FuncOp control;
  kern::RunOp call;
  SmallVector<func::FuncOp> regions;
  DenseSet<Operation *> invariant;
};

struct HoistRuns : PassWrapper<HoistRuns, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(HoistRuns)
  StringRef getArgument() const final { return "hoist-runs"; }
  StringRef getDescription() const final {
    return "Make once, before a loop or recursion, what no turn or call changes";
  }

  void runOnOperation() override {
    fromLoops();
    bool moved = false;
    for (const SmallVector<func::FuncOp> &circle : lower::cyclesOf(lower::functionsOf(getOperation())))
      moved |= lower::hoistFromRecursion(circle);
    if (moved) fromLoops();
  }

  void fromLoops() {
    SmallVector<Operation *> loops;
    for (func::FuncOp control : lower::functionsOf(getOperation()))
      if (control->hasAttr(lower::controlAttr))
        for (Operation &op : control.getBody().front())
          if (isa<kern::WhileOp, kern::ScanOp>(op)) loops.push_back(&op);
    if (loops.empty()) return;
    // What moves are runs of kernels: who calls a function stays as it is.
    auto callers = lower::callersIn(getOperation());
    auto callersOf = [&](func::FuncOp function) { return callers.lookup(function); };
    for (Operation *loop : loops) {
      auto control = loop->getParentOfType<func::FuncOp>();
      SmallVector<Operation *> around = callersOf(control);
      auto call = around.size() == 1 ? dyn_cast<kern::RunOp>(around.front()) : kern::RunOp();
      bool ownsAll = llvm::all_of(lower::calledFunctions(loop), [&](func::FuncOp region) {
        return callersOf(region).size() == 1; // its arguments can change
      });
      if (call && ownsAll) Hoisting(loop, control, call).run();
    }
  }
};
} // namespace

std::unique_ptr<Pass> lower::createHoistRunsPass() { return std::make_unique<HoistRuns>(); }
