// What a derivative is by and of, as the file says it: an output, inputs by name, params by pattern.
#include "compiler/frontend/derive_function.h"
#include "dialects/graph/activity.h"
#include "dialects/graph/structure.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

/// Components of a path against those of a pattern.
static bool matches(llvm::ArrayRef<llvm::StringRef> pattern, llvm::ArrayRef<llvm::StringRef> path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() == "**") {
    for (size_t skipped = 0; skipped <= path.size(); ++skipped)
      if (matches(pattern.drop_front(), path.drop_front(skipped))) return true;
    return false;
  }
  return !path.empty() && (pattern.front() == "*" || pattern.front() == path.front()) &&
         matches(pattern.drop_front(), path.drop_front());
}

bool matchesPath(llvm::StringRef pattern, llvm::StringRef path) {
  llvm::SmallVector<llvm::StringRef> parts, components;
  pattern.split(parts, '.');
  path.split(components, '.');
  return matches(parts, components);
}

namespace {

bool isReal(mlir::Type type) {
  return mlir::isa<mlir::FloatType>(mlir::cast<mlir::RankedTensorType>(type).getElementType());
}

class TargetFinder {
public:
  TargetFinder(const Definition &definition, const Definition &of, const BuiltFunction &built, Program &program)
      : derive(*definition.derive), of(&of), built(built), program(program), diagnostics(program.diagnostics),
        kind(derive.kind.string()), function(mlir::cast<mlir::func::FuncOp>(built.op)) {}

  DeriveTargets find() {
    findOutputs();
    findInputsAndParams();
    return std::move(targets);
  }

private:
  const DeriveDefinition &derive;
  const Definition *of;
  const BuiltFunction &built; // of it
  Program &program;
  support::Diagnostics &diagnostics;
  llvm::StringRef kind;
  mlir::func::FuncOp function;
  DeriveTargets targets;
  mlir::SymbolTable symbols{program.module};
  std::optional<std::map<std::string, bool>> used; // paths that the function reads, with whether they are state

  mlir::Type resultType(size_t i) { return function.getResultTypes()[i]; }
  mlir::Type inputType(size_t i) { return function.getArgumentTypes()[i]; }

  void findOutputs() {
    bool scalar = kind == "grad" || kind == "hvp" || kind == "train_step";
    llvm::SmallVector<llvm::StringRef> names;
    for (auto [i, output] : llvm::enumerate(of->outputs)) {
      names.push_back(output.name);
      bool wanted = derive.output ? output.name == derive.output.string() : scalar ? i == 0 : isReal(resultType(i));
      if (wanted) targets.outputs.push_back(int64_t(i));
    }
    if (derive.output && targets.outputs.empty())
      diagnostics.error("G1003", derive.output.span(),
                        "'" + of->name + "' has no output '" + support::printable(derive.output.string()) + "'" +
                            support::didYouMean(derive.output.string(), names));
    else if (targets.outputs.empty())
      diagnostics.error("G7004", derive.of.span(),
                        "'" + of->name + "' has no output of floats, nothing can be derived");
    Span span = derive.output ? derive.output.span() : derive.of.span();
    for (int64_t output : targets.outputs) {
      auto type = mlir::cast<mlir::RankedTensorType>(resultType(output));
      std::string name = "'" + of->outputs[output].name + "' of '" + of->name + "' is " + typeText(type);
      if (!isReal(type))
        diagnostics.error("G7004", span, name + ", only floats have derivatives");
      else if (scalar && type.getRank() != 0)
        diagnostics.error("G7001", span, "'" + kind + "' derives a scalar, " + name,
                          "reduce it with mean or sum, or use vjp or jacobian");
    }
  }

  void addInput(size_t i, Span span, bool asked) {
    if (llvm::is_contained(targets.inputs, int64_t(i))) return;
    if (!isReal(inputType(i))) {
      if (asked)
        diagnostics.error("G7004", span,
                          "'" + of->inputs[i].name + "' is " + typeText(inputType(i)) +
                              ", only floats have derivatives");
      return;
    }
    targets.inputs.push_back(int64_t(i));
    targets.spans.insert(targets.spans.begin() + (targets.inputs.size() - 1), span);
  }

  void findInputsAndParams() {
    if (!derive.wrt && kind == "train_step") {
      for (auto &[path, isState] : pathsMatching("**"))
        if (!isState && isReal(program.params.find(path)->second.type) && !isFrozen(path)) {
          targets.params.push_back(path);
          targets.spans.push_back(derive.of.span());
        }
      if (targets.params.empty())
        diagnostics.error("G7004", derive.of.span(), "'" + of->name + "' uses no param that can be trained");
      return;
    }
    if (!derive.wrt) {
      for (size_t i = 0; i < of->inputs.size(); ++i) addInput(i, derive.of.span(), /*asked=*/false);
      if (targets.inputs.empty())
        diagnostics.error("G7004", derive.of.span(),
                          "'" + of->name + "' has no input of floats to derive by, say by what with 'wrt'");
      return;
    }
    std::map<std::string, Span> params;
    llvm::SmallVector<JsonValue> excluded;
    if (derive.wrt.isString()) {
      addPattern(derive.wrt, params, excluded);
    } else {
      if (derive.wrt.size() == 0) diagnostics.error("G7004", derive.wrt.span(), "'wrt' is empty, nothing to derive by");
      for (JsonValue one = derive.wrt.firstChild(); one; one = one.next()) addPattern(one, params, excluded);
    }
    for (JsonValue pattern : excluded) exclude(pattern, params);
    for (auto &[path, span] : params) {
      targets.params.push_back(path);
      targets.spans.push_back(span);
    }
    if (kind == "train_step" && !targets.inputs.empty())
      diagnostics.error("G7004", targets.spans.front(),
                        "a train_step trains params, '" + of->inputs[targets.inputs.front()].name + "' is an input");
  }

  bool isFrozen(const std::string &path) {
    auto parameter = symbols.lookup<graph::ParameterOp>(path);
    return parameter && parameter.getFrozen();
  }

  void findUsed() {
    graph::Activity activity(symbols);
    std::vector<std::string> all;
    for (auto &[path, param] : program.params) all.push_back(path);
    used.emplace();
    for (const std::string &path : activity.paramsRead(function, all)) (*used)[path] = false;
    for (const std::string &path : built.effects.reads)
      if (program.params.find(path)->second.isState) (*used)[path] = true;
  }

  /// Those of `used` that match.
  std::map<std::string, bool> pathsMatching(llvm::StringRef pattern) {
    if (!used) findUsed();
    std::map<std::string, bool> found;
    for (auto &one : *used)
      if (matchesPath(pattern, one.first)) found.insert(one);
    return found;
  }

  void addPattern(JsonValue json, std::map<std::string, Span> &params, llvm::SmallVectorImpl<JsonValue> &excluded) {
    llvm::StringRef text = json.string();
    if (text.starts_with("!")) {
      excluded.push_back(json);
      return;
    }
    if (!text.contains('.') && !text.contains('*')) {
      llvm::SmallVector<llvm::StringRef> names;
      for (auto [i, input] : llvm::enumerate(of->inputs)) {
        if (input.name == text) return addInput(i, json.span(), /*asked=*/true);
        names.push_back(input.name);
      }
      diagnostics.error("G1003", json.span(),
                        "'" + of->name + "' has no input '" + support::printable(text) + "'" +
                            support::didYouMean(text, names));
      return;
    }
    bool wildcard = text.contains('*'), any = false;
    for (auto &[path, isState] : pathsMatching(text)) {
      const Param &param = program.params.find(path)->second;
      bool frozen = kind == "train_step" && !isState && isFrozen(path);
      if (wildcard && (isState || !isReal(param.type) || frozen)) continue;
      any = true;
      if (frozen) {
        diagnostics.error("G7004", json.span(), "'" + path + "' is not trainable");
        continue;
      }
      if (isState)
        diagnostics.error("G7004", json.span(), "'" + path + "' is a state, only params and inputs have derivatives");
      else if (!isReal(param.type))
        diagnostics.error("G7004", json.span(),
                          "'" + path + "' is " + typeText(param.type) + ", only floats have derivatives");
      else
        params.emplace(path, json.span());
    }
    if (!any) noMatch(json);
  }
  void noMatch(JsonValue json) {
    std::vector<std::string> all;
    for (auto &[path, isState] : pathsMatching("**")) all.push_back(path);
    llvm::SmallVector<llvm::StringRef> names(all.begin(), all.end());
    diagnostics.error("G1003", json.span(),
                      "no param of floats that '" + of->name + "' uses matches '" + support::printable(json.string()) +
                          "'" + support::didYouMean(json.string(), names));
  }
  void exclude(JsonValue json, std::map<std::string, Span> &params) {
    bool any = false;
    for (auto it = params.begin(); it != params.end();) {
      bool out = matchesPath(json.string().drop_front(), it->first);
      any |= out;
      it = out ? params.erase(it) : std::next(it);
    }
    if (!any)
      diagnostics.error("G1003", json.span(),
                        "'" + support::printable(json.string()) + "' excludes nothing of what 'wrt' names");
  }
};
} // namespace

DeriveTargets findTargets(const Definition &definition, const Definition &of, const BuiltFunction &built,
                          Program &program) {
  return TargetFinder(definition, of, built, program).find();
}

} // namespace graphc::frontend
