// The whole compiler on one page: Compilation::run names the stages in their order (stages.def). Each is timed and may
// print its IR. What a user can get wrong is found in the first stage; an MLIR error after it is a defect of graphc: it
// is captured, ends the compilation with exit code 70 and a sentence that names the stage, and is never shown as IR.
#include "compiler/autodiff/autodiff.h"
#include "compiler/codegen/codegen.h"
#include "compiler/driver/big_stack_thread.h"
#include "compiler/driver/driver.h"
#include "compiler/driver/embed_weights.h"
#include "compiler/driver/module_notes.h"
#include "compiler/driver/param_values.h"
#include "compiler/driver/pass_times.h"
#include "compiler/driver/stages.h"
#include "compiler/frontend/frontend.h"
#include "compiler/lower/lower.h"
#include "compiler/onnx/onnx.h"
#include "compiler/optimize/optimize.h"
#include "compiler/package/package.h"
#include "compiler/support/files.h"
#include "compiler/support/source_place.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"
#include <chrono>
#include <thread>

using namespace graphc;
using namespace graphc::driver;

static constexpr uint64_t maxGraphBytes = uint64_t(256) << 20;
static constexpr uint64_t maxWeightBytes = uint64_t(1) << 40;

namespace {

/// Prints the module after one named pass: how `--emit=linalg` looks into the middle of a stage.
class PrintAfterPass : public mlir::PassInstrumentation {
public:
  PrintAfterPass(llvm::StringRef argument, llvm::raw_ostream &out) : argument(argument), out(out) {}
  void runAfterPass(mlir::Pass *pass, mlir::Operation *op) override {
    if (pass->getArgument() != argument) return;
    op->print(out);
    out << "\n";
  }

private:
  llvm::StringRef argument;
  llvm::raw_ostream &out;
};

class Compilation {
public:
  Compilation(mlir::MLIRContext &context, support::Sources &sources, support::Diagnostics &diagnostics,
              const CompileOptions &options, llvm::raw_ostream &out, CompileResult &result)
      : context(context), sources(sources), diagnostics(diagnostics), options(options), out(out), result(result) {}

  /// All stages from the file, or from a module that is there already.
  void run(mlir::OwningOpRef<mlir::ModuleOp> given);

private:
  bool stage(llvm::StringRef name, llvm::function_ref<bool()> work);
  bool frontendStage();
  bool importStage(llvm::StringRef bytes);
  bool autodiffStage();
  bool optimizeStage();
  bool lowerStage();
  bool codegenStage();
  bool packageStage();

  int lastStage() const;
  bool printStage(llvm::StringRef name);
  bool buildsLibrary() const { return lastStage() >= stageIndex("codegen"); }
  bool checkModule();
  bool openWeights();
  bool readWeights();
  bool gradientCheck();
  bool openWeightFile(WeightFile file, support::DataFile data);
  bool runPasses(mlir::PassManager &passes);
  void noteError(const mlir::Diagnostic &diagnostic);
  codegen::Options generation();
  std::optional<std::string> generate(codegen::Emit emit);
  bool fail(int exitCode, const llvm::Twine &error);
  bool mistake() { return result.exitCode = Mistake, false; }

  mlir::MLIRContext &context;
  support::Sources &sources;
  support::Diagnostics &diagnostics;
  const CompileOptions &options;
  llvm::raw_ostream &out;
  CompileResult &result;

  support::IsaLevels levels;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ParamPlaces paramPlaces;
  std::vector<WeightFile> graphWeights; // as the graph describes them, paths relative to its folder, not read yet
  std::vector<WeightFile> weights;
  std::vector<std::string> objects;
  std::string running;       // the stage at work
  std::string internalError; // first MLIR error since the stage began
};

} // namespace

void Compilation::run(mlir::OwningOpRef<mlir::ModuleOp> given) {
  levels = options.levels;
  if (levels.empty()) levels.push_back(&support::nativeIsaLevel());
  module = std::move(given);
  mlir::ScopedDiagnosticHandler capture(&context, [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error) noteError(diagnostic);
    return mlir::success(); // nothing reaches the terminal but by our own engine
  });
  if (options.gradients) {
    if (stage("frontend", [&] { return frontendStage(); })) gradientCheck();
    return;
  }
  // The whole compiler; a stage that returns false ends it.
  stage("frontend", [&] { return frontendStage(); }) &&     //
      stage("autodiff", [&] { return autodiffStage(); }) && //
      stage("optimize", [&] { return optimizeStage(); }) && //
      stage("lower", [&] { return lowerStage(); }) &&       //
      stage("codegen", [&] { return codegenStage(); }) &&   //
      stage("package", [&] { return packageStage(); });
}

/// JSON -> graph dialect.
bool Compilation::frontendStage() {
  if (module) return checkModule();
  support::DataFile graph =
      support::openData(options.input, maxGraphBytes); // a file that is not there is no mistake in the graph
  if (!graph) return fail(File, graph.error);
  result.readFiles.push_back(options.input);
  if (onnx::isModelPath(options.input)) return importStage(graph.bytes->getBuffer());
  graph.bytes.reset();
  module = frontend::readGraph(context, sources, diagnostics, options.input, options.name);
  if (diagnostics.hasErrors()) return mistake();
  if (!module) return fail(Internal, "the file was refused without a reason");
  return checkModule();
}

/// ONNX -> graph dialect. The model brings its weights along.
bool Compilation::importStage(llvm::StringRef bytes) {
  onnx::ImportedModel model = onnx::importModel(context, diagnostics, options.input, bytes, options.name);
  if (diagnostics.hasErrors()) return mistake();
  if (!model.module) return fail(Internal, "the model was refused without a reason");
  module = std::move(model.module);
  llvm::StringRef folder = llvm::sys::path::parent_path(options.input);
  for (const std::string &name : model.readFiles) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    result.readFiles.push_back(path.str().str());
  }
  if (!model.weights.empty()) weights.push_back({options.input, std::move(model.weights), {}, /*partial=*/false});
  return checkModule();
}

/// graph -> graph without graph.derivative.
bool Compilation::autodiffStage() {
  if (!options.derivative.kind.empty())
    if (std::string wrong = deriveEntry(*module, options.derivative); !wrong.empty()) return fail(Usage, wrong);
  mlir::PassManager passes(&context);
  autodiff::buildPipeline(passes, options.memoryLimit);
  if (!runPasses(passes)) return false;
  result.loops = takeLoopMemory(*module);
  return true;
}

/// graph -> graph.
bool Compilation::optimizeStage() {
  mlir::PassManager passes(&context);
  optimize::buildPipeline(passes,
                          /*inlineEverything=*/options.memoryLimit != 0); // what is called has memory of its own
  if (!runPasses(passes)) return false;
  if (options.keepOptimizedGraph) result.graph = mlir::cast<mlir::ModuleOp>(module->getOperation()->clone());
  return true;
}

/// graph -> LLVM dialect, and what the library will offer.
bool Compilation::lowerStage() {
  lower::Options lowering;
  lowering.levels = levels;
  lowering.debug = options.debug;
  lowering.profile = options.profile;
  lowering.optLevel = options.optLevel;
  lowering.strict = options.strict;
  lowering.memoryLimit = options.memoryLimit;
  lowering.debugDirectory = llvm::sys::path::parent_path(options.input).str();
  if (lowering.debugDirectory.empty()) lowering.debugDirectory = ".";
  mlir::PassManager passes(&context);
  lower::buildPipeline(passes, lowering, result.library);
  if (options.emit == "linalg") passes.addInstrumentation(std::make_unique<PrintAfterPass>("lower-graph-ops", out));
  if (!runPasses(passes)) return false;
  return result.steps.measure(running, "weights", [&] { return readWeights(); });
}

/// LLVM dialect -> object code.
bool Compilation::codegenStage() {
  if (options.emit == "llvm" || options.emit == "asm") {
    std::optional<std::string> text = generate(options.emit == "asm" ? codegen::Emit::Assembly : codegen::Emit::LlvmIr);
    if (text) out << *text;
    return text.has_value();
  }
  if (lastStage() == stageIndex("codegen")) return true; // only its IR is wanted: printStage makes it
  std::string error;
  auto generated = codegen::generateObjects(*module, result.library, generation(), error);
  if (!generated) return fail(Internal, !error.empty() ? error : internalError);
  objects = std::move(*generated);
  return true;
}

/// object code -> the library's files.
bool Compilation::packageStage() {
  std::string error;
  if (package::writeLibrary(std::move(objects), result.library, options.outputFolder, error)) return true;
  return fail(File, error);
}

/// Runs one stage, notes its time, prints its IR if asked. False if the compilation ends here.
bool Compilation::stage(llvm::StringRef name, llvm::function_ref<bool()> work) {
  using Clock = std::chrono::steady_clock;
  running = name.str();
  internalError.clear();
  Clock::time_point start = Clock::now();
  bool good = work();
  result.seconds[running] = std::chrono::duration<double>(Clock::now() - start).count();
  if (good &&
      (options.stopAfter == name || options.dumpAfter == name || (options.emit == "graph" && name == "optimize")))
    good = printStage(name);
  return good && stageIndex(name) < lastStage();
}

/// What is printed for a stage: MLIR, LLVM IR, and for the last one the header as its user sees it.
bool Compilation::printStage(llvm::StringRef name) {
  if (name == "codegen") {
    std::optional<std::string> text = generate(codegen::Emit::LlvmIr);
    if (text) out << *text;
    return text.has_value();
  }
  if (name == "package") {
    out << package::headerText(result.library);
    return true;
  }
  module->print(out);
  out << "\n";
  return true;
}

/// Position of the last stage that the options ask for. Without a folder to write to, everything up to `lower` is
/// checked.
int Compilation::lastStage() const {
  if (!options.stopAfter.empty()) return stageIndex(options.stopAfter);
  if (options.emit == "graph") return stageIndex("optimize");
  if (options.emit == "linalg") return stageIndex("lower");
  if (!options.emit.empty()) return stageIndex("codegen");
  return stageIndex(options.outputFolder.empty() ? "lower" : "package");
}

/// After the frontend: a name that the options override, weight files that the graph names, where each param stands.
bool Compilation::checkModule() {
  if (!options.name.empty())
    module->getOperation()->setAttr("graph.name", mlir::StringAttr::get(&context, options.name));
  graphWeights = weightFilesOf(*module, sources);
  if (auto files = module->getOperation()->getAttrOfType<mlir::ArrayAttr>("graph.included"))
    for (auto file : files.getAsRange<mlir::StringAttr>()) result.readFiles.push_back(file.str());
  for (auto parameter : module->getOps<graph::ParameterOp>())
    paramPlaces[parameter.getSymName().str()] = support::sourcePlace(parameter.getLoc(), sources);
  if (!buildsLibrary()) return true;
  for (auto function : module->getOps<mlir::func::FuncOp>())
    if (function->hasAttr("graph.entry")) return true;
  diagnostics.error("G0012", support::Span(),
                    "'" + support::printable(options.input) + "' has no entries, so there is nothing to call from C",
                    "list functions in \"entries\"");
  return mistake();
}

bool Compilation::openWeightFile(WeightFile file, support::DataFile data) {
  if (!data && file.place) return diagnostics.error("G5004", file.place, data.error), mistake();
  if (!data) return fail(File, data.error);
  file.bytes = data.bytes->getBuffer().str();
  weights.push_back(std::move(file));
  return true;
}

/// The files named by --weights or else by the graph.
bool Compilation::openWeights() {
  if (!options.weights.empty()) {
    weights.clear(); // those of an ONNX model give way
    auto described = llvm::find_if(graphWeights, [&](const WeightFile &f) { return f.path == options.weights; });
    WeightFile given = described != graphWeights.end() ? *described : WeightFile();
    given.path = options.weights;
    given.place = support::Span();
    if (!openWeightFile(given, support::openData(options.weights, maxWeightBytes))) return false;
    result.readFiles.push_back(options.weights);
  } else {
    llvm::StringRef folder = llvm::sys::path::parent_path(options.input);
    for (const WeightFile &file : graphWeights) {
      if (!openWeightFile(file, support::openDataBeneath(folder.empty() ? "." : folder, file.path, maxWeightBytes)))
        return false;
      llvm::SmallString<128> path(folder);
      llvm::sys::path::append(path, file.path);
      result.readFiles.push_back(path.str().str());
    }
  }
  return true;
}

/// They are checked and packed. A library without them needs an init for every param.
bool Compilation::readWeights() {
  if (!openWeights()) return false;
  bool good = true;
  if (!weights.empty()) good = embedWeights(weights, paramPlaces, result.library, diagnostics);
  if (good && buildsLibrary()) good = checkEveryParamHasValue(paramPlaces, result.library, diagnostics);
  weights.clear();
  return good || mistake();
}

/// In the place of all stages behind the frontend.
bool Compilation::gradientCheck() {
  running = "gradcheck";
  if (!openWeights()) return false;
  unsigned seed = options.gradients->seed;
  auto value = [&](graph::ParameterOp parameter) { return paramValue(parameter, weights, seed); };
  std::string wrong = checkGradients(*module, *options.gradients, value, sources, diagnostics, result.gradients);
  if (llvm::StringRef(wrong).starts_with("internal error"))
    return fail(Internal, internalError.empty() ? wrong : internalError);
  if (!wrong.empty()) return fail(Mistake, wrong);
  return diagnostics.hasErrors() ? mistake() : true;
}

/// A limit that only planning can find (lower::sizeLimitError) is the user's to change, any other error ours.
void Compilation::noteError(const mlir::Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  if (llvm::StringRef message = text; message.consume_front(lower::sizeLimitPrefix))
    diagnostics.error("G3011", support::sourcePlace(diagnostic.getLocation(), sources), message);
  else if (message.consume_front(lower::memoryLimitPrefix))
    diagnostics.error("G9005", support::sourcePlace(diagnostic.getLocation(), sources), message);
  else if (internalError.empty())
    internalError = text;
}

bool Compilation::runPasses(mlir::PassManager &passes) {
#ifdef NDEBUG
  passes.enableVerifier(false); // after every pass it takes a quarter of lower's time: once, below
#endif
  passes.addInstrumentation(std::make_unique<PassTimes>(running, result.steps));
  if (mlir::succeeded(passes.run(*module)) &&
      result.steps.measure(running, "verify", [&] { return mlir::succeeded(mlir::verify(*module)); }))
    return true;
  if (diagnostics.hasErrors()) return mistake();
  return fail(Internal, internalError.empty() ? "a pass failed without a message" : internalError);
}

codegen::Options Compilation::generation() {
  codegen::Options generation;
  generation.optLevel = options.optLevel;
  generation.debug = options.debug;
  generation.jobs = options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  generation.times = &result.steps;
  return generation;
}

std::optional<std::string> Compilation::generate(codegen::Emit emit) {
  std::string error;
  std::optional<std::string> text = codegen::generate(*module, result.library, generation(), emit, error);
  if (!text) fail(Internal, !error.empty() ? error : internalError);
  return text;
}

bool Compilation::fail(int exitCode, const llvm::Twine &error) {
  result.exitCode = exitCode;
  std::string text = support::printable(llvm::StringRef(error.str()).split('\n').first);
  result.error = exitCode == Internal ? "internal error in stage '" + running + "': " + text : text;
  return false;
}

CompileResult driver::compile(mlir::MLIRContext &context, support::Sources &sources, support::Diagnostics &diagnostics,
                              const CompileOptions &options, llvm::raw_ostream &out) {
  CompileResult result;
  runOnBigStack([&] { Compilation(context, sources, diagnostics, options, out, result).run({}); });
  return result;
}

CompileResult driver::compileModule(mlir::ModuleOp module, const CompileOptions &options, llvm::raw_ostream &out) {
  CompileResult result;
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  mlir::MLIRContext &context = *module.getContext();
  runOnBigStack([&] {
    Compilation(context, sources, diagnostics, options, out, result).run(mlir::cast<mlir::ModuleOp>(module->clone()));
  });
  for (const support::Diagnostic &diagnostic : diagnostics.all())
    if (result.error.empty() && diagnostic.severity == support::Severity::Error) result.error = diagnostic.message;
  return result;
}
