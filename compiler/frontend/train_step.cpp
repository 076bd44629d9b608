// train_step.h. Optimizers, clipping and what they compute are layers of the language (components/optimizers.json):
// here is only who gets what.
#include "compiler/frontend/train_step.h"
#include "compiler/frontend/body_builder.h"
#include "compiler/frontend/derive_function.h"
#include "dialects/graph/op_signature.h"
#include "dialects/graph/structure.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

class TrainStepBuilder {
public:
  TrainStepBuilder(const TrainStepPlace &place, llvm::ArrayRef<std::string> paths, Program &program)
      : definition(place.step), step(*trainStepOf(definition)), place(place), paths(paths), program(program),
        body(program, place.builder, place.key, {}), here(definition.derive->kind.span()) {
    frame.definition = &definition;
    frame.environment.outer = &definition.scope->dims;
    frame.environment.train = true;
    frame.path = definition.name;
    frame.diagnostics = &program.diagnostics;
    frame.nodeEffects.assign(1, {});
    frame.drawNode = "#optimizer";
    body.pathArgument = place.pathArgument;
    body.keyArgument = place.keyArgument;
  }

  std::optional<TrainStepUpdate> build(GradientsOf gradientsOf) {
    size_t before = program.diagnostics.errorCount();
    for (auto [input, value] : llvm::zip_equal(step.inputs, place.own))
      body.bind(frame, input.name, value, "declared here", input.type.origin.span());
    if (!findOptimizer() || !checkGroups()) return std::nullopt;
    updates = makeState("step", body.builder.getI64Type(), 0);
    if (step.lossScale) {
      scale = makeState("loss_scale", body.builder.getF32Type(), lossScaleNumber("initial", 65536));
      goodUpdates = makeState("good_updates", body.builder.getI64Type(), 0);
    }
    mlir::Value rate = rateOf(*step.optimizer.rate);
    if (!rate) return std::nullopt;
    llvm::SmallVector<mlir::Value> gradients = gradientsOf(scale);
    if (gradients.size() != paths.size()) return std::nullopt;
    accumulate(gradients);
    if (step.lossScale) checkFinite(gradients);
    clip(gradients);
    if (program.diagnostics.errorCount() != before) return std::nullopt;

    body.updateGuard = guard = both(due, finite);
    for (auto [path, gradient] : llvm::zip_equal(paths, gradients)) {
      mlir::Value next = nextValue(path, gradient, rate);
      if (!next) return std::nullopt;
      write(path, next, guard);
    }
    write(statePath("step"), infix("+", updates, number(1)), guard);
    if (step.lossScale) writeLossScale();
    TrainStepUpdate update;
    for (JsonValue name : step.report)
      if (!report(name, rate, update)) return std::nullopt;
    if (program.diagnostics.errorCount() != before) return std::nullopt;
    for (auto &[path, value] : writes) {
      body.builder.create<graph::WriteParameterOp>(program.location(here),
                                                   mlir::FlatSymbolRefAttr::get(program.context, path), value);
      frame.effects.writes.insert(path);
    }
    frame.effects.add(frame.nodeEffects[0]);
    update.effects = std::move(frame.effects);
    update.takesPath = body.takesPath();
    update.takesKey = body.takesKey();
    return update;
  }

private:
  const Definition &definition;
  const TrainStepDefinition &step;
  const TrainStepPlace &place;
  llvm::ArrayRef<std::string> paths; // of what is trained
  Program &program;
  BodyBuilder body;
  Frame frame;
  Span here;
  const Definition *optimizer = nullptr;
  mlir::Value updates;            // how many were made before this one
  mlir::Value factor;             // of the learning rates, by the schedule; null until something needs it
  mlir::Value total;              // of the squares of all gradients; null until something needs it
  mlir::Value scale, goodUpdates; // of the loss, and updates since it changed; null: it is not scaled
  mlir::Value due, finite;        // bools: this call ends a row of calls; no gradient overflowed. Null: always
  mlir::Value guard;              // both
  llvm::SmallVector<std::pair<std::string, mlir::Value>> writes;

  static OperandValue number(double value) { return {nullptr, StaticValue::of(value), {}}; }
  OperandValue operand(mlir::Value value) const { return {value, std::nullopt, here}; }
  mlir::RankedTensorType scalar(mlir::Type element) { return mlir::RankedTensorType::get({}, element); }
  bool isRate(mlir::Value value) { return value.getType() == scalar(body.builder.getF32Type()); }

  mlir::Value infix(llvm::StringRef op, OperandValue a, OperandValue b) {
    auto results = body.buildOp(frame, *graph::findInfix(op), {std::move(a), std::move(b)}, {}, {}, here);
    return results.empty() ? mlir::Value() : results[0];
  }
  mlir::Value infix(llvm::StringRef op, mlir::Value a, OperandValue b) { return infix(op, operand(a), std::move(b)); }
  /// Null stands for true.
  mlir::Value both(mlir::Value a, mlir::Value b) { return a && b ? infix("and", a, operand(b)) : a ? a : b; }

  using Attributes = llvm::StringMap<std::pair<StaticValue, Span>>;

  /// A use of a layer for the step. Its state, if it has any, is under `name`, of a param with `suffix`.
  llvm::SmallVector<mlir::Value> use(llvm::StringRef name, mlir::ValueRange inputs, Attributes attributes = {},
                                     const std::string &suffix = "", Span place = {}) {
    LayerUse use(name, place ? place : here);
    std::vector<OperandValue> operands;
    for (mlir::Value input : inputs) operands.push_back(operand(input));
    for (const OperandValue &one : operands) use.inputs.push_back(&one);
    use.path = definition.name + "." + name.str();
    use.suffix = suffix;
    use.shares = this->place.shares;
    use.drawPath = body.nextDrawPath(frame) + ".";
    use.attributes = std::move(attributes);
    return body.instantiateLayer(frame, *program.findFull(name), use);
  }
  mlir::Value layer(llvm::StringRef name, mlir::ValueRange inputs, Attributes attributes = {},
                    const std::string &suffix = "", Span place = {}) {
    auto results = use(name, inputs, std::move(attributes), suffix, place);
    return results.empty() ? mlir::Value() : results[0];
  }

  bool findOptimizer() {
    JsonValue op = step.optimizer.op;
    optimizer = program.find(*definition.scope, op.string());
    if (!optimizer && !Program::findOp(op.string())) {
      program.unknownCallee(*definition.scope, op.string(), op.span(), /*formula=*/false, program.diagnostics);
      return false;
    }
    bool fits = optimizer && optimizer->isLayer;
    static constexpr llvm::StringRef given[] = {"param", "grad", "lr", "step"};
    for (llvm::StringRef wanted : given)
      fits = fits && llvm::any_of(optimizer->inputs, [&](auto &input) { return input.name == wanted; });
    fits = fits && llvm::all_of(optimizer->inputs,
                                [](auto &input) { return llvm::is_contained(given, input.name) || input.fallback; });
    fits = fits && llvm::any_of(optimizer->outputs, [](auto &output) { return output.name == "param"; });
    if (!fits)
      body.error(frame, "G7005", op.span(),
                 "'" + op.string() +
                     "' is no optimizer: that is a layer with inputs param, grad, lr, step and output param");
    return fits && optimizer->valid;
  }

  static bool isIn(const OptimizerDefinition &group, llvm::StringRef path) {
    bool in = false;
    for (JsonValue pattern : group.patterns) {
      llvm::StringRef text = pattern.string();
      if (text.consume_front("!") && matchesPath(text, path)) return false;
      in |= !pattern.string().starts_with("!") && matchesPath(text, path);
    }
    return in;
  }
  bool checkGroups() {
    bool good = true;
    for (const OptimizerDefinition &group : step.groups)
      for (JsonValue pattern : group.patterns) {
        llvm::StringRef text = pattern.string();
        text.consume_front("!");
        if (llvm::any_of(paths, [&](const std::string &path) { return matchesPath(text, path); })) continue;
        llvm::SmallVector<llvm::StringRef> names(paths.begin(), paths.end());
        body.error(frame, "G1003", pattern.span(),
                   "no param that is trained matches '" + support::printable(text) + "'" +
                       support::didYouMean(text, names));
        good = false;
      }
    return good;
  }

  std::string statePath(llvm::StringRef name) const { return definition.name + "." + name.str(); }

  /// A state of the step's own, a scalar, and its value.
  mlir::Value makeState(llvm::StringRef name, mlir::Type element, double initial) {
    std::string path = statePath(name);
    Param param{scalar(element), here, "state of '" + definition.name + "'", place.key, /*isState=*/true};
    if (program.params.try_emplace(path, param).second)
      createParameter(program, program.location(here), path, param.type, /*isState=*/true, "constant", initial);
    frame.effects.reads.insert(path);
    return body.readParamOp(program.location(here), path, param);
  }

  /// The value that is left behind; the old one where `condition` does not hold. Null: it always does.
  void write(const std::string &path, mlir::Value next, mlir::Value condition) {
    if (condition) {
      mlir::Value old = body.readParamOp(program.location(here), path, program.params.find(path)->second);
      next = body.chosen(frame, condition, next, old);
    }
    writes.push_back({path, next});
  }

  /// A learning rate of the file, times what the schedule says.
  mlir::Value rateOf(const Operand &operand) {
    size_t before = program.diagnostics.errorCount();
    OperandValue given = body.operandValue(frame, operand);
    mlir::Value rate = given.value;
    if (given.number) rate = body.constant(scalar(body.builder.getF32Type()), *given.number, given.span, frame);
    if (!rate || !isRate(rate)) {
      if (program.diagnostics.errorCount() == before)
        body.error(frame, "G3010", operand.json.span(),
                   "'lr' is a number or an f32 scalar made of the step's inputs" +
                       (rate ? ", this is " + typeText(rate.getType()) : std::string()));
      return nullptr;
    }
    if (!step.schedule) return rate;
    if (!factor) factor = scheduled();
    return factor ? infix("*", OperandValue{rate, std::nullopt, given.span},
                          OperandValue{factor, std::nullopt, step.schedule.span()})
                  : factor;
  }
  mlir::Value scheduled() {
    llvm::StringRef name = step.schedule.string();
    Span span = step.schedule.span();
    const Definition *function = program.find(*definition.scope, name);
    if (!function && !Program::findOp(name)) {
      program.unknownCallee(*definition.scope, name, span, /*formula=*/false, program.diagnostics);
      return nullptr;
    }
    auto refuse = [&] {
      body.error(frame, "G7005", span,
                 "'" + name + "' is no schedule: that is a function of one f32 scalar to another");
      return mlir::Value();
    };
    if (!function || function->isLayer || function->inputs.size() != 1 || function->outputs.size() != 1)
      return refuse();
    OperandValue time{layer("schedule_time", updates), std::nullopt, span};
    if (!time.value) return nullptr;
    auto results = body.callFunction(frame, *function, &time, span, /*inFormula=*/false);
    if (results.empty()) return nullptr;
    return isRate(results[0]) ? results[0] : refuse();
  }

  /// `accumulate`: gradients become the mean of those of a row of calls.
  void accumulate(llvm::MutableArrayRef<mlir::Value> gradients) {
    if (!step.accumulate) return;
    Attributes count;
    count["count"] = {StaticValue::of(*step.accumulate.integer()), step.accumulate.span()};
    due = layer("accumulation", {}, count);
    for (auto [path, gradient] : llvm::zip_equal(paths, gradients))
      gradient = due && gradient ? layer("accumulated", {gradient, due}, count, "." + path) : mlir::Value();
  }

  double lossScaleNumber(llvm::StringRef name, double otherwise) const {
    JsonValue given = step.lossScale.find(name);
    return given ? *given.real() : otherwise;
  }
  void checkFinite(llvm::MutableArrayRef<mlir::Value> gradients) {
    for (mlir::Value &gradient : gradients) {
      if (gradient) gradient = layer("unscaled", {gradient, scale});
      if (gradient) finite = both(finite, layer("all_finite", gradient));
    }
  }
  void writeLossScale() {
    Attributes numbers;
    auto give = [&](llvm::StringRef name, StaticValue value) {
      numbers[name] = {std::move(value), step.lossScale.span()};
    };
    give("growth", StaticValue::of(lossScaleNumber("growth", 2)));
    give("backoff", StaticValue::of(lossScaleNumber("backoff", 0.5)));
    give("interval", StaticValue::of(int64_t(lossScaleNumber("interval", 2000))));
    auto next = use("next_loss_scale", {scale, goodUpdates, finite}, std::move(numbers));
    if (next.size() != 2) return;
    write(statePath("loss_scale"), next[0], due); // also where an update was skipped
    write(statePath("good_updates"), next[1], due);
  }

  mlir::Value clipped(llvm::StringRef name, mlir::ValueRange inputs, JsonValue most) {
    auto value = body.attributeValue(frame, most, "float");
    if (!value) return nullptr;
    Attributes attributes;
    attributes["most"] = {*value, most.span()};
    return layer(name, inputs, std::move(attributes), "", most.keySpan());
  }
  void clip(llvm::MutableArrayRef<mlir::Value> gradients) {
    if (step.clipNorm || llvm::any_of(step.report, [](JsonValue name) { return name.string() == "grad_norm"; }))
      for (mlir::Value gradient : gradients) {
        mlir::Value square = layer("squared_length", gradient);
        total = total ? infix("+", total, operand(square)) : square;
      }
    for (mlir::Value &gradient : gradients) {
      if (step.clipNorm && gradient) gradient = clipped("clip_norm", {gradient, total}, step.clipNorm);
      if (step.clipValue && gradient) gradient = clipped("clip_value", gradient, step.clipValue);
    }
  }

  /// The optimizer's attributes for a param: of its group, else of the step.
  bool readAttributes(const OptimizerDefinition &from, LayerUse &use) {
    for (JsonValue json : from.attributes) {
      auto attribute = llvm::find_if(optimizer->attributes, [&](auto &a) { return a.name == json.key(); });
      if (attribute == optimizer->attributes.end()) {
        llvm::SmallVector<llvm::StringRef> names{"lr"};
        for (const AttributeDefinition &a : optimizer->attributes) names.push_back(a.name);
        body.error(frame, "G0011", json.keySpan(),
                   "'" + support::printable(json.key()) + "' is no attribute of '" + optimizer->name + "'" +
                       support::didYouMean(json.key(), names));
        return false;
      }
      auto value = body.attributeValue(frame, json, attribute->kind);
      if (!value) return false;
      use.attributes.try_emplace(attribute->name, *value, json.span());
    }
    return true;
  }

  mlir::Value nextValue(const std::string &path, mlir::Value gradient, mlir::Value rate) {
    const Param &param = program.params.find(path)->second;
    auto group = llvm::find_if(step.groups, [&](const OptimizerDefinition &g) { return isIn(g, path); });
    LayerUse use(step.optimizer.op.string(), step.optimizer.op.span());
    if (group != step.groups.end()) {
      if (!readAttributes(*group, use)) return nullptr;
      if (group->rate && !(rate = rateOf(*group->rate))) return nullptr;
    }
    if (!readAttributes(step.optimizer, use)) return nullptr;
    std::vector<OperandValue> operands;
    for (const InputDefinition &input : optimizer->inputs) {
      mlir::Value value = input.name == "param"  ? body.readParamOp(program.location(here), path, param)
                          : input.name == "grad" ? gradient
                          : input.name == "lr"   ? rate
                          : input.name == "step" ? updates
                                                 : mlir::Value();
      operands.push_back({value, std::nullopt, here});
    }
    for (const OperandValue &operand : operands) use.inputs.push_back(operand.value ? &operand : nullptr);
    use.path = definition.name + "." + optimizer->name;
    use.suffix = "." + path;
    use.shares = place.shares;
    use.drawPath = body.nextDrawPath(frame) + ".";
    auto results = body.instantiateLayer(frame, *optimizer, use);
    if (results.empty()) return nullptr;
    size_t at = llvm::find_if(optimizer->outputs, [](auto &output) { return output.name == "param"; }) -
                optimizer->outputs.begin();
    mlir::Value next = results[at];
    if (next && next.getType() != param.type) {
      body.error(frame, "G3010", step.optimizer.op.span(),
                 "'" + path + "' is " + typeText(param.type) + ", '" + optimizer->name + "' gives " +
                     typeText(next.getType()));
      return nullptr;
    }
    return next;
  }

  mlir::Value boolean(bool value) {
    return body.constant(scalar(body.builder.getI1Type()), StaticValue::ofBoolean(value), here, frame);
  }

  /// "skipped": an update was due, but a gradient overflowed. "updated": the params changed.
  bool report(JsonValue name, mlir::Value rate, TrainStepUpdate &update) {
    static constexpr llvm::StringRef known[] = {"grad_norm", "lr", "step", "skipped", "loss_scale", "updated"};
    llvm::StringRef text = name.string();
    if (!llvm::is_contained(known, text)) {
      body.error(frame, "G2003", name.span(),
                 "a train_step reports no '" + support::printable(text) + "'" + support::didYouMean(text, known));
      return false;
    }
    if (!step.lossScale && (text == "skipped" || text == "loss_scale")) {
      body.error(frame, "G7012", name.span(),
                 "'" + text + "' is reported where there is a 'loss_scale', this has none");
      return false;
    }
    mlir::Value value = text == "lr"           ? rate
                        : text == "step"       ? updates
                        : text == "grad_norm"  ? layer("gradient_norm", total)
                        : text == "loss_scale" ? scale
                        : text == "updated"    ? (guard ? guard : boolean(true))
                                               : both(due, layer("overflowed", finite));
    update.reports.push_back(text.str());
    update.reported.push_back(value);
    return bool(value);
  }
};

std::optional<TrainStepUpdate> buildTrainStepUpdate(TrainStepPlace place, llvm::ArrayRef<std::string> paths,
                                                    GradientsOf gradientsOf, Program &program) {
  return TrainStepBuilder(place, paths, program).build(gradientsOf);
}

} // namespace graphc::frontend
