// One result of an indexing map as kernels know it: `dim * parts + part`, where the axis holds, for each index of the
// dim, so many parts one after the other. A plain dim is the one part of one.
#pragma once
#include "mlir/IR/AffineExpr.h"
#include <optional>

namespace graphc::lower {

struct PartExpr {
  unsigned dim = 0;
  int64_t parts = 1, part = 0;
};

/// nullopt of anything else.
inline std::optional<PartExpr> partOf(mlir::AffineExpr result) {
  PartExpr found;
  auto split = [&](mlir::AffineExprKind kind, int64_t &constant) {
    auto binary = llvm::dyn_cast<mlir::AffineBinaryOpExpr>(result);
    if (!binary || binary.getKind() != kind) return;
    auto right = llvm::dyn_cast<mlir::AffineConstantExpr>(binary.getRHS()); // constants stand on the right
    if (!right) return;
    constant = right.getValue();
    result = binary.getLHS();
  };
  split(mlir::AffineExprKind::Add, found.part);
  split(mlir::AffineExprKind::Mul, found.parts);
  auto dim = llvm::dyn_cast<mlir::AffineDimExpr>(result);
  if (!dim || found.part < 0 || found.part >= found.parts) return std::nullopt;
  found.dim = dim.getPosition();
  return found;
}

} // namespace graphc::lower
