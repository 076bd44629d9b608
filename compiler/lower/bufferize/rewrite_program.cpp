// memory_program.h: a plan put into effect. Items move to the end of the block in their new order, repeated ones are
// cloned with buffers of their own; what computes no memory (views, allocs, arithmetic) follows to its first user.
#include "compiler/lower/bufferize/memory_program.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace graphc::lower {
namespace {

class Rewriter {
public:
  Rewriter(func::FuncOp function, const DenseMap<Operation *, unsigned> &items)
      : terminator(function.getBody().front().getTerminator()), items(items), builder(terminator) {}

  /// The op goes to the end, behind what its operands need.
  void place(Operation *op) {
    for (Value operand : op->getOperands()) need(operand);
    op->moveBefore(terminator);
    placed.insert(op);
  }

  /// What defines the value stands before the place at work. Items were placed in an order that respects it.
  void need(Value value) {
    SmallVector<Operation *> stack{value.getDefiningOp()};
    while (!stack.empty()) {
      Operation *op = stack.back();
      if (!op || placed.contains(op) || items.contains(op)) {
        stack.pop_back();
        continue;
      }
      size_t size = stack.size();
      for (Value operand : op->getOperands())
        if (Operation *by = operand.getDefiningOp(); by && !placed.contains(by) && !items.contains(by))
          stack.push_back(by);
      if (stack.size() != size) continue;
      stack.pop_back();
      op->moveBefore(terminator);
      placed.insert(op);
    }
  }

  /// Another buffer like this one.
  Value another(memref::AllocOp alloc) {
    for (Value operand : alloc->getOperands()) need(operand);
    auto made = cast<memref::AllocOp>(builder.clone(*alloc));
    placed.insert(made);
    return made;
  }

  /// The same view of other memory.
  Value viewOf(Value memory, Value oldRoot, Value newRoot) {
    if (memory == oldRoot) return newRoot;
    auto view = memory.getDefiningOp<ViewLikeOpInterface>();
    Value source = viewOf(view.getViewSource(), oldRoot, newRoot);
    IRMapping mapping;
    for (Value operand : view->getOperands()) {
      if (operand == view.getViewSource()) continue;
      need(operand);
    }
    mapping.map(view.getViewSource(), source);
    Operation *made = builder.clone(*view, mapping);
    placed.insert(made);
    return made->getResult(0);
  }

  OpBuilder &at() { return builder; }
  void note(Operation *op) { placed.insert(op); }

private:
  Operation *terminator;
  const DenseMap<Operation *, unsigned> &items;
  OpBuilder builder;
  DenseSet<Operation *> placed;
};

} // namespace

void MemoryProgram::rewrite(const Plan &plan) {
  Outcome outcome = simulate(plan, 0);
  Rewriter rewriter(function, itemOf);
  DenseMap<unsigned, Value> second; // buffers made again
  for (const Step &step : outcome.steps) {
    const Item &item = allItems[step.item];
    DenseMap<unsigned, Value> instead; // by buffer, for this step
    for (auto [buffer, isSecond] : llvm::zip_equal(item.reads, step.secondReads))
      if (isSecond) instead[buffer] = second.lookup(buffer);
    Operation *op = item.op;
    if (step.again) {
      for (auto [buffer, isSecond] : llvm::zip_equal(item.writes, step.secondWrites)) {
        Value made = rewriter.another(allBuffers[buffer].op);
        instead[buffer] = made;
        if (isSecond) second[buffer] = made;
      }
    }
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      std::optional<unsigned> buffer =
          isa<MemRefType>(operand.getType()) ? bufferAt(operand) : std::optional<unsigned>();
      Value other = buffer ? instead.lookup(*buffer) : Value();
      if (other)
        operands.push_back(rewriter.viewOf(operand, allBuffers[*buffer].op, other));
      else
        operands.push_back(operand);
    }
    if (step.again) {
      for (Value operand : operands) rewriter.need(operand);
      Operation *made = rewriter.at().clone(*op);
      made->setOperands(operands);
      rewriter.note(made);
    } else {
      rewriter.place(op);
      // The operands are changed behind the move: what was made for them stands right before.
      for (Value operand : operands) rewriter.need(operand);
      op->setOperands(operands);
      op->moveBefore(op->getBlock()->getTerminator());
    }
  }
}

} // namespace graphc::lower
