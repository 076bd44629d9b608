// The derivative rules of every op, on the functions of its case file (case_file.h), with named dims too, with their
// floats as f64:
//
//   forward    what @f.jvp gives = the tangents that the reference evaluation of f carries (Jet)
//   reverse    <ct, J v> = <J^T ct, v>, for every argument alone and for all together
//   second     jvp of jvp, jvp of vjp and vjp of vjp = the second derivative that Jet carries: rules of rules
//
// each to 1e-12 of what is multiplied; and
//
//   differences   both orders beside finite differences, to 1e-5 (derivative_check.h), which know no rule and no Jet
//
// A loop that goes back by checkpoints has no vjp of its vjp.
//
// usage: derivatives CASES.json
//        derivatives random COUNT [SEED]      random functions of all ops: only that they can be derived
//        derivatives control COUNT [SEED]     those with control flow and calls, in f64: forward, reverse and second,
//        to
//                                             1e-7, since what is drawn may magnify rounding
#include "compiler/autodiff/autodiff.h"
#include "compiler/driver/derivative_check.h"
#include "compiler/driver/driver.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "tests/models/case_file.h"
#include "tests/models/derivative_function.h"
#include "tests/models/graph_text.h"
#include "tests/models/random_graph.h"
#include <cmath>

using namespace graphc;
using namespace graphc::test;
using driver::dot, driver::floatPlaces, driver::length;
using graph::HostTensor;
using graph::Jet;
using Tensors = driver::HostTensors;

namespace {
double tolerance = 1e-12;
constexpr size_t mostFunctions = 40; // of a kind of a file, spread over it: each is derived five times for every mask

std::string replaced(std::string text, llvm::StringRef from, llvm::StringRef to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

bool isFinite(const Tensors &a) {
  return llvm::all_of(
      a, [](const HostTensor &t) { return llvm::all_of(t.floats, [](const Jet &x) { return std::isfinite(x.v); }); });
}

/// Functions around the derivatives of f, in both modes to second order, named jvp<n>, jvp_jvp<n> and so on. False if
/// there is no vjp of its vjp.
bool addDerivatives(mlir::ModuleOp module, mlir::func::FuncOp f, llvm::ArrayRef<int64_t> arguments,
                    llvm::ArrayRef<int64_t> results, const std::string &n) {
  auto firstOf = [](size_t count) { return llvm::to_vector(llvm::seq<int64_t>(0, count)); };
  auto jvp = derivativeFunction(module, "jvp" + n, "jvp", f, arguments, results);
  derivativeFunction(module, "jvp_jvp" + n, "jvp", jvp, arguments, firstOf(results.size()));
  auto vjp = derivativeFunction(module, "vjp" + n, "vjp", f, arguments, results);
  derivativeFunction(module, "jvp_vjp" + n, "jvp", vjp, arguments, firstOf(arguments.size()));
  if (graph::findDerivedControl(vjp)) return false;
  derivativeFunction(module, "vjp_vjp" + n, "vjp", vjp, arguments, firstOf(arguments.size()));
  return true;
}

class Check {
public:
  Check(mlir::ModuleOp module, mlir::func::FuncOp f, const CaseCall &call, unsigned seed)
      : module(module), f(f), call(call), random(seed) {
    for (auto [argument, input] : llvm::zip_equal(f.getArgumentTypes(), call.inputs)) {
      ValueKind kind = input.values;
      if (kind.kind == ValueKind::Special) kind.kind = ValueKind::Normal;
      inputs.push_back(draw(argument, kind));
    }
    arguments = floatPlaces(f.getArgumentTypes());
    results = floatPlaces(f.getResultTypes());
  }

  /// "" or what is wrong. `ran`: something was compared.
  std::string run(bool &ran) {
    if (arguments.empty() || results.empty()) return "";
    std::vector<llvm::SmallVector<int64_t>> masks{arguments};
    if (arguments.size() > 1 && !isRandom)
      for (int64_t argument : arguments) masks.push_back({argument});
    for (auto [i, mask] : llvm::enumerate(masks))
      reversedOnce = !addDerivatives(module, f, mask, results, std::to_string(i));
    std::optional<driver::DerivativeCheck> differences;
    if (!isRandom) differences.emplace(f, graph::Paths()); // else full of steps and kinks
    if (mlir::failed(mlir::verify(module))) return "the functions are not well formed";
    mlir::PassManager passes(module.getContext());
    autodiff::buildPipeline(passes);
    if (mlir::failed(passes.run(module))) return "cannot be derived";
    for (auto [i, mask] : llvm::enumerate(masks))
      if (std::string wrong = check(mask, std::to_string(i), ran); !wrong.empty())
        return (masks.size() > 1
                    ? "derived by " + std::to_string(mask.size()) + " from " + std::to_string(mask[0]) + ": "
                    : "") +
               wrong;
    if (isRandom) return "";
    driver::DerivativeCheck::Result compared = differences->run({inputs, {}}, random());
    bool cut = false; // stop_gradient: the function changes all the same
    mlir::SymbolTable symbols(module);
    for (mlir::Operation *function : graph::functionsBelow(f, symbols))
      function->walk([&](mlir::Operation *op) {
        cut |= mlir::isa<graph::Differentiable>(op) && !graph::passesDerivatives(op) &&
               llvm::any_of(op->getResults(), graph::isReal) && llvm::any_of(op->getOperands(), graph::isReal);
      });
    if (cut) return "";
    for (const driver::Comparison &one : compared.comparisons) {
      if (one.name != "first order" && one.name != "second order") continue;
      if (!one.good()) return one.name + " beside differences: off by " + std::to_string(one.error);
      clear += !one.unclear;
    }
    return "";
  }
  size_t clear = 0;      // comparisons with differences, where the point is no kink
  bool isRandom = false; // a random function

private:
  mlir::ModuleOp module;
  mlir::func::FuncOp f;
  const CaseCall &call;
  std::mt19937 random;
  Tensors inputs;
  llvm::SmallVector<int64_t> arguments, results;
  bool reversedOnce = false; // its vjp has no vjp

  Tensors drawLike(mlir::TypeRange types, llvm::ArrayRef<int64_t> places) {
    Tensors drawn;
    for (int64_t i : places) drawn.push_back(draw(types[i], ValueKind()));
    return drawn;
  }

  /// The sizes of named dims are those of the call.
  HostTensor draw(mlir::Type type, const ValueKind &kind) {
    return drawTensor(type, [&](graph::DimAttr dim) { return call.dims.at(dim.getName().str()); }, kind, random);
  }

  std::optional<Tensors> evaluate(llvm::StringRef name, Tensors given, const Tensors &further = {},
                                  const Tensors &more = {}) {
    given.append(further);
    given.append(more);
    Tensors made;
    auto function = module.lookupSymbol<mlir::func::FuncOp>(name);
    if (mlir::failed(graph::evaluateFunction(function, given, noParameter, made))) return std::nullopt;
    return made;
  }

  /// Every value is finite, and noise of a few last places on each moves no derivative by much: no step is near.
  bool isSteady(const Tensors &carried, const Tensors &exact) {
    bool steady = true;
    for (double noise : {1e-14, -1e-14}) {
      auto observe = [&](const graph::EvaluatedOp &evaluated) {
        for (HostTensor &tensor : evaluated.results)
          for (Jet &x : tensor.floats) {
            steady &= std::isfinite(x.v);
            x.v *= 1 + (random() % 2 ? noise : 0);
          }
      };
      Tensors moved;
      if (mlir::failed(graph::evaluateFunction(f, carried, noParameter, moved, observe))) return false;
      for (int64_t place : results) {
        double largest = 1, difference = 0;
        for (auto [x, y] : llvm::zip_equal(exact[place].floats, moved[place].floats)) {
          largest = std::max({largest, std::fabs(x.d1), std::fabs(x.d12)});
          difference = std::max({difference, std::fabs(x.d1 - y.d1), std::fabs(x.d12 - y.d12)});
        }
        steady &= difference <= tolerance / 10 * largest;
      }
    }
    return steady;
  }

  /// Largest difference beside the largest element.
  static std::string compare(llvm::StringRef what, const Tensors &got, const Tensors &want) {
    double largest = 0, difference = 0;
    for (auto [g, w] : llvm::zip_equal(got, want))
      for (auto [x, y] : llvm::zip_equal(g.floats, w.floats)) {
        if (!std::isfinite(y.v)) continue;
        if (!std::isfinite(x.v)) return what.str() + ": " + std::to_string(x.v) + ", not " + std::to_string(y.v);
        largest = std::max(largest, std::fabs(y.v));
        difference = std::max(difference, std::fabs(x.v - y.v));
      }
    if (difference <= tolerance * std::max(largest, 1.0)) return "";
    return what.str() + ": differs by " + std::to_string(difference) + " of " + std::to_string(largest);
  }
  static std::string compareDots(llvm::StringRef what, double got, double want, double scale) {
    if (std::fabs(got - want) <= tolerance * std::max(scale, 1.0)) return "";
    return what.str() + ": " + std::to_string(got) + ", not " + std::to_string(want);
  }

  std::string check(llvm::ArrayRef<int64_t> mask, const std::string &n, bool &ran) {
    Tensors v = drawLike(f.getArgumentTypes(), mask), u = drawLike(f.getArgumentTypes(), mask);
    Tensors ct = drawLike(f.getResultTypes(), results), carried = inputs;
    for (auto [place, dv, du] : llvm::zip_equal(mask, v, u))
      for (auto [x, a, b] : llvm::zip_equal(carried[place].floats, dv.floats, du.floats)) x = Jet(x.v, a.v, b.v, 0);
    std::optional<Tensors> exact = evaluate(f.getSymName(), carried);
    if (!exact) return ""; // an index outside
    if (isRandom && !isSteady(carried, *exact)) return "";
    Tensors first, second;
    for (int64_t place : results) {
      HostTensor one = (*exact)[place], two = one;
      for (auto [x, a, b] : llvm::zip_equal((*exact)[place].floats, one.floats, two.floats)) a = x.d1, b = x.d12;
      first.push_back(one);
      second.push_back(two);
    }
    std::optional<Tensors> tangents = evaluate("jvp" + n, inputs, v);
    if (!tangents) return "cannot be evaluated";
    if (std::string wrong = compare("jvp", *tangents, first); !wrong.empty()) return wrong;
    if (!isFinite(first) || !isFinite(second)) return "";
    ran = true;
    std::optional<Tensors> forward = evaluate("jvp_jvp" + n, inputs, v, u);
    if (!forward) return "second derivatives cannot be evaluated";
    if (std::string wrong = compare("jvp of jvp", *forward, second); !wrong.empty()) return wrong;
    std::optional<Tensors> gradients = evaluate("vjp" + n, inputs, ct);
    if (!gradients) return "cannot be evaluated";
    double product = dot(ct, first), scale = length(ct) * length(first) + length(v) * length(*gradients);
    if (std::string wrong = compareDots("vjp", dot(v, *gradients), product, scale); !wrong.empty()) return wrong;
    std::optional<Tensors> mixed = evaluate("jvp_vjp" + n, inputs, ct, u);
    if (!mixed) return "second derivatives cannot be evaluated";
    product = dot(ct, second);
    scale = length(ct) * length(second) + (length(u) + length(v)) * length(*mixed);
    if (std::string wrong = compareDots("jvp of vjp", dot(v, *mixed), product, scale); !wrong.empty() || reversedOnce)
      return wrong;
    std::optional<Tensors> reverse = evaluate("vjp_vjp" + n, inputs, ct, v);
    if (!reverse) return "second derivatives cannot be evaluated";
    scale += length(u) * length(*reverse);
    return compareDots("vjp of vjp", dot(u, *reverse), product, scale);
  }
};

/// A function with its floats as f64; "" if it has none, or 16-bit ones too.
std::string inDoubles(const std::string &text) {
  std::string doubles = replaced(text, "f32", "f64");
  bool fits = text.find("f16") == std::string::npos && doubles.find("f64") != std::string::npos;
  return fits ? doubles : "";
}

/// A random function in a module of its own.
struct RandomFunction {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp f;

  RandomFunction(const RandomGraph &kind, unsigned seed) {
    driver::loadDialects(context);
    module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    std::mt19937 random(seed);
    f = addRandomFunction(*module, "f", 0, kind, random);
  }
};
} // namespace

/// Random functions of all ops, derived to second order in both modes: what comes out must be well formed.
static int deriveRandom(unsigned count, unsigned seed) {
  unsigned derived = 0, wrong = 0;
  for (unsigned i = 0; i < count; ++i, ++seed) {
    RandomFunction drawn({12, false, false}, seed);
    auto arguments = floatPlaces(drawn.f.getArgumentTypes()), results = floatPlaces(drawn.f.getResultTypes());
    if (lacksRules(drawn.f) || arguments.empty() || results.empty()) continue;
    addDerivatives(*drawn.module, drawn.f, arguments, results, "");
    mlir::PassManager passes(&drawn.context);
    autodiff::buildPipeline(passes);
    ++derived;
    if (mlir::succeeded(passes.run(*drawn.module)) && mlir::succeeded(mlir::verify(*drawn.module))) continue;
    ++wrong;
    llvm::errs() << "seed " << seed << ": cannot be derived\n";
  }
  llvm::outs() << derived << " random functions derived, " << wrong << " wrong\n";
  return wrong != 0 || derived == 0;
}

static int deriveRandomControl(unsigned count, unsigned seed) {
  tolerance = 1e-7;
  unsigned checked = 0, reversed = 0, wrong = 0;
  for (unsigned i = 0; i < count; ++i, ++seed) {
    RandomFunction drawn({8, true, true}, seed);
    CaseCall call;
    for (const char *dim : {"N", "M"})
      call.dims[dim] = randomSize(graph::DimAttr::get(&drawn.context, dim, 1, 1, 1), seed);
    call.inputs.resize(drawn.f.getNumArguments());
    bool control = false, ran = false, forwardOnly = graph::findDerivedControl(drawn.f);
    mlir::SymbolTable symbols(*drawn.module);
    for (mlir::Operation *function : graph::functionsBelow(drawn.f, symbols))
      function->walk([&](mlir::Operation *op) { control |= graph::isControl(op); });
    if (lacksRules(drawn.f) || !control) continue;
    mlir::ScopedDiagnosticHandler quiet(&drawn.context, [](mlir::Diagnostic &) { return mlir::success(); });
    Check check(*drawn.module, drawn.f, call, seed);
    check.isRandom = true;
    std::string text; // before it is derived
    if (count == 1) llvm::raw_string_ostream(text) << *drawn.module;
    std::string message = check.run(ran);
    checked += ran;
    reversed += ran && !forwardOnly;
    if (message.empty()) continue;
    ++wrong;
    llvm::errs() << "seed " << seed << ": " << message << "\n" << text;
  }
  llvm::outs() << checked << " random functions with control flow derived, " << reversed << " of them in reverse, "
               << wrong << " wrong\n";
  return wrong != 0 || reversed == 0;
}

int main(int argc, char **argv) {
  unsigned count = 0, seed = 1;
  if (argc >= 3 && !llvm::StringRef(argv[2]).getAsInteger(10, count) &&
      (argc == 3 || !llvm::StringRef(argv[3]).getAsInteger(10, seed))) {
    if (llvm::StringRef(argv[1]) == "random") return deriveRandom(count, seed);
    if (llvm::StringRef(argv[1]) == "control") return deriveRandomControl(count, seed);
  }
  CaseFile file;
  if (argc != 2) return llvm::errs() << "usage: derivatives CASES.json | random|control COUNT [SEED]\n", 2;
  std::string error = readCaseFile(argv[1], 1, Named::Yes, file);
  if (!error.empty()) return llvm::errs() << argv[1] << ": " << error << "\n", 1;
  size_t checked = 0, wrong = 0, named = 0, clear = 0;
  // The same functions again in f32, or their calls on other values, add nothing. With named dims the last call has the
  // largest sizes.
  std::map<std::string, size_t> calls; // by text without the name
  for (auto [index, call] : llvm::enumerate(file.calls)) {
    CaseFunction &function = file.functions[call.function];
    std::string text = inDoubles(function.text);
    if (text.empty() || call.status != GRAPHC_OK) continue;
    auto [it, isNew] = calls.try_emplace(replaced(text, function.name, ""), index);
    if (!isNew && function.named && file.calls[it->second].function == call.function) it->second = index;
    if (isNew) function.text = text;
  }
  std::vector<size_t> ofKind[2], chosen; // static, with named dims
  for (auto &[text, index] : calls) ofKind[file.functions[file.calls[index].function].named].push_back(index);
  for (std::vector<size_t> &list : ofKind)
    for (size_t at = 0, step = list.size() / mostFunctions + 1; at < list.size(); at += step)
      chosen.push_back(list[at]);
  for (size_t index : chosen) {
    const CaseCall &call = file.calls[index];
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    driver::loadDialects(context);
    std::string messages;
    mlir::OwningOpRef<mlir::ModuleOp> module = readText(context, file.graph({call.function}), messages);
    if (!module) continue; // not defined for f64
    named += file.functions[call.function].named;
    auto function = module->lookupSymbol<mlir::func::FuncOp>(file.functions[call.function].name);
    if (lacksRules(function)) continue;
    bool ran = false;
    Check check(*module, function, call, unsigned(index) + 1);
    std::string message = check.run(ran);
    clear += check.clear;
    checked += ran;
    if (message.empty()) continue;
    ++wrong;
    llvm::errs() << file.functions[call.function].shown << ": " << message << "\n";
  }
  llvm::outs() << checked << " functions derived, " << named << " tried with named dims, " << clear
               << " comparisons with differences, " << wrong << " wrong\n";
  return wrong != 0;
}
