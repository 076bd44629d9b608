// Sizes of dims that get code of their own ("specialize" of the language): which they are, as the module says it by the
// dim's name, and which of them a variant of an entry was made for (its graph.specialized: {B = 8}).
#pragma once
#include "dialects/graph/graph_attributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::graph {

/// Of the module: {B = [1, 8]} (frontend).
inline constexpr llvm::StringLiteral specializeAttr = "graph.specialize";
/// Of one entry, so that a few more sizes in a file cannot make a library a hundred times as large.
inline constexpr size_t maxVariants = 16;

/// The sizes listed for a dim; most have none.
llvm::SmallVector<int64_t> specializedSizes(mlir::ModuleOp module, DimAttr dim);

void setSpecialized(mlir::Operation *variant, llvm::ArrayRef<std::pair<DimAttr, int64_t>> sizes);
/// True for variants: functions beside their entry, with its graph.entry.
bool isVariant(mlir::Operation *function);
/// The number that stands for a dim of the entry; nullopt where the variant leaves it open.
std::optional<int64_t> specializedSize(mlir::Operation *variant, llvm::StringRef dim);

} // namespace graphc::graph
