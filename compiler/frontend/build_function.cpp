// Signature, body, results. The results' types are known only when the body is built.
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/precision.h"
#include "dialects/graph/recursion.h"
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

FunctionBuilder::FunctionBuilder(const Definition &definition, bool train, Program &program)
    : definition(definition), train(train), program(program), frame(std::make_unique<Frame>()) {}
FunctionBuilder::~FunctionBuilder() = default;

bool FunctionBuilder::declare(const BuiltFunction &assumed) {
  frame->definition = &definition;
  frame->environment.outer = &definition.scope->dims;
  frame->environment.train = train;
  frame->path = paramRoot(definition, program);
  frame->shares = bool(definition.shares);
  frame->diagnostics = &program.diagnostics;
  auto types = inputTypes(definition.inputs, frame->environment, program);
  if (!types) return false;

  std::string key = functionKey(definition, train);
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(program.module.getBody());
  auto function = builder.create<mlir::func::FuncOp>(program.location(definition.json.keySpan()), key,
                                                     builder.getFunctionType(*types, {}));
  made = function;
  function.setPrivate();
  if (definition.precision)
    function->setAttr(graph::precisionAttr, builder.getStringAttr(definition.precision.string()));
  if (definition.recursion && !definition.cycle.empty()) {
    function->setAttr(graph::maxDepthAttr, builder.getI64IntegerAttr(definition.recursion->maxDepth));
    function->setAttr(graph::recursionAttr, builder.getStringAttr(definition.name));
    if (definition.recursion->maxCalls)
      function->setAttr(graph::maxCallsAttr, builder.getI64IntegerAttr(*definition.recursion->maxCalls));
  }
  if (!definition.doc.empty()) function->setAttr("graph.doc", builder.getStringAttr(definition.doc));
  mlir::Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  body = std::make_unique<BodyBuilder>(program, builder, key, definition.cycle);
  for (auto [i, input] : llvm::enumerate(definition.inputs)) {
    block->getArgument(i).setLoc(program.location(input.json.keySpan()));
    function.setArgAttrs(i, nameAndDoc(builder, input.name, input.doc));
    body->bind(*frame, input.name, block->getArgument(i), "declared here", input.type.origin.span());
  }
  body->takeKeys(assumed.takesPath, assumed.takesKey);
  if (!body->checkRequirements(*frame)) return false;
  graph::setRequirements(function, body->openRequirements());
  return true;
}

bool FunctionBuilder::fill() {
  size_t errorsBefore = program.diagnostics.errorCount();
  auto function = mlir::cast<mlir::func::FuncOp>(made);
  mlir::OpBuilder builder(function.getBody());
  llvm::SmallVector<mlir::Value> results = definition.layerUse ? body->buildLayerUse(*frame) : body->buildBody(*frame);
  for (mlir::Value result : results) resultTypes.push_back(result ? result.getType() : mlir::Type());
  facts = {function, frame->effects, body->nodeCount(), body->readSizes().vec(), body->takesPath(), body->takesKey()};
  if (program.diagnostics.errorCount() != errorsBefore || results.size() != definition.outputs.size() ||
      llvm::is_contained(results, mlir::Value()))
    return false;
  builder.setInsertionPointToEnd(&function.getBody().front());
  builder.create<mlir::func::ReturnOp>(program.location(returnSpan(definition)), results);
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), resultTypes)); // with those for draws
  llvm::SmallVector<mlir::Attribute> resultAttributes;
  for (const OutputDefinition &output : definition.outputs)
    resultAttributes.push_back(nameAndDoc(builder, output.name, output.doc));
  function.setResAttrsAttr(builder.getArrayAttr(resultAttributes));
  return true;
}

void buildFunction(const Definition &definition, bool train, Program &program) {
  BuiltFunction &built = program.functions[functionKey(definition, train)];
  built = {};
  FunctionBuilder builder(definition, train, program);
  if (builder.declare({}) && builder.fill())
    built = std::move(builder.facts);
  else if (builder.made)
    builder.made->erase();
}
} // namespace graphc::frontend
