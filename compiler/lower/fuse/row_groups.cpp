// Groups along a dim: softmax with a cheap prologue, and reductions with constant inits.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/loop_dims.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

// The kernel applies the prologue in two sweeps: only what costs little may be done twice.
bool lower::canBePrologue(linalg::GenericOp prologue) {
  auto ins = prologue.getDpsInputOperands();
  if (ins.size() != 1 || ins[0]->get().getType() != prologue.getResult(0).getType()) return false;
  if (!prologue.getMatchingIndexingMap(ins[0]).isIdentity()) return false;
  return llvm::all_of(prologue.getBody()->getOperations(), [](Operation &op) {
    return !isa<arith::DivFOp>(op) && !isa<math::MathDialect>(op.getDialect());
  });
}

LogicalResult GroupFormer::formSoftmax(linalg::SoftmaxOp op, linalg::GenericOp prologue) {
  if (op->getNumResults() != 1) return op.emitOpError("is not on a tensor");
  std::optional<graph::Shape> shape = sizes.shapeOf(op.getInput());
  if (!shape) return op.emitOpError("has a size that does not come from the function's dims");
  auto part = ArrayRef(*shape);
  size_t axis = op.getDimension();
  graph::Shape parts{productOf(part.take_front(axis)), part[axis], productOf(part.drop_front(axis + 1))};
  if (productOf(*shape).is(0)) parts.assign(3, graph::Dim(0)); // nothing to do, and a product may have overflowed
  OpBuilder b(op);
  Made made{*shape, getElementTypeOrSelf(op.getInput().getType())};
  kern::KernelOp kernel = table.draft(op.getLoc(), "softmax", {}, {made.element});
  kernel.setInnerIsOne(parts[2].is(1));
  SmallVector<Value> results{kernel.getBody().getArgument(0)};
  if (prologue) {
    IRMapping map;
    map.map(prologue.getBody()->getArgument(0), kernel.getBody().getArgument(0));
    FailureOr<SmallVector<Value>> cloned = cloneBody(*prologue.getBody(), kernel, map);
    if (failed(cloned)) return kernel->destroy(), failure();
    results = *cloned;
  }
  yieldFrom(kernel, results);
  Value source = buffer(b, prologue ? prologue.getInputs()[0] : op.getInput());
  auto run = createRun(b, op.getLoc(), table.intern(kernel), source, values(parts), made, {0, 0});
  replace(b, op->getResult(0), run.getResult(0));
  return success();
}

LogicalResult GroupFormer::formReduction(linalg::GenericOp op) {
  SmallVector<int64_t> reduced, stored;
  std::optional<graph::Shape> loops = sizes.loopSizes(op);
  if (!loops) return op.emitOpError("has a size that does not come from the function's dims");
  OpBuilder b(op);
  SmallVector<AffineMap> maps;
  SmallVector<Value> buffers;
  SmallVector<Type> scalars;
  SmallVector<Made> made;
  SmallVector<Attribute> inits;
  for (OpOperand *in : op.getDpsInputOperands()) {
    maps.push_back(op.getMatchingIndexingMap(in));
    scalars.push_back(getElementTypeOrSelf(in->get().getType()));
    buffers.push_back(buffer(b, in->get()));
  }
  for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
    TypedAttr constant = initConstant(init.get());
    if (!constant) return op.emitOpError("starts from something that is no constant");
    inits.push_back(constant);
    scalars.push_back(getElementTypeOrSelf(init.get().getType()));
    if (op.getResult(i).use_empty()) continue;
    stored.push_back(i);
    maps.push_back(op.getMatchingIndexingMap(&init));
    if (!describe(op.getResult(i), made)) return failure();
  }
  auto isProjection = [&](AffineMap map) { return dimsOf(map, *loops).has_value(); };
  if (!llvm::all_of(maps, isProjection)) return op.emitOpError("reads or writes in an order that no group can hold");
  if (stored.empty()) return success();
  for (auto [dim, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction) reduced.push_back(dim);

  size_t plain = scalars.size();
  scalars.append(loops->size(), b.getIndexType());
  kern::KernelOp kernel = table.draft(op.getLoc(), "reduction", maps, scalars);
  kernel.setReduced(ArrayRef<int64_t>(reduced));
  kernel.setStored(ArrayRef<int64_t>(stored));
  kernel.setInitsAttr(b.getArrayAttr(inits));
  auto arguments = kernel.getBody().getArguments();
  IRMapping map;
  map.map(op.getBody()->getArguments(), arguments.take_front(plain));
  SmallVector<Value> indices(arguments.drop_front(plain));
  FailureOr<SmallVector<Value>> cloned = cloneBody(*op.getBody(), kernel, map, indices);
  if (failed(cloned)) return kernel->destroy(), failure();
  yieldFrom(kernel, *cloned);
  auto run = createRun(b, op.getLoc(), table.intern(kernel), buffers, values(*loops), made);
  for (auto [result, i] : llvm::zip(run.getResults(), stored)) replace(b, op.getResult(i), result);
  return success();
}
