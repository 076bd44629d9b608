// The machine's multiply-add peak on as many threads as the calls have, measured: what `graphc bench` compares a kernel
// with. Registers only, no memory.
#pragma once
#include "compiler/support/isa_level.h"

namespace graphc::cli {

/// GFLOP/s of independent f32 multiply-adds in vectors of the level, averaged over about five milliseconds: on this
/// thread or, if more than one, on so many at once, each pinned to a processor.
double measureFmaPeak(const support::IsaLevel &level, unsigned threads);
/// The same in the best fraction of a millisecond of each thread: what no other program took part of.
double measureFmaRoof(const support::IsaLevel &level, unsigned threads);

} // namespace graphc::cli
