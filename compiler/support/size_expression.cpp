// Every walk is a loop over the steps with a stack of its own kind of value: numbers, intervals, texts.
#include "compiler/support/size_expression.h"
#include "graphc/abi.h"
#include "llvm/ADT/STLExtras.h"

using namespace graphc::support;

SizeExpression SizeExpression::dim(int64_t index) {
  SizeExpression result;
  result.steps = {{GRAPHC_SIZE_DIM, 0, index}};
  return result;
}

static std::optional<int64_t> evaluateSteps(llvm::ArrayRef<graphc_size_step> steps, llvm::ArrayRef<int64_t> dims) {
  graphc_size size = {steps.data(), steps.size()};
  int64_t value = 0;
  if (!graphc_size_value(&size, dims.data(), static_cast<uint32_t>(dims.size()), &value)) return std::nullopt;
  return value;
}

/// Numbers among themselves are folded, so that an expression without dims is a constant.
SizeExpression SizeExpression::combine(uint32_t kind, const SizeExpression &right) const {
  SizeExpression result = *this;
  llvm::append_range(result.steps, right.steps);
  result.steps.push_back({kind, 0, 0});
  if (isConstant() && right.isConstant())
    if (std::optional<int64_t> value = evaluateSteps(result.steps, {})) return *value;
  return result;
}

std::optional<int64_t> SizeExpression::asDim() const {
  if (steps.size() != 1 || steps[0].kind != GRAPHC_SIZE_DIM) return std::nullopt;
  return steps[0].value;
}

std::optional<int64_t> SizeExpression::evaluate(llvm::ArrayRef<int64_t> dims) const {
  return evaluateSteps(steps, dims);
}

bool SizeExpression::operator==(const SizeExpression &other) const {
  return llvm::equal(steps, other.steps, [](const graphc_size_step &a, const graphc_size_step &b) {
    return a.kind == b.kind && a.value == b.value;
  });
}

bool SizeExpression::isValid(size_t dimCount) const {
  size_t used = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const graphc_size_step &step = steps[i];
    if (step.kind == GRAPHC_SIZE_NUMBER || step.kind == GRAPHC_SIZE_DIM) {
      bool known = step.kind == GRAPHC_SIZE_NUMBER || (step.value >= 0 && static_cast<uint64_t>(step.value) < dimCount);
      if (!known || ++used > GRAPHC_SIZE_DEPTH) return false;
      continue;
    }
    bool divides = step.kind == GRAPHC_SIZE_FLOOR_DIV || step.kind == GRAPHC_SIZE_MOD;
    if (step.kind > GRAPHC_SIZE_MOD || used-- < 2) return false;
    if (divides && (steps[i - 1].kind != GRAPHC_SIZE_NUMBER || steps[i - 1].value <= 0)) return false;
  }
  return used == 1;
}

namespace {
struct Interval {
  int64_t low, high;
};
} // namespace

static int64_t floorQuotient(int64_t left, int64_t right) { return left / right - (left % right < 0); }

/// What one step makes of two intervals; nullopt past 64 bits.
static std::optional<Interval> combineIntervals(uint32_t kind, Interval a, Interval b) {
  Interval result;
  switch (kind) {
  case GRAPHC_SIZE_ADD:
    if (__builtin_add_overflow(a.low, b.low, &result.low) || __builtin_add_overflow(a.high, b.high, &result.high))
      return std::nullopt;
    return result;
  case GRAPHC_SIZE_MUL: {
    int64_t corners[4];
    if (__builtin_mul_overflow(a.low, b.low, &corners[0]) || __builtin_mul_overflow(a.low, b.high, &corners[1]) ||
        __builtin_mul_overflow(a.high, b.low, &corners[2]) || __builtin_mul_overflow(a.high, b.high, &corners[3]))
      return std::nullopt;
    return Interval{*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)};
  }
  case GRAPHC_SIZE_FLOOR_DIV: // by a positive number, as isValid() checked
    return Interval{floorQuotient(a.low, b.low), floorQuotient(a.high, b.low)};
  default: // the rest by a positive number: the value itself where it is smaller anyway
    if (a.low >= 0 && a.high < b.low) return a;
    return Interval{0, b.low - 1};
  }
}

std::optional<int64_t> SizeExpression::most(llvm::ArrayRef<DimDescription> dims) const {
  if (!isValid(dims.size())) return std::nullopt;
  std::vector<Interval> stack;
  for (const graphc_size_step &step : steps) {
    if (step.kind == GRAPHC_SIZE_NUMBER) {
      stack.push_back({step.value, step.value});
    } else if (step.kind == GRAPHC_SIZE_DIM) {
      const DimDescription &dim = dims[step.value];
      int64_t multiple = std::max<int64_t>(dim.multipleOf, 1);
      stack.push_back({dim.min, floorQuotient(dim.max, multiple) * multiple});
    } else {
      Interval right = stack.back();
      stack.pop_back();
      std::optional<Interval> result = combineIntervals(step.kind, stack.back(), right);
      if (!result) return std::nullopt;
      stack.back() = *result;
    }
  }
  return stack.back().high;
}

std::string SizeExpression::text(llvm::ArrayRef<DimDescription> dims) const {
  struct Part {
    std::string text;
    int precedence; // 2 atom, 1 product, 0 sum
  };
  if (!isValid(dims.size())) return "?";
  std::vector<Part> stack;
  for (const graphc_size_step &step : steps) {
    if (step.kind == GRAPHC_SIZE_NUMBER) {
      stack.push_back({std::to_string(step.value), step.value < 0 ? 0 : 2});
      continue;
    }
    if (step.kind == GRAPHC_SIZE_DIM) {
      stack.push_back({dims[step.value].name, 2});
      continue;
    }
    Part right = std::move(stack.back());
    stack.pop_back();
    Part &left = stack.back();
    int precedence = step.kind == GRAPHC_SIZE_ADD ? 0 : 1;
    auto wrapped = [](const Part &part, bool wrap) { return wrap ? "(" + part.text + ")" : part.text; };
    if (step.kind == GRAPHC_SIZE_ADD) {
      bool negative = right.text[0] == '-';
      left.text += negative ? " - " + right.text.substr(1) : " + " + right.text;
    } else {
      const char *sign = step.kind == GRAPHC_SIZE_MUL ? "*" : step.kind == GRAPHC_SIZE_FLOOR_DIV ? "/" : "%";
      left.text = wrapped(left, left.precedence < 1) + sign + wrapped(right, right.precedence < 2);
    }
    left.precedence = precedence;
  }
  return stack.back().text;
}
