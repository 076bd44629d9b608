// From the options of check, build, run and bench to one driver::compile call, with its messages printed in the format
// asked for.
#pragma once
#include "compiler/driver/driver.h"
#include "tools/graphc/options.h"

namespace graphc::cli {

/// Fills `request` from the options that the commands share (weights, target, -O ...); levels stay what they are where
/// no target is given. A sentence in `error` for a
/// usage error.
bool readCompileOptions(const llvm::opt::InputArgList &arguments, driver::CompileOptions &request, std::string &error);

/// Compiles with a context of its own; prints diagnostics or the error. IR goes to stdout.
driver::CompileResult compileAndReport(const llvm::opt::InputArgList &arguments, const driver::CompileOptions &request);

/// Runs `work` with an engine and a context of its own, then prints what it reported.
void reportDiagnostics(const llvm::opt::InputArgList &arguments,
                       llvm::function_ref<void(support::Diagnostics &, mlir::MLIRContext &)> work);

/// The times of stages and of the steps inside them, on stderr (--time-report).
void printTimes(const driver::CompileResult &result, bool asJson);

} // namespace graphc::cli
