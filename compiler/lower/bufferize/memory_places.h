// Where the buffers of a function's runs lie, as bytes of a root (an argument, an allocation, a constant) over the
// function's dims, and which accesses may meet. For functions that are one block of runs, between bufferization and
// plan-arena.
#pragma once
#include "compiler/lower/fuse/tensor_sizes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace graphc::lower {

struct MemoryPlace {
  mlir::Value root;      // what is no view
  mlir::Value base;      // of the element's type: the root, or a view of bytes
  graph::Dim inBase = 0; // elements
  graph::Dim begin, end; // bytes of the root
  bool isKnown = true;   // else all of the root
  bool meets(const MemoryPlace &other) const;
  bool isSame(const MemoryPlace &other) const {
    return root == other.root && isKnown && other.isKnown && begin == other.begin && end == other.end;
  }
};

class MemoryPlaces {
public:
  explicit MemoryPlaces(mlir::func::FuncOp function) : sizes(function) {}

  MemoryPlace placeOf(mlir::Value buffer) const;
  /// The part of a place that begins at an element and has so many.
  MemoryPlace part(const MemoryPlace &whole, const graph::Dim &first, const graph::Dim &count) const;
  std::optional<graph::Dim> countOf(mlir::Value buffer) const; // elements

  /// What the op reads and writes of memory, its own arena and status cell aside; false if that is not known.
  bool forEachAccess(mlir::Operation *op, llvm::function_ref<void(mlir::OpOperand &, bool writes)> use) const;
  /// True if an op behind `from` and before `to` (or `to` itself, if `inclusive`) meets the place; `reads`: not only
  /// if it writes. Operands in `except` do not count.
  bool isMet(mlir::Operation *from, mlir::Operation *to, bool inclusive, const MemoryPlace &place, bool reads,
             llvm::function_ref<bool(mlir::OpOperand &)> except) const;

  struct Use {
    mlir::OpOperand *operand;
    graph::Dim first; // element of the buffer
  };
  /// Every use of a buffer by runs, through views; false if something else uses it.
  bool usesOf(mlir::Value buffer, llvm::SmallVectorImpl<Use> &uses) const;
  /// The elements of a place as a buffer of one axis.
  mlir::Value view(mlir::OpBuilder &b, const MemoryPlace &place, const graph::Dim &first, const graph::Dim &count);

  mutable TensorSizes sizes;
};

} // namespace graphc::lower
