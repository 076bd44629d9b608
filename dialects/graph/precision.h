// Traits by which ops say what mixed precision may do with them (precision.td).
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace graphc::graph {
/// Of a function: "bf16" or "f16". What it and all that it calls contract is in that dtype.
inline constexpr llvm::StringLiteral precisionAttr = "graph.precision";

template <class Op> class ContractsNarrow : public mlir::OpTrait::TraitBase<Op, ContractsNarrow> {};
template <class Op> class FollowsNarrow : public mlir::OpTrait::TraitBase<Op, FollowsNarrow> {};
template <class Op> class StaysWide : public mlir::OpTrait::TraitBase<Op, StaysWide> {};
} // namespace graphc::graph
