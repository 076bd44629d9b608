// Products of a transposed matrix: gradients ask for X^T dY and dY W^T. A transposed copy is twice the memory traffic
// of its matrix, so the product reads the matrix itself: its kernel goes through the left one by columns, and packing
// transposes the right one on the way. linalg has ops that say so; they stand here only between this step and their
// groups. Where both are transposed the right one stays a copy.
#include "compiler/lower/fuse/group_former.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphc;

bool lower::readsTransposedA(Operation *op) {
  return isa<linalg::MatmulTransposeAOp, linalg::BatchMatmulTransposeAOp>(op);
}

bool lower::readsTransposedB(Operation *op) {
  return isa<linalg::MatmulTransposeBOp, linalg::BatchMatmulTransposeBOp>(op);
}

/// Groups of smaller elements of k are no neighbours in a transposed matrix: their products read a copy.
static bool isOfF32(Operation *op) { return getElementTypeOrSelf(op->getOperand(0).getType()).isF32(); }

/// The input of an op that does nothing but swap the last two axes; else null.
static Value swappedInput(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumReductionLoops() || generic.getNumDpsInputs() != 1 || generic.getNumLoops() < 2)
    return nullptr;
  Operation &yield = generic.getBody()->front();
  unsigned loops = generic.getNumLoops();
  SmallVector<unsigned> swapped = llvm::to_vector(llvm::seq(0u, loops));
  std::swap(swapped[loops - 1], swapped[loops - 2]);
  OpOperand *in = generic.getDpsInputOperand(0);
  bool yieldsInput = isa<linalg::YieldOp>(yield) && yield.getOperand(0) == generic.getBody()->getArgument(0);
  if (!yieldsInput || !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity() ||
      generic.getMatchingIndexingMap(in) != AffineMap::getPermutationMap(swapped, generic.getContext()))
    return nullptr;
  return in->get();
}

/// What `matrix` (or each matrix of a batch) is the transposed of; null if it is none. Batch axes may have been joined.
static Value sourceOfTransposed(OpBuilder &b, Value matrix) {
  auto joined = matrix.getDefiningOp<tensor::CollapseShapeOp>();
  if (!joined) return swappedInput(matrix);
  auto axes = joined.getReassociationIndices();
  bool keepsMatrices = axes.size() == 3 && axes[1].size() == 1 && axes[2].size() == 1;
  Value source = keepsMatrices ? swappedInput(joined.getSrc()) : Value();
  if (!source) return nullptr;
  return b.create<tensor::CollapseShapeOp>(joined.getLoc(), source, axes);
}

bool lower::isTransposedRightHandSide(OpOperand &use) {
  Operation *swap = use.getOwner();
  return swap->getNumResults() == 1 && swappedInput(swap->getResult(0)) == use.get() && !swap->use_empty() &&
         llvm::all_of(swap->getUses(), [](OpOperand &product) {
           Operation *op = product.getOwner();
           return isa<linalg::MatmulOp>(op) && isContraction(op) && isOfF32(op) && product.getOperandNumber() == 1 &&
                  !swappedInput(op->getOperand(0));
         });
}

/// True where the columns of a left matrix are a multiple of 4 KB apart: they would meet in one set of each cache,
/// which costs more than a copy.
static bool hasColumnsInOneSet(Value source) {
  constexpr int64_t sharedSet = 1024;
  int64_t m = cast<RankedTensorType>(source.getType()).getShape().back();
  return !ShapedType::isDynamic(m) && m % sharedSet == 0;
}

void lower::readTransposed(Block &block) {
  SmallVector<linalg::LinalgOp> products;
  for (auto op : block.getOps<linalg::LinalgOp>())
    if (isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op) && isContraction(op) && isOfF32(op)) products.push_back(op);
  for (linalg::LinalgOp op : products) {
    OpBuilder b(op);
    bool batched = isa<linalg::BatchMatmulOp>(op);
    Value left = op->getOperand(0), right = op->getOperand(1), init = op->getOperand(2);
    auto replace = [&](auto made) {
      op->getResult(0).replaceAllUsesWith(made->getResult(0));
      op->erase();
    };
    if (Value source = sourceOfTransposed(b, left); source && !hasColumnsInOneSet(source)) {
      SmallVector<Value> ins{source, right};
      batched ? replace(b.create<linalg::BatchMatmulTransposeAOp>(op.getLoc(), ins, init))
              : replace(b.create<linalg::MatmulTransposeAOp>(op.getLoc(), ins, init));
    } else if (Value source = sourceOfTransposed(b, right)) {
      SmallVector<Value> ins{left, source};
      batched ? replace(b.create<linalg::BatchMatmulTransposeBOp>(op.getLoc(), ins, init))
              : replace(b.create<linalg::MatmulTransposeBOp>(op.getLoc(), ins, init));
    }
  }
  // What nobody reads any longer would be made all the same.
  auto generics = llvm::to_vector(block.getOps<linalg::GenericOp>());
  for (linalg::GenericOp generic : llvm::reverse(generics))
    if (generic.use_empty()) generic.erase();
}
