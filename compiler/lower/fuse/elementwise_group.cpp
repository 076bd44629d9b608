// Pure elementwise groups and fills. Dims are merged (loop_dims.h), so most of them run as one flat loop; so do updates
// over panels, with the zeros behind the last column.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/fuse/loop_dims.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

bool lower::isElementwise(linalg::GenericOp op, const TensorSizes &sizes) {
  if (!op->getNumResults() || !isOverItsElements(op)) return false;
  std::optional<graph::Shape> loops = sizes.loopSizes(op);
  return loops && llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *in) {
           return operandDims(op.getMatchingIndexingMap(in), *loops).has_value();
         });
}

LogicalResult GroupFormer::formElementwise(linalg::GenericOp op) {
  if (!isElementwise(op, sizes)) return op.emitOpError("is no elementwise work that a group can hold");
  bool overPanels = isUpdateOfPanels(op);
  graph::Shape loops = *sizes.loopSizes(op), groupSizes;
  if (overPanels) loops = panelShape(loops);
  SmallVector<Made> made;
  for (Value result : op.getResults())
    if (!describe(result, made)) return failure();
  SmallVector<OperandDims> operands;
  SmallVector<Value> buffers;
  SmallVector<Type> scalars;
  OpBuilder b(op);
  AffineMap own = AffineMap::getMultiDimIdentityMap(loops.size(), op.getContext());
  DimList all = *dimsOf(own, loops);
  for (OpOperand *in : op.getDpsInputOperands()) {
    operands.push_back(overPanels ? OperandDims(liesInPanels(in->get()) ? all : DimList())
                                  : *operandDims(op.getMatchingIndexingMap(in), loops));
    scalars.push_back(getElementTypeOrSelf(in->get().getType()));
    buffers.push_back(buffer(b, in->get()));
  }
  DimGroups groups = mergeDims(loops, operands);
  AffineMap identity = AffineMap::getMultiDimIdentityMap(groups.size(), op.getContext());
  SmallVector<AffineMap> maps;
  SmallVector<int64_t> inplace;
  for (auto [i, operand] : llvm::enumerate(operands)) {
    maps.push_back(*mapOverGroups(op.getContext(), groups, operand));
    for (auto [out, result] : llvm::enumerate(made))
      if (operand.isWhole() && operand.dims == all && scalars[i] == result.element)
        inplace.append({int64_t(i), int64_t(out)});
  }
  maps.append(made.size(), identity);
  for (const DimList &group : groups) groupSizes.push_back(groupSize(loops, group));

  kern::KernelOp kernel = table.draft(op.getLoc(), "elementwise", maps, scalars);
  IRMapping map;
  map.map(op.getBody()->getArguments().take_front(buffers.size()), kernel.getBody().getArguments());
  FailureOr<SmallVector<Value>> results = cloneBody(*op.getBody(), kernel, map);
  if (failed(results)) return kernel->destroy(), failure();
  yieldFrom(kernel, *results);
  auto run = createRun(b, placesOf({op}), table.intern(kernel), buffers, values(groupSizes), made, inplace);
  for (auto [old, result] : llvm::zip_equal(op.getResults(), run.getResults())) replace(b, old, result);
  return success();
}

Value GroupFormer::fillRun(OpBuilder &b, Location location, const Made &result, TypedAttr value) {
  AffineMap identity = AffineMap::getMultiDimIdentityMap(1, b.getContext());
  kern::KernelOp kernel = table.draft(location, "elementwise", identity, {});
  OpBuilder inner = OpBuilder::atBlockEnd(&kernel.getBody().front());
  Value constant = inner.create<arith::ConstantOp>(location, value);
  yieldFrom(kernel, constant);
  return createRun(b, location, table.intern(kernel), {}, values(productOf(result.shape)), result).getResult(0);
}

LogicalResult GroupFormer::formFill(linalg::FillOp op) {
  TypedAttr value;
  if (!matchPattern(op.getInputs()[0], m_Constant(&value)))
    return op.emitOpError("fills with a value that is no constant");
  OpBuilder b(op);
  SmallVector<Made> made;
  if (!describe(op.getResult(0), made)) return failure();
  replace(b, op.getResult(0), fillRun(b, op.getLoc(), made[0], value));
  return success();
}
