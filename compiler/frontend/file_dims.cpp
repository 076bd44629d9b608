// Dims that wait for others are looked at again whenever one becomes known (Kahn's algorithm over the names in their
// expressions).
#include "compiler/frontend/file_dims.h"
#include "dialects/graph/specialized_dims.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

namespace {
constexpr int64_t maxSize = int64_t(1) << 47; // a larger one fits no memory
struct Waiting {
  JsonValue json;
  Expression expression;
  size_t missing = 0;
};

class DimReader {
public:
  DimReader(FileScope &scope, Program &program) : scope(scope), program(program), diagnostics(program.diagnostics) {}

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
      scope.dims.values.try_emplace(dim.key(), StaticValue::of(int64_t(1)));
    return diagnostics.errorCount() == before;
  }

private:
  FileScope &scope;
  Program &program;
  support::Diagnostics &diagnostics;
  std::vector<Waiting> waiting;
  llvm::StringSet<> waitingNames;
  llvm::StringMap<std::vector<size_t>> users; // dim -> those whose expressions name it

  void set(JsonValue dim, int64_t value, Span span) {
    if (value < 0)
      diagnostics.error("G2001", span, "dim '" + dim.key() + "' cannot be negative, this is " + llvm::Twine(value));
    scope.dims.values[dim.key()] = StaticValue::of(value);
  }

  /// A number of an object that describes a dim, at least `least`; `fallback` where it is left out.
  std::optional<int64_t> promise(JsonValue dim, llvm::StringRef key, int64_t least, int64_t fallback) {
    JsonValue json = dim.find(key);
    if (!json) return fallback;
    std::optional<int64_t> value = json.integer();
    if (!value)
      diagnostics.error("G0006", json.span(), "'" + key + "' must be an exact integer, this is " + json.numberText());
    else if (*value < least || *value > maxSize)
      diagnostics.error("G2001", json.span(),
                        "'" + key + "' must be " + llvm::Twine(least) + " to 2^47, this is " + json.numberText());
    else
      return value;
    return std::nullopt;
  }

  /// For the library's body: graph.dims, in written order, and graph.specialize (values that get code of their own).
  void record(graph::DimAttr attribute, JsonValue dim, llvm::ArrayRef<int64_t> sizes) {
    if (!scope.isMain()) return;
    mlir::Builder b(program.context);
    auto append = [&](llvm::StringRef name, auto add) {
      program.module->setAttr(name, add(program.module->getAttr(name)));
    };
    append("graph.dims", [&](mlir::Attribute known) -> mlir::Attribute {
      llvm::SmallVector<mlir::Attribute> all;
      if (known) llvm::append_range(all, mlir::cast<mlir::ArrayAttr>(known));
      all.push_back(attribute);
      return b.getArrayAttr(all);
    });
    if (!sizes.empty())
      append(graph::specializeAttr, [&](mlir::Attribute known) -> mlir::Attribute {
        mlir::NamedAttrList all;
        if (known) all.append(mlir::cast<mlir::DictionaryAttr>(known));
        all.set(dim.key(), b.getI64ArrayAttr(sizes));
        return all.getDictionary(program.context);
      });
  }

  /// {min, max, multiple_of, specialize}: known only when called (R4).
  void readDynamic(JsonValue dim) {
    if (!checkKeys(dim, dimKeys(), "a dim", diagnostics)) return;
    auto multiple = promise(dim, "multiple_of", 1, 1), least = promise(dim, "min", 0, 1),
         most = promise(dim, "max", 0, 0);
    if (!multiple || !least || !most) return;
    auto mistake = [&](JsonValue at, const llvm::Twine &message) { diagnostics.error("G2001", at.span(), message); };
    if (*most < *least)
      return mistake(dim.find("max"),
                     "'max' is " + llvm::Twine(*most) + ", less than 'min', which is " + llvm::Twine(*least));
    if (*least % *multiple != 0 && dim.find("min"))
      return mistake(dim.find("min"),
                     "'min' must be a multiple of " + llvm::Twine(*multiple) + ", this is " + llvm::Twine(*least));
    if (*most % *multiple != 0)
      return mistake(dim.find("max"),
                     "'max' must be a multiple of " + llvm::Twine(*multiple) + ", this is " + llvm::Twine(*most));
    if (!dim.find("min")) least = *multiple;
    JsonValue specialize = dim.find("specialize");
    llvm::SmallVector<int64_t> special;
    for (JsonValue value = specialize ? specialize.firstChild() : JsonValue(); value; value = value.next()) {
      if (!checkKind(value, aNumber, "a value in 'specialize'", diagnostics)) continue;
      std::optional<int64_t> size = value.integer();
      if (!size || *size < *least || *size > *most || *size % *multiple != 0)
        mistake(value, "'specialize' names values of the dim, " + value.numberText() + " is none");
      else if (!llvm::is_contained(special, *size))
        special.push_back(*size);
    }
    auto attribute = graph::DimAttr::get(program.context, scope.prefix + dim.key().str(), *least, *most, *multiple);
    record(attribute, dim, special);
    scope.dims.values[dim.key()] = StaticValue::of(graph::Dim::named(attribute));
  }

  void readOne(JsonValue dim) {
    if (!checkName(dim.key(), dim.keySpan(), diagnostics) ||
        !checkKind(dim, aNumber | aString | anObject, "a dim", diagnostics))
      return;
    if (dim.isObject()) {
      readDynamic(dim);
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
    auto noSize = [&](llvm::StringRef name, std::optional<int64_t>, Span span) -> std::optional<graph::Dim> {
      diagnostics.error("G1003", span, "no value '" + name + "' here");
      return std::nullopt;
    };
    auto value = evaluateStatic(dim.expression, dim.expression.nodes.size() - 1, scope.dims, noSize, diagnostics);
    if (!value) return;
    if (value->kind == StaticValue::Integer)
      set(dim.json, value->integer, dim.json.span());
    else if (value->kind == StaticValue::Size)
      scope.dims.values[dim.json.key()] = std::move(*value);
    else
      diagnostics.error("G0010", dim.json.span(), "a dim must be an integer, this is " + value->kindName());
  }
};
} // namespace

bool readDims(FileScope &scope, Program &program) {
  JsonValue dims = scope.object("dims");
  return !dims || DimReader(scope, program).read(dims);
}

void checkVariants(mlir::func::FuncOp entry, graph::FunctionDims &dims, Program &program) {
  if (!program.module->hasAttr(graph::specializeAttr)) return;
  size_t variants = 1; // with the entry itself
  for (graph::DimAttr dim : dims.of(entry)) {
    variants *= 1 + graph::specializedSizes(program.module, dim).size();
    if (variants <= 1 + graph::maxVariants) continue;
    JsonValue listed = program.main.object("dims").find(dim.getName()).find("specialize");
    program.diagnostics.error("G2009", listed.span(),
                              "with this, '" + entry.getSymName() + "' would be built for " +
                                  llvm::Twine(variants - 1) + " combinations of sizes, at most " +
                                  llvm::Twine(graph::maxVariants) + " can be");
    return;
  }
}
} // namespace graphc::frontend
