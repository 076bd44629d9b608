// A train_step: the gradient of the loss by the params that are trained, in one piece or of equal parts of the batch,
// then the update (train_step.cpp). An apply is that update alone, with the gradients from outside (of the loss times
// the step's scale, if it has one): both are functions of the same optimizer and state.
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/custom_derivative.h"
#include "compiler/frontend/derived_builder.h"
#include "compiler/frontend/random_numbers.h"
#include "compiler/frontend/train_step.h"
#include "dialects/graph/custom_derivative.h"
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/infer_op_types.h"
#include "dialects/graph/op_signature.h"
#include "dialects/graph/requirement.h"

namespace graphc::frontend {
using graph::Dim;
using support::JsonValue;

namespace {

/// While it lives a dim of the main file is a part of itself, and functions are built for that beside those for the
/// whole: all sizes are worked out again, so what does not divide is found where it stands.
class DividedDim {
public:
  DividedDim(FileScope &scope, llvm::StringRef name, int64_t count) : scope(scope), kept(scope.dims) {
    Dim dim = scope.dims.find(name)->size;
    for (llvm::StringRef one : kept.names()) {
      StaticValue &value = scope.dims.values[one];
      if (value.kind != StaticValue::Size || !llvm::is_contained(value.size.symbols(), dim.symbols()[0])) continue;
      std::optional<Dim> ratio = Dim::exactDiv(value.size, dim);
      if (ratio && ratio->isStatic())
        value = StaticValue::of(*ratio * *dim.exactDiv(count));
      else
        inAnotherWay = one.str();
    }
    scope.variant = "[" + name.str() + "/" + std::to_string(count) + "]";
  }
  ~DividedDim() {
    scope.dims = std::move(kept);
    scope.variant.clear();
  }
  std::string inAnotherWay; // a dim that is no multiple of it, or ""

private:
  FileScope &scope;
  Environment kept;
};

/// How a batch is taken apart (microbatches): what has the dim in front is split, scalars of floats are averaged.
class Parts {
public:
  Parts(const TrainStepDefinition &step, const Definition &definition, const Definition &of, mlir::func::FuncOp whole,
        Program &program)
      : step(step), definition(definition), of(of), whole(whole), part(whole), program(program),
        count(step.count ? *step.count.integer() : 1) {}

  int64_t size() const { return count; }
  /// The function of one part.
  mlir::func::FuncOp function() const { return part; }

  /// False after reporting.
  bool build() {
    if (count == 1) return true;
    const Environment &dims = definition.scope->dims;
    const StaticValue *value = dims.find(name());
    if (!value)
      return error("G3012", step.dim,
                   "there is no dim '" + support::printable(name()) + "'" + support::didYouMean(name(), dims.names()));
    bool isDynamic = value->kind == StaticValue::Size && value->size.symbols().size() == 1 &&
                     value->size == Dim::named(value->size.symbols()[0]);
    if (!isDynamic)
      return error("G7012", step.dim,
                   "'" + name() + "' is " + value->toString() +
                       ", 'microbatches' divides a dim that is known when called");
    if (!value->size.exactDiv(count))
      return error("G2007", step.count,
                   "'" + name() + "' is not always a multiple of " + std::to_string(count) +
                       ", give it a 'multiple_of'");
    return buildFunctions() && checkBorders();
  }

  /// The operands of one call per part.
  std::vector<llvm::SmallVector<mlir::Value>> split(mlir::ValueRange operands, mlir::OpBuilder &builder,
                                                    mlir::Location location) const {
    std::vector<llvm::SmallVector<mlir::Value>> calls(count);
    graph::RuleBuilder rules(location, builder);
    for (auto [i, operand] : llvm::enumerate(operands)) {
      mlir::Type type = function().getArgumentTypes()[i];
      if (operand.getType() != type) {
        graph::Shape shape = graph::shapeOf(mlir::cast<mlir::RankedTensorType>(type));
        shape.insert(shape.begin(), count);
        auto pieces = op(builder, location, "take_apart", rules.reshape(operand, shape));
        for (auto [call, piece] : llvm::zip_equal(calls, pieces)) call.push_back(piece);
        continue;
      }
      bool isPath = i == of.inputs.size(); // where there is one (random_numbers.cpp): parts draw other numbers
      for (auto [turn, call] : llvm::enumerate(calls))
        call.push_back(isPath && count > 1 ? foldKey(builder, location, operand, int64_t(turn)) : operand);
    }
    return calls;
  }

  /// What the whole batch gives, from what its parts gave.
  mlir::Value join(llvm::ArrayRef<mlir::Value> pieces, size_t output, mlir::OpBuilder &builder,
                   mlir::Location location) const {
    if (count == 1) return pieces[0];
    graph::RuleBuilder rules(location, builder);
    auto type = mlir::cast<mlir::RankedTensorType>(mlir::func::FuncOp(whole).getResultTypes()[output]);
    if (type != pieces[0].getType())
      return rules.reshape(op(builder, location, "put_together", pieces)[0], graph::shapeOf(type));
    mlir::Value sum = pieces[0];
    for (mlir::Value piece : pieces.drop_front()) sum = rules.add(sum, piece);
    return rules.mul(sum, 1.0 / double(count));
  }

private:
  const TrainStepDefinition &step;
  const Definition &definition, &of;
  mlir::func::FuncOp whole, part;
  Program &program;
  int64_t count;

  std::string name() const { return step.dim.string().str(); }
  bool error(llvm::StringRef code, JsonValue at, const llvm::Twine &message) {
    program.diagnostics.error(code, at.span(), message);
    return false;
  }

  /// The loss and all that it calls, for a part. In the module, callees stand before their callers.
  bool buildFunctions() {
    mlir::SymbolTable symbols(program.module);
    llvm::SetVector<mlir::Operation *> needed = graph::functionsBelow(whole, symbols);
    std::vector<std::pair<Definition *, bool>> open;
    for (mlir::Operation &op : *program.module.getBody()) {
      if (!needed.contains(&op)) continue;
      llvm::StringRef symbol = mlir::cast<mlir::func::FuncOp>(op).getSymName();
      if (symbol.contains(regionMark)) continue; // made again with its function
      auto [name, mode] = symbol.split('#');
      auto found = program.definitions.find(name); // none: a derived function makes it for itself
      if (found != program.definitions.end())
        open.push_back({&found->second, found->second.train.value_or(!mode.empty())});
    }
    DividedDim divided(program.main, name(), count);
    if (!divided.inAnotherWay.empty())
      return error("G7012", step.dim,
                   "'" + divided.inAnotherWay + "' is no multiple of '" + name() +
                       "', so nothing says what it is in a part");
    for (auto [needed, train] : open) {
      std::string key = functionKey(*needed, train);
      if (!needed->scope->variant.empty() && !program.functions.count(key)) {
        buildDefinition(*needed, train, program);
        attachCustomDerivatives(program);
      }
      mlir::Operation *made = program.functions[key].op;
      if (!made) return false;
      if (needed == &of) part = mlir::cast<mlir::func::FuncOp>(made);
    }
    return true;
  }

  /// The first size is as many times larger as there are parts, the others are equal.
  bool isLed(mlir::Type wholeType, mlir::Type partType) const {
    graph::Shape all = graph::shapeOf(mlir::cast<mlir::RankedTensorType>(wholeType)),
                 some = graph::shapeOf(mlir::cast<mlir::RankedTensorType>(partType));
    if (all.empty()) return false;
    some.front() = some.front() * Dim(count);
    return all == some;
  }

  bool checkBorders() {
    auto refuse = [&](const std::string &what, mlir::Type type, const std::string &why) {
      return error("G7012", step.dim, what + " of '" + of.name + "' is " + typeText(type) + ", " + why);
    };
    bool any = false;
    for (auto [i, type] : llvm::enumerate(whole.getArgumentTypes())) {
      mlir::Type ofPart = part.getArgumentTypes()[i];
      if (type == ofPart) continue;
      if (!isLed(type, ofPart))
        return refuse("'" + of.inputs[i].name + "'", type, "of '" + name() + "' only a first axis can be divided");
      any = true;
    }
    if (!any)
      return error("G7012", step.dim,
                   "no input of '" + of.name + "' is led by '" + name() + "', there is nothing to divide");
    for (auto [i, type] : llvm::enumerate(whole.getResultTypes())) {
      auto tensor = mlir::cast<mlir::RankedTensorType>(type);
      bool isAverage = tensor.getRank() == 0 && mlir::isa<mlir::FloatType>(tensor.getElementType());
      if (!isAverage && !isLed(type, part.getResultTypes()[i]))
        return refuse("output '" + of.outputs[i].name + "'", type,
                      "only scalars of floats are averaged over parts and what is led by '" + name() + "' is joined");
    }
    return true;
  }

  static llvm::SmallVector<mlir::Value> op(mlir::OpBuilder &builder, mlir::Location location, llvm::StringRef role,
                                           mlir::ValueRange operands) {
    mlir::OperationState state(location, ("graph." + graph::findRole(role)->mnemonic).str());
    state.addOperands(operands);
    state.addAttribute("axis", builder.getI64IntegerAttr(0));
    (void)graph::inferOpTypes(state, builder.getDictionaryAttr(state.attributes)); // cannot fail: first axes fit
    return llvm::SmallVector<mlir::Value>(builder.create(state)->getResults());
  }
};

class StepBuilder : DerivedBuilder {
public:
  using DerivedBuilder::DerivedBuilder;

  void train() {
    const TrainStepDefinition &step = *trainStepOf(definition);
    std::string key = begin();
    if (!findDerivative()) return;
    Parts parts(step, definition, *of, function, program);
    auto ownTypes = typesOf(step, *definition.scope);
    if (!ownTypes || !parts.build()) return fail();
    mlir::func::FuncOp made = create(key, *ownTypes);
    graph::setRequirements(made, graph::requirementsOf(parts.function()));
    llvm::SmallVector<mlir::Value> operands = operandsOf(made, ownTypes->size()), results;
    TrainStepPlace place{definition, key, atEnd(made), {operands.end() - ownTypes->size(), operands.end()}};
    operands.resize(operands.size() - ownTypes->size());
    size_t inputs = of->inputs.size();
    if (built.takesPath) place.pathArgument = operands[inputs];
    if (built.takesKey) place.keyArgument = operands[inputs + 1];
    auto gradients = [&](mlir::Value scale) { return gradientsOf(parts, operands, scale, results); };
    auto update = buildTrainStepUpdate(place, targets.params, gradients, program);
    if (!update || !completeDefinition(namesOf(step), update->reports)) {
      made.erase();
      return fail();
    }
    std::copy(step.inputs.begin(), step.inputs.end(), definition.inputs.end() - step.inputs.size());
    results.append(update->reported);
    end(made, results);
    update->effects.add(built.effects);
    program.functions[key] = {made,
                              std::move(update->effects),
                              (2 * uint64_t(parts.size()) + 2) * built.nodes + 1,
                              built.sizesRead,
                              update->takesPath,
                              update->takesKey,
                              targets.params};
  }

  void apply() {
    std::string key = begin();
    if (!findFunction()) return;
    const TrainStepDefinition *step = trainStepOf(*of);
    if (!step) return refuse("is no train_step, only what that does with gradients can be applied");
    auto ownTypes = typesOf(*step, *of->scope);
    if (!ownTypes) return fail();
    llvm::SmallVector<mlir::Type> types;
    std::vector<std::string> names;
    for (const std::string &path : built.trained) {
      types.push_back(program.params.find(path)->second.type);
      names.push_back("d_" + path);
    }
    types.append(*ownTypes);
    auto made = builder.create<mlir::func::FuncOp>(location, key, builder.getFunctionType(types, {}));
    made.setPrivate();
    made.addEntryBlock();
    llvm::SmallVector<mlir::Value> arguments(made.getArguments().begin(), made.getArguments().end()), gradients;
    gradients.assign(arguments.begin(), arguments.begin() + built.trained.size());
    TrainStepPlace place{*of, key, atEnd(made), {arguments.begin() + built.trained.size(), arguments.end()}};
    place.shares = true;
    auto update = buildTrainStepUpdate(place, built.trained, [&](mlir::Value) { return gradients; }, program);
    for (const std::string &name : namesOf(*step)) names.push_back(name);
    Definition nothing; // an apply has neither inputs nor results of the loss
    nothing.scope = of->scope;
    of = &nothing;
    bool named = update && completeDefinition(names, update->reports);
    if (!named) {
      made.erase();
      return fail();
    }
    std::copy(step->inputs.begin(), step->inputs.end(), definition.inputs.end() - step->inputs.size());
    end(made, update->reported);
    program.functions[key] = {made, std::move(update->effects), 2 * built.nodes + 1,
                              {},   update->takesPath,          update->takesKey};
  }

private:
  std::string begin() {
    std::string key = functionKey(definition, DerivedBuilder::train);
    program.functions[key] = {};
    builder.setInsertionPointToEnd(program.module.getBody());
    return key;
  }
  void fail() { definition.valid = false; }
  void refuse(const std::string &why) {
    diagnostics.error("G7004", derive.of.span(), "'" + derive.of.string().str() + "' " + why);
    fail();
  }
  static std::vector<std::string> namesOf(const TrainStepDefinition &step) {
    std::vector<std::string> names;
    for (const InputDefinition &input : step.inputs) names.push_back(input.name);
    return names;
  }
  std::optional<llvm::SmallVector<mlir::Type>> typesOf(const TrainStepDefinition &step, const FileScope &scope) {
    Environment environment;
    environment.outer = &scope.dims;
    environment.train = DerivedBuilder::train;
    return inputTypes(step.inputs, environment, program);
  }
  mlir::OpBuilder atEnd(mlir::func::FuncOp made) {
    builder.setInsertionPointToEnd(&made.getBody().front());
    return builder;
  }
  void end(mlir::func::FuncOp made, mlir::ValueRange results) {
    builder.setInsertionPointToEnd(&made.getBody().front());
    finish(made, results);
    describe(made);
  }

  /// Gradients of the mean over the parts: the parts of the derivative are that many times smaller, so that they add
  /// up.
  llvm::SmallVector<mlir::Value> gradientsOf(const Parts &parts, mlir::ValueRange operands, mlir::Value scale,
                                             llvm::SmallVectorImpl<mlir::Value> &results) {
    graph::RuleBuilder rules(location, builder);
    mlir::Value seed =
        rules.filled(mlir::cast<mlir::RankedTensorType>(resultType(targets.outputs[0])), 1.0 / double(parts.size()));
    if (scale) seed = scaled(rules, seed, scale);
    llvm::SmallVector<mlir::Type> types(parts.function().getResultTypes());
    types.append(wrtTypes());
    size_t ofLoss = function.getNumResults();
    llvm::SmallVector<mlir::Value> gradients;
    std::vector<llvm::SmallVector<mlir::Value>> pieces(ofLoss);
    for (llvm::SmallVector<mlir::Value> &part : parts.split(operands, builder, location)) {
      part.push_back(seed);
      graph::DerivativeOp derivative = derivativeOf(parts.function(), "vjp", part, types, targets.outputs);
      for (auto [piece, result] : llvm::zip(pieces, derivative.getResults())) piece.push_back(result);
      bool first = gradients.empty();
      for (auto [i, gradient] : llvm::enumerate(derivative.getResults().drop_front(ofLoss)))
        if (first)
          gradients.push_back(gradient);
        else
          gradients[i] = rules.add(gradients[i], gradient);
    }
    for (auto [output, piece] : llvm::enumerate(pieces))
      results.push_back(parts.join(piece, output, builder, location));
    return gradients;
  }
};
} // namespace

void deriveTrainStep(Definition &definition, bool train, Program &program) {
  StepBuilder(definition, train, program).train();
}
void deriveApply(Definition &definition, bool train, Program &program) {
  StepBuilder(definition, train, program).apply();
}

} // namespace graphc::frontend
