// Options are checked here, before anything is read: a wrong value is a usage error (exit 2), never a mistake in the
// graph.
#include "tools/graphc/compile_request.h"
#include "compiler/driver/stages.h"
#include "compiler/support/public_names.h"
#include "mlir/IR/MLIRContext.h"
#include "tools/graphc/message.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace graphc;
using namespace graphc::cli;
using llvm::opt::InputArgList;

static constexpr size_t maxNameLength = 512; // the limit on names of the language

/// An identifier of C, since it becomes the prefix of all symbols and of the files' names.
static bool isName(llvm::StringRef name) {
  auto isNameByte = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  return !name.empty() && name.size() <= maxNameLength && !llvm::isDigit(name[0]) && llvm::all_of(name, isNameByte);
}

/// "x86-64-v2,native": in any order, ascending and each once in `levels`.
static bool readLevels(llvm::StringRef list, support::IsaLevels &levels, std::string &error) {
  std::vector<llvm::StringRef> names = {"native"};
  for (const support::IsaLevel *known : support::allIsaLevels()) names.push_back(known->name);
  llvm::SmallVector<llvm::StringRef> words;
  list.split(words, ',');
  levels.clear();
  for (llvm::StringRef word : words) {
    if (!isChoice(word, "--target", names, error)) return false;
    levels.push_back(support::findIsaLevel(word));
  }
  llvm::sort(levels, [](auto *a, auto *b) { return a->number < b->number; });
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return true;
}

/// "65536", "64K", "1.5M", "2G".
static bool readBytes(llvm::StringRef text, llvm::StringRef option, uint64_t &bytes, std::string &error) {
  llvm::StringRef number = text;
  double factor = 1, value = 0;
  for (auto [letter, size] : {std::pair("K", 1024.0), std::pair("M", 1048576.0), std::pair("G", 1073741824.0)})
    if (number.consume_back(letter)) {
      factor = size;
      break;
    }
  if (!number.empty() && !number.getAsDouble(value) && value * factor >= 1 && value * factor < 1e18) {
    bytes = static_cast<uint64_t>(value * factor);
    return true;
  }
  error = "'" + option.str() + "' wants bytes, as 65536, 64K, 1.5M or 2G, not '" + support::printable(text) + "'";
  return false;
}

bool cli::readCompileOptions(const InputArgList &arguments, driver::CompileOptions &request, std::string &error) {
  request.input = arguments.getLastArgValue(OPT_INPUT).str();
  request.weights = arguments.getLastArgValue(OPT_weights).str();
  request.name = arguments.getLastArgValue(OPT_name).str();
  request.debug = arguments.hasArg(OPT_g);
  request.times = arguments.hasArg(OPT_time_report) || arguments.hasArg(OPT_time_report_form);
  if (!isChoice(arguments.getLastArgValue(OPT_time_report_form, "human"), "--time-report", {"human", "json"}, error))
    return false;
  request.outputFolder = arguments.getLastArgValue(OPT_o).str();
  request.emit = arguments.getLastArgValue(OPT_emit).str();
  request.stopAfter = arguments.getLastArgValue(OPT_stop_after).str();
  request.dumpAfter = arguments.getLastArgValue(OPT_dump_after).str();
  if (!isChoice(arguments.getLastArgValue(OPT_diag, "human"), "--diag", {"human", "short", "json"}, error))
    return false;
  if (arguments.hasArg(OPT_target) && !readLevels(arguments.getLastArgValue(OPT_target), request.levels, error))
    return false;
  llvm::StringRef jobs = arguments.getLastArgValue(OPT_jobs, "0");
  if (arguments.hasArg(OPT_jobs) && (jobs.getAsInteger(10, request.jobs) || request.jobs < 1 || request.jobs > 1024)) {
    error = "'--jobs' wants a number from 1 to 1024, not '" + support::printable(jobs) + "'";
    return false;
  }
  if (arguments.hasArg(OPT_memory_limit) &&
      !readBytes(arguments.getLastArgValue(OPT_memory_limit), "--memory-limit", request.memoryLimit, error))
    return false;
  llvm::StringRef optLevel = arguments.getLastArgValue(OPT_O, "2");
  if (!isChoice(optLevel, "-O", {"0", "1", "2", "3"}, error)) return false;
  request.optLevel = optLevel[0] - '0';
  llvm::StringRef accuracy = arguments.getLastArgValue(OPT_accuracy, "fast");
  if (!isChoice(accuracy, "--accuracy", {"fast", "strict"}, error)) return false;
  request.strict = accuracy == "strict";
  if (arguments.hasArg(OPT_name) && !isName(request.name)) {
    error = "'" + support::printable(request.name) +
            "' is no name: '--name' wants letters, digits and '_', not a digit first";
    return false;
  }
  if (support::isSharedPrefix(request.name)) {
    error = "a library cannot be called '" + request.name + "': 'graphc' begins the names that all libraries share";
    return false;
  }
  if (!request.emit.empty() && !isChoice(request.emit, "--emit", {"graph", "linalg", "llvm", "asm"}, error))
    return false;
  for (auto [value, option] :
       {std::pair(request.stopAfter, "--stop-after"), std::pair(request.dumpAfter, "--dump-after")})
    if (!value.empty() && !isChoice(value, option, driver::stageNames(), error)) return false;
  return true;
}

static support::DiagnosticFormat diagnosticFormat(const InputArgList &arguments) {
  llvm::StringRef name = arguments.getLastArgValue(OPT_diag, "human");
  if (name == "json") return support::DiagnosticFormat::Json;
  return name == "short" ? support::DiagnosticFormat::Short : support::DiagnosticFormat::Human;
}

driver::CompileResult cli::compileAndReport(const InputArgList &arguments, const driver::CompileOptions &request) {
  support::DiagnosticFormat format = diagnosticFormat(arguments);
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  driver::loadDialects(context);
  driver::CompileResult result = driver::compile(context, sources, diagnostics, request, llvm::outs());
  result.graph = nullptr; // does not outlive its context
  bool json = format == support::DiagnosticFormat::Json;
  if (!result.error.empty() && json) {            // a reader of JSON gets one document, whatever went wrong
    bool wrote = result.seconds.count("package"); // the only stage that writes
    const char *code = result.exitCode != driver::File ? "G9900" : wrote ? "G9002" : "G5004";
    diagnostics.error(code, support::Span(), result.error);
  }
  if (!diagnostics.all().empty() || json) diagnostics.render(llvm::errs(), format, colourWanted());
  if (!result.error.empty() && !json) fail(result.exitCode, result.error);
  if (request.times) printTimes(result, arguments.getLastArgValue(OPT_time_report_form) == "json");
  return result;
}

void cli::reportDiagnostics(const InputArgList &arguments,
                            llvm::function_ref<void(support::Diagnostics &, mlir::MLIRContext &)> work) {
  support::DiagnosticFormat format = diagnosticFormat(arguments);
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  driver::loadDialects(context);
  work(diagnostics, context);
  if (!diagnostics.all().empty() || format == support::DiagnosticFormat::Json)
    diagnostics.render(llvm::errs(), format, colourWanted());
}

static void printTimesAsJson(const driver::CompileResult &result) {
  llvm::json::OStream out(llvm::errs());
  out.array([&] {
    for (const driver::Stage &stage : driver::stages()) {
      auto found = result.seconds.find(stage.name.str());
      if (found == result.seconds.end()) continue;
      out.object([&] {
        out.attribute("stage", stage.name);
        out.attribute("seconds", found->second);
        out.attributeArray("steps", [&] {
          for (const support::StepTimes::Step &step : result.steps.all())
            if (step.stage == stage.name)
              out.object([&] {
                out.attribute("step", step.name);
                out.attribute("seconds", step.seconds);
                out.attribute("times", step.times);
              });
        });
      });
    }
  });
  llvm::errs() << "\n";
}

void cli::printTimes(const driver::CompileResult &result, bool asJson) {
  if (asJson) return printTimesAsJson(result);
  double sum = 0;
  for (const driver::Stage &stage : driver::stages()) {
    auto found = result.seconds.find(stage.name.str());
    if (found == result.seconds.end()) continue;
    llvm::errs() << llvm::format("%-10s %9.1f ms\n", stage.name.str().c_str(), found->second * 1e3);
    sum += found->second;
    for (const support::StepTimes::Step &step : result.steps.all()) {
      if (step.stage != stage.name) continue;
      llvm::errs() << llvm::format("  %-32s %9.1f ms", step.name.c_str(), step.seconds * 1e3);
      if (step.times > 1) llvm::errs() << "  (" << step.times << " times)";
      llvm::errs() << "\n";
    }
  }
  llvm::errs() << llvm::format("total      %9.1f ms\n", sum * 1e3);
}
