// A derived function is its own small function: one graph.derivative on the arguments, which the autodiff stage
// expands, and the names that the language gives to its inputs and results. hvp is the jvp of a second such function,
// the gradient. A train_step is in derive_step.cpp, a copy in copy_function.cpp.
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/derived_builder.h"
#include "compiler/frontend/recursion.h"
#include "dialects/graph/derivative_rule.h"

namespace graphc::frontend {

namespace {

class Deriving : DerivedBuilder {
public:
  using DerivedBuilder::DerivedBuilder;

  void run() {
    std::string key = functionKey(definition, train);
    program.functions[key] = {};
    size_t before = diagnostics.errorCount();
    if (!findDerivative()) return;
    if (derive.scaledBy && !findScale()) {
      definition.valid = false;
      return;
    }
    builder.setInsertionPointToEnd(program.module.getBody());
    build(key);
    if (diagnostics.errorCount() != before) definition.valid = false;
  }

private:
  std::string scale; // path of the state by which the loss is multiplied, or ""

  /// That of the train_step that "loss_scale" names. False after reporting.
  bool findScale() {
    llvm::StringRef name = derive.scaledBy.string();
    const Definition *step = program.find(*definition.scope, name);
    if (!step && !Program::findOp(name)) {
      program.unknownCallee(*definition.scope, name, derive.scaledBy.span(), /*formula=*/false, diagnostics);
      return false;
    }
    const TrainStepDefinition *train = step ? trainStepOf(*step) : nullptr;
    if (!train || !train->lossScale) {
      diagnostics.error("G7012", derive.scaledBy.span(), "'" + name + "' is no train_step with a 'loss_scale'");
      return false;
    }
    scale = lossScalePath(*step);
    built.effects.reads.insert(scale);
    return step->valid;
  }

  std::vector<std::string> wrtNames() {
    std::vector<std::string> names;
    for (int64_t input : targets.inputs) names.push_back(of->inputs[input].name);
    names.insert(names.end(), targets.params.begin(), targets.params.end());
    return names;
  }

  static llvm::SmallVector<mlir::Type> resultsAnd(mlir::func::FuncOp callee, llvm::ArrayRef<mlir::Type> derivatives) {
    llvm::SmallVector<mlir::Type> results(callee.getResultTypes());
    results.append(derivatives.begin(), derivatives.end());
    return results;
  }
  mlir::Type scaleType() { return program.params.find(scale)->second.type; }
  /// Of the scalar output; `operands`: the arguments of f.
  graph::DerivativeOp gradient(llvm::SmallVector<mlir::Value> operands) {
    graph::RuleBuilder rules(location, builder);
    mlir::Value seed = rules.filled(mlir::cast<mlir::RankedTensorType>(resultType(targets.outputs[0])), 1);
    if (!scale.empty()) seed = scaled(rules, seed, rules.create<graph::ReadParameterOp>(scaleType(), scale, true));
    operands.push_back(seed);
    return derivativeOf(function, "vjp", operands, resultsAnd(function, wrtTypes()), targets.outputs);
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
      llvm::append_range(results, derivativeOf(gradientFunction, "jvp", operands,
                                               resultsAnd(gradientFunction, derivativeTypes), gradients)
                                      .getResults());
    } else {
      llvm::append_range(
          results,
          derivativeOf(function, kind, operands, resultsAnd(function, derivativeTypes), targets.outputs).getResults());
    }
    size_t first = derive.value ? function.getNumResults() : 0;
    results.erase(results.begin() + first, results.begin() + function.getNumResults() + dropped);
    finish(made, results);
    describe(made);
    program.functions[key] = {made,          built.effects, 3 * built.nodes + 1, built.sizesRead, built.takesPath,
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
};
} // namespace

void buildDefinition(Definition &definition, bool train, Program &program) {
  if (definition.derive)
    deriveFunction(definition, train, program);
  else if (!definition.cycle.empty())
    buildCycle(definition, train, program);
  else
    buildFunction(definition, train, program);
}

void deriveFunction(Definition &definition, bool train, Program &program) {
  llvm::StringRef kind = definition.derive->kind.string();
  if (kind == "train_step") return deriveTrainStep(definition, train, program);
  if (kind == "apply") return deriveApply(definition, train, program);
  if (kind == "copy") return deriveCopy(definition, program);
  Deriving(definition, train, program).run();
}

} // namespace graphc::frontend
