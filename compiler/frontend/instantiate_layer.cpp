// Calls: a function becomes graph.call, a layer is built anew for each use, in place, with params of its own. What goes
// wrong inside a layer is collected in a Diagnostics of the frame and shown at the use, with a note about the place in
// the layer.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

mlir::Value BodyBuilder::inputValue(Frame &user, Frame &frame, const InputDefinition &input,
                                    const OperandValue *given) {
  if (given && given->value) return given->value;
  if (given && !given->number) return nullptr;
  bool concrete = !input.type.dtypeIsBinder &&
                  llvm::all_of(input.type.dims, [](const DimSyntax &dim) { return dim.kind == DimSyntax::Size; });
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

llvm::SmallVector<mlir::Value> BodyBuilder::callFunction(Frame &frame, const Definition &callee,
                                                         llvm::ArrayRef<const OperandValue *> inputs, Span callSpan) {
  auto it = program.functions.find(callee.name);
  if (it == program.functions.end() || !it->second.op) return {}; // it has mistakes of its own
  auto function = mlir::cast<mlir::func::FuncOp>(it->second.op);
  Frame defaults; // where operands left out are worked out
  defaults.definition = &callee;
  defaults.environment.outer = &program.dims;
  defaults.diagnostics = frame.diagnostics;
  llvm::SmallVector<mlir::Value> arguments;
  for (size_t i = 0; i < callee.inputs.size(); ++i) {
    const InputDefinition &input = callee.inputs[i];
    mlir::Value value = inputValue(frame, defaults, input, inputs[i]);
    if (!value) return {};
    mlir::Type wanted = function.getFunctionType().getInput(i);
    if (value.getType() != wanted) {
      support::Diagnostic diagnostic;
      diagnostic.code = "G3015";
      diagnostic.message = "'" + callee.name + "' expects " + input.name + ": " + typeText(wanted) + ", this is " +
                           typeText(value.getType());
      diagnostic.span = inputs[i] ? inputs[i]->span : callSpan;
      addProvenance(diagnostic, value);
      diagnostic.notes.push_back(
          {input.type.origin.span(), "'" + input.name + "' of '" + callee.name + "' is declared here"});
      report(frame, std::move(diagnostic), value);
      return {};
    }
    defaults.values[input.name] = value;
    arguments.push_back(value);
  }
  auto call = builder.create<graph::CallOp>(location(frame, callSpan), function.getResultTypes(),
                                            mlir::FlatSymbolRefAttr::get(function.getSymNameAttr()), arguments);
  return llvm::SmallVector<mlir::Value>(call.getResults());
}

bool BodyBuilder::bindAttributes(Frame &user, Frame &frame, const NodeDefinition &node) {
  const Definition &layer = *frame.definition;
  llvm::SmallVector<llvm::StringRef> names;
  for (const AttributeDefinition &attribute : layer.attributes) names.push_back(attribute.name);
  bool good = checkAttributeKeys(user, node, layer.name, names);
  for (const AttributeDefinition &attribute : layer.attributes) {
    JsonValue given = givenAttribute(program, *user.definition, layer.name, node.attributes, attribute.name);
    std::optional<StaticValue> value;
    if (given) {
      value = attributeValue(user, given, attribute.kind);
      frame.attributeSpans[attribute.name] = given.span();
    } else if (attribute.fallback)
      value = fallbackValue(frame, attribute);
    else
      error(user, "G0012", node.callee.span(), "'" + layer.name + "' needs '" + attribute.name + "'");
    if (!value)
      good = false;
    else
      frame.environment.values[attribute.name] = std::move(*value);
  }
  return good;
}

/// "'x' with 2 axes" where the rank differs, which most readers want to know, else "x: f32[..., 64]".
static std::string describeInput(const InputDefinition &input, mlir::RankedTensorType actual) {
  bool open = llvm::any_of(input.type.dims, [](const DimSyntax &dim) { return dim.kind == DimSyntax::Ellipsis; });
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

llvm::SmallVector<mlir::Value> BodyBuilder::instantiateLayer(Frame &user, const NodeDefinition &node,
                                                             const Definition &layer,
                                                             llvm::ArrayRef<OperandValue> operands) {
  llvm::SmallVector<llvm::StringRef> names;
  llvm::SmallVector<std::string> parameters;
  for (const Operand &operand : node.operands) parameters.push_back(operand.parameter);
  llvm::SmallVector<const OperandValue *> placed;
  size_t required = inputNames(layer, names);
  if (node.name.empty()) {
    error(user, "G0012", node.callee.span(), "a node that uses a layer needs 'out' or 'name'");
    return {};
  }
  bool good = placeOperands(user, layer.name, node.callee.span(), parameters, operands, names, required, placed);

  support::Diagnostics collected(program.sources);
  Frame frame;
  frame.definition = &layer;
  frame.environment.outer = layer.isStandard ? nullptr : &program.dims;
  frame.path = user.path + "." + node.name;
  frame.parent = &user;
  frame.depth = user.depth + 1;
  frame.use = node.callee.span();
  frame.useOperands.assign(operands.begin(), operands.end());
  frame.diagnostics = &collected;
  llvm::SmallVector<mlir::Value> results;
  if (bindAttributes(user, frame, node) && good && bindInputs(user, frame, placed) && checkRequirements(frame)) {
    buildBody(frame);
    results = buildOutputs(frame);
  }
  relay(frame, collected);
  return results;
}
} // namespace graphc::frontend
