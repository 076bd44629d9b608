// Groups of their own: graph.loops, whose body is the kernel's, unchanged, and calls, whose kernel is a function.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/group_former.h"
#include "dialects/graph/strided_copy.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

LogicalResult GroupFormer::formLoops(graph::LoopsOp op) {
  OpBuilder b(op);
  SmallVector<Value> buffers;
  for (Value in : op.getIns()) buffers.push_back(buffer(b, in));
  Block &body = op.getBody().front();
  kern::KernelOp kernel = table.draft(op.getLoc(), "loops", {}, body.getArgumentTypes());
  kernel.setMayFail(op.getMayFail());
  IRMapping map;
  map.map(body.getArguments(), kernel.getBody().getArguments());
  OpBuilder inner = OpBuilder::atBlockEnd(&kernel.getBody().front());
  for (Operation &inside : body.without_terminator()) inner.clone(inside, map);
  yieldFrom(kernel, {});
  SmallVector<OpFoldResult> operands(op.getSizes());
  SmallVector<Made> made;
  for (Value result : op.getResults())
    if (!describe(result, made)) return kernel->destroy(), failure();
  auto run = createRun(b, op.getLoc(), table.intern(kernel), buffers, operands, made,
                       op.getInplace().value_or(ArrayRef<int64_t>()));
  for (StringRef kept : {StringRef(flopsAttr), StringRef(graph::partAttr), StringRef(graph::joinAttr)})
    if (Attribute said = op->getAttr(kept)) run->setAttr(kept, said);
  for (auto [old, result] : llvm::zip(op.getResults(), run.getResults())) replace(b, old, result);
  return success();
}

LogicalResult GroupFormer::formCall(func::CallOp op) {
  OpBuilder b(op);
  SmallVector<Value> buffers;
  SmallVector<OpFoldResult> operands;
  for (Value operand : op.getOperands()) {
    if (isa<RankedTensorType>(operand.getType()))
      buffers.push_back(buffer(b, operand));
    else
      operands.push_back(operand);
  }
  SmallVector<Made> made;
  for (Value result : op.getResults())
    if (!describe(result, made)) return failure();
  auto run = createRun(b, op.getLoc(), op.getCalleeAttr(), buffers, operands, made);
  if (calledFunction(run)->hasAttr(touchesStateAttr)) run->setAttr(kern::touchesStateAttr, b.getUnitAttr());
  for (auto [old, result] : llvm::zip(op.getResults(), run.getResults())) replace(b, old, result);
  return success();
}
