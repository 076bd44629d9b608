// The string is cut at the commas of its outermost brackets; each piece is a static expression, so errors point into
// the type.
#include "compiler/frontend/type_syntax.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/operand_type.h"

namespace graphc::frontend {
using support::JsonValue;

namespace {
constexpr size_t maxRank = 16;
constexpr llvm::StringRef dtypes[] = {"bf16", "bool", "f16", "f32", "f64", "i16", "i32",
                                      "i64",  "i8",   "u16", "u32", "u64", "u8"};

std::optional<graph::Dim> noSizes(llvm::StringRef, std::optional<int64_t>, support::Span) { return std::nullopt; }

/// End of the dimension that begins at `begin`: the next comma outside of brackets and quotes, or `end`.
size_t dimensionEnd(llvm::StringRef text, size_t begin, size_t end) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = begin; i < end; ++i) {
    char c = text[i];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == ',' && depth == 0) return i;
  }
  return end;
}

class TypeParser {
public:
  TypeParser(JsonValue origin, size_t first, size_t last, bool binders, bool rests, support::Diagnostics &diagnostics)
      : origin(origin), text(origin.string().take_front(last)), first(first), binders(binders), rests(rests),
        diagnostics(diagnostics) {}

  std::optional<TypeSyntax> parse() {
    TypeSyntax type;
    type.origin = origin;
    size_t open = text.find('[', first);
    if (open == llvm::StringRef::npos || text.back() != ']')
      return fail(first, text.size(), "this is no type, write it like 'f32[8, 64]' or 'f32[]'");
    llvm::StringRef dtype = text.slice(first, open);
    type.dtypeBegin = first;
    type.dtypeEnd = open;
    type.dtypeIsBinder = dtype.consume_front("?");
    if (type.dtypeIsBinder && !binders) return fail(first, open, "'?' may stand in the inputs of layers only");
    if (!isName(dtype)) return fail(first, open, "expected a dtype before '['");
    type.dtype = dtype.str();
    size_t end = text.size() - 1;
    if (text.slice(open + 1, end).trim().empty()) return type;
    for (size_t at = open + 1; at <= end;) {
      size_t stop = dimensionEnd(text, at, end);
      if (type.dims.size() == maxRank) return fail(at, stop, "a type has at most 16 dims", "G3011");
      if (!parseDim(at, stop, type)) return std::nullopt;
      at = stop + 1;
    }
    return type;
  }

private:
  JsonValue origin;
  llvm::StringRef text;
  size_t first;
  bool binders, rests;
  support::Diagnostics &diagnostics;

  std::nullopt_t fail(size_t begin, size_t end, const llvm::Twine &message, llvm::StringRef code = "G3014") {
    diagnostics.error(code, origin.stringSpan(begin, end), message);
    return std::nullopt;
  }

  bool parseDim(size_t begin, size_t end, TypeSyntax &type) {
    llvm::StringRef piece = text.slice(begin, end).trim();
    DimSyntax dim;
    if (piece.consume_front("...")) {
      dim.kind = DimSyntax::Rest;
      dim.binder = piece.str();
      bool second = llvm::any_of(type.dims, [](const DimSyntax &d) { return d.kind == DimSyntax::Rest; });
      if (!piece.empty() && !isName(piece)) {
        fail(begin, end, "'...' ends there or goes on with a name");
        return false;
      }
      if (!rests || second) {
        fail(begin, end, second ? "'...' may stand once in a type" : "'...' may stand in the types of layers only");
        return false;
      }
    } else if (piece.starts_with("?")) {
      dim.kind = DimSyntax::Binder;
      dim.binder = piece.drop_front().str();
      if (!binders || !isName(dim.binder)) {
        fail(begin, end, binders ? "expected a name after '?'" : "'?' may stand in the inputs of layers only");
        return false;
      }
    } else {
      dim.size = parseExpression(origin, begin, end, diagnostics);
      if (!dim.size) return false;
    }
    type.dims.push_back(std::move(dim));
    return true;
  }
};

std::optional<graph::Dim> evaluateDim(const DimSyntax &dim, const Environment &environment, SizeOf sizeOf,
                                      support::Diagnostics &diagnostics) {
  const Expression &size = *dim.size;
  std::optional<StaticValue> value = evaluateStatic(size, size.nodes.size() - 1, environment, sizeOf, diagnostics);
  if (!value) return std::nullopt;
  if (!value->isInteger()) {
    diagnostics.error("G0010", size.span(size.root()), "a size must be an integer, this is " + value->kindName());
    return std::nullopt;
  }
  graph::Dim result = value->asSize();
  if (result.low() < 0) {
    diagnostics.error("G2001", size.span(size.root()),
                      result.isStatic() ? "a size cannot be negative, this is " + result.text()
                                        : "the size '" + result.text() + "' can become negative");
    return std::nullopt;
  }
  return result;
}

/// The dtype's name with attributes and binders resolved, or "" after reporting.
std::string resolveDtype(const TypeSyntax &syntax, const Environment &environment, support::Diagnostics &diagnostics) {
  if (llvm::is_contained(dtypes, syntax.dtype)) return syntax.dtype;
  if (auto it = environment.dtypes.find(syntax.dtype); it != environment.dtypes.end()) return it->second;
  const StaticValue *value = environment.find(syntax.dtype);
  if (value && value->kind == StaticValue::Text && llvm::is_contained(dtypes, value->text)) return value->text;
  diagnostics.error("G3014", syntax.origin.stringSpan(syntax.dtypeBegin, syntax.dtypeEnd),
                    "no dtype '" + syntax.dtype + "'" + dtypeMeant(syntax.dtype));
  return "";
}
} // namespace

std::string dtypeMeant(llvm::StringRef word) {
  // As other programs call them; too far from ours for the distance between words.
  static constexpr std::pair<llvm::StringRef, llvm::StringRef> elsewhere[] = {
      {"float32", "f32"}, {"float", "f32"},     {"float64", "f64"}, {"double", "f64"}, {"float16", "f16"},
      {"half", "f16"},    {"bfloat16", "bf16"}, {"int8", "i8"},     {"int16", "i16"},  {"int32", "i32"},
      {"int", "i32"},     {"int64", "i64"},     {"long", "i64"},    {"uint8", "u8"},   {"uint16", "u16"},
      {"uint32", "u32"},  {"uint64", "u64"},    {"boolean", "bool"}};
  for (auto [name, ours] : elsewhere)
    if (word == name) return (", did you mean '" + ours + "'?").str();
  return support::didYouMean(word, dtypes);
}

std::optional<TypeSyntax> parseType(JsonValue origin, bool binders, bool rests, support::Diagnostics &diagnostics) {
  return TypeParser(origin, 0, origin.string().size(), binders, rests, diagnostics).parse();
}

std::optional<TypeSyntax> parseType(JsonValue origin, size_t begin, size_t end, bool binders, bool rests,
                                    support::Diagnostics &diagnostics) {
  return TypeParser(origin, begin, end, binders, rests, diagnostics).parse();
}

mlir::RankedTensorType evaluateType(const TypeSyntax &syntax, const Environment &environment, SizeOf sizeOf,
                                    mlir::MLIRContext *context, support::Diagnostics &diagnostics) {
  std::string dtype = resolveDtype(syntax, environment, diagnostics);
  if (dtype.empty()) return nullptr;
  graph::Shape shape;
  for (const DimSyntax &dim : syntax.dims) {
    if (dim.kind == DimSyntax::Rest) {
      llvm::append_range(shape, environment.rests.lookup(dim.binder));
      continue;
    }
    std::optional<graph::Dim> size = evaluateDim(dim, environment, sizeOf, diagnostics);
    if (!size) return nullptr;
    shape.push_back(*size);
  }
  mlir::Type element = elementType(context, dtype);
  if (!checkSize(shape, element, syntax.origin.span(), diagnostics)) return nullptr;
  return graph::tensorType(shape, element);
}

bool bindType(const TypeSyntax &syntax, mlir::RankedTensorType actual, Environment &environment,
              support::Diagnostics &diagnostics) {
  std::string dtype = elementName(actual.getElementType());
  if (syntax.dtypeIsBinder) {
    if (environment.dtypes.try_emplace(syntax.dtype, dtype).first->second != dtype) return false;
  } else if (resolveDtype(syntax, environment, diagnostics) != dtype) {
    return false;
  }
  bool hasRest = llvm::any_of(syntax.dims, [](const DimSyntax &d) { return d.kind == DimSyntax::Rest; });
  graph::Shape shape = graph::shapeOf(actual);
  size_t fixed = syntax.dims.size() - hasRest, rank = shape.size(), at = 0;
  if (hasRest ? rank < fixed : rank != fixed) return false;
  for (const DimSyntax &dim : syntax.dims) {
    if (dim.kind == DimSyntax::Rest) {
      llvm::ArrayRef<graph::Dim> covered = llvm::ArrayRef(shape).slice(at, rank - fixed);
      const graph::Shape &bound = environment.rests.try_emplace(dim.binder, graph::Shape(covered)).first->second;
      if (llvm::ArrayRef(bound) != covered) return false;
      at += covered.size();
      continue;
    }
    const graph::Dim &size = shape[at++];
    if (dim.kind == DimSyntax::Binder) {
      StaticValue &bound = environment.values.try_emplace(dim.binder, StaticValue::of(size)).first->second;
      if (!bound.isInteger() || bound.asSize() != size) return false;
    } else {
      std::optional<graph::Dim> wanted = evaluateDim(dim, environment, noSizes, diagnostics);
      if (!wanted || *wanted != size) return false;
    }
  }
  return true;
}

llvm::ArrayRef<llvm::StringRef> dtypeNames() { return dtypes; }

mlir::Type elementType(mlir::MLIRContext *context, llvm::StringRef name) {
  std::optional<graph::Dtype> dtype = graph::findDtype(name);
  return dtype ? graph::elementType(context, *dtype) : mlir::Type();
}

std::string elementName(mlir::Type type) { return graph::typeName(type); }

std::string shapeText(mlir::Type type) {
  return graph::shapeText(graph::shapeOf(mlir::cast<mlir::RankedTensorType>(type)));
}

std::string typeText(mlir::Type type) {
  return elementName(mlir::cast<mlir::RankedTensorType>(type).getElementType()) + shapeText(type);
}

bool checkSize(llvm::ArrayRef<graph::Dim> shape, mlir::Type element, support::Span span,
               support::Diagnostics &diagnostics) {
  bool rankFits = shape.size() <= maxRank;
  if (rankFits && graph::fitsMemory(llvm::SmallVector<graph::Dim>(shape.begin(), shape.end()),
                                    graph::dtypeBytes(*graph::dtypeOf(element))))
    return true;
  diagnostics.error("G3011", span,
                    rankFits ? "this tensor is larger than any memory (limit 2^47 bytes)"
                             : "a type has at most 16 dims");
  return false;
}
} // namespace graphc::frontend
