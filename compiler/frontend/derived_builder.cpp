// derived_builder.h. How the inputs and results are called is the language's (R27).
#include "compiler/frontend/derived_builder.h"
#include "compiler/frontend/build_function.h"
#include "dialects/graph/precision.h"
#include "dialects/graph/requirement.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::frontend {
using support::JsonValue;

bool DerivedBuilder::findFunction() {
  llvm::StringRef name = derive.of.string();
  of = program.find(*definition.scope, name);
  if (!of || of->isLayer) {
    if (of || Program::findOp(name))
      diagnostics.error("G1001", derive.of.span(), "'" + name + "' is no function, only functions can be derived");
    else
      program.unknownCallee(*definition.scope, name, derive.of.span(), /*formula=*/false, diagnostics);
    definition.valid = false;
    return false;
  }
  auto it = program.functions.find(functionKey(*of, of->train.value_or(train)));
  definition.valid &= of->valid && it != program.functions.end() && it->second.op;
  if (!definition.valid) return false;
  built = it->second;
  function = mlir::cast<mlir::func::FuncOp>(built.op);
  return true;
}

/// Who sets params (train_step, copy) leaves other params behind than it was called with: no function of these.
static bool setsParams(const BuiltFunction &built, const Program &program) {
  return llvm::any_of(built.effects.writes,
                      [&](const std::string &path) { return !program.params.find(path)->second.isState; });
}

bool DerivedBuilder::findDerivative() {
  size_t before = diagnostics.errorCount();
  if (!findFunction()) return false;
  llvm::StringRef ofKind = of->derive ? of->derive->kind.string() : llvm::StringRef();
  if (ofKind == "copy" || setsParams(built, program)) {
    std::string what = ofKind.empty()      ? "changes params by a train_step or a copy inside"
                       : ofKind == "apply" ? "is an apply"
                                           : ("is a " + ofKind).str();
    diagnostics.error("G7004", derive.of.span(), "'" + derive.of.string() + "' " + what + ", which has no derivative");
    definition.valid = false;
    return false;
  }
  targets = findTargets(definition, *of, built, program);
  definition.valid = diagnostics.errorCount() == before && checkReach(definition, function, targets, program);
  return definition.valid;
}

llvm::SmallVector<mlir::Type> DerivedBuilder::wrtTypes() {
  llvm::SmallVector<mlir::Type> types;
  for (int64_t input : targets.inputs) types.push_back(inputType(input));
  for (const std::string &path : targets.params) types.push_back(program.params.find(path)->second.type);
  return types;
}

graph::DerivativeOp DerivedBuilder::derivativeOf(mlir::func::FuncOp callee, llvm::StringRef how,
                                                 mlir::ValueRange operands, mlir::TypeRange results,
                                                 llvm::ArrayRef<int64_t> outputs) {
  llvm::SmallVector<mlir::Attribute> paths;
  for (const std::string &path : targets.params) paths.push_back(builder.getStringAttr(path));
  return builder.create<graph::DerivativeOp>(program.location(derive.kind.span()), results, how, callee.getSymName(),
                                             operands, targets.inputs, outputs, builder.getArrayAttr(paths));
}

mlir::func::FuncOp DerivedBuilder::create(const std::string &name, llvm::ArrayRef<mlir::Type> further) {
  llvm::SmallVector<mlir::Type> types(function.getArgumentTypes());
  types.insert(types.begin() + of->inputs.size(), further.begin(), further.end());
  auto made = builder.create<mlir::func::FuncOp>(location, name, builder.getFunctionType(types, {}));
  made.setPrivate();
  graph::setRequirements(made, graph::requirementsOf(function));
  made.addEntryBlock();
  return made;
}

llvm::SmallVector<mlir::Value> DerivedBuilder::operandsOf(mlir::func::FuncOp made, size_t further) {
  llvm::SmallVector<mlir::Value> operands;
  size_t inputs = of->inputs.size();
  for (auto [i, argument] : llvm::enumerate(made.getArguments()))
    if (i < inputs || i >= inputs + further) operands.push_back(argument);
  for (size_t i = 0; i < further; ++i) operands.push_back(made.getArgument(inputs + i));
  return operands;
}

void DerivedBuilder::finish(mlir::func::FuncOp made, mlir::ValueRange results) {
  builder.create<mlir::func::ReturnOp>(location, results);
  made.setFunctionType(builder.getFunctionType(made.getArgumentTypes(), results.getTypes()));
  builder.setInsertionPointAfter(made);
}

bool DerivedBuilder::completeDefinition(llvm::ArrayRef<std::string> further, llvm::ArrayRef<std::string> derivatives) {
  definition.inputs.clear();
  definition.outputs.clear();
  llvm::StringSet<> inputs, outputs;
  bool good = true;
  auto add = [&](llvm::StringSet<> &names, const std::string &name) {
    if (names.insert(name).second) return;
    good = false;
    diagnostics.error("G1005", derive.prefix ? derive.prefix.span() : derive.kind.span(),
                      kind == "train_step" ? "the step would have '" + name + "' twice, rename the loss's or its own"
                                           : "the derivative would have '" + name + "' twice, give another 'prefix'");
  };
  for (const InputDefinition &input : of->inputs) {
    definition.inputs.push_back(input);
    if (of->scope != definition.scope) definition.inputs.back().fallback.reset(); // sizes of another file
    add(inputs, input.name);
  }
  for (const std::string &name : further) {
    InputDefinition input;
    input.json = derive.kind;
    input.name = name;
    input.type.origin = derive.kind;
    definition.inputs.push_back(std::move(input));
    add(inputs, name);
  }
  auto addOutput = [&](JsonValue json, const std::string &name, const std::string &doc) {
    OutputDefinition output;
    output.json = json;
    output.name = name;
    output.doc = doc;
    definition.outputs.push_back(std::move(output));
    add(outputs, name);
  };
  if (derive.value)
    for (const OutputDefinition &output : of->outputs) addOutput(output.json, output.name, output.doc);
  for (const std::string &name : derivatives) addOutput(derive.kind, name, "");
  return good;
}

void DerivedBuilder::describe(mlir::func::FuncOp made) {
  if (definition.precision) made->setAttr(graph::precisionAttr, builder.getStringAttr(definition.precision.string()));
  if (!definition.doc.empty()) made->setAttr("graph.doc", builder.getStringAttr(definition.doc));
  for (auto [i, input] : llvm::enumerate(definition.inputs))
    made.setArgAttrs(i, nameAndDoc(builder, input.name, input.doc));
  for (unsigned i = definition.inputs.size(); i < made.getNumArguments(); ++i)
    if (!made.getArgAttr(i, "graph.name")) // those that an optimizer which draws has added have one
      made.setArgAttrs(i, function.getArgAttrDict(i - (definition.inputs.size() - of->inputs.size())));
  llvm::SmallVector<mlir::Attribute> results;
  for (const OutputDefinition &output : definition.outputs)
    results.push_back(nameAndDoc(builder, output.name, output.doc));
  made.setResAttrsAttr(builder.getArrayAttr(results));
}

std::string lossScalePath(const Definition &step) { return step.name + ".loss_scale"; }

mlir::Value scaled(graph::RuleBuilder &rules, mlir::Value seed, mlir::Value scale) {
  return rules.mul(rules.cast(scale, graph::typeOf(seed).getElementType()), seed);
}

} // namespace graphc::frontend
