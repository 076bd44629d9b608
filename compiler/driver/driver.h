// driver: the whole compiler as one call; the CLI, the tests and tools stand on it. pipeline.cpp reads as one page.
#pragma once
#include "compiler/driver/check_gradients.h"
#include "compiler/driver/derive_entry.h"
#include "compiler/support/diagnostics.h"
#include "compiler/support/isa_level.h"
#include "compiler/support/library_description.h"
#include "compiler/support/step_times.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <map>
#include <string>
#include <vector>

namespace graphc::driver {

struct CompileOptions {
  std::string input;         // graph file, JSON or .onnx
  std::string outputFolder;  // empty: nothing is written (check, --emit)
  std::string name;          // overrides the graph's name
  std::string weights;       // safetensors to embed, or empty
  support::IsaLevels levels; // ascending; none = native
  int optLevel = 2;
  uint64_t memoryLimit = 0; // bytes of workspace of each entry; 0: no limit
  bool strict = false;      // no faster form of an op with larger rounding errors
  bool debug = false;
  std::string stopAfter, dumpAfter; // stage names or empty; IR goes to dumpStream
  std::string emit;                 // "", "graph", "linalg", "llvm", "asm"
  unsigned jobs = 0;                // threads that codegen may use; 0: as many as the machine has
  bool times = false;
  bool profile = false;            // a library for graphc bench --profile (profiled_run.h)
  DerivativeRequest derivative;    // of an entry, in the entries' place
  bool keepOptimizedGraph = false; // fills CompileResult::graph
  const GradientRequest *gradients =
      nullptr; // checks derivatives in place of compiling: fills CompileResult::gradients
};

enum ExitCode { Ok = 0, Mistake = 1, Usage = 2, File = 3, Limit = 4, Internal = 70 };

/// What a loop keeps of its turns for a reverse derivative, at the largest sizes.
struct LoopMemory {
  std::string node, mode;   // the name, of a recursion its function's; of "grad": tape, carries, segments, online
  uint64_t turns = 0;       // at most; online: so many run no more than twice
  uint64_t bytes = 0;       // in all; online: whatever the number of turns
  uint64_t length = 0;      // of a segment
  bool isRecursion = false; // a way back over calls, not turns
  double perTurn = 0;       // online: how often each of a million turns runs
};

struct CompileResult {
  int exitCode = 0;
  std::string error; // for File and Internal: one sentence
  support::LibraryDescription library;
  std::map<std::string, double> seconds; // per stage
  support::StepTimes steps;              // inside them
  std::vector<std::string> readFiles;    // the graph and its weight files, as named: for depfiles
  std::vector<LoopMemory> loops;         // that reverse derivatives pass
  GradientReport gradients;
  mlir::OwningOpRef<mlir::ModuleOp> graph; // after optimize, if kept (for the reference evaluation)
};

/// Runs the stages in order. Mistakes are in `diagnostics` (not printed here). IR asked for goes to `out`.
CompileResult compile(mlir::MLIRContext &context, support::Sources &sources, support::Diagnostics &diagnostics,
                      const CompileOptions &options, llvm::raw_ostream &out);
/// Same from a module in the graph dialect: for tests that build graphs in memory.
CompileResult compileModule(mlir::ModuleOp module, const CompileOptions &options, llvm::raw_ostream &out);

struct ImportResult {
  int exitCode = 0;
  std::string error;         // for File and Internal: one sentence
  std::string json, weights; // the graph as JSON; values of its params as a safetensors file, empty without params
};
/// An ONNX model as a graph file and its weights. `weightsName` is how the graph file names the weights.
ImportResult importOnnx(mlir::MLIRContext &context, support::Diagnostics &diagnostics, llvm::StringRef path,
                        llvm::StringRef weightsName);

/// Loads every dialect the pipeline needs, with threading off (one context, deterministic).
void loadDialects(mlir::MLIRContext &context);
} // namespace graphc::driver
