// Random graphs (random_graph.h): compiled code against the reference evaluation, op by op. Where a value of the entry
// is an output, what uses it is evaluated on what the compiled code gave, so errors do not add up over the graph; every
// other value, those in regions and callees too, also runs with noise of a few last places on it, and what that moves
// (a floor, an index, a turn of a loop) is compared only as far as it stays. A position outside its tensor must be
// reported (status INDEX) unless no output depends on what was read there. Many graphs are functions of one module.
//
// usage: random_graphs COUNT [FIRST_SEED [LEVEL OPT [plain|control|derived]]]  (prints the seeds of what fails; COUNT 1
// reproduces). control: with regions, calls and named dims; derived: the jvp or vjp of such.
#include "compiler/autodiff/autodiff.h"
#include "compiler/driver/derivative_check.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/recursion.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "tests/models/compiled_library.h"
#include "tests/models/derivative_function.h"
#include "tests/models/graph_text.h"
#include "tests/models/random_graph.h"
#include "llvm/Support/Format.h"
#include <chrono>
#include <cmath>

using namespace graphc;
using namespace graphc::test;
using graph::Dtype;
using graph::HostTensor;

namespace {
constexpr size_t graphsPerModule = 20, versions = 8; // version 0 has no noise, 1 and 2 all up and all down
constexpr size_t apart = 3; // the version that takes nothing from compiled code: what equals there equals
constexpr double noiseUlp = 8, ulp = 8, shareOfMax = 4e-6;

double lastPlace(Dtype dtype) { // relative
  return std::ldexp(1.0, dtype == Dtype::F64 ? -52 : dtype == Dtype::F16 ? -10 : dtype == Dtype::BF16 ? -7 : -23);
}

using Versions = llvm::SmallVector<HostTensor, versions>;

class Check {
public:
  Check(mlir::func::FuncOp function, unsigned seed) : function(function), seed(seed), random(seed) {}

  llvm::SmallVector<HostTensor> drawInputs() {
    llvm::SmallVector<HostTensor> inputs;
    auto sizeOf = [&](graph::DimAttr dim) { return randomSize(dim, seed); };
    for (mlir::Value argument : function.getArguments()) {
      ValueKind kind;
      kind.kind = random() % 3 == 0 ? ValueKind::Small : random() % 2 ? ValueKind::Positive : ValueKind::Normal;
      inputs.push_back(drawTensor(argument.getType(), sizeOf, kind, random));
      values[argument].assign(versions, inputs.back());
    }
    return inputs;
  }

  /// "" or where compiled code and reference part.
  std::string run(const CompiledLibrary::Outcome &got, llvm::ArrayRef<HostTensor> inputs) {
    if (!got.error.empty()) return got.error;
    if (got.status != GRAPHC_OK && got.status != GRAPHC_ERR_INDEX && got.status != GRAPHC_ERR_ITER)
      return "status " + std::to_string(got.status);
    if (got.status == GRAPHC_OK)
      for (auto [i, value] : llvm::enumerate(function.front().getTerminator()->getOperands()))
        if (i < got.outputs.size()) outputs[value] = &got.outputs[i];
    mlir::ScopedDiagnosticHandler quiet(function.getContext(), [](mlir::Diagnostic &) { return mlir::success(); });
    for (size_t version = 0; version < versions; ++version)
      if (!evaluate(inputs, version) && version == 0) break;
    for (mlir::Operation &op : function.front().without_terminator()) {
      if (op.getNumResults() > 0 && values[op.getResult(0)].empty())
        // In a function that it calls, what failed may have been for nothing, and dropped.
        return got.status != GRAPHC_OK || mlir::isa<graph::Calling>(op) || !reachesOutputs(op)
                   ? ""
                   : "the reference failed at " + op.getName().getStringRef().str();
      for (mlir::Value result : op.getResults()) {
        auto found = outputs.find(result);
        if (found == outputs.end()) continue;
        std::string message = compare(*found->second, values[result], placesOfOperands(op));
        if (!message.empty()) return op.getName().getStringRef().str() + ": " + message;
        values[result].assign(versions, *found->second);
      }
    }
    return got.status == GRAPHC_OK ? "" : "status " + std::to_string(got.status) + ", but the reference finds nothing";
  }

private:
  mlir::func::FuncOp function;
  unsigned seed;
  std::mt19937 random;
  llvm::DenseMap<mlir::Value, const HostTensor *> outputs; // that the compiled code gave
  llvm::DenseMap<mlir::Value, Versions> values;

  /// Whether other elements in the op's results would change an output. What cannot be evaluated is no change.
  bool reachesOutputs(mlir::Operation &op) {
    std::vector<HostTensor> outputs[2];
    for (int64_t fill : {0, 1}) {
      llvm::DenseMap<mlir::Value, HostTensor> filled;
      bool known = true;
      for (mlir::Operation *at = &op; at && !at->hasTrait<mlir::OpTrait::IsTerminator>(); at = at->getNextNode()) {
        llvm::SmallVector<HostTensor> operands, results = resultsOf(*at);
        for (mlir::Value operand : at->getOperands()) {
          auto found = filled.find(operand);
          if (found == filled.end() && values[operand].empty()) return false; // behind a later failure
          operands.push_back(found == filled.end() ? values[operand][0] : found->second);
        }
        if (at == &op) {
          for (HostTensor &result : results) {
            result.floats.assign(result.floats.size(), graph::Jet(double(fill)));
            result.integers.assign(result.integers.size(), fill);
          }
        } else {
          auto evaluable = mlir::dyn_cast<graph::Evaluable>(at);
          known &= evaluable && mlir::succeeded(evaluable.evaluate(operands, results));
        }
        for (auto [value, result] : llvm::zip(at->getResults(), results)) filled[value] = result;
      }
      if (!known) return false;
      for (mlir::Value output : function.front().getTerminator()->getOperands())
        if (filled.count(output)) outputs[fill].push_back(filled[output]);
    }
    for (auto [a, b] : llvm::zip(outputs[0], outputs[1]))
      if (a.integers != b.integers || !compare(a, Versions(1, b), 0).empty()) return true;
    return false;
  }

  llvm::SmallVector<HostTensor> resultsOf(mlir::Operation &op) {
    llvm::SmallVector<HostTensor> results;
    auto sizeOf = [&](graph::DimAttr dim) { return randomSize(dim, seed); };
    for (mlir::Type type : op.getResultTypes()) results.push_back(zerosOf(type, sizeOf));
    return results;
  }

  /// Keeps the version's value of each op of the entry before the noise, or the compiled code's in its place, that
  /// others read.
  bool evaluate(llvm::ArrayRef<HostTensor> inputs, size_t version) {
    auto observe = [&](const graph::EvaluatedOp &evaluated) {
      bool ofEntry = evaluated.op->getBlock() == &function.front();
      double places = placesOf(evaluated.operands);
      for (auto [result, tensor] : llvm::zip(evaluated.op->getResults(), evaluated.results)) {
        if (ofEntry) values[result].push_back(tensor);
        auto found = ofEntry ? outputs.find(result) : outputs.end();
        if (version == apart) continue;
        if (found != outputs.end() && found->second->shape == tensor.shape)
          tensor = *found->second;
        else if (version > 0)
          addNoise(tensor, version, places);
      }
    };
    llvm::SmallVector<HostTensor> results;
    return mlir::succeeded(graph::evaluateFunction(function, inputs, noParameter, results, observe));
  }

  void addNoise(HostTensor &tensor, size_t version, double alwaysAllowed) {
    // As much as a result may be off (compare).
    Dtype dtype = tensor.dtype;
    double size = noiseUlp * lastPlace(dtype), floor = shareOf(dtype) * largestOf(tensor) + alwaysAllowed;
    for (graph::Jet &x : tensor.floats) {
      double step =
          size * std::fabs(x.v) + floor; // the others: whole last places too, so that equal may become unequal
      if (version > 2) step = random() % 2 ? lastPlace(dtype) * std::fabs(x.v) * double(random() % 3) : step;
      bool up = version == 1 || (version > 2 && random() % 2);
      if (x.v != 0 && std::isfinite(x.v)) x.v += up ? step : -step;
    }
    tensor.round();
  }

  static double shareOf(Dtype dtype) { return dtype == Dtype::F64 ? std::ldexp(shareOfMax, -29) : shareOfMax; }
  static double largestOf(const HostTensor &tensor) { // of the finite elements
    double largest = 0;
    for (const graph::Jet &x : tensor.floats)
      if (std::isfinite(x.v)) largest = std::max(largest, std::fabs(x.v));
    return largest;
  }

  /// The last place of the largest operand: as if it had been rounded once more. What a function cancels (1 + erf) may
  /// be lost so.
  static double placesOf(llvm::ArrayRef<HostTensor> operands) {
    double most = 0;
    for (const HostTensor &tensor : operands) most = std::max(most, lastPlace(tensor.dtype) * largestOf(tensor));
    return most;
  }
  double placesOfOperands(mlir::Operation &op) {
    llvm::SmallVector<HostTensor> operands;
    for (mlir::Value operand : op.getOperands()) operands.push_back(values[operand][0]);
    return placesOf(operands);
  }

  static std::string compare(const HostTensor &got, const Versions &wanted, double alwaysAllowed) {
    const HostTensor &plain = wanted[0];
    if (got.dtype != plain.dtype || got.shape != plain.shape) return "another type";
    for (size_t i = 0; i < plain.integers.size(); ++i) {
      bool steady = llvm::all_of(wanted, [&](const HostTensor &t) { return t.integers[i] == plain.integers[i]; });
      if (steady && got.integers[i] != plain.integers[i])
        return "element " + std::to_string(i) + " is " + std::to_string(got.integers[i]) + ", not " +
               std::to_string(plain.integers[i]);
    }
    double largest = largestOf(plain), least = std::ldexp(1.0, plain.dtype == Dtype::F16   ? -24
                                                               : plain.dtype == Dtype::F64 ? -1074
                                                                                           : -133);
    double share = shareOf(plain.dtype);
    for (size_t i = 0; i < plain.floats.size(); ++i) {
      double value = got.floats[i].v, want = plain.floats[i].v, moved = 0;
      bool steady = true;
      for (const HostTensor &t : wanted) {
        double other = t.floats[i].v;
        steady &= std::isfinite(other) == std::isfinite(want) && std::isnan(other) == std::isnan(want);
        moved = std::max(moved, std::fabs(other - want));
      }
      if (!steady || value == want || (std::isnan(value) && std::isnan(want))) continue;
      if (std::isinf(value) && moved > std::fabs(want) / 2) continue; // beside a pole
      double allowed =
          ulp * (lastPlace(plain.dtype) * std::fabs(want) + least) + share * largest + 4 * moved + alwaysAllowed;
      if (std::isfinite(value) && std::isfinite(want) && std::fabs(value - want) <= allowed) continue;
      char text[128];
      std::snprintf(text, sizeof text, "element %zu is %.17g, not %.17g", i, value, want);
      return text;
    }
    return "";
  }
};

enum class Kind { Plain, Control, Derived };

class Run {
public:
  Run(const support::IsaLevel &level, int optLevel, Kind kind) : level(level), optLevel(optLevel), kind(kind) {
    driver::loadDialects(context);
  }

  /// Graphs of these seeds in one module; if it does not compile, each in one of its own. Number of wrong ones.
  size_t check(unsigned first, size_t count) {
    mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    for (size_t i = 0; i < count; ++i) add(*module, first + unsigned(i), int64_t(i));
    CompiledLibrary library;
    std::string error = expand(*module);
    if (error.empty()) error = library.build(*module, level, optLevel);
    if (!error.empty() && count > 1) {
      size_t wrong = 0;
      for (size_t i = 0; i < count; ++i) wrong += check(first + unsigned(i), 1);
      return wrong;
    }
    size_t wrong = 0;
    for (size_t i = 0; i < count; ++i) {
      std::string name = "graph_" + std::to_string(first + i), message = error;
      auto function = module->lookupSymbol<mlir::func::FuncOp>(name);
      if (error.empty()) {
        Check check(function, first + unsigned(i));
        llvm::SmallVector<HostTensor> inputs = check.drawInputs();
        auto size = [&](llvm::StringRef dim) {
          return randomSize(graph::DimAttr::get(&context, dim, 1, 1, 1), first + unsigned(i));
        };
        message = check.run(library.call(*library.find(name), inputs, size), inputs);
      }
      if (message.empty()) continue;
      ++wrong;
      llvm::errs() << "seed " << first + i << ": " << message << "\n";
      if (count == 1)
        llvm::errs() << *module << "\n";
      else if (wrong <= 2)
        llvm::errs() << function << "\n";
    }
    return wrong;
  }

  size_t withControl = 0, withRecursion = 0, inReverse = 0;

private:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  const support::IsaLevel &level;
  int optLevel;
  Kind kind;

  void add(mlir::ModuleOp module, unsigned seed, int64_t position) {
    std::mt19937 random(seed);
    RandomGraph graph;
    graph.nodes = 2 + unsigned(random() % 9);
    graph.control = kind != Kind::Plain;
    std::string name = "graph_" + std::to_string(seed), inner = name + (kind == Kind::Derived ? ".f" : "");
    mlir::func::FuncOp f = addRandomFunction(module, inner, position, graph, random);
    withControl += f.walk([](graph::Calling) { return mlir::WalkResult::interrupt(); }).wasInterrupted();
    mlir::SymbolTable symbols(module);
    withRecursion += llvm::any_of(graph::functionsBelow(f, symbols), [](mlir::Operation *below) {
      return graph::isRecursive(mlir::cast<mlir::func::FuncOp>(below));
    });
    if (kind != Kind::Derived) return;
    auto arguments = driver::floatPlaces(f.getArgumentTypes()), results = driver::floatPlaces(f.getResultTypes());
    if (lacksRules(f) || arguments.empty() || results.empty()) return f.setName(name);
    bool forward = graph::findDerivedControl(f) || random() % 4 == 0;
    inReverse += !forward;
    setEntry(derivativeFunction(module, name, forward ? "jvp" : "vjp", f, arguments, results), position);
    f.setPrivate();
    f->removeAttr("graph.entry");
  }

  std::string expand(mlir::ModuleOp module) {
    if (kind != Kind::Derived) return "";
    if (mlir::failed(mlir::verify(module))) return "is not well formed";
    mlir::PassManager passes(&context);
    autodiff::buildPipeline(passes);
    return mlir::succeeded(passes.run(module)) ? "" : "cannot be derived";
  }
};
} // namespace

int main(int argc, char **argv) {
  unsigned count = 0, first = 1;
  const support::IsaLevel *level = argc > 3 ? support::findIsaLevel(argv[3]) : &support::nativeIsaLevel();
  if (argc < 2 || llvm::StringRef(argv[1]).getAsInteger(10, count) || !level ||
      (argc > 2 && llvm::StringRef(argv[2]).getAsInteger(10, first)))
    return llvm::errs() << "usage: random_graphs COUNT [FIRST_SEED [LEVEL OPT [plain|control|derived]]]\n", 2;
  llvm::StringRef word = argc > 5 ? argv[5] : "plain";
  Kind kind = word == "control" ? Kind::Control : word == "derived" ? Kind::Derived : Kind::Plain;
  int optLevel = argc > 4 ? std::atoi(argv[4]) : 2;
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  size_t wrong = 0, withControl = 0, withRecursion = 0, inReverse = 0;
  for (unsigned done = 0; done < count; done += graphsPerModule) {
    Run run(*level, optLevel, kind);
    wrong += run.check(first + done, std::min<size_t>(graphsPerModule, count - done));
    withControl += run.withControl, withRecursion += run.withRecursion, inReverse += run.inReverse;
  }
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  llvm::outs() << count << " graphs, seeds " << first << " to " << first + count - 1 << ", " << wrong << " wrong, "
               << llvm::format("%.1f", 1e3 * seconds / count) << " ms each\n";
  if (kind != Kind::Plain)
    llvm::outs() << withControl << " with control flow or calls, " << withRecursion << " with recursion, " << inReverse
                 << " derived in reverse\n";
  return wrong != 0;
}
