// Lookups in the state that the parts of the frontend share.
#include "compiler/frontend/program.h"
#include "dialects/graph/structure.h"

namespace graphc::frontend {

const Definition *Program::findFull(llvm::StringRef name) const {
  auto it = definitions.find(name);
  return it == definitions.end() ? nullptr : &it->second;
}

const Definition *Program::find(const FileScope &scope, llvm::StringRef name) const {
  const FileScope *file = &scope;
  for (size_t dot; (dot = name.find('.')) != llvm::StringRef::npos; name = name.drop_front(dot + 1)) {
    auto it = file->includes.find(name.take_front(dot));
    if (it == file->includes.end()) return nullptr;
    file = it->second;
  }
  const Definition *found = findFull(file->prefix + name.str());
  if (found && (found->scope == file || file == &scope)) return found;
  const Definition *standard = file == &scope ? findFull(name) : nullptr;
  return standard && standard->isStandard ? standard : nullptr;
}

const graph::OpSignature *Program::findOp(llvm::StringRef name) {
  const graph::OpSignature *op = graph::findOp(name);
  return op && op->callable ? op : nullptr;
}

// Ops and layers of the language (R23, R24) to come.
static constexpr llvm::StringLiteral notBuiltYet[] = {"all_gather", "all_reduce", "reduce_scatter"};

void Program::report(Definition &definition, const support::Diagnostics &found) {
  for (const support::Diagnostic &diagnostic : found.all())
    if (definition.isLayer && diagnostic.code == "G0014")
      definition.notSupported.push_back(diagnostic);
    else
      diagnostics.report(diagnostic);
}

void Program::unknownCallee(const FileScope &scope, llvm::StringRef name, support::Span span, bool formula,
                            support::Diagnostics &diagnostics) const {
  if (llvm::is_contained(notBuiltYet, name)) return notSupported(span, name, diagnostics);
  std::vector<std::string> names;
  for (const graph::OpSignature &op : graph::opSignatures())
    if (op.callable) names.push_back(op.mnemonic.str());
  for (auto &entry : definitions) {
    const Definition &definition = entry.second;
    if (formula && definition.isLayer) continue;
    if (definition.isStandard || definition.scope == &scope)
      names.push_back(entry.first.substr(definition.scope->prefix.size()));
  }
  for (auto &include : scope.includes)
    for (auto &entry : definitions)
      if (entry.second.scope == include.second && !(formula && entry.second.isLayer))
        names.push_back((include.getKey() + "." + entry.first.substr(include.second->prefix.size())).str());
  llvm::sort(names);
  std::vector<llvm::StringRef> candidates(names.begin(), names.end());
  std::string hint = support::didYouMean(name, candidates);
  if (hint.empty()) hint = support::didYouMean(name.lower(), candidates); // MatMul
  diagnostics.error("G1001", span,
                    (formula ? "no op or function '" : "no op, layer or function '") +
                        support::printable(name.take_front(64)) + "'" + hint);
}

mlir::Location Program::location(support::Span span) const {
  if (!span) return mlir::UnknownLoc::get(context);
  support::LineColumn place = sources.lineColumn(span.file, span.begin);
  return mlir::FileLineColLoc::get(context, sources.path(span.file), place.line, place.column);
}

mlir::Operation *createParameter(Program &program, mlir::Location location, llvm::StringRef path, mlir::Type type,
                                 bool isState, llvm::StringRef init, double a, double b) {
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(program.module.getBody());
  mlir::OperationState state(location, graph::ParameterOp::getOperationName());
  state.addAttribute("sym_name", builder.getStringAttr(path));
  state.addAttribute("type", mlir::TypeAttr::get(type));
  state.addAttribute("init", builder.getStringAttr(init));
  state.addAttribute("a", builder.getF64FloatAttr(a));
  state.addAttribute("b", builder.getF64FloatAttr(b));
  if (isState) state.addAttribute("state", builder.getUnitAttr());
  return builder.create(state);
}

std::string functionKey(const Definition &function, bool train) {
  return function.name + (train && !function.train ? "#train" : "") + function.scope->variant;
}

support::JsonValue givenAttribute(const Definition &caller, llvm::StringRef callee,
                                  llvm::ArrayRef<support::JsonValue> own, llvm::StringRef name) {
  for (support::JsonValue attribute : own)
    if (attribute.key() == name) return attribute;
  if (!caller.scope->defaults) return support::JsonValue();
  support::JsonValue forOp = caller.scope->defaults.find(callee);
  return forOp && forOp.isObject() ? forOp.find(name) : support::JsonValue();
}
} // namespace graphc::frontend
