// Pure elementwise groups and fills. Dims are merged (loop_dims.h), so most of them run as one flat loop.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/loop_dims.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

bool lower::isElementwise(linalg::GenericOp op) {
  if (op.getNumReductionLoops() || op->getNumResults() != 1 || !op.hasPureTensorSemantics()) return false;
  OpOperand *init = op.getDpsInitOperand(0);
  if (!op.getMatchingIndexingMap(init).isIdentity() || op.payloadUsesValueFromOperand(init)) return false;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (llvm::any_of(sizes, ShapedType::isDynamic)) return false;
  return llvm::all_of(op.getDpsInputOperands(),
                      [&](OpOperand *in) { return dimsOf(op.getMatchingIndexingMap(in), sizes).has_value(); });
}

LogicalResult GroupFormer::formElementwise(linalg::GenericOp op) {
  if (!isElementwise(op)) return op.emitOpError("is no elementwise work that a group can hold");
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<DimList> operands;
  SmallVector<Value> buffers;
  SmallVector<Type> scalars;
  OpBuilder b(op);
  for (OpOperand *in : op.getDpsInputOperands()) {
    operands.push_back(*dimsOf(op.getMatchingIndexingMap(in), sizes));
    scalars.push_back(getElementTypeOrSelf(in->get().getType()));
    buffers.push_back(buffer(b, in->get()));
  }
  DimList all = *dimsOf(op.getMatchingIndexingMap(op.getDpsInitOperand(0)), sizes);
  DimGroups groups = mergeDims(sizes, operands);
  AffineMap identity = AffineMap::getMultiDimIdentityMap(groups.size(), op.getContext());
  Type element = getElementTypeOrSelf(op.getResult(0).getType());
  SmallVector<AffineMap> maps;
  SmallVector<int64_t> inplace, groupSizes;
  for (auto [i, operand] : llvm::enumerate(operands)) {
    maps.push_back(*mapOverGroups(op.getContext(), groups, operand));
    if (operand == all && scalars[i] == element) inplace.append({int64_t(i), 0});
  }
  maps.push_back(identity);
  for (const DimList &group : groups) groupSizes.push_back(groupSize(sizes, group));

  kern::KernelOp kernel = table.draft(op.getLoc(), "elementwise", maps, scalars);
  IRMapping map;
  map.map(op.getBody()->getArguments().take_front(buffers.size()), kernel.getBody().getArguments());
  FailureOr<SmallVector<Value>> results = cloneBody(*op.getBody(), kernel, map);
  if (failed(results)) return kernel->destroy(), failure();
  yieldFrom(kernel, *results);
  auto run = createRun(b, op.getLoc(), table.intern(kernel), buffers, constantSizes(b.getContext(), groupSizes),
                       op.getResultTypes(), inplace);
  op.getResult(0).replaceAllUsesWith(run.getResult(0));
  return success();
}

Value GroupFormer::fillRun(OpBuilder &b, Location location, RankedTensorType type, TypedAttr value) {
  AffineMap identity = AffineMap::getMultiDimIdentityMap(1, b.getContext());
  kern::KernelOp kernel = table.draft(location, "elementwise", identity, {});
  OpBuilder inner = OpBuilder::atBlockEnd(&kernel.getBody().front());
  Value constant = inner.create<arith::ConstantOp>(location, value);
  yieldFrom(kernel, constant);
  return createRun(b, location, table.intern(kernel), {}, constantSizes(b.getContext(), type.getNumElements()),
                   TypeRange(type))
      .getResult(0);
}

LogicalResult GroupFormer::formFill(linalg::FillOp op) {
  TypedAttr value;
  if (!matchPattern(op.getInputs()[0], m_Constant(&value)))
    return op.emitOpError("fills with a value that is no constant");
  OpBuilder b(op);
  op.getResult(0).replaceAllUsesWith(fillRun(b, op.getLoc(), cast<RankedTensorType>(op.getResult(0).getType()), value));
  return success();
}
