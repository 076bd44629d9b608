// Dims are bound per call (graph-format.md R5): which size of the caller stands for each dim of the callee.
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/IR/TypeRange.h"
#include "llvm/ADT/DenseMap.h"

namespace graphc::graph {

struct DimConflict {
  unsigned operand, axis;
  Dim wanted, given; // `wanted` with the dims bound so far
};

/// What the operands' types say of the dims of the parameters' types. A dim that no axis names alone stays out of the
/// map: it is the caller's of that name. A conflict where sizes differ that must be equal (ranks and dtypes were
/// compared before).
struct BoundDims {
  llvm::DenseMap<mlir::Attribute, Dim> dims;
  std::optional<DimConflict> conflict;
  std::optional<Dim> operator()(DimAttr dim) const;
};
BoundDims bindDims(mlir::TypeRange parameters, mlir::TypeRange operands);

} // namespace graphc::graph
