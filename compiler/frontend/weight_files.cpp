// A key of "map" becomes a regular expression once; each param is tried with all keys of its file.
#include "compiler/frontend/weight_files.h"
#include "compiler/frontend/include_files.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/Regex.h"

namespace graphc::frontend {
using support::JsonValue;

namespace {
struct Pattern {
  JsonValue json, from;           // from: the string
  std::vector<std::string> names; // of the captures in order
  std::unique_ptr<llvm::Regex> regex;
  std::vector<int64_t> perm;
  mlir::Type dtype;
  bool used = false;
};

/// Cuts "a{i}b" into pieces: text and, between braces, what stands in them. False if a brace is left open.
template <typename Text, typename Braces> bool cut(llvm::StringRef text, Text &&onText, Braces &&onBraces) {
  while (!text.empty()) {
    size_t open = text.find('{');
    onText(text.take_front(open));
    if (open == llvm::StringRef::npos) return true;
    size_t close = text.find('}', open);
    if (close == llvm::StringRef::npos || !onBraces(text.slice(open + 1, close))) return false;
    text = text.drop_front(close + 1);
  }
  return true;
}

class WeightReader {
public:
  WeightReader(Program &program) : program(program), diagnostics(program.diagnostics), builder(program.context) {}

  void read(JsonValue weights) {
    std::vector<mlir::Attribute> files;
    if (weights.isString()) {
      if (checkInFolder(weights, diagnostics, /*isWeights=*/true))
        files.push_back(named(weights).getDictionary(program.context));
    } else {
      for (JsonValue file = weights.firstChild(); file; file = file.next())
        if (checkKind(file, anObject, "an element of 'weights'", diagnostics) &&
            checkKeys(file, weightKeys(), "a weight file", diagnostics) &&
            checkInFolder(file.find("file"), diagnostics, /*isWeights=*/true))
          files.push_back(readFile(file));
    }
    program.module->setAttr("graph.weights", builder.getArrayAttr(files));
  }

private:
  Program &program;
  support::Diagnostics &diagnostics;
  mlir::Builder builder;

  mlir::NamedAttrList named(JsonValue path) {
    mlir::NamedAttrList attributes;
    attributes.append("file", builder.getStringAttr(path.string()));
    attributes.append("place", mlir::LocationAttr(program.location(path.span())));
    return attributes;
  }

  mlir::Attribute readFile(JsonValue file) {
    mlir::NamedAttrList attributes = named(file.find("file"));
    JsonValue partial = file.find("partial"), map = file.find("map");
    if (partial && partial.boolean()) attributes.append("partial", builder.getUnitAttr());
    if (map) attributes.append("tensors", readMap(map));
    return attributes.getDictionary(program.context);
  }

  mlir::DictionaryAttr readMap(JsonValue map) {
    std::vector<Pattern> patterns;
    for (JsonValue member = map.firstChild(); member; member = member.next())
      if (auto pattern = readPattern(member)) patterns.push_back(std::move(*pattern));
    mlir::NamedAttrList tensors;
    for (auto &[path, param] : program.params) {
      const Pattern *chosen = nullptr;
      for (Pattern &pattern : patterns) {
        llvm::SmallVector<llvm::StringRef> parts;
        if (!pattern.regex->match(path, &parts) || !agree(pattern, parts)) continue;
        pattern.used = true;
        if (chosen) {
          support::Diagnostic twice;
          twice.code = "G1005";
          twice.message = "two entries of 'map' are about param '" + path + "'";
          twice.span = pattern.json.keySpan();
          twice.notes.push_back({chosen->json.keySpan(), "the other one"});
          diagnostics.report(std::move(twice));
          break;
        }
        chosen = &pattern;
        if (auto tensor = tensorOf(pattern, parts, path, param)) tensors.append(path, tensor);
      }
    }
    std::vector<llvm::StringRef> paths;
    for (auto &entry : program.params) paths.push_back(entry.first);
    for (const Pattern &pattern : patterns)
      if (!pattern.used)
        diagnostics.error("G1003", pattern.json.keySpan(),
                          "no param '" + support::printable(pattern.json.key()) + "'" +
                              support::didYouMean(pattern.json.key(), paths));
    return tensors.getDictionary(program.context);
  }

  std::optional<Pattern> readPattern(JsonValue member) {
    Pattern pattern;
    pattern.json = pattern.from = member;
    if (!checkKind(member, aString | anObject, "an entry of 'map'", diagnostics)) return std::nullopt;
    if (member.isObject()) {
      if (!checkKeys(member, mapKeys(), "an entry of 'map'", diagnostics)) return std::nullopt;
      pattern.from = member.find("from");
      if (!readPerm(member.find("perm"), pattern) || !readDtype(member.find("dtype"), pattern)) return std::nullopt;
    }
    std::string regex = "^";
    bool good = cut(
        member.key(), [&](llvm::StringRef text) { regex += llvm::Regex::escape(text); },
        [&](llvm::StringRef name) {
          pattern.names.push_back(name.str());
          regex += "([A-Za-z0-9_]+)";
          return isName(name);
        });
    if (!good || pattern.names.size() > 8) {
      diagnostics.error("G0017", member.keySpan(),
                        good ? "a path has at most 8 parts in braces"
                             : "in a path '{name}' stands for a part, this is no such name");
      return std::nullopt;
    }
    pattern.regex = std::make_unique<llvm::Regex>(regex + "$");
    return pattern;
  }

  bool readPerm(JsonValue perm, Pattern &pattern) {
    if (!perm) return true;
    for (JsonValue axis = perm.firstChild(); axis; axis = axis.next()) {
      std::optional<int64_t> value = axis.isNumber() ? axis.integer() : std::nullopt;
      bool good = value && *value >= 0 && *value < int64_t(perm.size()) && !llvm::is_contained(pattern.perm, *value);
      if (!good) {
        diagnostics.error("G2001", axis.span(),
                          "'perm' names each axis from 0 to " + llvm::Twine(perm.size() - 1) + " once");
        return false;
      }
      pattern.perm.push_back(*value);
    }
    return true;
  }

  bool readDtype(JsonValue dtype, Pattern &pattern) {
    if (!dtype) return true;
    pattern.dtype = elementType(program.context, dtype.string());
    if (!pattern.dtype)
      diagnostics.error("G3014", dtype.span(),
                        "no dtype '" + support::printable(dtype.string()) + "'" + dtypeMeant(dtype.string()));
    return bool(pattern.dtype);
  }

  /// A name that stands twice in a pattern stands for the same text.
  static bool agree(const Pattern &pattern, llvm::ArrayRef<llvm::StringRef> parts) {
    for (size_t i = 0; i < pattern.names.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (pattern.names[i] == pattern.names[j] && parts[i + 1] != parts[j + 1]) return false;
    return true;
  }

  mlir::DictionaryAttr tensorOf(const Pattern &pattern, llvm::ArrayRef<llvm::StringRef> parts, llvm::StringRef path,
                                const Param &param) {
    std::string from;
    bool good = cut(
        pattern.from.string(), [&](llvm::StringRef text) { from += text; },
        [&](llvm::StringRef braces) { return append(pattern, parts, braces, from); });
    if (!good) {
      diagnostics.error("G0017", pattern.from.span(),
                        "'{name}' or '{name+1}' stands for a part of the path, this has no such part");
      return nullptr;
    }
    if (!pattern.perm.empty() && pattern.perm.size() != size_t(param.type.getRank())) {
      diagnostics.error("G2002", pattern.json.find("perm").span(),
                        "'perm' has " + llvm::Twine(pattern.perm.size()) + " axes, '" + path + "' is " +
                            typeText(param.type));
      return nullptr;
    }
    if (pattern.dtype && !converts(pattern.dtype, param.type.getElementType())) {
      diagnostics.error("G5003", pattern.json.find("dtype").span(),
                        "'" + path + "' is " + typeText(param.type) + ", which no " +
                            pattern.json.find("dtype").string() + " of a file becomes");
      return nullptr;
    }
    mlir::NamedAttrList tensor;
    tensor.append("from", builder.getStringAttr(from));
    if (!pattern.perm.empty()) tensor.append("perm", builder.getDenseI64ArrayAttr(pattern.perm));
    if (pattern.dtype) tensor.append("dtype", mlir::TypeAttr::get(pattern.dtype));
    return tensor.getDictionary(program.context);
  }

  /// Numbers become floats, integers become integers that hold them; a float never becomes an integer silently.
  static bool converts(mlir::Type from, mlir::Type to) {
    if (from == to) return true;
    if (from.isInteger(1) || to.isInteger(1)) return false;
    return mlir::isa<mlir::FloatType>(to) || mlir::isa<mlir::IntegerType>(from);
  }

  /// "i", "i+1", "i-1".
  static bool append(const Pattern &pattern, llvm::ArrayRef<llvm::StringRef> parts, llvm::StringRef braces,
                     std::string &out) {
    size_t sign = braces.find_first_of("+-");
    llvm::StringRef name = braces.take_front(sign).trim();
    auto found = llvm::find(pattern.names, name);
    if (found == pattern.names.end()) return false;
    llvm::StringRef part = parts[found - pattern.names.begin() + 1];
    if (sign == llvm::StringRef::npos) {
      out += part;
      return true;
    }
    int64_t value = 0, offset = 0, sum = 0;
    if (part.getAsInteger(10, value) || braces.drop_front(sign + 1).trim().getAsInteger(10, offset)) return false;
    if (braces[sign] == '-' ? __builtin_sub_overflow(value, offset, &sum) : __builtin_add_overflow(value, offset, &sum))
      return false;
    out += std::to_string(sum);
    return true;
  }
};
} // namespace

void describeWeights(JsonValue weights, Program &program) { WeightReader(program).read(weights); }
} // namespace graphc::frontend
