// The equation of an einsum, with its axes as labels: a letter, or an axis that "..." stands for.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/shape_error.h"
#include <map>
#include <optional>

namespace graphc::graph {

struct EinsumEquation {
  /// A letter's character, or 256 + i for the i-th axis from the end of what "..." stands for.
  using Labels = llvm::SmallVector<int>;
  static bool isEllipsis(int label) { return label >= 256; }
  llvm::SmallVector<Labels> operands; // one label per axis; letters may repeat (diagonals)
  Labels result;                      // each once
  std::map<int, Dim> sizes;           // of every label

  /// Axes of "..." that have one element where other operands have more: they are repeated.
  bool isStretched(const Dim &size, int label) const {
    return isEllipsis(label) && size.is(1) && !sizes.at(label).is(1);
  }
};

/// G2010 about attribute `equation`; G3020 and G3001 about the operands whose sizes differ.
mlir::FailureOr<EinsumEquation> einsumEquation(std::optional<mlir::Location> location, llvm::StringRef equation,
                                               llvm::ArrayRef<Shape> operands);

} // namespace graphc::graph
