// The file's "dims": names of sizes, each an integer or a static expression over others, in any order.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Fills program.dims. Dims that could not be had (reported) get a placeholder, so that names still resolve; false
/// then.
bool readDims(support::JsonValue dims, Program &program);
} // namespace graphc::frontend
