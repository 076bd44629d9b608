// Derived functions (R26, R27, R30): { "derive": "grad", "of": f, ... } as a function around graph.derivative.
#pragma once
#include "compiler/frontend/program.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::frontend {

/// What a derivative is by and of.
struct DeriveTargets {
  std::vector<int64_t> inputs;     // of the function, in the order of "wrt"
  std::vector<std::string> params; // by path, sorted
  std::vector<int64_t> outputs;
  std::vector<support::Span> spans; // where the file asks for each input, then each param
};

/// Builds it, in mode train or predict, and completes the definition's inputs and outputs. The other function was built
/// before.
void deriveFunction(Definition &definition, bool train, Program &program);

/// "net.*.weight" and a path: `*` is one component, `**` any number.
bool matchesPath(llvm::StringRef pattern, llvm::StringRef path);

/// derive_targets.cpp: what the file asks for, of the function `of`. Mistakes are reported.
DeriveTargets findTargets(const Definition &definition, const Definition &of, const BuiltFunction &built,
                          Program &program);

/// derivative_reach.cpp: G7003 where an op without a rule lies between, or nothing of what is asked for reaches the
/// outputs; G7002, a warning, for each that does not: a train_step leaves such params as they are, so its targets lose
/// them. False after an error.
bool checkReach(const Definition &definition, mlir::func::FuncOp function, DeriveTargets &targets, Program &program);

/// derive_entry.cpp: in an entry the derivatives by params are one tensor, `d_params` (R27). Changes what the entry's
/// name stands for in program.functions.
void packParameterDerivatives(const Definition &definition, Program &program);

} // namespace graphc::frontend
