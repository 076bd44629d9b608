// Signature, body, results. The results' types are known only when the body is built.
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/precision.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::frontend {

mlir::DictionaryAttr nameAndDoc(mlir::Builder &builder, llvm::StringRef name, llvm::StringRef doc) {
  mlir::NamedAttrList attributes;
  attributes.append("graph.name", builder.getStringAttr(name));
  if (!doc.empty()) attributes.append("graph.doc", builder.getStringAttr(doc));
  return attributes.getDictionary(builder.getContext());
}

std::optional<llvm::SmallVector<mlir::Type>> inputTypes(llvm::ArrayRef<InputDefinition> inputs,
                                                        const Environment &environment, Program &program) {
  auto noSize = [&](llvm::StringRef name, std::optional<int64_t>, support::Span span) -> std::optional<graph::Dim> {
    program.diagnostics.error("G1003", span, "the size of '" + name + "' cannot be used in the type of an input");
    return std::nullopt;
  };
  llvm::SmallVector<mlir::Type> types;
  for (const InputDefinition &input : inputs) {
    mlir::Type type = evaluateType(input.type, environment, noSize, program.context, program.diagnostics);
    if (type) types.push_back(type);
  }
  if (types.size() != inputs.size()) return std::nullopt;
  return types;
}

static support::Span returnSpan(const Definition &definition) {
  support::JsonValue outputs = definition.json.find("outputs");
  return outputs ? outputs.keySpan() : definition.json.keySpan();
}

std::string paramRoot(const Definition &definition, const Program &program) {
  const Definition *owner = &definition;
  while (owner->shares)
    owner = program.find(*owner->scope, owner->shares.string()); // no cycle: they would call each other
  return owner->name;
}

void buildFunction(const Definition &definition, bool train, Program &program) {
  std::string key = functionKey(definition, train);
  program.functions[key] = {};
  size_t errorsBefore = program.diagnostics.errorCount();
  Frame frame;
  frame.definition = &definition;
  frame.environment.outer = &definition.scope->dims;
  frame.environment.train = train;
  frame.path = paramRoot(definition, program);
  frame.shares = bool(definition.shares);
  frame.diagnostics = &program.diagnostics;
  auto types = inputTypes(definition.inputs, frame.environment, program);
  if (!types) return;

  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(program.module.getBody());
  auto function = builder.create<mlir::func::FuncOp>(program.location(definition.json.keySpan()), key,
                                                     builder.getFunctionType(*types, {}));
  function.setPrivate();
  if (definition.precision)
    function->setAttr(graph::precisionAttr, builder.getStringAttr(definition.precision.string()));
  if (!definition.doc.empty()) function->setAttr("graph.doc", builder.getStringAttr(definition.doc));
  mlir::Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  BodyBuilder body(program, builder, key);
  for (auto [i, input] : llvm::enumerate(definition.inputs)) {
    block->getArgument(i).setLoc(program.location(input.json.keySpan()));
    function.setArgAttrs(i, nameAndDoc(builder, input.name, input.doc));
    body.bind(frame, input.name, block->getArgument(i), "declared here", input.type.origin.span());
  }
  if (!body.checkRequirements(frame)) {
    function.erase();
    return;
  }
  graph::setRequirements(function, body.openRequirements());
  llvm::SmallVector<mlir::Value> results = definition.layerUse ? body.buildLayerUse(frame) : body.buildBody(frame);
  if (program.diagnostics.errorCount() != errorsBefore || results.size() != definition.outputs.size() ||
      llvm::is_contained(results, mlir::Value())) {
    function.erase();
    return;
  }
  builder.setInsertionPointToEnd(block);
  builder.create<mlir::func::ReturnOp>(program.location(returnSpan(definition)), results);
  llvm::SmallVector<mlir::Type> resultTypes;
  for (mlir::Value result : results) resultTypes.push_back(result.getType());
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), resultTypes)); // with those for draws
  llvm::SmallVector<mlir::Attribute> resultAttributes;
  for (const OutputDefinition &output : definition.outputs)
    resultAttributes.push_back(nameAndDoc(builder, output.name, output.doc));
  function.setResAttrsAttr(builder.getArrayAttr(resultAttributes));
  program.functions[key] = {function,         std::move(frame.effects), body.nodeCount(), body.readSizes().vec(),
                            body.takesPath(), body.takesKey()};
}
} // namespace graphc::frontend
