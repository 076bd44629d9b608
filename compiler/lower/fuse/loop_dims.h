// Loop dims of elementwise work, reduced to the few that matter to a kernel: dims of size 1 are dropped, adjacent dims
// that every operand has or lacks together become one. Buffers are dense and row-major, so this renames indices and
// moves no data; it is what lets one kernel serve many shapes. A named dim counts as one of size != 1.
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::lower {

using DimList = llvm::SmallVector<unsigned>;
using DimGroups = llvm::SmallVector<DimList>; // each a run of adjacent loop dims without the size-1 ones

/// The loop dims of size != 1 that an operand has, in its order (a transposed read has another one than the loops).
/// nullopt unless the map is a projection, with a constant 0 where a size-1 dim is stretched.
std::optional<DimList> dimsOf(mlir::AffineMap map, llvm::ArrayRef<graph::Dim> sizes);
/// The coarsest groups that every operand has in their order or lacks, as a whole.
DimGroups mergeDims(llvm::ArrayRef<graph::Dim> sizes, llvm::ArrayRef<DimList> operands);
/// Groups with exactly the given sizes (a group of size 1 is empty). nullopt if the dims cannot be cut so.
std::optional<DimGroups> splitDims(llvm::ArrayRef<graph::Dim> sizes, llvm::ArrayRef<graph::Dim> wanted);
/// The operand as a map over the groups. nullopt if it has only a part of a group, or in another order.
std::optional<mlir::AffineMap> mapOverGroups(mlir::MLIRContext *context, const DimGroups &groups,
                                             const DimList &operand);
graph::Dim groupSize(llvm::ArrayRef<graph::Dim> sizes, const DimList &group);

} // namespace graphc::lower
