// Builder "loops": the body is the function already, written by an op's lowering (graph.loops). Scalar code on purpose:
// it moves data or works in a fixed order, and LLVM may still vectorize what keeps the order.
#include "compiler/lower/kernels/kernel_builder.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace graphc::lower;

LogicalResult graphc::lower::buildLoops(KernelBuilder &b) {
  SmallVector<Type> types(b.bodyBlock().getArgumentTypes());
  if (!llvm::all_of(types, [](Type type) { return isa<IndexType, MemRefType>(type); }))
    return b.fail("its body takes something that is neither a buffer nor a size");
  if (!b.yieldTypes().empty()) return b.fail("its body yields values");
  b.begin(types);
  IRMapping map;
  map.map(b.bodyBlock().getArguments(), b.arguments(0, types.size()));
  for (Operation &op : b.bodyBlock().without_terminator()) b.clone(op, map);
  return success();
}
