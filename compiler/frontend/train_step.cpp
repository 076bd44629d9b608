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
  TrainStepBuilder(const Definition &definition, const std::string &key, mlir::OpBuilder builder, Program &program)
      : definition(definition), step(*trainStepOf(definition)), key(key), program(program), body(program, builder, key),
        here(definition.derive->kind.span()) {
    frame.definition = &definition;
    frame.environment.outer = &definition.scope->dims;
    frame.environment.train = true;
    frame.path = definition.name;
    frame.diagnostics = &program.diagnostics;
    frame.nodeEffects.assign(1, {});
    frame.drawNode = "#optimizer";
  }

  std::optional<TrainStepUpdate> build(mlir::ValueRange own, llvm::ArrayRef<std::string> paths,
                                       mlir::ValueRange gradients) {
    size_t before = program.diagnostics.errorCount();
    for (auto [input, value] : llvm::zip_equal(step.inputs, own))
      body.bind(frame, input.name, value, "declared here", input.type.origin.span());
    if (!findOptimizer() || !checkGroups(paths)) return std::nullopt;
    std::string counter = definition.name + ".step";
    updates = makeCounter(counter);
    mlir::Value rate = rateOf(*step.optimizer.rate);
    if (!rate) return std::nullopt;
    llvm::SmallVector<mlir::Value> clipped = clip(gradients);
    if (program.diagnostics.errorCount() != before) return std::nullopt;

    llvm::SmallVector<std::pair<std::string, mlir::Value>> writes;
    for (auto [path, gradient] : llvm::zip_equal(paths, clipped)) {
      mlir::Value next = nextValue(path, gradient, rate);
      if (!next) return std::nullopt;
      writes.push_back({path, next});
    }
    writes.push_back({counter, infix("+", {updates, std::nullopt, here}, number(1))});
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
    return update;
  }

private:
  const Definition &definition;
  const TrainStepDefinition &step;
  const std::string &key;
  Program &program;
  BodyBuilder body;
  Frame frame;
  Span here;
  const Definition *optimizer = nullptr;
  mlir::Value updates; // how many were made before this one
  mlir::Value factor;  // of the learning rates, by the schedule; null until something needs it
  mlir::Value total;   // of the squares of all gradients; null until something needs it

  static OperandValue number(double value) { return {nullptr, StaticValue::of(value), {}}; }
  mlir::RankedTensorType scalar(mlir::Type element) { return mlir::RankedTensorType::get({}, element); }
  bool isRate(mlir::Value value) { return value.getType() == scalar(body.builder.getF32Type()); }

  mlir::Value infix(llvm::StringRef op, OperandValue a, OperandValue b) {
    auto results = body.buildOp(frame, *graph::findInfix(op), {std::move(a), std::move(b)}, {}, {}, here);
    return results.empty() ? mlir::Value() : results[0];
  }

  /// A use of a layer for the step; attributes by name.
  mlir::Value layer(llvm::StringRef name, llvm::ArrayRef<mlir::Value> inputs, JsonValue most = {}) {
    const Definition &used = *program.findFull(name);
    LayerUse use(name, most ? most.keySpan() : here);
    std::vector<OperandValue> operands;
    for (mlir::Value input : inputs) operands.push_back({input, std::nullopt, here});
    for (const OperandValue &operand : operands) use.inputs.push_back(&operand);
    use.drawPath = body.nextDrawPath(frame) + ".";
    if (most) {
      auto value = body.attributeValue(frame, most, "float");
      if (!value) return nullptr;
      use.attributes["most"] = {*value, most.span()};
    }
    auto results = body.instantiateLayer(frame, used, use);
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
  bool checkGroups(llvm::ArrayRef<std::string> paths) {
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

  /// The state that counts updates, and its value.
  mlir::Value makeCounter(const std::string &path) {
    auto type = scalar(body.builder.getI64Type());
    Param param{type, here, "state of '" + definition.name + "'", key, /*isState=*/true};
    program.params.try_emplace(path, param);
    createParameter(program, program.location(here), path, type, /*isState=*/true, "constant");
    frame.effects.reads.insert(path);
    return body.readParamOp(program.location(here), path, param);
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
    return factor ? infix("*", {rate, std::nullopt, given.span}, {factor, std::nullopt, step.schedule.span()}) : factor;
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

  llvm::SmallVector<mlir::Value> clip(mlir::ValueRange gradients) {
    llvm::SmallVector<mlir::Value> clipped(gradients);
    if (step.clipNorm || llvm::any_of(step.report, [](JsonValue name) { return name.string() == "grad_norm"; }))
      for (mlir::Value gradient : gradients) {
        mlir::Value square = layer("squared_length", gradient);
        total = total ? infix("+", {total, std::nullopt, here}, {square, std::nullopt, here}) : square;
      }
    for (mlir::Value &gradient : clipped) {
      if (step.clipNorm && gradient) gradient = layer("clip_norm", {gradient, total}, step.clipNorm);
      if (step.clipValue && gradient) gradient = layer("clip_value", gradient, step.clipValue);
    }
    return clipped;
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

  bool report(JsonValue name, mlir::Value rate, TrainStepUpdate &update) {
    static constexpr llvm::StringRef known[] = {"grad_norm", "lr", "step"},
                                     later[] = {"skipped", "loss_scale", "updated"};
    llvm::StringRef text = name.string();
    if (llvm::is_contained(later, text)) return notSupported(name.span(), text, program.diagnostics), false;
    if (!llvm::is_contained(known, text)) {
      body.error(frame, "G2003", name.span(),
                 "a train_step reports no '" + support::printable(text) + "'" + support::didYouMean(text, known));
      return false;
    }
    update.reports.push_back(text.str());
    update.reported.push_back(text == "lr" ? rate : text == "step" ? updates : layer("gradient_norm", total));
    return bool(update.reported.back());
  }
};

std::optional<TrainStepUpdate> buildTrainStepUpdate(const Definition &definition, const std::string &key,
                                                    mlir::OpBuilder builder, mlir::ValueRange own,
                                                    llvm::ArrayRef<std::string> paths, mlir::ValueRange gradients,
                                                    Program &program) {
  return TrainStepBuilder(definition, key, builder, program).build(own, paths, gradients);
}

} // namespace graphc::frontend
