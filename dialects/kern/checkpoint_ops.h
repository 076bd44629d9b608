// Ops of loops that go back in bounded memory (dialects/graph/reverse_while.h).
#pragma once
#include "dialects/kern/kern_dialect.h"

#define GET_OP_CLASSES
#include "dialects/kern/checkpoint_ops.h.inc"

namespace graphc::kern {
/// On kern.while, i64: as graph.checkpoints.
inline constexpr llvm::StringLiteral checkpointsAttr = "kern.checkpoints";
} // namespace graphc::kern
