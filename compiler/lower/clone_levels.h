// clone-levels: where the code for several ISA levels parts, and how a function or kernel says which level it is for.
// Passes before it know no level; passes after it ask the function they work on.
#pragma once
#include "compiler/support/isa_level.h"
#include "mlir/Pass/Pass.h"

namespace graphc::lower {

/// The level (its name) of a kern.kernel and of a function of code; functions that compute sizes have none.
inline constexpr llvm::StringLiteral levelAttr = "kern.level";

/// Of the function or kernel that is or holds `op`. The lowest level where none is said: right on every machine.
const support::IsaLevel &levelOf(mlir::Operation *op);
/// Says it, to LLVM too.
void setFunctionLevel(mlir::Operation *function, const support::IsaLevel &level);

/// Pass `clone-levels`: kernels and functions (but those of sizes) are for the first level; each further one gets a
/// clone of all of them, named by support::symbolAtLevel, whose calls stay within the level. A level that differs from
/// the one before by its products alone gets clones of those whose code has such products.
std::unique_ptr<mlir::Pass> createCloneLevelsPass(const support::IsaLevels &levels);
std::unique_ptr<mlir::Pass> createCloneLevelsPass(); // level x86-64-v3

} // namespace graphc::lower
