// Inputs for a benchmark: the same on every run and machine, and harmless for every dtype (no NaN, no denormals,
// indices in range).
#pragma once
#include "tools/graphc/loaded_library.h"

namespace graphc::cli {

/// Floats in [-1, 1), integers and bools 0 or 1.
void fillRandomInputs(const graphc_entry_info &entry, const ArgumentBuffers &buffers);

} // namespace graphc::cli
