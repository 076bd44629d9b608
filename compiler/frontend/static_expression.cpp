// One loop over the postorder array; each node's value is computed from those of its operands. All operands are
// computed, also those that and, or and select do not need: there are no effects.
#include "compiler/frontend/static_expression.h"
#include "dialects/graph/requirement.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>
#include <cmath>

namespace graphc::frontend {

StaticValue StaticValue::of(int64_t value) {
  StaticValue v;
  v.integer = value;
  return v;
}
StaticValue StaticValue::of(double value) {
  StaticValue v;
  v.kind = Real;
  v.real = value;
  return v;
}
StaticValue StaticValue::of(const graph::Dim &value) {
  if (value.isStatic()) return of(value.staticValue());
  StaticValue v;
  v.kind = Size;
  v.size = value;
  return v;
}
StaticValue StaticValue::ofBoolean(bool value) {
  StaticValue v;
  v.kind = Boolean;
  v.boolean = value;
  return v;
}
StaticValue StaticValue::ofText(llvm::StringRef value) {
  StaticValue v;
  v.kind = Text;
  v.text = value.str();
  return v;
}

llvm::StringRef StaticValue::kindName() const {
  switch (kind) {
  case Integer:
    return "an integer";
  case Real:
    return "a number";
  case Boolean:
    return "a bool";
  case Text:
    return "a text";
  case List:
    return "a list";
  case Size:
    return "a size known when called";
  case Object:
    return "an object";
  }
  return "";
}

std::string StaticValue::toString() const {
  switch (kind) {
  case Integer:
    return std::to_string(integer);
  case Real: {
    char buffer[40];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, real).ptr;
    return std::string(buffer, end);
  }
  case Boolean:
    return boolean ? "true" : "false";
  case Text:
    return text;
  case List:
    return "a list of " + std::to_string(list.size());
  case Size:
    return size.text();
  case Object:
    return "an object";
  }
  return "";
}

const StaticValue *Environment::find(llvm::StringRef name) const {
  for (const Environment *e = this; e; e = e->outer)
    if (auto it = e->values.find(name); it != e->values.end()) return &it->second;
  return nullptr;
}

std::vector<llvm::StringRef> Environment::names() const {
  std::vector<llvm::StringRef> result;
  for (const Environment *e = this; e; e = e->outer)
    for (auto &entry : e->values) result.push_back(entry.getKey());
  llvm::sort(result);
  return result;
}

std::optional<double> parseReal(llvm::StringRef text) {
  if (text == "inf") return HUGE_VAL;
  if (text == "-inf") return -HUGE_VAL;
  if (text == "nan") return std::nan("");
  double value = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end() || !std::isfinite(value)) return std::nullopt;
  return value;
}

static constexpr llvm::StringRef functions[] = {"len", "max", "min", "rank", "select", "size", "sqrt"};
bool isStaticFunction(llvm::StringRef name) { return llvm::is_contained(functions, name); }
bool readsTensor(const ExpressionNode &node) {
  return node.kind == ExpressionKind::Call && (node.text == "size" || node.text == "rank");
}

namespace {
class Evaluator {
public:
  Evaluator(const Expression &expression, const Environment &environment, SizeOf sizeOf,
            support::Diagnostics &diagnostics)
      : expression(expression), environment(environment), sizeOf(sizeOf), diagnostics(diagnostics) {}

  std::optional<StaticValue> run(uint32_t root) {
    llvm::SmallVector<std::optional<StaticValue>> values(root + 1);
    llvm::SmallVector<bool> wanted(root + 1, false); // only the subtree: the array may hold other trees before it
    wanted[root] = true;
    for (uint32_t i = root + 1; i-- > 0;)
      if (wanted[i])
        for (uint32_t operand : operandsToEvaluate(expression.nodes[i])) wanted[operand] = true;
    for (uint32_t i = 0; i <= root; ++i) {
      if (!wanted[i]) continue;
      llvm::SmallVector<StaticValue> operands;
      for (uint32_t operand : operandsToEvaluate(expression.nodes[i])) operands.push_back(std::move(*values[operand]));
      values[i] = evaluate(expression.nodes[i], operands);
      if (!values[i]) return std::nullopt;
      // What the left side of `and` or `or` decides, the right side is not asked: size(x, 0) of a scalar, say.
      if (std::optional<uint32_t> right = decided(i, *values[i])) {
        std::fill(wanted.begin() + i + 1, wanted.begin() + *right + 1, false);
        values[*right] = values[i];
      }
    }
    return std::move(values[root]);
  }

private:
  const Expression &expression;
  const Environment &environment;
  SizeOf sizeOf;
  support::Diagnostics &diagnostics;
  using Values = llvm::ArrayRef<StaticValue>;

  /// In size(x, axis) and rank(x) x names a tensor and is no static value.
  static llvm::ArrayRef<uint32_t> operandsToEvaluate(const ExpressionNode &node) {
    llvm::ArrayRef<uint32_t> operands = node.operands;
    return readsTensor(node) && !operands.empty() ? operands.drop_front() : operands;
  }

  /// The right operand of the `and` or `or` whose left operand, node i, has this value, if that decides. Between the
  /// two stand the nodes of the right one alone.
  std::optional<uint32_t> decided(uint32_t i, const StaticValue &value) const {
    if (value.kind != StaticValue::Boolean) return std::nullopt;
    for (const ExpressionNode &node : llvm::ArrayRef(expression.nodes).drop_front(i + 1))
      if (node.kind == ExpressionKind::Binary && node.operands[0] == i &&
          node.text == (value.boolean ? llvm::StringRef("or") : llvm::StringRef("and")))
        return node.operands[1];
    return std::nullopt;
  }

  std::nullopt_t fail(const ExpressionNode &node, const llvm::Twine &message, llvm::StringRef code = "G2007") {
    diagnostics.error(code, expression.span(node), message);
    return std::nullopt;
  }
  std::nullopt_t overflow(const ExpressionNode &node) {
    return fail(node, "the value of this expression does not fit 64 bits");
  }

  std::optional<StaticValue> evaluate(const ExpressionNode &node, Values v) {
    switch (node.kind) {
    case ExpressionKind::Integer: {
      int64_t value = 0;
      if (llvm::StringRef(node.text).getAsInteger(10, value)) return overflow(node);
      return StaticValue::of(value);
    }
    case ExpressionKind::Real: {
      std::optional<double> value = parseReal(node.text);
      if (!value) return fail(node, "'" + node.text + "' is too large", "G0006");
      return StaticValue::of(*value);
    }
    case ExpressionKind::Boolean:
      return StaticValue::ofBoolean(node.text == "true");
    case ExpressionKind::String:
      return StaticValue::ofText(node.text);
    case ExpressionKind::Name:
      return name(node);
    case ExpressionKind::Unary:
      return unary(node, v[0]);
    case ExpressionKind::Binary:
      return binary(node, v[0], v[1]);
    case ExpressionKind::Call:
      return call(node, v);
    case ExpressionKind::Index:
      return index(node, v[0], v[1]);
    case ExpressionKind::List: {
      StaticValue list;
      list.kind = StaticValue::List;
      list.list.assign(v.begin(), v.end());
      return list;
    }
    }
    return std::nullopt;
  }

  std::optional<StaticValue> name(const ExpressionNode &node) {
    if (const StaticValue *value = environment.find(node.text)) return *value;
    if (node.text == "train") return StaticValue::ofBoolean(environment.train);
    if (node.text == "inf" || node.text == "nan") return StaticValue::of(*parseReal(node.text));
    std::vector<llvm::StringRef> names = environment.names();
    return fail(node, "no size or attribute '" + node.text + "' here" + support::didYouMean(node.text, names), "G3012");
  }

  std::optional<StaticValue> unary(const ExpressionNode &node, const StaticValue &a) {
    if (node.text == "not") {
      if (a.kind != StaticValue::Boolean) return fail(node, "'not' wants a bool, this is " + a.kindName());
      return StaticValue::ofBoolean(!a.boolean);
    }
    if (a.kind == StaticValue::Size) return StaticValue::of(graph::Dim(0) - a.size);
    if (!a.isNumber()) return fail(node, "'-' wants a number, this is " + a.kindName());
    if (a.kind == StaticValue::Real) return StaticValue::of(-a.real);
    int64_t result = 0;
    if (__builtin_sub_overflow(int64_t(0), a.integer, &result)) return overflow(node);
    return StaticValue::of(result);
  }

  std::optional<StaticValue> binary(const ExpressionNode &node, const StaticValue &a, const StaticValue &b) {
    llvm::StringRef op = node.text;
    if (op == "and" || op == "or") {
      if (a.kind != StaticValue::Boolean || b.kind != StaticValue::Boolean)
        return fail(node, "'" + op + "' wants bools, these are " + a.kindName() + " and " + b.kindName());
      return StaticValue::ofBoolean(op == "and" ? a.boolean && b.boolean : a.boolean || b.boolean);
    }
    bool dynamic = a.kind == StaticValue::Size || b.kind == StaticValue::Size;
    if (dynamic && a.isInteger() && b.isInteger()) return sizes(node, a.asSize(), b.asSize());
    if (op == "==" || op == "!=") {
      bool comparable = (a.isNumber() && b.isNumber()) || (a.kind == b.kind && a.kind != StaticValue::List);
      if (!comparable) return fail(node, "cannot compare " + a.kindName() + " with " + b.kindName());
      bool equal = a.isNumber()
                       ? (a.kind == StaticValue::Integer && b.kind == StaticValue::Integer ? a.integer == b.integer
                                                                                           : a.asReal() == b.asReal())
                   : a.kind == StaticValue::Boolean ? a.boolean == b.boolean
                                                    : a.text == b.text;
      return StaticValue::ofBoolean(equal == (op == "=="));
    }
    if (!a.isNumber() || !b.isNumber())
      return fail(node, "'" + op + "' wants numbers, these are " + a.kindName() + " and " + b.kindName());
    if (a.kind == StaticValue::Integer && b.kind == StaticValue::Integer) return integers(node, a.integer, b.integer);
    return reals(node, a.asReal(), b.asReal());
  }

  template <typename T> static std::optional<bool> compare(llvm::StringRef op, T a, T b) {
    if (op == "<") return a < b;
    if (op == "<=") return a <= b;
    if (op == ">") return a > b;
    if (op == ">=") return a >= b;
    return std::nullopt;
  }

  std::optional<StaticValue> integers(const ExpressionNode &node, int64_t a, int64_t b) {
    if (std::optional<bool> truth = compare(node.text, a, b)) return StaticValue::ofBoolean(*truth);
    int64_t result = 0;
    switch (node.text[0]) {
    case '+':
      if (__builtin_add_overflow(a, b, &result)) return overflow(node);
      return StaticValue::of(result);
    case '-':
      if (__builtin_sub_overflow(a, b, &result)) return overflow(node);
      return StaticValue::of(result);
    case '*':
      if (__builtin_mul_overflow(a, b, &result)) return overflow(node);
      return StaticValue::of(result);
    default: // "/" and "%"
      if (b == 0) return fail(node, "division by zero");
      if (a == INT64_MIN && b == -1) return overflow(node);
      if (node.text == "%") return StaticValue::of(a % b);
      if (a % b != 0) return fail(node, llvm::Twine(a) + " / " + llvm::Twine(b) + " is not exact");
      return StaticValue::of(a / b);
    }
  }

  /// Two sizes of which at least one is known only when called.
  std::optional<StaticValue> sizes(const ExpressionNode &node, const graph::Dim &a, const graph::Dim &b) {
    llvm::StringRef op = node.text;
    if (op == "+") return StaticValue::of(a + b);
    if (op == "-") return StaticValue::of(a - b);
    if (op == "*") return StaticValue::of(a * b);
    if (op == "/" || op == "%") {
      if (b.is(0)) return fail(node, "division by zero");
      std::optional<graph::Dim> quotient = graph::Dim::exactDiv(a, b);
      if (quotient) return op == "/" ? StaticValue::of(*quotient) : StaticValue::of(int64_t(0));
      return fail(node, "'" + a.text() + " / " + b.text() + "' is not exact for every value of its dims");
    }
    if (std::optional<bool> truth = graph::compareSizes(op, a, b)) return StaticValue::ofBoolean(*truth);
    return fail(node, "whether '" + a.text() + " " + op + " " + b.text() + "' holds depends on the call", "G3013");
  }

  std::optional<StaticValue> reals(const ExpressionNode &node, double a, double b) {
    if (std::optional<bool> truth = compare(node.text, a, b)) return StaticValue::ofBoolean(*truth);
    if (node.text == "%") return fail(node, "'%' wants integers");
    double value = node.text == "+" ? a + b : node.text == "-" ? a - b : node.text == "*" ? a * b : a / b;
    if (node.text == "/" && b == 0) return fail(node, "division by zero");
    return StaticValue::of(value);
  }

  std::optional<StaticValue> index(const ExpressionNode &node, const StaticValue &list, const StaticValue &i) {
    if (list.kind != StaticValue::List) return fail(node, "only a list has elements, this is " + list.kindName());
    if (i.kind != StaticValue::Integer) return fail(node, "an index must be an integer, this is " + i.kindName());
    int64_t count = list.list.size(), at = i.integer < 0 ? i.integer + count : i.integer;
    if (at < 0 || at >= count)
      return fail(node, "index " + llvm::Twine(i.integer) + " is outside of a list of " + llvm::Twine(count));
    return list.list[at];
  }

  std::optional<StaticValue> call(const ExpressionNode &node, Values v) {
    llvm::StringRef f = node.text;
    auto wants = [&](size_t count) { return node.operands.size() == count && node.named.empty(); };
    auto wrong = [&](llvm::StringRef usage) { return fail(node, "write " + usage); };
    if (readsTensor(node)) return size(node, v);
    if (f == "len") {
      if (!wants(1) || v[0].kind != StaticValue::List) return wrong("len(list)");
      return StaticValue::of(static_cast<int64_t>(v[0].list.size()));
    }
    if (f == "sqrt") {
      if (!wants(1) || !v[0].isNumber() || v[0].asReal() < 0) return wrong("sqrt(number that is not negative)");
      return StaticValue::of(std::sqrt(v[0].asReal()));
    }
    if (f == "select") {
      if (!wants(3) || v[0].kind != StaticValue::Boolean) return wrong("select(bool, value, value)");
      return v[0].boolean ? v[1] : v[2];
    }
    if (f == "min" || f == "max") {
      if (wants(2) && v[0].isInteger() && v[1].isInteger() && !(v[0].isNumber() && v[1].isNumber())) {
        graph::Dim difference = v[0].asSize() - v[1].asSize();
        if (difference.high() <= 0) return f == "min" ? v[0] : v[1];
        if (difference.low() >= 0) return f == "min" ? v[1] : v[0];
        return fail(node,
                    "which of '" + v[0].toString() + "' and '" + v[1].toString() + "' is less depends on the call",
                    "G3013");
      }
      if (!wants(2) || !v[0].isNumber() || !v[1].isNumber())
        return wrong(f == "min" ? "min(number, number)" : "max(number, number)");
      bool both = v[0].kind == StaticValue::Integer && v[1].kind == StaticValue::Integer;
      bool firstIsLess = both ? v[0].integer < v[1].integer : v[0].asReal() < v[1].asReal();
      return firstIsLess == (f == "min") ? v[0] : v[1];
    }
    return fail(node, "no function '" + f + "' of static values" + support::didYouMean(f, functions), "G1001");
  }

  std::optional<StaticValue> size(const ExpressionNode &node, Values v) {
    bool isRank = node.text == "rank";
    if (node.operands.size() != (isRank ? 1 : 2) || !node.named.empty() ||
        (!isRank && v[0].kind != StaticValue::Integer) ||
        expression.nodes[node.operands[0]].kind != ExpressionKind::Name)
      return fail(node, isRank ? "write rank(value)" : "write size(value, axis)");
    std::optional<graph::Dim> result =
        sizeOf(expression.nodes[node.operands[0]].text, isRank ? std::nullopt : std::optional(v[0].integer),
               expression.span(node));
    if (!result) return std::nullopt;
    return StaticValue::of(*result);
  }
};
} // namespace

std::optional<StaticValue> evaluateStatic(const Expression &expression, uint32_t root, const Environment &environment,
                                          SizeOf sizeOf, support::Diagnostics &diagnostics) {
  return Evaluator(expression, environment, sizeOf, diagnostics).run(root);
}
} // namespace graphc::frontend
