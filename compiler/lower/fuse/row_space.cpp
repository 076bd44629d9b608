// row_space.h.
#include "compiler/lower/fuse/row_space.h"
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/reduction_combine.h"

using namespace mlir;
using namespace graphc;
using lower::RowSpace;

static graph::Shape withoutOnes(graph::Shape shape) {
  llvm::erase_if(shape, [](const graph::Dim &size) { return size.is(1); });
  return shape;
}

Value lower::stripUnitReshapes(Value value, const TensorSizes &sizes) {
  Value behind = stripReshapes(value);
  if (behind == value) return value;
  std::optional<graph::Shape> shape = sizes.shapeOf(value), other = sizes.shapeOf(behind);
  return shape && other && withoutOnes(*shape) == withoutOnes(*other) ? behind : value;
}

/// The loops of size != 1.
static lower::DimList loopsThatCount(ArrayRef<graph::Dim> sizes) {
  lower::DimList loops;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (!size.is(1)) loops.push_back(i);
  return loops;
}

/// Elements combined in any order into one accumulator.
static bool isFold(linalg::GenericOp op) {
  if (op->getNumResults() != 1 || !op.hasPureTensorSemantics()) return false;
  TypedAttr init = lower::initConstant(op.getDpsInits()[0]);
  if (!init) return false;
  auto combine = lower::ReductionCombine::of(*op.getBody(), op.getNumDpsInputs(), init);
  return combine && combine->elementOfBody().getParentBlock() == op.getBody();
}

static lower::DimList reducedLoops(linalg::GenericOp op, ArrayRef<graph::Dim> sizes) {
  lower::DimList reduced;
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction && !sizes[loop].is(1)) reduced.push_back(loop);
  return reduced;
}

std::optional<RowSpace> RowSpace::of(linalg::GenericOp reduction, const TensorSizes &sizes) {
  // A row is gone over several times, so it should come from L2 at worst; a row across takes a cache line per element.
  constexpr int64_t longest = 1 << 16, longestAcross = 1 << 10;
  if (!reduction.getNumReductionLoops() || !isFold(reduction)) return std::nullopt;
  std::optional<graph::Shape> loops = sizes.loopSizes(reduction);
  if (!loops || llvm::any_of(*loops, [](const graph::Dim &size) { return size.is(0); })) return std::nullopt;
  RowSpace space;
  space.shape = *loops;
  space.all = loopsThatCount(*loops);
  space.reduced = reducedLoops(reduction, *loops);
  if (space.reduced.empty()) return std::nullopt;
  llvm::copy_if(space.all, std::back_inserter(space.kept),
                [&](unsigned dim) { return !llvm::is_contained(space.reduced, dim); });
  DimList behind(llvm::find(space.all, space.reduced.back()) + 1, space.all.end());
  space.distance = groupSize(*loops, behind).high();
  if (groupSize(*loops, space.reduced).high() > (space.distance == 1 ? longest : longestAcross)) return std::nullopt;
  return space.roleOf(reduction, sizes) ? std::optional(space) : std::nullopt;
}

graph::Shape RowSpace::sizesOf(const DimList &dims) const {
  graph::Shape sizes;
  for (unsigned dim : dims) sizes.push_back(shape[dim]);
  return sizes;
}

std::optional<RowSpace::Role> RowSpace::roleOf(linalg::GenericOp op, const TensorSizes &sizes) const {
  std::optional<graph::Shape> loops = sizes.loopSizes(op);
  if (!loops || !llvm::all_of(op.getBody()->without_terminator(), isVectorizable)) return std::nullopt;
  Role role{Kind::Fold, all};
  graph::Shape counting = withoutOnes(*loops);
  if (op.getNumReductionLoops()) {
    if (!isFold(op) || counting != sizesOf(all)) return std::nullopt;
    DimList own = loopsThatCount(*loops), wanted;
    for (auto [loop, dim] : llvm::zip_equal(own, all))
      if (llvm::is_contained(reduced, dim)) wanted.push_back(loop);
    if (reducedLoops(op, *loops) != wanted) return std::nullopt;
  } else {
    if (op.getNumResults() != 1 || !isElementwise(op, sizes)) return std::nullopt;
    if (counting == sizesOf(all))
      role.kind = Kind::PerElement;
    else if (counting == sizesOf(kept))
      role = {Kind::PerRow, kept};
    else
      return std::nullopt;
  }
  for (AffineMap map : op.getIndexingMapsArray()) {
    std::optional<DimList> dims = dimsOf(map, *loops);
    if (!dims || !llvm::is_sorted(*dims)) return std::nullopt; // a transposed read would be repeated per sweep
  }
  return role;
}

lower::DimList RowSpace::dimsOfOperand(linalg::GenericOp op, OpOperand &operand, const Role &role,
                                       const TensorSizes &sizes) {
  graph::Shape loops = *sizes.loopSizes(op);
  DimList own = loopsThatCount(loops), dims, read = *dimsOf(op.getMatchingIndexingMap(&operand), loops);
  for (unsigned loop : read) dims.push_back(role.loops[llvm::find(own, loop) - own.begin()]);
  return dims;
}
