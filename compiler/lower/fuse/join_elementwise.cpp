// Elementwise work that fusion left apart because a value in between has other readers too: the next state of a cell is
// read by the output gate and returned. Where both ops are groups of their own, one kernel makes both: the value is
// stored as before and not read again. And where a function returns one value twice, its kernel stores it twice: else a
// copy would. After the choice of epilogues and rows, which take one result alone.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/join_pair.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

bool GroupFormer::isAlone(linalg::GenericOp op) const {
  return !rootOf.contains(op) && !groupOf.contains(op) && isElementwise(op, sizes) &&
         llvm::none_of(op->getUsers(), llvm::IsaPred<kern::WriteParameterOp>);
}

// The pair becomes one op at the reader's place.
void GroupFormer::joinElementwise(Block &block) {
  IRRewriter rewriter(block.getParentOp()->getContext());
  auto producers = llvm::to_vector(block.getOps<linalg::GenericOp>());
  for (linalg::GenericOp producer : llvm::reverse(producers)) { // so that none was a reader before
    if (!isAlone(producer)) continue;
    linalg::GenericOp reader; // the first one
    for (Operation *user : producer->getUsers())
      if (auto generic = dyn_cast<linalg::GenericOp>(user); generic && (!reader || generic->isBeforeInBlock(reader)))
        reader = generic;
    if (!reader || !isAlone(reader)) continue;
    bool isFirst = llvm::all_of(producer->getUsers(),
                                [&](Operation *user) { return user == reader || reader->isBeforeInBlock(user); });
    if (!isFirst) continue;
    if (lower::canJoin(producer, reader)) lower::joinPair(rewriter, producer, reader);
  }
}

/// `op` with its result `again` once more, as the last one.
static linalg::GenericOp withResultAgain(RewriterBase &rewriter, linalg::GenericOp op, unsigned again,
                                         ArrayRef<Value> dynamicSizes) {
  rewriter.setInsertionPoint(op);
  auto type = cast<RankedTensorType>(op->getResult(again).getType());
  SmallVector<Value> inits(op.getOutputs());
  inits.push_back(rewriter.create<tensor::EmptyOp>(op.getLoc(), type, dynamicSizes));
  SmallVector<Type> types(op->getResultTypes());
  types.push_back(type);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.push_back(op.getMatchingIndexingMap(op.getDpsInitOperand(again)));
  auto made =
      rewriter.create<linalg::GenericOp>(op.getLoc(), types, op.getInputs(), inits, maps, op.getIteratorTypesArray());
  made.getRegion().takeBody(op.getRegion());
  made.getBody()->addArgument(type.getElementType(), op.getLoc());
  auto yield = cast<linalg::YieldOp>(made.getBody()->getTerminator());
  Value value = yield.getOperand(again);
  yield.getValuesMutable().append(value);
  for (auto [old, result] : llvm::zip(op->getResults(), made->getResults())) old.replaceAllUsesWith(result);
  return made;
}

void GroupFormer::returnTwice(Block &block) {
  constexpr unsigned mostResults = 8;
  IRRewriter rewriter(block.getParentOp()->getContext());
  DenseSet<Value> returned;
  for (OpOperand &operand : block.getTerminator()->getOpOperands()) {
    if (returned.insert(operand.get()).second) continue;
    auto maker = operand.get().getDefiningOp<linalg::GenericOp>();
    std::optional<graph::Shape> shape = maker ? sizes.shapeOf(operand.get()) : std::nullopt;
    if (!shape || !isAlone(maker) || maker->getNumResults() >= mostResults) continue;
    auto made =
        withResultAgain(rewriter, maker, cast<OpResult>(operand.get()).getResultNumber(), sizes.dynamicValues(*shape));
    maker.erase();
    operand.set(made->getResults().back());
    for (Value result : made->getResults()) returned.insert(result);
  }
}
