// A derived function is its own small function: one graph.derivative on the arguments, which the autodiff stage
// expands, and the names that the language gives to its inputs and results. hvp is the jvp of a second such function,
// the gradient.
#include "compiler/frontend/derive_function.h"
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/train_step.h"
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/requirement.h"
#include "dialects/graph/structure.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

namespace {

class Deriving {
public:
  Deriving(Definition &definition, bool train, Program &program)
      : definition(definition), derive(*definition.derive), train(train), program(program),
        diagnostics(program.diagnostics), kind(derive.kind.string()),
        location(program.location(definition.json.keySpan())), builder(program.context) {}

  void run() {
    std::string key = functionKey(definition, train);
    program.functions[key] = {};
    size_t before = diagnostics.errorCount();
    if (!findFunction()) return;
    targets = findTargets(definition, *of, built, program);
    if (diagnostics.errorCount() != before || !checkReach(definition, function, targets, program)) {
      definition.valid = false;
      return;
    }
    builder.setInsertionPointToEnd(program.module.getBody());
    if (trainStepOf(definition))
      buildTrainStep(key);
    else
      build(key);
    if (diagnostics.errorCount() != before) definition.valid = false;
  }

private:
  Definition &definition;
  const DeriveDefinition &derive;
  bool train;
  Program &program;
  support::Diagnostics &diagnostics;
  llvm::StringRef kind;
  mlir::Location location;
  mlir::OpBuilder builder;
  const Definition *of = nullptr;
  BuiltFunction built; // of it
  mlir::func::FuncOp function;
  DeriveTargets targets;

  bool findFunction() {
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
    if (trainStepOf(*of)) {
      diagnostics.error("G7004", derive.of.span(), "'" + name + "' is a train_step, which has no derivative");
      definition.valid = false;
    }
    definition.valid &= of->valid && it != program.functions.end() && it->second.op;
    if (!definition.valid) return false;
    built = it->second;
    function = mlir::cast<mlir::func::FuncOp>(built.op);
    return true;
  }

  mlir::Type resultType(size_t i) { return function.getResultTypes()[i]; }
  mlir::Type inputType(size_t i) { return function.getArgumentTypes()[i]; }

  std::vector<std::string> wrtNames() {
    std::vector<std::string> names;
    for (int64_t input : targets.inputs) names.push_back(of->inputs[input].name);
    names.insert(names.end(), targets.params.begin(), targets.params.end());
    return names;
  }
  llvm::SmallVector<mlir::Type> wrtTypes() {
    llvm::SmallVector<mlir::Type> types;
    for (int64_t input : targets.inputs) types.push_back(inputType(input));
    for (const std::string &path : targets.params) types.push_back(program.params.find(path)->second.type);
    return types;
  }
  llvm::SmallVector<mlir::Attribute> paths() {
    llvm::SmallVector<mlir::Attribute> paths;
    for (const std::string &path : targets.params) paths.push_back(builder.getStringAttr(path));
    return paths;
  }

  graph::DerivativeOp derivativeOf(mlir::func::FuncOp callee, llvm::StringRef how, mlir::ValueRange operands,
                                   llvm::ArrayRef<mlir::Type> derivatives, llvm::ArrayRef<int64_t> outputs) {
    llvm::SmallVector<mlir::Type> results(callee.getResultTypes());
    results.append(derivatives.begin(), derivatives.end());
    return builder.create<graph::DerivativeOp>(program.location(derive.kind.span()), results, how, callee.getSymName(),
                                               operands, builder.getDenseI64ArrayAttr(targets.inputs),
                                               builder.getDenseI64ArrayAttr(outputs), builder.getArrayAttr(paths()));
  }

  /// A private function with the arguments of f, further ones before those for draws, and no body yet.
  mlir::func::FuncOp create(const std::string &name, llvm::ArrayRef<mlir::Type> further) {
    llvm::SmallVector<mlir::Type> types(function.getArgumentTypes());
    types.insert(types.begin() + of->inputs.size(), further.begin(), further.end());
    auto made = builder.create<mlir::func::FuncOp>(location, name, builder.getFunctionType(types, {}));
    made.setPrivate();
    graph::setRequirements(made, graph::requirementsOf(function));
    made.addEntryBlock();
    return made;
  }
  /// Its arguments as graph.derivative wants them: f's, with those for draws, then the further ones.
  llvm::SmallVector<mlir::Value> operandsOf(mlir::func::FuncOp made, size_t further) {
    llvm::SmallVector<mlir::Value> operands;
    size_t inputs = of->inputs.size();
    for (auto [i, argument] : llvm::enumerate(made.getArguments()))
      if (i < inputs || i >= inputs + further) operands.push_back(argument);
    for (size_t i = 0; i < further; ++i) operands.push_back(made.getArgument(inputs + i));
    return operands;
  }
  void finish(mlir::func::FuncOp made, mlir::ValueRange results) {
    builder.create<mlir::func::ReturnOp>(location, results);
    made.setFunctionType(builder.getFunctionType(made.getArgumentTypes(), results.getTypes()));
    builder.setInsertionPointAfter(made);
  }
  /// Of the scalar output; `operands`: the arguments of f.
  graph::DerivativeOp gradient(llvm::SmallVector<mlir::Value> operands) {
    graph::RuleBuilder rules(location, builder);
    operands.push_back(rules.filled(mlir::cast<mlir::RankedTensorType>(resultType(targets.outputs[0])), 1));
    return derivativeOf(function, "vjp", operands, wrtTypes(), targets.outputs);
  }

  void build(const std::string &key) {
    std::vector<std::string> further, derivatives; // names
    llvm::SmallVector<mlir::Type> furtherTypes, derivativeTypes;
    std::string prefix = derive.prefix        ? derive.prefix.string().str()
                         : kind == "jacobian" ? "jac_"
                         : kind == "hvp"      ? "hv_"
                                              : "d_";
    auto ofOutputs = [&](std::vector<std::string> &names, llvm::SmallVectorImpl<mlir::Type> &types) {
      for (int64_t output : targets.outputs) {
        names.push_back(prefix + of->outputs[output].name);
        types.push_back(resultType(output));
      }
    };
    auto byWrt = [&](std::vector<std::string> &names, llvm::SmallVectorImpl<mlir::Type> &types,
                     const std::string &before) {
      for (const std::string &name : wrtNames()) names.push_back(before + name);
      types.append(wrtTypes());
    };
    if (kind == "vjp") ofOutputs(further, furtherTypes);
    if (kind == "jvp") byWrt(further, furtherTypes, prefix);
    if (kind == "hvp") byWrt(further, furtherTypes, "v_");
    if (kind == "jvp") ofOutputs(derivatives, derivativeTypes);
    if (kind == "grad" || kind == "vjp" || kind == "hvp") byWrt(derivatives, derivativeTypes, prefix);
    if (kind == "jacobian" && !jacobianResults(prefix, derivatives, derivativeTypes)) return;
    if (!completeDefinition(further, derivatives)) return;

    mlir::func::FuncOp gradientFunction;
    if (kind == "hvp") {
      gradientFunction = create(key + ".gradient", {});
      builder.setInsertionPointToEnd(&gradientFunction.getBody().front());
      finish(gradientFunction, gradient(operandsOf(gradientFunction, 0)).getResults());
    }
    mlir::func::FuncOp made = create(key, furtherTypes);
    builder.setInsertionPointToEnd(&made.getBody().front());
    llvm::SmallVector<mlir::Value> operands = operandsOf(made, furtherTypes.size());
    llvm::SmallVector<mlir::Value> results;
    size_t dropped = 0; // between the results of f and the derivatives
    if (kind == "grad") {
      llvm::append_range(results, gradient(operands).getResults());
    } else if (kind == "hvp") {
      llvm::SmallVector<int64_t> gradients;
      for (size_t i = 0; i < derivatives.size(); ++i) gradients.push_back(int64_t(function.getNumResults() + i));
      dropped = derivatives.size();
      llvm::append_range(results,
                         derivativeOf(gradientFunction, "jvp", operands, derivativeTypes, gradients).getResults());
    } else {
      llvm::append_range(results,
                         derivativeOf(function, kind, operands, derivativeTypes, targets.outputs).getResults());
    }
    size_t first = derive.value ? function.getNumResults() : 0;
    results.erase(results.begin() + first, results.begin() + function.getNumResults() + dropped);
    finish(made, results);
    describe(made);
    program.functions[key] = {made,          built.effects, 3 * built.nodes + 1, built.sizesRead, built.takesPath,
                              built.takesKey};
  }

  void buildTrainStep(const std::string &key) {
    const TrainStepDefinition &step = *trainStepOf(definition);
    Environment environment;
    environment.outer = &definition.scope->dims;
    environment.train = train;
    auto ownTypes = inputTypes(step.inputs, environment, program);
    if (!ownTypes) return;
    mlir::func::FuncOp made = create(key, *ownTypes);
    builder.setInsertionPointToEnd(&made.getBody().front());
    llvm::SmallVector<mlir::Value> operands = operandsOf(made, ownTypes->size()), own;
    own.assign(operands.end() - ownTypes->size(), operands.end());
    operands.resize(operands.size() - ownTypes->size());
    graph::DerivativeOp derivative = gradient(operands);
    auto update = buildTrainStepUpdate(definition, key, builder, own, targets.params,
                                       derivative.getResults().drop_front(function.getNumResults()), program);
    std::vector<std::string> names;
    for (const InputDefinition &input : step.inputs) names.push_back(input.name);
    if (!update || !completeDefinition(names, update->reports)) {
      made.erase();
      return;
    }
    std::copy(step.inputs.begin(), step.inputs.end(), definition.inputs.end() - step.inputs.size());
    llvm::SmallVector<mlir::Value> results(derivative.getResults().take_front(function.getNumResults()));
    results.append(update->reported);
    builder.setInsertionPointToEnd(&made.getBody().front());
    finish(made, results);
    describe(made);
    update->effects.add(built.effects);
    program.functions[key] = {made,          update->effects, 4 * built.nodes + 1, built.sizesRead, built.takesPath,
                              built.takesKey};
  }

  bool jacobianResults(const std::string &prefix, std::vector<std::string> &names,
                       llvm::SmallVectorImpl<mlir::Type> &types) {
    constexpr int64_t most = 4096; // rows or columns: each is a call
    int64_t rows = 0, columns = 0;
    auto count = [&](mlir::Type type, const std::string &what, int64_t &sum) {
      auto tensor = mlir::cast<mlir::RankedTensorType>(type);
      if (tensor.hasStaticShape())
        sum = std::min<int64_t>(sum + std::min<int64_t>(tensor.getNumElements(), most + 1), most + 1);
      else
        diagnostics.error("G3012", derive.kind.span(),
                          "'jacobian' needs sizes that are numbers, " + what + " is " + typeText(type));
      return tensor.hasStaticShape();
    };
    bool good = true;
    for (int64_t output : targets.outputs)
      good &= count(resultType(output), "'" + of->outputs[output].name + "'", rows);
    for (auto [name, type] : llvm::zip_equal(wrtNames(), wrtTypes())) good &= count(type, "'" + name + "'", columns);
    if (!good) return false;
    if (rows > most && columns > most) {
      diagnostics.error("G3011", derive.kind.span(),
                        "a 'jacobian' has at most 4096 rows or 4096 columns, this has more of both",
                        "use vjp or jvp for products with it");
      return false;
    }
    for (int64_t output : targets.outputs)
      for (auto [name, type] : llvm::zip_equal(wrtNames(), wrtTypes())) {
        graph::Shape shape = graph::shapeOf(mlir::cast<mlir::RankedTensorType>(resultType(output)));
        shape.append(graph::shapeOf(mlir::cast<mlir::RankedTensorType>(type)));
        mlir::Type element = mlir::cast<mlir::RankedTensorType>(type).getElementType();
        if (!checkSize(shape, element, derive.kind.span(), diagnostics)) return false;
        names.push_back(prefix + of->outputs[output].name + "_" + name);
        types.push_back(graph::tensorType(shape, element));
      }
    return true;
  }

  /// Inputs and outputs of the definition, as callers see them. Names must differ.
  bool completeDefinition(llvm::ArrayRef<std::string> further, llvm::ArrayRef<std::string> derivatives) {
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

  void describe(mlir::func::FuncOp made) {
    if (!definition.doc.empty()) made->setAttr("graph.doc", builder.getStringAttr(definition.doc));
    for (auto [i, input] : llvm::enumerate(definition.inputs))
      made.setArgAttrs(i, nameAndDoc(builder, input.name, input.doc));
    for (unsigned i = definition.inputs.size(); i < made.getNumArguments(); ++i)
      made.setArgAttrs(i, function.getArgAttrDict(i - (definition.inputs.size() - of->inputs.size())));
    llvm::SmallVector<mlir::Attribute> results;
    for (const OutputDefinition &output : definition.outputs)
      results.push_back(nameAndDoc(builder, output.name, output.doc));
    made.setResAttrsAttr(builder.getArrayAttr(results));
  }
};
} // namespace

void deriveFunction(Definition &definition, bool train, Program &program) {
  Deriving(definition, train, program).run();
}

} // namespace graphc::frontend
