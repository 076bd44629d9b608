// A copy: every param and state of one function becomes that of another, or moves towards it (R27). A function of no
// input and no result, all of whose work is effects.
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/derived_builder.h"
#include "dialects/graph/derivative_rule.h"

namespace graphc::frontend {
using support::JsonValue;

namespace {

class CopyBuilder : DerivedBuilder {
public:
  CopyBuilder(Definition &definition, Program &program)
      : DerivedBuilder(definition, /*train=*/false, program), copy(*definition.derive->copy) {}

  void run() {
    program.functions[definition.name] = {};
    std::optional<std::string> from = rootOf(copy.from), to = rootOf(copy.to);
    if (!from || !to || !collect(*from, *to)) {
      definition.valid = false;
      return;
    }
    builder.setInsertionPointToEnd(program.module.getBody());
    auto made = builder.create<mlir::func::FuncOp>(location, definition.name, builder.getFunctionType({}, {}));
    made.setPrivate();
    made.addEntryBlock();
    builder.setInsertionPointToEnd(&made.getBody().front());
    Effects effects = move();
    finish(made, {});
    if (!definition.doc.empty()) made->setAttr("graph.doc", builder.getStringAttr(definition.doc));
    program.functions[definition.name] = {made, std::move(effects), 2 * pairs.size() + 1, {}, false, false};
  }

private:
  const CopyDefinition &copy;
  std::vector<std::pair<std::string, std::string>> pairs; // paths, from and to

  /// Under which its params are.
  std::optional<std::string> rootOf(JsonValue name) {
    const Definition *function = program.find(*definition.scope, name.string());
    if (!function && !Program::findOp(name.string())) {
      program.unknownCallee(*definition.scope, name.string(), name.span(), /*formula=*/false, diagnostics);
      return std::nullopt;
    }
    if (!function || function->isLayer) {
      diagnostics.error("G1001", name.span(), "'" + name.string().str() + "' is no function, only these own params");
      return std::nullopt;
    }
    if (!function->valid) return std::nullopt;
    return paramRoot(*function, program);
  }

  std::vector<std::string> pathsOf(const std::string &root) const { // without the root
    std::vector<std::string> paths;
    for (auto &[path, param] : program.params)
      if (llvm::StringRef rest = path; rest.consume_front(root + ".")) paths.push_back(rest.str());
    return paths;
  }

  bool collect(const std::string &from, const std::string &to) {
    auto refuse = [&](JsonValue at, const std::string &message) {
      diagnostics.error("G7013", at.span(), message);
      return false;
    };
    if (from == to) return refuse(copy.to, "'from' and 'to' have the same params, those of '" + from + "'");
    std::vector<std::string> sources = pathsOf(from), goals = pathsOf(to);
    if (goals.empty()) return refuse(copy.to, "'" + copy.to.string().str() + "' owns no param and no state");
    for (auto [paths, at, owner, root] :
         {std::tuple(&goals, copy.from, &from, &to), std::tuple(&sources, copy.to, &to, &from)})
      for (const std::string &path : *paths)
        if (!program.params.count(*owner + "." + path))
          return refuse(at,
                        "'" + *owner + "' has no '" + path + "', '" + *root + "' has: both must have the same paths");
    for (const std::string &path : goals) {
      const Param &source = program.params.find(from + "." + path)->second,
                  &goal = program.params.find(to + "." + path)->second;
      if (source.type != goal.type)
        return refuse(copy.to, "'" + to + "." + path + "' is " + typeText(goal.type) + ", '" + from + "." + path +
                                   "' is " + typeText(source.type));
      pairs.push_back({from + "." + path, to + "." + path});
    }
    return true;
  }

  Effects move() {
    Effects effects;
    graph::RuleBuilder rules(program.location(derive.kind.span()), builder);
    double rate = copy.rate ? *copy.rate.real() : 1;
    llvm::SmallVector<mlir::Value> next; // all before the first is written
    for (auto &[from, to] : pairs) {
      mlir::Value value = read(rules, from);
      bool isFloat = mlir::isa<mlir::FloatType>(graph::typeOf(value).getElementType());
      if (isFloat && rate != 1) {
        mlir::Value old = read(rules, to);
        value = rules.add(old, rules.mul(rules.sub(value, old), rate));
      }
      next.push_back(value);
      effects.reads.insert({from, to});
      effects.writes.insert(to);
    }
    for (auto [paths, value] : llvm::zip_equal(pairs, next))
      rules.create<graph::WriteParameterOp>(mlir::FlatSymbolRefAttr::get(program.context, paths.second), value);
    return effects;
  }
  mlir::Value read(graph::RuleBuilder &rules, const std::string &path) {
    const Param &param = program.params.find(path)->second;
    return rules.create<graph::ReadParameterOp>(param.type, path, param.isState);
  }
};
} // namespace

void deriveCopy(Definition &definition, Program &program) { CopyBuilder(definition, program).run(); }

} // namespace graphc::frontend
