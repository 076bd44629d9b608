// graphc, the command line. Exit codes: 0 ok; 1 a mistake or limit reported at a place in the input; 2 usage; 3 a file
// or I/O; 4 out of memory; 70 internal error; 130 interrupted. stdout is the product, stderr the messages.
#include "compiler/driver/driver.h"
#include "compiler/driver/stages.h"
#include "tools/graphc/command.h"
#include "tools/graphc/interrupt.h"
#include "tools/graphc/message.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace graphc;
using namespace graphc::cli;

static constexpr Command table[] = {
    {"check", "graphc check [options] GRAPH.json", "Report every mistake in a graph; write nothing",
     "graphc check net.json", CheckVis, 1, 1, runCheck},
    {"build", "graphc build [options] GRAPH.json -o DIR", "Make a library: lib<name>.a, lib<name>.so and <name>.h",
     "graphc build net.json -o lib/ --weights net.safetensors", BuildVis, 1, 1, runBuild},
    {"run", "graphc run [options] GRAPH.json --inputs DIR --outputs DIR", "Call an entry once on .npy files",
     "graphc run net.json --entry predict --inputs in/ --outputs out/", RunVis, 1, 1, runRun},
    {"vjp", "graphc vjp [options] GRAPH --inputs DIR --cotangents DIR --outputs DIR",
     "Derive an entry in reverse: from cotangents of outputs to those of inputs",
     "graphc vjp model.onnx --inputs in/ --cotangents ct/ --wrt x --outputs out/", VjpVis, 1, 1, runVjp},
    {"jvp", "graphc jvp [options] GRAPH --inputs DIR --tangents DIR --outputs DIR",
     "Derive an entry forward: from tangents of inputs to those of outputs",
     "graphc jvp net.json --entry predict --inputs in/ --tangents t/ --outputs out/", JvpVis, 1, 1, runJvp},
    {"gradcheck", "graphc gradcheck [options] GRAPH",
     "Check the derivatives of a graph, op by op, and rules of your own", "graphc gradcheck net.json --entry loss",
     GradcheckVis, 1, 1, runGradcheck},
    {"bench", "graphc bench [options] GRAPH.json", "Measure an entry: time, GFLOP/s, share of the machine's peak",
     "graphc bench net.json --entry predict --seconds 5", BenchVis, 1, 1, runBench},
    {"import", "graphc import [options] MODEL.onnx -o GRAPH.json", "Write an ONNX model as a graph and its weights",
     "graphc import model.onnx -o net.json", ImportVis, 1, 1, runImport},
    {"ops", "graphc ops [OP]", "List the ops of the language, or describe one", "graphc ops softmax", OpsVis, 0, 1,
     runOps},
    {"explain", "graphc explain [CODE]", "Explain the code of a message", "graphc explain G3002", ExplainVis, 0, 1,
     runExplain},
    {"targets", "graphc targets", "List the levels that --target takes", "graphc targets", TargetsVis, 0, 0,
     runTargets},
};

llvm::ArrayRef<Command> cli::commands() { return table; }

static void printHelp(llvm::raw_ostream &os) {
  os << "  graphc build net.json -o lib/     makes lib/libnet.a, lib/libnet.so and lib/net.h\n\n"
     << "usage: graphc COMMAND [options] FILE\n\ncommands\n";
  for (const Command &command : table) os << llvm::format("  %-9s %s\n", command.name, command.summary);
  os << "\nstages (for --stop-after and --dump-after)\n";
  for (const driver::Stage &stage : driver::stages())
    os << llvm::format("  %-9s %s\n", stage.name.str().c_str(), stage.summary.str().c_str());
  os << "\n'graphc COMMAND --help' shows a command's options; 'graphc --version' the version.\n";
}

static const Command *findCommand(llvm::StringRef name) {
  for (const Command &command : table)
    if (name == command.name) return &command;
  return nullptr;
}

static int runCommand(const Command &command, llvm::ArrayRef<const char *> words) {
  ParsedOptions parsed = parseOptions(words, command.name, command.visibility);
  if (parsed.arguments.hasArg(OPT_help)) {
    printCommandHelp(llvm::outs(), command.usage, command.summary, command.example, command.visibility);
    return driver::Ok;
  }
  if (!parsed.error.empty()) return usageError(parsed.error);
  std::vector<std::string> inputs = parsed.arguments.getAllArgValues(OPT_INPUT);
  if (inputs.size() < command.minInputs)
    return usageError(llvm::Twine("'graphc ") + command.name + "' wants a file: " + command.usage);
  if (inputs.size() > command.maxInputs)
    return usageError("'" + support::printable(inputs[command.maxInputs]) + "' is one word too many for 'graphc " +
                      command.name + "': " + command.usage);
  for (const std::string &input : inputs)
    if (input.empty()) return usageError("the name of a file is empty");
  return command.run(parsed.arguments);
}

/// `graphc net.json -o lib/` is `graphc build net.json -o lib/`: some word names a graph.
static bool namesGraph(llvm::ArrayRef<const char *> words) {
  return llvm::any_of(words, [](llvm::StringRef word) { return !word.starts_with("-") && word.ends_with(".json"); });
}

static int run(llvm::ArrayRef<const char *> words) {
  if (words.empty()) {
    printHelp(llvm::errs());
    return driver::Usage;
  }
  llvm::StringRef first = words[0];
  if (first == "--help" || first == "-h" || first == "help") {
    const Command *command = words.size() > 1 ? findCommand(words[1]) : nullptr;
    if (command) return runCommand(*command, {"--help"});
    printHelp(llvm::outs());
    return driver::Ok;
  }
  if (first == "--version") {
    llvm::outs() << "graphc " GRAPHC_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
    return driver::Ok;
  }
  if (const Command *command = findCommand(first)) return runCommand(*command, words.drop_front());
  if (first.ends_with(".json") || (first.starts_with("-") && namesGraph(words)))
    return runCommand(*findCommand("build"), words);
  std::vector<llvm::StringRef> names;
  for (const Command &command : table) names.push_back(command.name);
  const char *kind = first.starts_with("-") ? "unknown option '" : "unknown command '";
  return usageError(kind + support::printable(first) + "'" + support::didYouMean(first, names) +
                    "; 'graphc --help' lists the commands");
}

int main(int argc, char **argv) {
  installHandlers();
  int exitCode = run(llvm::ArrayRef<const char *>(argv + 1, argc > 0 ? argc - 1 : 0));
  llvm::errs().clear_error(); // messages that nobody could be given; else its destructor aborts
  llvm::outs().flush();
  if (!llvm::outs().has_error()) return exitCode;
  std::string reason = llvm::outs().error().message();
  llvm::outs().clear_error(); // else its destructor aborts
  return fail(driver::File, "cannot write to the standard output: " + reason);
}
