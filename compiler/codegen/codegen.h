// codegen: LLVM dialect -> one relocatable x86-64 object: LLVM IR, the library descriptor and C wrappers as the ABI
// (graphc/abi.h) wants them, optimized; then the runtime's bitcode linked in and internalized, and machine code. Bytes
// depend on the input alone.
#pragma once
#include "compiler/support/library_description.h"
#include "compiler/support/step_times.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>
#include <vector>

namespace graphc::codegen {

struct Options {
  int optLevel = 2;
  bool debug = false;
  unsigned jobs = 1;                   // threads; what comes out does not depend on it
  support::StepTimes *times = nullptr; // gets its steps, if not null
};

/// Code reaches embedded weights by 32-bit offsets; a program that links them wants room for itself too.
inline constexpr uint64_t maxEmbeddedBytes = uint64_t(7) << 28;

enum class Emit { Object, LlvmIr, Assembly };

/// The object's bytes (or the text asked for). The module has each body at every level of library.levels, its functions
/// the target attributes of theirs. nullopt with a sentence in `error`: an internal error.
std::optional<std::string> generate(mlir::ModuleOp module, const support::LibraryDescription &library,
                                    const Options &options, Emit emit, std::string &error);
/// The same as one object, or as several where the kernels are worth several threads: package joins them.
std::optional<std::vector<std::string>> generateObjects(mlir::ModuleOp module,
                                                        const support::LibraryDescription &library,
                                                        const Options &options, std::string &error);
} // namespace graphc::codegen
