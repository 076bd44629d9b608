// delay-writes: a call that fails leaves the model as it was. A write of a state or param that stands before something
// that may find wrong data (an index outside its tensor, a loop over its limit, recursion too deep) moves behind the
// last such op, where the status says whether there was any; what reads it in between gets the value itself. A write
// that another function makes stays with that function: inline-calls takes writers in, as long as that is no flood of
// code.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/graph/recursion.h"
#include "dialects/kern/kern_dialect.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace graphc;

namespace {
struct DelayWrites : PassWrapper<DelayWrites, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DelayWrites)
  StringRef getArgument() const final { return "delay-writes"; }
  StringRef getDescription() const final { return "Write the model behind everything that may fail"; }

  void runOnOperation() override {
    SmallVector<func::FuncOp> functions = lower::functionsOf(getOperation());
    lower::untilNothingIsFound(functions, [&](func::FuncOp function) { return note(function); });
    for (func::FuncOp function : functions)
      if (Operation *last = lastThatMayFail(function)) delay(function.getBody().front(), last);
  }

private:
  DenseSet<Operation *> failing;                      // functions
  DenseMap<Operation *, llvm::StringSet<>> usedPaths; // by function: what it and its callees read or write

  Operation *lastThatMayFail(func::FuncOp function) {
    Operation *last = nullptr;
    if (function.getBody().hasOneBlock())
      for (Operation &op : function.getBody().front())
        if (mayFail(&op)) last = &op;
    return last;
  }

  /// True if something was found.
  bool note(func::FuncOp function) {
    llvm::StringSet<> &paths = usedPaths[function];
    size_t before = paths.size();
    function.walk([&](Operation *op) {
      if (auto read = dyn_cast<kern::ReadParameterOp>(op)) paths.insert(read.getParameter());
      if (auto write = dyn_cast<kern::WriteParameterOp>(op)) paths.insert(write.getParameter());
      for (func::FuncOp callee : lower::calledFunctions(op))
        if (auto known = usedPaths.find(callee); known != usedPaths.end() && callee != function)
          for (auto &entry : known->second) paths.insert(entry.getKey());
    });
    bool fails = graph::isRecursive(function) || lastThatMayFail(function);
    return (fails && failing.insert(function).second) || paths.size() != before;
  }

  bool mayFail(Operation *op) {
    auto loops = dyn_cast<graph::LoopsOp>(op);
    auto loop = dyn_cast<kern::WhileOp>(op);
    return (loops && loops.getMayFail()) || (loop && loop.failsAtLimit()) ||
           llvm::any_of(lower::calledFunctions(op), [&](func::FuncOp callee) { return failing.contains(callee); });
  }

  /// Inside of calls.
  bool uses(Operation *op, StringRef path) {
    return llvm::any_of(lower::calledFunctions(op),
                        [&](func::FuncOp callee) { return usedPaths[callee].contains(path); });
  }

  void delay(Block &block, Operation *last) {
    SmallVector<kern::WriteParameterOp> writes;
    for (Operation &op : block) {
      if (&op == last) break;
      if (auto write = dyn_cast<kern::WriteParameterOp>(op)) writes.push_back(write);
    }
    Operation *place = last;
    for (kern::WriteParameterOp write : writes)
      if (forward(write, last)) {
        write->moveAfter(place);
        place = write;
      }
  }

  /// True if nothing between the write and `last` needs it in memory any more. A later write of the same makes it
  /// vanish.
  bool forward(kern::WriteParameterOp write, Operation *last) {
    SmallVector<kern::ReadParameterOp> reads;
    kern::WriteParameterOp next;
    for (Operation *op = write->getNextNode(); op != last->getNextNode(); op = op->getNextNode()) {
      if (uses(op, write.getParameter())) return false;
      auto read = dyn_cast<kern::ReadParameterOp>(op);
      auto other = dyn_cast<kern::WriteParameterOp>(op);
      if (read && read.getParameter() == write.getParameter()) reads.push_back(read);
      if (other && other.getParameter() == write.getParameter()) {
        next = other;
        break;
      }
    }
    if (llvm::any_of(reads, [&](kern::ReadParameterOp read) {
          return !read.getState() || read.getValue().getType() != write.getValue().getType();
        }))
      return false;
    for (kern::ReadParameterOp read : reads) {
      read.getValue().replaceAllUsesWith(write.getValue());
      read.erase();
    }
    if (next) write.erase();
    return !next;
  }
};
} // namespace

std::unique_ptr<Pass> lower::createDelayWritesPass() { return std::make_unique<DelayWrites>(); }
