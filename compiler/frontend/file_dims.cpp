// Dims that wait for others are looked at again whenever one becomes known (Kahn's algorithm over the names in their
// expressions).
#include "compiler/frontend/file_dims.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

namespace {
struct Waiting {
  JsonValue json;
  Expression expression;
  size_t missing = 0;
};

class DimReader {
public:
  explicit DimReader(Program &program) : program(program), diagnostics(program.diagnostics) {}

  bool read(JsonValue dims) {
    size_t before = diagnostics.errorCount();
    for (JsonValue dim = dims.firstChild(); dim; dim = dim.next()) readOne(dim);
    for (size_t i = 0; i < waiting.size(); ++i) countMissing(i);
    std::vector<size_t> ready;
    for (size_t i = 0; i < waiting.size(); ++i)
      if (waiting[i].missing == 0) ready.push_back(i);
    size_t done = 0;
    while (!ready.empty()) {
      const Waiting &dim = waiting[ready.back()];
      ready.pop_back();
      ++done;
      evaluate(dim);
      for (size_t user : users[dim.json.key()])
        if (--waiting[user].missing == 0) ready.push_back(user);
    }
    if (done != waiting.size())
      for (const Waiting &dim : waiting)
        if (dim.missing != 0) {
          diagnostics.error("G1007", dim.json.span(),
                            "dim '" + dim.json.key() + "' needs itself, directly or through others");
          break;
        }
    for (JsonValue dim = dims.firstChild(); dim; dim = dim.next())
      program.dims.values.try_emplace(dim.key(), StaticValue::of(int64_t(1)));
    return diagnostics.errorCount() == before;
  }

private:
  Program &program;
  support::Diagnostics &diagnostics;
  std::vector<Waiting> waiting;
  llvm::StringSet<> waitingNames;
  llvm::StringMap<std::vector<size_t>> users; // dim -> those whose expressions name it

  void set(JsonValue dim, int64_t value, Span span) {
    if (value < 0)
      diagnostics.error("G2001", span, "dim '" + dim.key() + "' cannot be negative, this is " + llvm::Twine(value));
    program.dims.values[dim.key()] = StaticValue::of(value);
  }

  void readOne(JsonValue dim) {
    if (!checkName(dim.key(), dim.keySpan(), diagnostics) ||
        !checkKind(dim, aNumber | aString | anObject, "a dim", diagnostics))
      return;
    if (dim.isObject()) {
      diagnostics.error(
          "G0014", dim.keySpan(),
          "dim '" + dim.key() +
              "' is known only when called: that is not supported by this version of graphc, write an integer");
    } else if (dim.isNumber()) {
      if (auto value = dim.integer())
        set(dim, *value, dim.span());
      else
        diagnostics.error("G0006", dim.span(), "a dim must be an exact integer, this is " + dim.numberText());
    } else if (auto expression = parseExpression(dim, diagnostics)) {
      waiting.push_back({dim, std::move(*expression)});
      waitingNames.insert(dim.key());
    }
  }

  void countMissing(size_t i) {
    for (const ExpressionNode &node : waiting[i].expression.nodes) {
      if (node.kind != ExpressionKind::Name || !waitingNames.contains(node.text)) continue;
      users[node.text].push_back(i);
      ++waiting[i].missing;
    }
  }

  void evaluate(const Waiting &dim) {
    auto noSize = [&](llvm::StringRef name, int64_t, Span span) -> std::optional<int64_t> {
      diagnostics.error("G1003", span, "no value '" + name + "' here");
      return std::nullopt;
    };
    auto value = evaluateStatic(dim.expression, dim.expression.nodes.size() - 1, program.dims, noSize, diagnostics);
    if (!value) return;
    if (value->kind == StaticValue::Integer)
      set(dim.json, value->integer, dim.json.span());
    else
      diagnostics.error("G0010", dim.json.span(), "a dim must be an integer, this is " + value->kindName());
  }
};
} // namespace

bool readDims(JsonValue dims, Program &program) { return !dims || DimReader(program).read(dims); }
} // namespace graphc::frontend
