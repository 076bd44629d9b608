// What linalg ops have in common that go over the same rows: the shape that a row group lives in, the dims that are
// reduced, and how each op's operands lie in it. Sizes of 1 do not count, so that values come through reshapes that
// only add or drop them.
#pragma once
#include "compiler/lower/fuse/loop_dims.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "llvm/ADT/MapVector.h"

namespace graphc::lower {

class RowSpace {
public:
  /// Of a reduction that can be a row group's. nullopt where its rows are too long for the caches that a row group
  /// counts on, or where nothing is reduced.
  static std::optional<RowSpace> of(mlir::linalg::GenericOp reduction, const TensorSizes &sizes);

  /// What an op of the space makes, and what its loops are there.
  enum class Kind { PerElement, PerRow, Fold };
  struct Role {
    Kind kind;
    DimList loops; // dim of the space per loop of size != 1, in their order
  };
  /// nullopt if the op cannot be in a group over this space.
  std::optional<Role> roleOf(mlir::linalg::GenericOp op, const TensorSizes &sizes) const;
  /// The dims of the space that an operand of such an op has.
  static DimList dimsOfOperand(mlir::linalg::GenericOp op, mlir::OpOperand &operand, const Role &role,
                               const TensorSizes &sizes);

  graph::Shape shape;
  DimList all, kept, reduced; // those of size != 1
  int64_t distance;           // at most, between neighbours of a row; 1: a row lies along the last dim

private:
  graph::Shape sizesOf(const DimList &dims) const;
};

/// Ops that one kernel over rows computes, in program order.
struct RowGroup {
  RowSpace space;
  llvm::MapVector<mlir::Operation *, RowSpace::Role> members;
  llvm::SmallVector<mlir::Operation *> results; // those of them that are read outside
};

/// The value behind reshapes and casts that only add or drop sizes of 1.
mlir::Value stripUnitReshapes(mlir::Value value, const TensorSizes &sizes);

} // namespace graphc::lower
