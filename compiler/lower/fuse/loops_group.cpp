// Groups of their own: graph.loops, whose body is the kernel's, unchanged, and calls, whose kernel is a function.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/group_former.h"

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
  SmallVector<OpFoldResult> sizes(op.getSizes());
  auto run = createRun(b, op.getLoc(), table.intern(kernel), buffers, sizes, op.getResultTypes(),
                       op.getInplace().value_or(ArrayRef<int64_t>()));
  op.replaceAllUsesWith(run.getResults());
  return success();
}

LogicalResult GroupFormer::formCall(func::CallOp op) {
  OpBuilder b(op);
  SmallVector<Value> buffers;
  SmallVector<OpFoldResult> sizes;
  for (Value operand : op.getOperands()) {
    if (isa<RankedTensorType>(operand.getType()))
      buffers.push_back(buffer(b, operand));
    else
      sizes.push_back(operand);
  }
  auto run = createRun(b, op.getLoc(), op.getCalleeAttr(), buffers, sizes, op.getResultTypes());
  if (calledFunction(run)->hasAttr(touchesStateAttr)) run->setAttr(kern::touchesStateAttr, b.getUnitAttr());
  op.replaceAllUsesWith(run.getResults());
  return success();
}
