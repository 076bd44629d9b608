// case_file.h. Text in, text out: what the language makes of it is the frontend's business.
#include "tests/models/case_file.h"
#include "compiler/support/diagnostics.h"
#include "compiler/support/json_document.h"
#include "dialects/graph/element_type.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

namespace graphc::test {
using support::JsonValue;

namespace {
/// What stands for `$name`.
using Replacements = std::map<std::string, std::string>;
using Sizes = std::map<std::string, int64_t>;

/// The longest name that fits at each `$`.
std::string replaced(llvm::StringRef text, const Replacements &with) {
  std::string result;
  while (!text.empty()) {
    if (text.front() == '$') {
      const std::pair<const std::string, std::string> *best = nullptr;
      for (const auto &one : with)
        if (text.drop_front().starts_with(one.first) && (!best || one.first.size() > best->first.size())) best = &one;
      if (best) {
        result += best->second;
        text = text.drop_front(1 + best->first.size());
        continue;
      }
    }
    result += text.front();
    text = text.drop_front();
  }
  return result;
}

llvm::ArrayRef<graph::Dtype> dtypeList(llvm::StringRef name) {
  if (name == "floats") return graph::floatDtypes;
  if (name == "signed") return graph::signedDtypes;
  if (name == "integers") return graph::integerDtypes;
  if (name == "numbers") return graph::numberDtypes;
  if (name == "all") return graph::allDtypes;
  return {};
}

class Reader {
public:
  Reader(support::Sources &sources, JsonValue root, unsigned every, Named named, bool derived, CaseFile &file)
      : sources(sources), root(root), every(every), withNamed(named), derived(derived), file(file) {}

  std::string run() {
    checkKeys(root, {"ulp", "relative_to_max", "values", "dtypes", "choices", "cases", "named", "like_twin", "doc"});
    JsonValue cases = root.find("cases");
    if (!cases.isArray() || cases.size() == 0) return "no cases";
    for (JsonValue one : cases.children()) {
      JsonValue has = one.find("derived");
      if (!derived || !has || has.boolean()) readCase(one);
    }
    std::vector<std::string> texts;
    for (const auto &[name, text] : dims) texts.push_back(text);
    file.dims = llvm::join(texts, ", ");
    return error;
  }

private:
  support::Sources &sources;
  JsonValue root;
  unsigned every;
  Named withNamed;
  bool derived;
  CaseFile &file;
  std::map<std::string, std::string> dims; // JSON member by name
  std::vector<Sizes> kept;                 // of the case at hand: the combinations that have a function
  size_t groups = 0;
  std::string error;

  void fail(JsonValue at, const std::string &what) {
    support::LineColumn place = sources.lineColumn(at.span().file, at.span().begin);
    if (error.empty()) error = "line " + std::to_string(place.line) + ": " + what;
  }

  void checkKeys(JsonValue object, std::initializer_list<llvm::StringRef> known) {
    if (!object.isObject()) return fail(object, "expected an object");
    for (JsonValue member : object.children())
      if (!llvm::is_contained(known, member.key())) fail(member, "no case knows '" + member.key().str() + "'");
  }

  JsonValue setting(JsonValue one, llvm::StringRef key) {
    JsonValue own = one.find(key);
    return own ? own : root.find(key);
  }

  /// The JSON of a value as the file writes it.
  llvm::StringRef rawText(JsonValue value) {
    support::Span span = value.span();
    return sources.text(span.file).slice(span.begin, span.end);
  }

  void readCase(JsonValue one) {
    checkKeys(one, {"inputs", "output", "nodes", "outputs", "sizes", "dtypes", "choices", "values", "ulp",
                    "relative_to_max", "status", "named", "like_twin", "derived", "doc", "recursive", "functions"});
    if (!error.empty()) return;
    for (const Replacements &choice : choices(one)) {
      bool keep = groups++ % every == 0 && withNamed != Named::No;
      std::vector<Sizes> combinations = sizes(one.find("sizes"));
      std::vector<int> twins;
      for (size_t i = 0; i < combinations.size(); ++i) {
        if (every > 1 && (i + groups) % every != 0) continue;
        Replacements with = choice;
        for (const auto &[name, value] : combinations[i]) with[name] = std::to_string(value);
        addCall(one, addFunction(one, with, false), with, -1, {});
        if (error.empty()) twins.push_back(int(file.calls.size()) - 1);
        if (!error.empty()) return;
        kept.push_back(combinations[i]);
      }
      if (keep) addNamed(one, choice, combinations, twins);
      kept.clear();
    }
  }

  std::vector<Replacements> choices(JsonValue one) {
    std::vector<Replacements> all(1);
    auto extend = [&](const std::string &name, llvm::ArrayRef<std::string> values) {
      std::vector<Replacements> next;
      for (const Replacements &partial : all)
        for (const std::string &value : values) {
          next.push_back(partial);
          next.back()[name] = value;
        }
      all = next;
    };
    if (JsonValue dtypes = setting(one, "dtypes")) {
      std::vector<std::string> names;
      if (dtypes.isString())
        for (graph::Dtype dtype : dtypeList(dtypes.string())) names.push_back(graph::dtypeName(dtype).str());
      else
        for (JsonValue name : dtypes.children()) names.push_back(name.string().str());
      if (names.empty()) fail(dtypes, "no such dtypes");
      extend("t", names);
    }
    if (JsonValue chosen = setting(one, "choices"))
      for (JsonValue name : chosen.children()) {
        std::vector<std::string> values;
        for (JsonValue value : name.children())
          values.push_back(value.isString() ? value.string().str() : rawText(value).str());
        extend(name.key().str(), values);
      }
    return all;
  }

  /// Every combination.
  std::vector<Sizes> sizes(JsonValue lists) {
    std::vector<Sizes> all(1);
    if (!lists) return all;
    for (JsonValue name : lists.children()) {
      std::vector<Sizes> next;
      for (const Sizes &partial : all)
        for (JsonValue value : name.children()) {
          std::optional<int64_t> size = value.isNumber() ? value.integer() : std::nullopt;
          if (!size) return fail(value, "a size is an integer"), all;
          next.push_back(partial);
          next.back()[name.key().str()] = *size;
        }
      all = next;
    }
    return all;
  }

  static llvm::SmallVector<JsonValue, 8> childrenOf(JsonValue object) {
    return object ? object.children() : llvm::SmallVector<JsonValue, 8>();
  }

  size_t addFunction(JsonValue one, Replacements with, bool named) {
    CaseFunction function;
    function.named = named;
    function.name = (named ? "named_" : "case_") + std::to_string(file.functions.size());
    std::string own = function.name + (derived ? "_itself" : "");
    JsonValue others = one.find("functions");
    with["self"] = own;
    for (JsonValue other : childrenOf(others)) with[other.key().str()] = own + "_" + other.key().str();
    std::string inputs;
    for (JsonValue input : one.find("inputs").children()) {
      std::string type = replaced(typeOf(input), with);
      inputs += (inputs.empty() ? "" : ", ") + ("\"" + input.key().str() + "\": \"" + type + "\"");
      function.shown += (function.shown.empty() ? "" : ", ") + (input.key().str() + ": " + type);
    }
    JsonValue output = one.find("output"), outputs = one.find("outputs"), nodes = one.find("nodes");
    if (bool(output) == bool(outputs)) fail(one, "a case has an 'output' or 'outputs'");
    if (!error.empty()) return 0;
    function.text = "\"" + own + "\": { \"inputs\": { " + inputs + " }";
    if (JsonValue recursive = one.find("recursive")) function.text += ", \"recursive\": " + rawText(recursive).str();
    if (nodes) function.text += ", \"nodes\": " + replaced(rawText(nodes), with);
    std::string results = replaced(rawText(output ? output : outputs), with);
    function.text += ", \"outputs\": " + (output ? "{ \"y\": " + results + " }" : results) + " }";
    for (JsonValue other : childrenOf(others))
      function.text += ",\n    \"" + with[other.key().str()] + "\": " + replaced(rawText(other), with);
    if (derived) function.text += ",\n    \"" + function.name + "\": { \"derive\": \"vjp\", \"of\": \"" + own + "\" }";
    function.shown = (nodes ? replaced(rawText(nodes), with) : results) + " of " + function.shown;
    file.functions.push_back(function);
    return file.functions.size() - 1;
  }

  std::string typeOf(JsonValue input) {
    if (input.isString()) return input.string().str();
    checkKeys(input, {"type", "values"});
    JsonValue type = error.empty() ? input.find("type") : JsonValue();
    if (!type.isString()) return fail(input, "an input is a type, or { type, values }"), "";
    return type.string().str();
  }

  void addCall(JsonValue one, size_t function, const Replacements &with, int twin,
               const std::map<std::string, int64_t> &bound) {
    CaseCall call;
    call.function = function;
    call.twin = twin;
    if (JsonValue like = setting(one, "like_twin")) call.likeTwin = like.boolean();
    call.dims = bound;
    for (JsonValue input : one.find("inputs").children()) {
      CaseInput made;
      made.dtypeAndShape = replaced(typeOf(input), with);
      JsonValue values = input.isObject() ? input.find("values") : JsonValue();
      if (!values) values = setting(one, "values");
      if (values.isArray()) {
        made.values.kind = ValueKind::Listed;
        for (JsonValue value : values.children())
          made.values.listed.push_back(value.isNumber() ? value.real().value_or(0)
                                                        : double(value.isBool() && value.boolean()));
      } else if (values && !ValueKind::parse(replaced(values.string(), with), made.values)) {
        fail(values, "no such values: '" + replaced(values.string(), with) + "'");
      }
      call.inputs.push_back(made);
    }
    readTolerance(one, call);
    if (JsonValue status = one.find("status")) {
      if (status.string() == "INDEX")
        call.status = GRAPHC_ERR_INDEX;
      else if (status.string() == "ITER")
        call.status = GRAPHC_ERR_ITER;
      else if (status.string() == "DEPTH")
        call.status = GRAPHC_ERR_DEPTH;
      else
        fail(status, "no case waits for this status");
    }
    file.calls.push_back(call);
  }

  void readTolerance(JsonValue one, CaseCall &call) {
    if (JsonValue share = setting(one, "relative_to_max")) call.tolerance.relativeToMax = *share.real();
    JsonValue ulp = setting(one, "ulp");
    if (ulp.isNumber()) call.tolerance.ulp[""] = *ulp.real();
    if (ulp.isObject())
      for (JsonValue dtype : ulp.children())
        call.tolerance.ulp[dtype.key() == "else" ? "" : dtype.key().str()] = *dtype.real();
  }

  /// The function with dims in place of sizes, and the calls that repeat those of its static twins.
  void addNamed(JsonValue one, const Replacements &choice, llvm::ArrayRef<Sizes> combinations,
                llvm::ArrayRef<int> twins) {
    JsonValue wanted = setting(one, "named");
    if (combinations.front().empty() || (wanted.isBool() && !wanted.boolean()) || twins.empty()) return;
    std::vector<std::string> names;
    for (const auto &size : combinations.front()) {
      auto isIt = [&](JsonValue v) { return v.string() == size.first; };
      if (!wanted.isArray() || llvm::any_of(wanted.children(), isIt)) names.push_back(size.first);
    }
    std::map<std::string, size_t> functions; // by the sizes that stay numbers
    for (size_t i = 0; i < twins.size(); ++i) {
      Replacements types = choice, values = choice;
      std::map<std::string, int64_t> bound;
      std::string fixed;
      for (const auto &[name, value] : kept[i]) {
        values[name] = types[name] = std::to_string(value);
        if (llvm::is_contained(names, name)) {
          types[name] = dimFor(name, combinations, names.size());
          bound[types[name]] = value;
        } else {
          fixed += name + "=" + std::to_string(value) + " ";
        }
      }
      auto [it, isNew] = functions.try_emplace(fixed, 0);
      if (isNew) it->second = addFunction(one, types, true);
      addCall(one, it->second, values, twins[i], bound);
    }
  }

  /// Of the sizes that are called; as many as keep the variants of a function with so many dims below 16.
  std::vector<std::string> specializedSizes(const std::string &name, size_t dimCount) {
    std::vector<std::string> sizes;
    size_t most = withNamed != Named::Specialized || dimCount > 4 ? 0 : dimCount > 2 ? 1 : 2;
    for (const Sizes &one : kept) {
      std::string size = std::to_string(one.at(name));
      if (sizes.size() < most && !llvm::is_contained(sizes, size)) sizes.push_back(size);
    }
    return sizes;
  }

  /// The file's dim for this name, these bounds and these specialized sizes.
  std::string dimFor(const std::string &name, llvm::ArrayRef<Sizes> combinations, size_t dimCount) {
    int64_t low = INT64_MAX, high = 256;
    for (const Sizes &sizes : combinations) {
      low = std::min(low, sizes.at(name));
      high = std::max(high, int64_t(llvm::PowerOf2Ceil(uint64_t(sizes.at(name)))));
    }
    std::string dim = name + "_" + std::to_string(low) + "_" + std::to_string(high);
    std::vector<std::string> special = specializedSizes(name, dimCount);
    std::string text = "\"min\": " + std::to_string(low) + ", \"max\": " + std::to_string(high);
    if (!special.empty()) {
      dim += "_at_" + llvm::join(special, "_");
      text += ", \"specialize\": [" + llvm::join(special, ", ") + "]";
    }
    dims[dim] = "\"" + dim + "\": { " + text + " }";
    return dim;
  }
};
} // namespace

std::string CaseFile::graph(llvm::ArrayRef<size_t> chosen) const {
  std::string texts, entries;
  for (size_t i : chosen) {
    texts += (texts.empty() ? "    " : ",\n    ") + functions[i].text;
    entries += (entries.empty() ? "\"" : ", \"") + functions[i].name + "\"";
  }
  return "{ \"graphc\": 1, \"name\": \"cases\", \"dims\": { " + dims + " },\n  \"functions\": {\n" + texts +
         " },\n  \"entries\": [" + entries + "] }\n";
}

std::string readCaseFile(llvm::StringRef path, unsigned every, Named named, CaseFile &file, bool derived) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) return "cannot be read";
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  support::JsonDocument document;
  if (!support::readJson(sources, sources.add(path.str(), (*buffer)->getBuffer().str()), diagnostics, document)) {
    diagnostics.render(llvm::errs(), support::DiagnosticFormat::Human, false);
    return "is no JSON";
  }
  return Reader(sources, document.root(), every, named, derived, file).run();
}

} // namespace graphc::test
