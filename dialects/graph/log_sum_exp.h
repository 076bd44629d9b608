// log of a sum of exponentials, for reference evaluation: shifted by the largest, so that nothing overflows. A shift by
// an infinity would make NaN of what is infinite, and is left out.
#pragma once
#include "dialects/graph/jet.h"
#include "llvm/ADT/ArrayRef.h"

namespace graphc::graph {
/// Of nothing: -infinity.
Jet logSumExp(llvm::ArrayRef<Jet> x);
} // namespace graphc::graph
