// --memory-limit: an entry's runs in another order, and some of them twice, so that its arena fits.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <optional>

namespace graphc::lower {

struct FittedMemory {
  uint64_t before = 0, bytes = 0; // of the arena: as the program came, and as it is now
  unsigned repeated = 0;          // runs that are done twice
  std::string atPeak;             // what lives at the peak, for a message
};

/// The planner's word on the arena of a function; nullopt where it fails.
using PlannedBytes = llvm::function_ref<std::optional<uint64_t>(mlir::func::FuncOp)>;

/// Changes the function until its planned arena is at most `limit`, or as far as it gets. nullopt where the planner
/// fails.
std::optional<FittedMemory> fitMemory(mlir::func::FuncOp function, uint64_t limit, PlannedBytes planned);

} // namespace graphc::lower
