// scatter_derivative.h.
#include "dialects/graph/scatter_derivative.h"

using namespace mlir;
using namespace graphc::graph;

/// Which updates stay, where several go to one place: each writes its number there, and those that find it again won.
static Value remaining(RuleBuilder &b, const ScatterRule &rule) {
  Shape shape = shapeOf(rule.update);
  Dim count = elementCount(shape);
  Value numbers = b.reshape(b.positions(count, b.indexType(count)), shape);
  return b.equal(rule.read(rule.write(b.zeros(shapeOf(rule.x), numbers), numbers, "none")), numbers);
}

namespace {
/// What the tangents of x and of the updates are multiplied by before they are added up, place by place. `all`, if
/// not null: what the sum is divided by.
struct Factors {
  Value ofX, ofUpdate, all;
};
} // namespace

/// "min" and "max": what is equal to the result shares the derivative, in equal parts.
static Factors factorsOfChoice(RuleBuilder &b, const ScatterRule &rule) {
  Type element = typeOf(rule.x).getElementType();
  Factors factors;
  factors.ofX = b.cast(b.equal(rule.x, rule.y), element);
  factors.ofUpdate = b.cast(b.equal(rule.update, rule.read(rule.y)), element);
  factors.all = rule.write(factors.ofX, factors.ofUpdate, "add");
  return factors;
}

/// "mul": the product of the other factors of the place. Of a factor that is not 0 this is y over the factor. One that
/// is 0 takes the product of those that are not, if it is the only 0 there; with a second, the value is 0, but not its
/// derivative by that other one, which is all the zeros' sum without the one at hand. Right to the second derivative.
static Factors factorsOfProduct(RuleBuilder &b, const ScatterRule &rule) {
  Type element = typeOf(rule.x).getElementType();
  Value xIsZero = b.equal(rule.x, 0), updateIsZero = b.equal(rule.update, 0);
  auto withOnes = [&](Value isZero, Value value) { return b.select(isZero, b.number(value, 1), value); };
  Value x = withOnes(xIsZero, rule.x), update = withOnes(updateIsZero, rule.update);
  Value product = rule.write(x, update, "mul");
  Value zeros = rule.write(b.cast(xIsZero, element), b.cast(updateIsZero, element), "add");
  Value sum = rule.write(b.only(xIsZero, rule.x), b.only(updateIsZero, rule.update), "add");
  auto others = [&](Value isZero, Value value, Value divisor, llvm::function_ref<Value(Value)> there) {
    Value count = there(zeros);
    Value second = b.only(b.equal(count, 2), b.sub(there(sum), value));
    Value ofZero = b.mul(there(product), b.select(b.equal(count, 1), b.number(value, 1), second));
    return b.select(isZero, ofZero, b.div(there(rule.y), divisor));
  };
  Factors factors;
  factors.ofX = others(xIsZero, rule.x, x, [](Value v) { return v; });
  factors.ofUpdate = others(updateIsZero, rule.update, update, rule.read);
  return factors;
}

static Factors factorsOf(RuleBuilder &b, const ScatterRule &rule) {
  return rule.reduction == "mul" ? factorsOfProduct(b, rule) : factorsOfChoice(b, rule);
}

void graphc::graph::jvpOfScatter(Operation *op, RuleBuilder &b, const ScatterRule &rule, JvpState &state) {
  if (rule.reduction == "none" || rule.reduction == "add") return jvpOfLinear(op, b, state);
  Factors factors = factorsOf(b, rule);
  auto part = [&](Value tangent, Value factor) { return tangent ? b.mul(tangent, factor) : b.zeros(factor); };
  Value sum = rule.write(part(state.in(0), factors.ofX), part(state.in(2), factors.ofUpdate), "add");
  state.set(0, factors.all ? b.div(sum, factors.all) : sum);
}

void graphc::graph::vjpOfScatter(RuleBuilder &b, const ScatterRule &rule, VjpState &state) {
  if (rule.reduction != "none" && rule.reduction != "add") {
    Factors factors = factorsOf(b, rule);
    Value ct = factors.all ? b.div(state.ct(), factors.all) : state.ct();
    if (state.wants(0)) state.sums[0] = b.mul(ct, factors.ofX);
    if (state.wants(2)) state.sums[2] = b.mul(rule.read(ct), factors.ofUpdate);
    return;
  }
  bool adds = rule.reduction == "add";
  if (state.wants(0)) state.sums[0] = adds ? state.ct() : rule.write(state.ct(), b.zeros(rule.update), "none");
  if (!state.wants(2)) return;
  state.sums[2] = rule.read(state.ct());
  if (!adds) state.sums[2] = b.only(remaining(b, rule), state.sums[2]);
}
