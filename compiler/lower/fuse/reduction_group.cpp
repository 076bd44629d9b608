// Reductions with constant inits that no row group took. One over panels folds what lies in memory, panel by panel
// (update_layouts.cpp says which can).
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/loop_dims.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

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
  bool overPanels = llvm::any_of(op.getInputs(), [&](Value in) { return panels.contains(stripReshapes(in)); });
  if (overPanels) { // a run of memory per panel
    graph::Shape shape = panelShape(*loops);
    loops = graph::Shape{shape[0], shape[1] * shape[2]};
  }
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
  auto run = createRun(b, placesOf({op}), table.intern(kernel), buffers, values(*loops), made);
  for (auto [result, i] : llvm::zip(run.getResults(), stored)) replace(b, op.getResult(i), result);
  return success();
}
