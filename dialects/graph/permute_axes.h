// Axes in another order at the level of graph ops: what Permutable (op_facts.td) needs, and who moves transposes
// through a graph.
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include <optional>

namespace graphc::graph {

using Permutation = llvm::SmallVector<int64_t>;

/// [batch, channels, spatial...] to [batch, spatial..., channels].
Permutation channelsLastPerm(int64_t rank);
bool isIdentity(llvm::ArrayRef<int64_t> perm);
Permutation inverse(llvm::ArrayRef<int64_t> perm);

/// The tensor with axis i = its axis perm[i]. A tensor of lower rank gets leading axes of size 1 first, as broadcasting
/// sees it. No op where nothing moves, or where the tensor is itself the reordering of one that is wanted; a reshape
/// where only axes of size 1 move.
mlir::Value permuteAxes(mlir::OpBuilder &b, mlir::Value tensor, llvm::ArrayRef<int64_t> perm);
/// The tensor that this one is the reordering of, and how: axis i of it is axis perm[i] of `source`.
struct Reordering {
  mlir::Value source;
  Permutation perm;
};
std::optional<Reordering> reorderingOf(mlir::Value tensor);

/// The same op on other operands, with `changed` attributes in the place of its own and without those of `dropped`;
/// its types follow. The operands must fit it.
mlir::Operation *createLike(mlir::OpBuilder &b, mlir::Operation *op, mlir::ValueRange operands,
                            llvm::ArrayRef<mlir::NamedAttribute> changed = {},
                            llvm::ArrayRef<llvm::StringRef> dropped = {});

} // namespace graphc::graph
