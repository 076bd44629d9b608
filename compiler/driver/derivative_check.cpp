// derivative_check.h. A step h that is too long meets kinks beside the point, one that is too short drowns in rounding:
// the best of three counts. At a kink itself none is right; it shows in one-sided differences that do not come closer
// to each other as h shrinks.
#include "compiler/driver/derivative_check.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/requirement.h"
#include "mlir/IR/Builders.h"
#include <cmath>

using namespace mlir;

namespace graphc::driver {
using graph::HostTensor;
using graph::Jet;

SmallVector<int64_t> floatPlaces(TypeRange types) {
  SmallVector<int64_t> places;
  for (auto [i, type] : llvm::enumerate(types))
    if (isa<FloatType>(cast<RankedTensorType>(type).getElementType())) places.push_back(int64_t(i));
  return places;
}

double dot(const HostTensors &a, const HostTensors &b) {
  double sum = 0;
  for (auto [x, y] : llvm::zip_equal(a, b))
    for (auto [p, q] : llvm::zip_equal(x.floats, y.floats)) sum += p.v * q.v;
  return sum;
}
double length(const HostTensors &a) { return std::sqrt(dot(a, a)); }

namespace {

constexpr double differenceLimit = 1e-5;

double largest(const HostTensors &a) {
  double most = 0;
  for (const HostTensor &tensor : a)
    for (const Jet &x : tensor.floats) most = std::isfinite(x.v) ? std::max(most, std::fabs(x.v)) : INFINITY;
  return most;
}
/// a * x + b * y
HostTensors combined(double a, const HostTensors &x, double b, const HostTensors &y) {
  HostTensors sum = x;
  for (auto [s, t] : llvm::zip_equal(sum, y))
    for (auto [p, q] : llvm::zip_equal(s.floats, t.floats)) p = a * p.v + b * q.v;
  return sum;
}
HostTensors only(const HostTensors &all, ArrayRef<int64_t> places) {
  HostTensors chosen;
  for (int64_t place : places) chosen.push_back(all[place]);
  return chosen;
}

} // namespace

DerivativeCheck::DerivativeCheck(func::FuncOp f, graph::Paths params, double exactLimit)
    : exactLimit(exactLimit), f(f), wrt(floatPlaces(f.getArgumentTypes())), of(floatPlaces(f.getResultTypes())),
      params(std::move(params)) {
  if (isEmpty()) return;
  SymbolTable symbols(f->getParentOfType<ModuleOp>());
  graph::Activity activity(symbols);
  graph::Mask arguments(f.getNumArguments(), true), results(f.getNumResults(), true);
  bool forward = activity.reached(f, arguments, this->params, results).withoutForward.empty();
  forwardAgain = activity.reached(f, arguments, this->params, results, /*derivedAgain=*/true).withoutForward.empty();
  if (forward) jvp = wrap("jvp", f, of);
  vjp = wrap("vjp", f, of);
  if (!forwardAgain) return;
  auto all = [](size_t count) { return llvm::to_vector(llvm::seq<int64_t>(0, count)); };
  if (jvp) jvpOfJvp = wrap("jvp", jvp, all(of.size()));
  jvpOfVjp = wrap("jvp", vjp, all(wrt.size() + this->params.size()));
}

/// A function of the arguments and then tangents (or cotangents) that gives the derivatives alone.
func::FuncOp DerivativeCheck::wrap(StringRef kind, func::FuncOp callee, ArrayRef<int64_t> results) {
  auto module = callee->getParentOfType<ModuleOp>();
  SymbolTable symbols(module);
  OpBuilder b(callee);
  b.setInsertionPointAfter(callee);
  SmallVector<Type> by, given(callee.getArgumentTypes()), made(callee.getResultTypes()), derivatives;
  for (int64_t i : wrt) by.push_back(callee.getArgumentTypes()[i]);
  for (const std::string &path : params) by.push_back(symbols.lookup<graph::ParameterOp>(path).getType());
  SmallVector<Type> ofResults;
  for (int64_t i : results) ofResults.push_back(callee.getResultTypes()[i]);
  bool isJvp = kind == "jvp";
  given.append(isJvp ? by : ofResults);
  derivatives = isJvp ? ofResults : by;
  made.append(derivatives);
  auto function =
      func::FuncOp::create(f.getLoc(), (callee.getSymName() + "~" + kind).str(), b.getFunctionType(given, derivatives));
  function.setPrivate();
  symbols.insert(function, std::next(callee->getIterator()));
  graph::setRequirements(function, graph::requirementsOf(callee));
  b.setInsertionPointToEnd(function.addEntryBlock());
  SmallVector<Attribute> paths;
  for (const std::string &path : params) paths.push_back(b.getStringAttr(path));
  auto op = b.create<graph::DerivativeOp>(f.getLoc(), made, kind, callee.getSymName(), function.getArguments(), wrt,
                                          results, b.getArrayAttr(paths));
  b.create<func::ReturnOp>(f.getLoc(), op.getResults().drop_front(callee.getNumResults()));
  return function;
}

DerivativeCheck::Evaluated DerivativeCheck::evaluate(func::FuncOp function, const Point &at,
                                                     const HostTensors &further) const {
  HostTensors given = at.arguments, results;
  given.append(further);
  auto read = [&](StringRef path) -> FailureOr<HostTensor> {
    auto found = at.params.find(path.str());
    if (found == at.params.end()) return failure();
    return found->second;
  };
  if (failed(graph::evaluateFunction(function, given, read, results))) return std::nullopt;
  return results;
}

HostTensors DerivativeCheck::drawLike(const HostTensors &tensors, std::mt19937 &random) const {
  std::normal_distribution<double> normal;
  HostTensors drawn = tensors;
  for (HostTensor &tensor : drawn)
    for (Jet &x : tensor.floats) x = normal(random);
  return drawn;
}

/// Each element moves in proportion to itself, so that small ones stay on their side of 0.
HostTensors DerivativeCheck::drawDirection(const Point &point, std::mt19937 &random) const {
  HostTensors at = only(point.arguments, wrt);
  for (const std::string &path : params) at.push_back(point.params.at(path));
  HostTensors drawn = drawLike(at, random);
  for (auto [direction, tensor] : llvm::zip_equal(drawn, at)) {
    double most = largest({tensor});
    for (auto [d, x] : llvm::zip_equal(direction.floats, tensor.floats))
      d = d.v * (x.v != 0 ? std::fabs(x.v) : most > 0 ? most : 1);
  }
  return drawn;
}

Point DerivativeCheck::moved(const Point &point, const HostTensors &direction, double step) const {
  Point to = point;
  auto move = [&](HostTensor &tensor, const HostTensor &by) {
    for (auto [x, d] : llvm::zip_equal(tensor.floats, by.floats)) x = x.v + step * d.v;
  };
  for (auto [i, place] : llvm::enumerate(wrt)) move(to.arguments[place], direction[i]);
  for (auto [i, path] : llvm::enumerate(params)) move(to.params[path], direction[wrt.size() + i]);
  return to;
}

Comparison DerivativeCheck::compareDifferences(StringRef name, const Point &point, const HostTensors &direction,
                                               const HostTensors &wanted,
                                               function_ref<Evaluated(const Point &)> value) const {
  Comparison comparison{name.str(), INFINITY, differenceLimit, false};
  Evaluated here = value(point);
  if (!here) return comparison;
  double bends[3] = {0, 0, 0}; // how far one-sided differences are apart
  double spread = INFINITY;    // how far slopes of different steps are apart: what rounding makes of them
  HostTensors before;
  for (int i = 0; i < 3; ++i) {
    double h = std::pow(10.0, -5 - i);
    Evaluated above = value(moved(point, direction, h)), below = value(moved(point, direction, -h));
    if (!above || !below) break; // a position outside: there is no neighbourhood
    HostTensors slope = combined(0.5 / h, *above, -0.5 / h, *below);
    HostTensors bend = combined(1, combined(1 / h, *above, 1 / h, *below), -2 / h, *here);
    double least = 1e-5 * std::max(1.0, largest(direction)); // rounding, divided by h
    double scale = std::max({largest(wanted), largest(slope), 1e-3 * largest(*here), least});
    bends[i] = largest(bend) / scale;
    if (i > 0) spread = std::min(spread, largest(combined(1, slope, -1, before)) / scale);
    before = slope;
    double error = largest(combined(1, slope, -1, wanted)) / scale;
    comparison.error = std::min(comparison.error, std::isnan(error) ? INFINITY : error);
    if (comparison.error <= comparison.limit) return comparison;
  }
  bool atKink = bends[0] > 1e-3 && bends[2] > bends[0] / 10;
  comparison.unclear = atKink || (std::isfinite(spread) && comparison.error <= 10 * spread);
  return comparison;
}

DerivativeCheck::Result DerivativeCheck::run(const Point &point, unsigned seed, bool differences) const {
  Result result;
  std::mt19937 random(seed);
  Evaluated values = evaluate(f, point);
  if (!values) return result.problem = "it cannot be evaluated at this point", result;
  HostTensors v = drawDirection(point, random), u = drawDirection(point, random);
  HostTensors ct = drawLike(only(*values, of), random);
  Evaluated pulled = evaluate(vjp, point, ct), pushed = jvp ? evaluate(jvp, point, v) : Evaluated();
  if (!pulled || (jvp && !pushed)) return result.problem = "its derivative cannot be evaluated", result;
  result.finite = std::isfinite(largest(only(*values, of)) + largest(*pulled) + (pushed ? largest(*pushed) : 0));
  if (!result.finite) return result;
  auto add = [&](Comparison comparison) { result.comparisons.push_back(std::move(comparison)); };
  auto compareDots = [&](StringRef name, double a, double b, double scale) {
    add({name.str(), std::fabs(a - b) / std::max(scale, 1e-300), exactLimit, false});
  };
  if (pushed)
    compareDots("dot product", dot(ct, *pushed), dot(*pulled, v),
                length(ct) * length(*pushed) + length(v) * length(*pulled));
  if (differences && pushed)
    add(compareDifferences("first order", point, v, *pushed, [&](const Point &at) -> Evaluated {
      Evaluated there = evaluate(f, at);
      return there ? Evaluated(only(*there, of)) : there;
    }));
  auto scalar = [](double x) {
    HostTensor tensor(graph::Dtype::F64, {});
    tensor.floats[0] = x;
    return HostTensors{tensor};
  };
  if (differences && !pushed)
    add(compareDifferences("first order", point, v, scalar(dot(*pulled, v)), [&](const Point &at) -> Evaluated {
      Evaluated there = evaluate(f, at);
      return there ? Evaluated(scalar(dot(ct, only(*there, of)))) : there;
    }));
  if (!forwardAgain) return result;
  Point withCt = point, withV = point;
  withCt.arguments.append(ct);
  withV.arguments.append(v);
  Evaluated mixed = evaluate(jvpOfVjp, withCt, u), twice = jvpOfJvp ? evaluate(jvpOfJvp, withV, u) : Evaluated();
  if (!mixed || (jvpOfJvp && !twice)) return result.problem = "its second derivative cannot be evaluated", result;
  if (!std::isfinite(largest(*mixed) + (twice ? largest(*twice) : 0))) return result;
  if (twice)
    compareDots("dot product of second order", dot(ct, *twice), dot(*mixed, v),
                length(ct) * length(*twice) + length(v) * length(*mixed));
  if (differences)
    add(compareDifferences("second order", point, u, *mixed, [&](const Point &at) { return evaluate(vjp, at, ct); }));
  return result;
}

} // namespace graphc::driver
