// Products of a transposed matrix: gradients ask for X^T dY and dY W^T. A transposed copy is twice the memory traffic
// of its matrix, so the product reads the matrix itself: its kernel goes through the left one by columns, and packing
// transposes the right one on the way. linalg has ops that say so; they stand here only between this step and their
// groups. Where both are transposed the right one stays a copy.
//
// dY W^T, W lying in panels, would pack W a second time, transposed, in every step. It is (W dY^T)^T: W is the left
// matrix, whose rows are runs of 16 elements in its panels, dY, which is smaller, is packed, and who reads the result
// reads it transposed.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/kernels/panels.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphc;
using lower::panelColumns;

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

/// The one reader of the result of dY W^T if W dY^T is to be made in its place, else null: of W in panels, whose rows
/// must be whole runs and one chain of sums (contraction.cpp), where turning the result costs less than packing W:
/// a pass over m n beside one over n k, and a panel of it is not nearly empty.
static linalg::GenericOp readerOfTurned(linalg::LinalgOp product, Value weights) {
  constexpr int64_t longestChain = 384, least = panelColumns;
  auto read = weights.getDefiningOp<kern::ReadParameterOp>();
  if (!read || lower::layoutOf(read) != "panels" || !product->hasOneUse()) return nullptr;
  auto type = cast<RankedTensorType>(product->getResult(0).getType());
  int64_t m = type.getDimSize(0), k = cast<RankedTensorType>(weights.getType()).getDimSize(1);
  if (ShapedType::isDynamic(m) || m < least || m > k / 2 || k % panelColumns || k > longestChain) return nullptr;
  OpOperand &use = *product->use_begin();
  auto reader = dyn_cast<linalg::GenericOp>(use.getOwner());
  bool isElement = reader && lower::isOverItsElements(reader) && reader.isDpsInput(&use) &&
                   reader.getMatchingIndexingMap(&use).isIdentity();
  return isElement ? reader : nullptr;
}

/// W dY^T for the reader of dY W^T.
static void makeTurned(OpBuilder &b, linalg::LinalgOp product, Value weights, linalg::GenericOp reader) {
  Location location = product.getLoc();
  auto type = cast<RankedTensorType>(product->getResult(0).getType());
  SmallVector<int64_t> shape{type.getDimSize(1), type.getDimSize(0)};
  Value zero = b.create<arith::ConstantOp>(location, b.getZeroAttr(type.getElementType()));
  Value init = b.create<linalg::FillOp>(location, zero,
                                        b.create<tensor::EmptyOp>(location, shape, type.getElementType()).getResult())
                   .getResult(0);
  auto turned = b.create<linalg::MatmulTransposeBOp>(location, ValueRange{weights, product->getOperand(0)}, init);
  OpOperand &use = *product->use_begin();
  SmallVector<AffineMap> maps = reader.getIndexingMapsArray();
  maps[use.getOperandNumber()] = AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0}, b.getContext());
  reader.setIndexingMapsAttr(b.getAffineMapArrayAttr(maps));
  use.set(turned.getResult(0));
  product->erase();
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
      if (auto reader = batched ? nullptr : readerOfTurned(op, source)) {
        makeTurned(b, op, source, reader);
        continue;
      }
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
