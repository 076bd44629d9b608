// The table that llvm-tblgen made from options.td, and what OptTable leaves to its user: unknown options (with
// did-you-mean), missing and empty values. Help is printed here because OptTable's own is a page long and shows no
// example.
#include "tools/graphc/options.h"
#include "compiler/support/diagnostics.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm::opt;
using namespace graphc;
using namespace graphc::cli;

namespace {

#define PREFIX(NAME, VALUE)                                                                                            \
  static constexpr llvm::StringLiteral NAME##_init[] = VALUE;                                                          \
  static constexpr llvm::ArrayRef<llvm::StringLiteral> NAME(NAME##_init, std::size(NAME##_init) - 1);
#include "tools/graphc/options.inc"
#undef PREFIX
constexpr OptTable::Info infos[] = {
#define OPTION(...) LLVM_CONSTRUCT_OPT_INFO(__VA_ARGS__),
#include "tools/graphc/options.inc"
#undef OPTION
};

struct Table : GenericOptTable {
  Table() : GenericOptTable(infos) { setDashDashParsing(true); }
};

} // namespace

static const Table &table() {
  static const Table instance;
  return instance;
}

/// ", did you mean '--entry'?" among the options of the command, without values.
static std::string nearestOption(llvm::StringRef written, unsigned visibility) {
  std::vector<llvm::StringRef> spellings;
  for (const OptTable::Info &info : infos)
    if ((info.Visibility & visibility) && info.Kind != Option::UnknownClass && info.Kind != Option::InputClass)
      spellings.push_back(info.PrefixedName.rtrim('='));
  return support::didYouMean(written.split('=').first, spellings);
}

ParsedOptions cli::parseOptions(llvm::ArrayRef<const char *> words, llvm::StringRef command, unsigned visibility) {
  unsigned missingIndex = 0, missingCount = 0;
  ParsedOptions parsed{table().ParseArgs(words, missingIndex, missingCount, Visibility(visibility)), ""};
  const InputArgList &arguments = parsed.arguments;
  if (arguments.hasArg(OPT_help)) return parsed;
  if (missingCount) {
    parsed.error = "'" + support::printable(arguments.getArgString(missingIndex)) + "' wants a value";
    return parsed;
  }
  for (const Arg *argument : arguments.filtered(OPT_UNKNOWN)) {
    std::string written = argument->getAsString(arguments);
    parsed.error = "unknown option '" + support::printable(written) + "' of 'graphc " + command.str() + "'" +
                   nearestOption(written, visibility);
    return parsed;
  }
  for (const Arg *argument : arguments) {
    if (argument->getOption().getKind() == Option::InputClass || argument->getNumValues() == 0) continue;
    if (*argument->getValue()) continue;
    parsed.error = "'" + argument->getSpelling().rtrim('=').str() + "' wants a value";
    return parsed;
  }
  return parsed;
}

void cli::printCommandHelp(llvm::raw_ostream &os, llvm::StringRef usage, llvm::StringRef summary,
                           llvm::StringRef example, unsigned visibility) {
  os << "  " << example << "\n\n" << summary << "\n\nusage: " << usage << "\n";
  for (const OptTable::Info &info : infos) {
    if (!(info.Visibility & visibility) || !info.HelpText) continue;
    std::string spelling = info.PrefixedName.str();
    if (info.MetaVar) spelling += (info.Kind == Option::JoinedOrSeparateClass ? " " : "") + std::string(info.MetaVar);
    os << llvm::format("  %-22s %s\n", spelling.c_str(), info.HelpText);
  }
}
