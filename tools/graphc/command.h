// A command of graphc: one row in main.cpp's table, one file command_<name>.cpp. A command gets its parsed options and
// returns the exit code (driver::ExitCode); stdout is its product, messages go to stderr through message.h.
#pragma once
#include "tools/graphc/options.h"

namespace graphc::cli {

struct Command {
  const char *name, *usage, *summary, *example;
  unsigned visibility;
  unsigned minInputs, maxInputs; // words that are no options
  int (*run)(const llvm::opt::InputArgList &arguments);
};

llvm::ArrayRef<Command> commands();

int runCheck(const llvm::opt::InputArgList &arguments);
int runBuild(const llvm::opt::InputArgList &arguments);
int runRun(const llvm::opt::InputArgList &arguments);
int runVjp(const llvm::opt::InputArgList &arguments);
int runJvp(const llvm::opt::InputArgList &arguments);
int runGradcheck(const llvm::opt::InputArgList &arguments);
int runBench(const llvm::opt::InputArgList &arguments);
int runImport(const llvm::opt::InputArgList &arguments);
int runOps(const llvm::opt::InputArgList &arguments);
int runExplain(const llvm::opt::InputArgList &arguments);
int runTargets(const llvm::opt::InputArgList &arguments);

} // namespace graphc::cli
