// The one packed layout: panels of 16 columns, 64 bytes per group of k (1 f32, 2 bf16, 4 i8) at every ISA level, so
// memory, images and parameters do not depend on the level; only register tiles do.
#pragma once
#include "graphc/abi.h"
#include "mlir/IR/AffineMap.h"
#include <cstdint>

namespace graphc::lower {
inline constexpr int64_t panelColumns = GRAPHC_PANEL_COLUMNS;

/// Where element (g, m, n) of a matrix in panels lies; how a kernel says that an operand does.
inline mlir::AffineMap panelMap(mlir::MLIRContext *context) {
  mlir::AffineExpr m = mlir::getAffineDimExpr(1, context), n = mlir::getAffineDimExpr(2, context);
  return mlir::AffineMap::get(3, 0, {n.floorDiv(panelColumns), m, n % panelColumns}, context);
}
} // namespace graphc::lower
