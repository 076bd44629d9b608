// Loops that go back in bounded memory: graph.while keeps checkpoints of its carries, graph.reverse_while goes back
// from them. runtime/include/graphc/checkpoints.h says which turns have one, and what is run again.
#pragma once
#include "dialects/graph/structure.h"

#define GET_OP_CLASSES
#include "dialects/graph/reverse_while.h.inc"

namespace graphc::graph {

/// On graph.while, i64, an even number of rows: behind the number of turns stand, per carry, that many rows of what it
/// was before turns 0, stride, 2 stride, ..., in place of what turns would give; rows behind the last turn hold nothing
/// that means anything.
inline constexpr llvm::StringLiteral checkpointsAttr = "graph.checkpoints";
std::optional<int64_t> checkpointRows(WhileOp loop);

/// How a loop is reversed so: states that are kept while it runs and on the way back, and turns that are recorded at
/// once. On graph.while, a pair: states in all, 4 or more, and turns.
inline constexpr llvm::StringLiteral onlineAttr = "graph.online";
struct Online {
  int64_t rows, slots, tape;
};
/// On graph.while and graph.scan with `grad` "segments", i64: into how many the user wants the turns divided.
inline constexpr llvm::StringLiteral segmentsAttr = "graph.segments";
/// Three states of four are rows while the loop runs. Fewer than 48 in all need more slots on the way back, or the last
/// long segment would cost too much (docs/decisions/2026-11-26-online-checkpoints.md).
Online onlineOf(WhileOp loop);
/// True of a loop that is reversed so: it has no bound, or the user wants it.
bool isOnline(WhileOp loop);

} // namespace graphc::graph
