// Keys of random numbers (graph-format.md R21): random_numbers.cpp says what a key is made of.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {

/// Paths of the model's own state of random numbers.
inline constexpr llvm::StringLiteral rngSeed = "rng.seed", rngCalls = "rng.calls";

/// A key that depends on another and a number.
mlir::Value foldKey(mlir::OpBuilder &builder, mlir::Location location, mlir::Value key, int64_t number);

/// Puts an entry of the C signature before each entry that draws: it gives the function its path and the call's key.
void giveEntriesKeys(Program &program);

} // namespace graphc::frontend
