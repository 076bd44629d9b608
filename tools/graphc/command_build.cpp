// graphc build: the library into a folder, or one form of the code on stdout (--emit, --stop-after).
#include "compiler/support/files.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

using namespace graphc;
using namespace graphc::cli;

/// A path as make and ninja read it in a rule.
static std::string escapeForMake(llvm::StringRef path) {
  std::string text;
  for (char c : path) {
    if (c == '$') text += '$';
    if (c == ' ' || c == '#' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

/// One rule: the archive depends on every file that was read. The archive alone, since ninja refuses a target in a
/// depfile that the build statement does not declare.
static bool writeDepfile(llvm::StringRef path, const driver::CompileOptions &request,
                         const driver::CompileResult &result, std::string &error) {
  llvm::SmallString<128> archive(request.outputFolder);
  llvm::sys::path::append(archive, "lib" + result.library.name + ".a");
  std::string rule = escapeForMake(archive) + ":";
  for (const std::string &file : result.readFiles) rule += " \\\n  " + escapeForMake(file);
  rule += "\n";
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  support::OutputFolder output(folder.empty() ? llvm::StringRef(".") : folder);
  if (output.open() && output.add(llvm::sys::path::filename(path), rule) && output.commit()) return true;
  error = output.error();
  return false;
}

/// What came of --memory-limit, on stderr.
static void reportMemory(const driver::CompileResult &result) {
  for (const support::EntryDescription &entry : result.library.entries)
    llvm::errs() << "workspace of '" << entry.name << "': " << support::arenaBytes(entry) << " bytes, "
                 << entry.arenaBytesBefore << " without a limit; " << entry.repeatedRuns
                 << " kernel calls done twice\n";
  for (const driver::LoopMemory &loop : result.loops) {
    llvm::errs() << (loop.isRecursion ? "recursion '" : "loop '") << loop.node << "': its way back needs " << loop.bytes
                 << " bytes";
    if (loop.mode == "online")
      llvm::errs() << ", whatever the number of turns: " << loop.turns << " run twice, a million "
                   << llvm::format("%.1f", loop.perTurn) << " times";
    else if (loop.mode == "segments")
      llvm::errs() << " for up to " << loop.turns << " turns in segments of " << loop.length << ", which run twice";
    else
      llvm::errs() << " for up to " << loop.turns << (loop.isRecursion ? " calls" : " turns")
                   << (loop.mode == "carries" ? ", which run twice" : "");
    llvm::errs() << "\n";
  }
}

int cli::runBuild(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  request.levels = support::allIsaLevels(); // the product runs on machines that are not known here
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  bool prints = !request.emit.empty() || (!request.stopAfter.empty() && request.stopAfter != "package");
  if (!request.emit.empty() && (!request.stopAfter.empty() || !request.dumpAfter.empty()))
    return usageError("'--emit' does not go together with '--stop-after' or '--dump-after'");
  if (prints && !request.outputFolder.empty())
    return usageError(llvm::Twine("'") + (request.emit.empty() ? "--stop-after" : "--emit") +
                      "' prints and writes no library: leave out '-o'");
  if (!prints && request.outputFolder.empty()) return usageError("where to? give a folder with '-o DIR'");
  if (prints && arguments.hasArg(OPT_depfile)) return usageError("'--depfile' describes a library: it needs '-o DIR'");
  driver::CompileResult result = compileAndReport(arguments, request);
  if (result.exitCode == driver::Ok && request.memoryLimit) reportMemory(result);
  if (result.exitCode != driver::Ok || !arguments.hasArg(OPT_depfile)) return result.exitCode;
  return writeDepfile(arguments.getLastArgValue(OPT_depfile), request, result, error) ? driver::Ok
                                                                                      : fail(driver::File, error);
}
