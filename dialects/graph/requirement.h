// What a function demands of its dims at every call: those conditions of "requires" (R4) that the build cannot decide.
// The frontend leaves them on functions as graph.requires, an array of dictionaries {text, left, right, relation}; this
// is the one place that knows that form.
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/IR/Operation.h"
#include <string>

namespace graphc::graph {

inline constexpr llvm::StringLiteral requiresAttr = "graph.requires";

struct Requirement {
  std::string text, relation; // as in the graph; == != < <= > >=
  Dim left, right;
};

llvm::SmallVector<Requirement> requirementsOf(mlir::Operation *function);
void setRequirements(mlir::Operation *function, llvm::ArrayRef<Requirement> requirements);

/// Whether `a relation b` holds for all values that callers may give, or for none; nullopt where it depends on the
/// call.
std::optional<bool> compareSizes(llvm::StringRef relation, const Dim &a, const Dim &b);

} // namespace graphc::graph
