// Compiled = reference evaluation, for files of cases (case_file.h): all functions of a file are entries of one graph,
// compiled once per ISA level in this process; each call then runs from the very .so that graphc ships. What the
// reference evaluates is the graph as the frontend made it, before any optimization. A function with named dims must
// give what its static twin gives, to the bit where the case has no tolerance (sums may be cut into other vectors). If
// the graph does not compile, its halves are tried until what is at fault stands alone.
//
// With `derived` each function's vjp stands in its place, and the reference evaluates the graph behind autodiff:
// whether the derivative is right, derivatives.cpp says.
//
// usage: compare_ops CASES.json LEVEL|all OPT [EVERY] [named|specialized] [derived]      (EVERY: one case in so many,
// for the levels beside the main one; named dims also: case_file.h)
#include "compiler/autodiff/autodiff.h"
#include "dialects/graph/evaluate_function.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "tests/models/case_file.h"
#include "tests/models/compiled_library.h"
#include "tests/models/graph_text.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace graphc;
using namespace graphc::test;
using graph::HostTensor;

namespace {

/// What a static call was given and gave, for its twin with named dims.
struct Ran {
  llvm::SmallVector<HostTensor> inputs, outputs;
};

class Comparison {
public:
  Comparison(const CaseFile &file, const support::IsaLevel &level, int optLevel, bool derived)
      : file(file), level(level), optLevel(optLevel), derived(derived) {}

  /// Number of calls that went wrong.
  size_t run() {
    std::vector<std::vector<size_t>> open(1, std::vector<size_t>(file.functions.size()));
    std::iota(open[0].begin(), open[0].end(), 0);
    while (!open.empty() && wrong < mostShown) {
      std::vector<size_t> functions = std::move(open.back());
      open.pop_back();
      std::string error = tryFunctions(functions);
      if (error.empty()) continue;
      if (functions.size() == 1) {
        report(file.functions[functions[0]], error);
        continue;
      }
      size_t half = functions.size() / 2;
      open.emplace_back(functions.begin() + half, functions.end());
      open.emplace_back(functions.begin(), functions.begin() + half);
    }
    return wrong;
  }

private:
  static constexpr size_t mostShown = 40;
  const CaseFile &file;
  const support::IsaLevel &level;
  int optLevel;
  bool derived;
  size_t wrong = 0;
  std::map<size_t, Ran> statics; // by call

  void report(const CaseFunction &function, const std::string &message) {
    ++wrong;
    llvm::errs() << level.name << " -O" << optLevel << ": " << function.shown << ": " << message << "\n";
  }

  /// Compiles these functions as one library and runs all their calls. An error is one of the compilation.
  std::string tryFunctions(llvm::ArrayRef<size_t> functions) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    driver::loadDialects(context);
    std::string messages;
    mlir::OwningOpRef<mlir::ModuleOp> module = readText(context, file.graph(functions), messages);
    if (!module) return messages.empty() ? "refused without a reason" : "refused: " + messages;
    CompiledLibrary library;
    std::string error = library.build(*module, level, optLevel);
    if (!error.empty()) return error;
    if (derived) { // the reference knows no derivative that is not expanded
      mlir::PassManager passes(&context);
      autodiff::buildPipeline(passes);
      if (mlir::failed(passes.run(*module))) return "cannot be derived";
    }
    for (size_t i = 0; i < file.calls.size() && wrong < mostShown; ++i) {
      if (!llvm::is_contained(functions, file.calls[i].function)) continue;
      const CaseFunction &function = file.functions[file.calls[i].function];
      std::string message = runCall(library, *module, i);
      if (!message.empty()) report(function, message);
    }
    return "";
  }

  llvm::SmallVector<HostTensor> inputsOf(mlir::func::FuncOp function, size_t index) {
    const CaseCall &call = file.calls[index];
    if (call.twin >= 0)
      if (auto twin = statics.find(size_t(call.twin)); twin != statics.end()) return twin->second.inputs;
    std::mt19937 random(unsigned(call.twin >= 0 ? call.twin : int(index)) + 1); // the same whatever else is run
    llvm::SmallVector<HostTensor> inputs;
    for (auto [i, argument] : llvm::enumerate(function.getArgumentTypes())) {
      ValueKind kind = i < call.inputs.size() ? call.inputs[i].values : ValueKind(); // or a cotangent
      inputs.push_back(
          drawTensor(argument, [&](graph::DimAttr dim) { return call.dims.at(dim.getName().str()); }, kind, random));
    }
    return inputs;
  }

  /// "" if compiled code and reference agree.
  std::string runCall(CompiledLibrary &library, mlir::ModuleOp module, size_t index) {
    const CaseCall &call = file.calls[index];
    const std::string &name = file.functions[call.function].name;
    auto function = module.lookupSymbol<mlir::func::FuncOp>(name);
    const graphc_entry_info *entry = library.find(name);
    if (!function || !entry) return "is no entry";
    Ran ran;
    ran.inputs = inputsOf(function, index);
    CompiledLibrary::Outcome got =
        library.call(*entry, ran.inputs, [&](llvm::StringRef dim) { return call.dims.at(dim.str()); });
    std::string where;
    for (const auto &[dim, value] : call.dims) where += dim + " = " + std::to_string(value) + ", ";
    if (!got.error.empty()) return where + got.error;
    if (got.status != call.status)
      return where + "status " + std::to_string(got.status) + ", not " + std::to_string(call.status);
    llvm::SmallVector<HostTensor> wanted;
    mlir::ScopedDiagnosticHandler quiet(module.getContext(), [](mlir::Diagnostic &) { return mlir::success(); });
    bool evaluated = mlir::succeeded(graph::evaluateFunction(function, ran.inputs, noParameter, wanted));
    if (evaluated != (call.status == GRAPHC_OK))
      return where + (evaluated ? "the reference evaluation finds no wrong index" : "the reference evaluation failed");
    if (!evaluated) return "";
    for (auto [i, output] : llvm::enumerate(got.outputs)) {
      std::string message = compareTensors(output, wanted[i], call.tolerance);
      if (!message.empty()) return where + (wanted.size() == 1 ? "" : "result " + std::to_string(i) + ": ") + message;
    }
    ran.outputs = std::move(got.outputs);
    if (call.twin < 0) return keep(index, std::move(ran));
    return call.likeTwin ? compareWithTwin(size_t(call.twin), ran, where, call.tolerance) : "";
  }

  std::string keep(size_t index, Ran ran) {
    statics[index] = std::move(ran);
    return "";
  }

  std::string compareWithTwin(size_t twin, const Ran &ran, const std::string &where, const Tolerance &tolerance) {
    auto found = statics.find(twin);
    if (found == statics.end()) return ""; // not in this half
    for (auto [mine, theirs] : llvm::zip(ran.outputs, found->second.outputs)) {
      std::string message = compareTensors(mine, theirs, tolerance);
      if (!message.empty()) return where + "against the static twin: " + message;
    }
    return "";
  }
};
} // namespace

int main(int argc, char **argv) {
  unsigned every = 1;
  bool derived = llvm::StringRef(argv[argc - 1]) == "derived";
  if (derived) --argc;
  llvm::StringRef last = argv[argc - 1];
  Named named = last == "named" ? Named::Yes : last == "specialized" ? Named::Specialized : Named::No;
  if (named != Named::No) --argc;
  if (argc < 4 || argc > 5 || (argc == 5 && (llvm::StringRef(argv[4]).getAsInteger(10, every) || every == 0)))
    return llvm::errs() << "usage: compare_ops CASES.json LEVEL|all OPT [EVERY] [named|specialized] [derived]\n", 2;
  CaseFile file;
  std::string error = readCaseFile(argv[1], every, named, file, derived);
  if (!error.empty()) return llvm::errs() << argv[1] << ": " << error << "\n", 1;
  int optLevel = std::atoi(argv[3]), failed = 0;
  for (const support::IsaLevel &level : support::isaLevels()) {
    if (level.number > support::nativeIsaLevel().number || (llvm::StringRef(argv[2]) != "all" && level.name != argv[2]))
      continue;
    size_t wrong = file.functions.empty() ? 0 : Comparison(file, level, optLevel, derived).run();
    llvm::outs() << level.name << " -O" << optLevel << ": " << file.calls.size() << " calls of "
                 << file.functions.size() << " functions, " << wrong << " wrong\n";
    failed |= wrong != 0;
  }
  return failed;
}
