// Loop dims of elementwise work, reduced to the few that matter to a kernel: dims of size 1 are dropped, adjacent dims
// that every operand has or lacks together become one. An operand may be one of several equal parts of its buffer, as a
// gate is of the product that holds all gates: it is read where it lies. Buffers are dense and row-major, so this
// renames indices and moves no data; it is what lets one kernel serve many shapes. A named dim counts as one of size
// != 1.
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::lower {

using DimList = llvm::SmallVector<unsigned>;
using DimGroups = llvm::SmallVector<DimList>; // each a run of adjacent loop dims without the size-1 ones

/// What an operand has of the loops. Behind its first `partBehind` dims stand `parts` pieces, of which it is piece
/// `part`.
struct OperandDims {
  OperandDims(DimList dims = {}) : dims(std::move(dims)) {}
  DimList dims;
  size_t partBehind = 0;
  int64_t parts = 1, part = 0;
  bool isWhole() const { return parts == 1; }
};

/// The loop dims of size != 1 that an operand has, in its order (a transposed read has another one than the loops).
/// nullopt unless the map is a projection, with a constant 0 where a size-1 dim is stretched.
std::optional<DimList> dimsOf(mlir::AffineMap map, llvm::ArrayRef<graph::Dim> sizes);
/// The same with one result that may be `dim * parts + part` or, in front of all dims, the constant `part`
/// (graph::takePart).
std::optional<OperandDims> operandDims(mlir::AffineMap map, llvm::ArrayRef<graph::Dim> sizes);
/// The coarsest groups that every operand has in their order or lacks, as a whole.
DimGroups mergeDims(llvm::ArrayRef<graph::Dim> sizes, llvm::ArrayRef<OperandDims> operands);
/// Groups with exactly the given sizes (a group of size 1 is empty). nullopt if the dims cannot be cut so.
std::optional<DimGroups> splitDims(llvm::ArrayRef<graph::Dim> sizes, llvm::ArrayRef<graph::Dim> wanted);
/// The operand as a map over the groups. nullopt if it has only a part of a group, or in another order.
std::optional<mlir::AffineMap> mapOverGroups(mlir::MLIRContext *context, const DimGroups &groups,
                                             const OperandDims &operand);
graph::Dim groupSize(llvm::ArrayRef<graph::Dim> sizes, const DimList &group);

} // namespace graphc::lower
