// Params and state of one instance of a definition: made (graph.parameter), taken from their owner (shares), or given
// by the node (params); and the updates of state, which take effect when the body returns.
#include "compiler/frontend/body_builder.h"
#include "compiler/frontend/initial_values.h"
#include "compiler/frontend/random_numbers.h"
#include "dialects/graph/op_signature.h"
#include "dialects/graph/structure.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

void BodyBuilder::buildParams(Frame &frame) {
  for (const ParamDefinition &param : frame.definition->params) buildParam(frame, param);
}

void BodyBuilder::buildParam(Frame &frame, const ParamDefinition &param) {
  frame.values[param.name] = nullptr;
  std::optional<bool> exists = condition(frame, param.when);
  if (exists && !*exists) {
    frame.values.erase(param.name);
    frame.absent.insert(param.name);
  }
  if (!exists || !*exists) return;
  mlir::RankedTensorType type = this->type(frame, param.type);
  if (!type) return;
  if (!type.hasStaticShape()) {
    error(frame, "G3012", param.type.origin.span(),
          "'" + param.name + "' is " + typeText(type) + ", but the sizes of params and state are known at build");
    return;
  }
  std::string owner = (param.isState ? "state of '" : "param of '") + frame.definition->name + "'";
  mlir::Value value;
  auto given = frame.givenParams.find(param.name);
  if (given != frame.givenParams.end()) {
    value = givenParam(frame, param, given->second, type);
  } else {
    if (frame.nameless) {
      error(frame, "G1001", param.json.keySpan(),
            owner.substr(0, owner.find(' ')) + " '" + param.name + "' of '" + frame.definition->name +
                "' has no path in a formula, use the layer in a node");
      return;
    }
    std::string path = frame.path + "." + param.name + frame.suffix;
    if (frame.shares ? !checkShared(frame, param, path, type) : (makeParam(frame, param, path, type), false)) return;
    auto made = program.params.find(path);
    if (made == program.params.end()) return;
    frame.effects.reads.insert(path);
    value = readParamOp(location(frame, param.json.keySpan()), path, made->second);
    bind(frame, param.name, value, owner, param.json.keySpan());
    if (frame.parent) provenance[value].name = path;
    return;
  }
  if (value) bind(frame, param.name, value, owner, param.json.keySpan());
}

mlir::Value BodyBuilder::readParamOp(mlir::Location location, const std::string &path, const Param &param) {
  mlir::OperationState state(location, graph::ReadParameterOp::getOperationName());
  state.addAttribute("parameter", mlir::FlatSymbolRefAttr::get(program.context, path));
  if (param.isState) state.addAttribute("state", builder.getUnitAttr());
  state.addTypes(param.type);
  return builder.create(state)->getResult(0);
}

mlir::Value BodyBuilder::givenParam(Frame &frame, const ParamDefinition &param, GivenParam &given,
                                    mlir::RankedTensorType type) {
  given.used = true;
  Frame &user = *frame.parent;
  Span span = given.operand->json.span();
  if (given.number) return constant(type, *given.number, span, user);
  if (!given.value || given.value.getType() == type) return given.value;
  support::Diagnostic diagnostic;
  diagnostic.code = "G3010";
  diagnostic.message = "'" + param.name + "' of '" + frame.definition->name + "' is " + typeText(type) +
                       ", the value in its place is " + typeText(given.value.getType());
  diagnostic.span = span;
  addProvenance(diagnostic, given.value);
  diagnostic.notes.push_back({param.json.keySpan(), "'" + param.name + "' is declared here"});
  report(user, std::move(diagnostic), given.value);
  return nullptr;
}

/// The owner has it, with this type.
bool BodyBuilder::checkShared(Frame &frame, const ParamDefinition &param, const std::string &path,
                              mlir::RankedTensorType type) {
  auto owned = program.params.find(path);
  if (owned == program.params.end()) {
    std::vector<llvm::StringRef> paths;
    for (auto &entry : program.params) paths.push_back(entry.first);
    error(frame, "G1018", param.json.keySpan(),
          "there is no '" + path + "' to share" + support::didYouMean(path, paths));
    return false;
  }
  if (owned->second.type == type && owned->second.isState == param.isState) return true;
  support::Diagnostic diagnostic;
  diagnostic.code = "G1018";
  diagnostic.message = "'" + path + "' is shared as " + typeText(type) + ", its owner has " +
                       (owned->second.isState == param.isState ? ""
                        : param.isState                        ? "a param of "
                                                               : "a state of ") +
                       typeText(owned->second.type);
  diagnostic.span = param.json.keySpan();
  diagnostic.notes.push_back({owned->second.declared, owned->second.owner + ": declared here"});
  report(frame, std::move(diagnostic));
  return false;
}

void BodyBuilder::makeParam(Frame &frame, const ParamDefinition &param, const std::string &path,
                            mlir::RankedTensorType type) {
  const Frame *root = &frame;
  while (root->parent) root = root->parent;
  if (!root->definition->scope->isMain()) {
    error(frame, "G1017", param.json.keySpan(),
          "'" + path + "' would belong to an included file, only functions of the main file own params and state");
    return;
  }
  if (path == rngSeed || path == rngCalls) {
    error(frame, "G1005", param.json.keySpan(),
          "'" + path + "' is the model's own state of random numbers, give the function another name");
    return;
  }
  InitialValue initial;
  mlir::DenseElementsAttr values;
  if (param.init) {
    auto value = attributeValue(frame, param.init, "init");
    if (!value) return;
    if (value->kind == StaticValue::Object) {
      JsonValue file = value->object.find("file");
      values = file ? fileElements(frame, type, file) : literalElements(frame, type, value->object.find("value"));
      if (!values) return;
      initial.kind = "values";
    } else {
      auto resolved = resolveInitialValue(*value, param.init, type, *frame.diagnostics);
      if (!resolved) return;
      initial = *resolved;
    }
  }
  std::string owner = (param.isState ? "state of '" : "param of '") + frame.definition->name + "'";
  auto [it, isNew] = program.params.try_emplace(path, Param{type, param.json.keySpan(), owner, variant, param.isState});
  if (!isNew) { // the same function is built once per mode
    bool otherMode = it->second.variant != variant && it->second.type == type;
    if (!otherMode)
      error(frame, "G1005", param.json.keySpan(), "there are two params '" + path + "', give a node another 'name'");
    return;
  }
  bool trained = true;
  if (param.trainable) {
    auto value = attributeValue(frame, param.trainable, "bool");
    if (value) trained = value->boolean;
  }
  mlir::Operation *made = createParameter(program, location(frame, param.json.keySpan()), path, type, param.isState,
                                          initial.kind, initial.a, initial.b);
  if (values) made->setAttr("values", values);
  if (!trained) made->setAttr("frozen", builder.getUnitAttr());
  if (!param.doc.empty()) made->setAttr("doc", builder.getStringAttr(param.doc));
}

mlir::Value BodyBuilder::chosen(Frame &frame, mlir::Value condition, mlir::Value yes, mlir::Value no) {
  Span span = frame.definition->json.keySpan();
  auto results =
      buildOp(frame, *graph::findRole("choose"),
              {{condition, std::nullopt, span}, {yes, std::nullopt, span}, {no, std::nullopt, span}}, {}, {}, span);
  return results.empty() ? mlir::Value() : results[0];
}

void BodyBuilder::buildUpdates(Frame &frame) {
  llvm::SmallVector<std::pair<std::string, mlir::Value>> writes; // after all values: each sees the state as it was
  for (const UpdateDefinition &update : frame.definition->updates) {
    std::optional<bool> exists = condition(frame, update.when);
    if (!exists || !*exists || frame.absent.contains(update.name)) continue;
    auto param = program.params.find(frame.path + "." + update.name + frame.suffix);
    if (param == program.params.end()) continue; // it has mistakes of its own
    mlir::Value value = typedValue(frame, update.value, param->second.type);
    if (!value) continue;
    if (value.getType() != param->second.type) {
      support::Diagnostic diagnostic;
      diagnostic.code = "G3010";
      diagnostic.message = "state '" + update.name + "' is " + typeText(param->second.type) + ", its update is " +
                           typeText(value.getType());
      diagnostic.span = update.value.json.span();
      addProvenance(diagnostic, value);
      report(frame, std::move(diagnostic), value);
      continue;
    }
    if (updateGuard) value = chosen(frame, updateGuard, value, frame.values.lookup(update.name));
    writes.push_back({param->first, value});
  }
  for (auto &[path, value] : writes) {
    mlir::OperationState state(value.getLoc(), graph::WriteParameterOp::getOperationName());
    state.addOperands(value);
    state.addAttribute("parameter", mlir::FlatSymbolRefAttr::get(program.context, path));
    builder.create(state);
    frame.effects.writes.insert(path);
  }
}
} // namespace graphc::frontend
