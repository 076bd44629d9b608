// lower: graph -> LLVM dialect. to_linalg (each op's `lower`) -> fuse (groups as kern.run + kern.kernel) -> bufferize
// (destinations, verifiers, arena plan) -> kernels (cloned per ISA level; builders emit vector code) -> to_llvm.
// docs/architecture.md has the IR between.
#pragma once
#include "compiler/support/isa_level.h"
#include "compiler/support/library_description.h"
#include "mlir/Pass/PassManager.h"

namespace graphc::lower {

struct Options {
  support::IsaLevels levels;  // that the library gets code for
  bool debug = false;         // -g
  bool profile = false;       // the code says when each of its kernels begins and ends (profiled_run.h)
  std::string debugDirectory; // the graph file's folder as the user gave it
  bool strict = false;        // no faster form of an op with larger rounding errors (Winograd)
  uint64_t memoryLimit = 0;   // bytes of workspace that a call may take; 0: as many as it takes
  int optLevel = 2;           // 0: no eliminate-empty-tensors, copies allowed (the oracle of the bufferization trap)
};

/// How an error begins that is no defect of graphc: sizes of the user that only planning finds too large. The rest is a
/// sentence for the user, the location its place.
inline constexpr llvm::StringLiteral sizeLimitPrefix = "too large: ";

/// Likewise: an entry does not fit the limit on its memory.
inline constexpr llvm::StringLiteral memoryLimitPrefix = "memory limit: ";

void registerPasses(); // for graphc-opt
/// Appends the passes; the last ones before to_llvm fill `library` (which must outlive the run).
void buildPipeline(mlir::OpPassManager &pm, const Options &options, support::LibraryDescription &library);
} // namespace graphc::lower
