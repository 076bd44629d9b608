// Random numbers as functions of a key and the element's position, so that no order, thread count, ISA level or
// recomputation changes them: Philox 4x32-10 (Salmon et al., SC11) and what is made of its bits. Each function exists
// for the reference evaluation and as code; both are made from one formula, out of integer arithmetic and IEEE's
// + - * / and sqrt, which round alike at every ISA level. The math functions of the language do not (they use fma where
// the level has it), so they are no part of this.
#pragma once
#include "dialects/graph/loop_writer.h"
#include <array>

namespace graphc::graph {

/// How many bits an element takes: f64 and positions 64, all else 32. One call of Philox gives 128.
enum class DrawnBits : unsigned { Word = 32, Pair = 64 };
inline int64_t elementsPerBlock(DrawnBits bits) { return 128 / unsigned(bits); }

/// Operand `index` of an op is a key: an i64 scalar (G4002, G3008).
mlir::LogicalResult checkKey(std::optional<mlir::Location> location, mlir::Value key, int index);

std::array<uint32_t, 4> philox(uint64_t key, std::array<uint32_t, 4> counter);

// Reference evaluation.
/// The bits of an element: counter (block, 0, 0), block = element / elementsPerBlock.
uint64_t drawBits(uint64_t key, uint64_t element, DrawnBits bits);
/// A key that depends on both: counter (i, 1, 0).
uint64_t foldKey(uint64_t key, uint64_t i);
/// The quantile of the normal distribution at (k + 1/2) / 2^n, k the upper n bits: n = 32, of a pair 52.
double normalOf(uint64_t drawn, DrawnBits bits);
/// -log(-log((k + 1/2) / 2^52)) of a pair: the largest of logit + gumbel is a draw from softmax(logits).
double gumbelOf(uint64_t drawn);

// The same as code. Keys, bits and counters are i64.
using CodeBlock = llvm::SmallVector<mlir::Value, 4>;
/// The bits of a block's elements, in order.
CodeBlock drawBlock(LoopWriter &w, mlir::Value key, mlir::Value block, DrawnBits bits);
mlir::Value foldKey(LoopWriter &w, mlir::Value key, mlir::Value i);
mlir::Value normalOf(LoopWriter &w, mlir::Value drawn, DrawnBits bits);
mlir::Value gumbelOf(LoopWriter &w, mlir::Value drawn);

} // namespace graphc::graph
