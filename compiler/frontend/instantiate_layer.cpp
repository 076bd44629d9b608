// A layer is built anew for each use, in place, with params of its own unless it shares. What goes wrong inside a layer
// is collected in a Diagnostics of the frame and shown at the use, with a note about the place in the layer.
#include "compiler/frontend/body_builder.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

mlir::Value BodyBuilder::inputValue(Frame &user, Frame &frame, const InputDefinition &input,
                                    const OperandValue *given) {
  if (given && given->value) return given->value;
  if (given && !given->number) return nullptr;
  bool concrete = !input.type.dtypeIsBinder && // a rest that nothing has bound yet is empty then: a scalar
                  llvm::all_of(input.type.dims, [](const DimSyntax &dim) { return dim.kind != DimSyntax::Binder; });
  mlir::RankedTensorType type = concrete ? this->type(frame, input.type) : mlir::RankedTensorType();
  if (concrete && !type) return nullptr;
  if (!given) {
    if (type) return typedValue(frame, *input.fallback, type);
    OperandValue value = operandValue(frame, *input.fallback);
    return giveDtype(frame, value) ? value.value : mlir::Value();
  }
  if (!type) {
    error(user, "G4006", given->span, "the dtype of this number cannot be told, write a typed literal");
    return nullptr;
  }
  return constant(mlir::RankedTensorType::get({}, type.getElementType()), *given->number, given->span, user);
}

bool BodyBuilder::bindAttributes(Frame &user, Frame &frame, const LayerUse &use) {
  const Definition &layer = *frame.definition;
  llvm::SmallVector<llvm::StringRef> names;
  for (const AttributeDefinition &attribute : layer.attributes) names.push_back(attribute.name);
  llvm::ArrayRef<JsonValue> own = use.node ? llvm::ArrayRef(use.node->attributes) : llvm::ArrayRef<JsonValue>();
  bool good = !use.node || checkAttributeKeys(user, *use.node, layer.name, names);
  for (const AttributeDefinition &attribute : layer.attributes) {
    JsonValue given = givenAttribute(*user.definition, use.calleeName, own, attribute.name);
    std::optional<StaticValue> value;
    if (auto ready = use.attributes.find(attribute.name); ready != use.attributes.end()) {
      value = ready->second.first;
      frame.attributeSpans[attribute.name] = ready->second.second;
    } else if (given) {
      value = attributeValue(user, given, attribute.kind);
      frame.attributeSpans[attribute.name] = given.span();
    } else if (attribute.fallback)
      value = fallbackValue(frame, attribute);
    else
      error(user, "G0012", use.callee, "'" + layer.name + "' needs '" + attribute.name + "'");
    if (!value)
      good = false;
    else
      frame.environment.values[attribute.name] = std::move(*value);
  }
  return good;
}

/// Values that the node gives in place of params, and those that the user's own node gave for params inside this one.
bool BodyBuilder::giveParams(Frame &user, Frame &frame, const NodeDefinition &node) {
  for (const Operand &operand : node.params) {
    OperandValue value = operandValue(user, operand);
    if (value.poisoned()) return false;
    frame.givenParams[operand.parameter] = {&operand, value.value, value.number, false};
  }
  return true;
}

void BodyBuilder::checkGivenParams(Frame &user, const Frame &frame, const NodeDefinition &node) {
  for (auto &[name, given] : frame.givenParams) {
    if (given.used) continue;
    llvm::SmallVector<llvm::StringRef> names;
    for (const ParamDefinition &param : frame.definition->params) names.push_back(param.name);
    error(user, "G0011", given.operand->json.keySpan(),
          "'" + support::printable(name) + "' is no param of '" + node.callee.string().str() +
              (frame.absent.contains(name) ? "' here, its 'when' is false" : "'") + support::didYouMean(name, names));
  }
}

/// "'x' with 2 axes" where the rank differs, which most readers want to know, else "x: f32[..., 64]".
static std::string describeInput(const InputDefinition &input, mlir::RankedTensorType actual) {
  bool open = llvm::any_of(input.type.dims, [](const DimSyntax &dim) { return dim.kind == DimSyntax::Rest; });
  size_t axes = input.type.dims.size() - open, rank = actual.getRank();
  if (open ? rank >= axes : rank == axes) return input.name + ": " + input.type.origin.string().str();
  return "'" + input.name + "' with " + (open ? "at least " : "") + std::to_string(axes) +
         (axes == 1 ? " axis" : " axes");
}

bool BodyBuilder::bindInputs(Frame &user, Frame &frame, llvm::ArrayRef<const OperandValue *> placed) {
  const Definition &layer = *frame.definition;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    const InputDefinition &input = layer.inputs[i];
    mlir::Value value = inputValue(user, frame, input, placed[i]);
    if (!value) return false;
    size_t before = frame.diagnostics->errorCount();
    auto actual = mlir::cast<mlir::RankedTensorType>(value.getType());
    if (!bindType(input.type, actual, frame.environment, *frame.diagnostics)) {
      if (frame.diagnostics->errorCount() == before) {
        support::Diagnostic diagnostic;
        diagnostic.code = "G3015";
        diagnostic.message =
            "'" + layer.name + "' expects " + describeInput(input, actual) + ", this is " + typeText(actual);
        diagnostic.span = input.type.origin.span();
        addProvenance(diagnostic, value);
        report(frame, std::move(diagnostic), value);
      }
      return false;
    }
    frame.values[input.name] = value;
  }
  return true;
}

llvm::SmallVector<mlir::Value> BodyBuilder::instantiateLayer(Frame &user, const Definition &layer,
                                                             const LayerUse &use) {
  if (!count(user, 1, use.callee)) return {};
  support::Diagnostics collected(program.sources);
  Frame frame;
  frame.definition = &layer;
  frame.environment.outer = &layer.scope->dims;
  frame.environment.train = user.environment.train;
  frame.path = use.path;
  frame.drawPath = use.drawPath;
  frame.turns = user.turns;
  frame.shares = use.shares;
  frame.parent = &user;
  frame.depth = user.depth + 1;
  frame.use = use.callee;
  frame.nameless = user.nameless || use.nameless;
  frame.suffix = use.suffix.empty() ? user.suffix : use.suffix;
  for (const OperandValue *operand : use.inputs)
    if (operand) frame.useOperands.push_back(*operand);
  frame.diagnostics = &collected;
  llvm::SmallVector<mlir::Value> results;
  size_t before = program.diagnostics.errorCount();
  if (bindAttributes(user, frame, use) && (!use.node || giveParams(user, frame, *use.node)) &&
      bindInputs(user, frame, use.inputs) && checkRequirements(frame))
    results = buildBody(frame);
  relay(frame, collected);
  if (use.node && program.diagnostics.errorCount() == before && !results.empty())
    checkGivenParams(user, frame, *use.node);
  effectsHere(user).add(frame.effects);
  return results;
}
} // namespace graphc::frontend
