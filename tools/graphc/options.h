// The options of options.td as C++: identifiers, one visibility bit per command, and parsing with our own messages.
#pragma once
#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include <optional>
#include <string>

namespace graphc::cli {

enum OptionId {
  OPT_INVALID = 0,
#define OPTION(...) LLVM_MAKE_OPT_ID(__VA_ARGS__),
#include "tools/graphc/options.inc"
#undef OPTION
};

/// In the order of options.td; bit 0 is LLVM's DefaultVis.
enum CommandBit : unsigned {
  CheckVis = 1 << 1,
  BuildVis = 1 << 2,
  RunVis = 1 << 3,
  BenchVis = 1 << 4,
  OpsVis = 1 << 5,
  ExplainVis = 1 << 6,
  TargetsVis = 1 << 7,
  ImportVis = 1 << 8,
  VjpVis = 1 << 9,
  JvpVis = 1 << 10,
  GradcheckVis = 1 << 11,
};

/// The words after the command. Arguments keep pointers into `words`.
struct ParsedOptions {
  llvm::opt::InputArgList arguments;
  std::string error; // one sentence for a usage error, or empty
};
ParsedOptions parseOptions(llvm::ArrayRef<const char *> words, llvm::StringRef command, unsigned visibility);

/// Help of one command: usage, summary, example, options.
void printCommandHelp(llvm::raw_ostream &os, llvm::StringRef usage, llvm::StringRef summary, llvm::StringRef example,
                      unsigned visibility);

} // namespace graphc::cli
