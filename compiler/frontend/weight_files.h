// "weights" of a graph file (R20): which file holds which param under which name. Paths with {i} in "map" are matched
// against the params that were built, so that the stages after this one see one plain entry per param.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Sets graph.weights on the module: an array of {file: string, place: location, partial: unit, tensors:
/// {"net.h.weight": {from: string, perm: array of i64, dtype: type}}}; a param that is not in `tensors` is in the file
/// by its own path.
void describeWeights(support::JsonValue weights, Program &program);
} // namespace graphc::frontend
