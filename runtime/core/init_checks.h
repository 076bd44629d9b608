// The checks that making a model and making a context share, in the order that design part 5 gives: options, memory,
// processor, header.
#pragma once
#include "core/library.h"

namespace graphc::runtime {

/// Options as this library knows them, or GRAPHC_ERR_VERSION if the caller was compiled against others. Null: defaults.
graphc_status checkOptions(const graphc_options *options);
/// Memory for an object of `wanted` bytes.
graphc_status checkMemory(const void *memory, size_t bytes, uint64_t wanted);
/// Processor and header; `hash` 0 is not compared.
graphc_status checkBuild(uint64_t hash);
/// Which code a context runs: a position in signature().levels. After checkBuild. Once per context, never per call:
/// cpuid leaves a virtual machine.
graphc_status chooseLevel(const graphc_options *options, uint32_t &position);

} // namespace graphc::runtime
