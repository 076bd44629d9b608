// Each kind of derived function has keys of its own. Numbers that are no formulas (how many calls make an update, how a
// loss is scaled) are checked here, where nothing else is known or needed.
#include "compiler/frontend/read_derive.h"
#include "compiler/frontend/expression.h"
#include "llvm/ADT/StringExtras.h"

namespace graphc::frontend {
using support::JsonValue;

namespace {
constexpr llvm::StringRef kinds[] = {"grad", "vjp", "jvp", "hvp", "jacobian", "train_step", "apply", "copy"};
constexpr int64_t mostParts = 4096; // each is code of its own

class DeriveReader {
public:
  DeriveReader(JsonValue json, llvm::function_ref<std::vector<InputDefinition>()> ownInputs,
               support::Diagnostics &diagnostics)
      : json(json), ownInputs(ownInputs), diagnostics(diagnostics) {}

  std::optional<DeriveDefinition> read() {
    JsonValue kindJson = json.find("derive");
    llvm::StringRef kind = kindJson.isString() ? kindJson.string() : llvm::StringRef();
    bool trains = kind == "train_step", copies = kind == "copy", applies = kind == "apply";
    llvm::ArrayRef<KeyRule> keys = trains    ? trainStepKeys()
                                   : copies  ? copyKeys()
                                   : applies ? applyKeys()
                                             : deriveKeys();
    if (!checkKeys(json, keys,
                   trains    ? "a train_step"
                   : copies  ? "a copy"
                   : applies ? "an apply"
                             : "a derivative",
                   diagnostics))
      return std::nullopt;
    DeriveDefinition derive;
    if (trains) derive.trainStep = readTrainStep();
    if (copies) derive.copy = readCopy();
    derive.kind = kindJson;
    derive.of = json.find("of");
    derive.wrt = json.find("wrt");
    derive.output = json.find("output");
    derive.prefix = json.find("prefix");
    if (!trains && (derive.scaledBy = json.find("loss_scale"))) {
      if (kind == "grad")
        checkScaledPrecision(derive.scaledBy);
      else
        diagnostics.error("G7012", derive.scaledBy.keySpan(), "'loss_scale' is for a train_step or a grad");
    }
    if (JsonValue value = json.find("value")) derive.value = value.boolean();
    if (!llvm::is_contained(kinds, kind))
      diagnostics.error("G2003", kindJson.span(),
                        "no kind of derivative '" + support::printable(kind) + "'" + support::didYouMean(kind, kinds));
    for (JsonValue one = derive.wrt && derive.wrt.isArray() ? derive.wrt.firstChild() : JsonValue(); one;
         one = one.next())
      checkKind(one, aString, "a name or pattern in 'wrt'", diagnostics);
    if (derive.prefix && !isName(derive.prefix.string().str() + "x"))
      diagnostics.error("G0015", derive.prefix.span(),
                        "'" + support::printable(derive.prefix.string()) + "' cannot begin a name");
    return derive;
  }

private:
  JsonValue json;
  llvm::function_ref<std::vector<InputDefinition>()> ownInputs;
  support::Diagnostics &diagnostics;

  std::vector<JsonValue> texts(JsonValue list, llvm::StringRef what) {
    std::vector<JsonValue> found;
    if (list && list.isString()) return {list};
    for (JsonValue one = list && list.isArray() ? list.firstChild() : JsonValue(); one; one = one.next())
      if (checkKind(one, aString, what, diagnostics)) found.push_back(one);
    return found;
  }

  OptimizerDefinition readOptimizer(JsonValue object, llvm::ArrayRef<KeyRule> keys, llvm::StringRef what) {
    OptimizerDefinition optimizer;
    if (!checkKind(object, anObject, what, diagnostics) || !checkKeys(object, keys, what, diagnostics, /*open=*/true))
      return optimizer;
    optimizer.op = object.find("op");
    optimizer.patterns = texts(object.find("params"), "a pattern in 'params'");
    if (JsonValue rate = object.find("lr")) optimizer.rate = readOperand(rate, /*layer=*/false, diagnostics);
    for (JsonValue member = object.firstChild(); member; member = member.next())
      if (llvm::none_of(keys, [&](const KeyRule &rule) { return rule.key == member.key(); }))
        optimizer.attributes.push_back(member);
    return optimizer;
  }

  TrainStepDefinition readTrainStep() {
    TrainStepDefinition step;
    step.optimizer = readOptimizer(json.find("optimizer"), optimizerKeys(), "'optimizer'");
    if (JsonValue groups = json.find("groups"))
      for (JsonValue group = groups.firstChild(); group; group = group.next())
        step.groups.push_back(readOptimizer(group, groupKeys(), "a group"));
    step.report = texts(json.find("report"), "a name in 'report'");
    step.schedule = json.find("schedule");
    step.clipNorm = json.find("clip_norm");
    step.clipValue = json.find("clip_value");
    step.accumulate = json.find("accumulate");
    if (step.accumulate) checkCount(step.accumulate, "'accumulate'", int64_t(1) << 31);
    if (JsonValue parts = json.find("microbatches"))
      if (checkKeys(parts, microbatchKeys(), "'microbatches'", diagnostics)) {
        step.dim = parts.find("dim");
        step.count = parts.find("count");
        checkCount(step.count, "'count' of 'microbatches'", mostParts);
      }
    if (JsonValue scale = json.find("loss_scale")) readLossScale(scale, step);
    step.inputs = ownInputs();
    return step;
  }

  void checkCount(JsonValue number, llvm::StringRef what, int64_t most) {
    std::optional<int64_t> value = number.integer();
    if (value && *value >= 1 && *value <= most) return;
    diagnostics.error("G2001", number.span(),
                      what + " is an integer from 1 to " + llvm::Twine(most) + ", this is " + number.numberText());
  }

  /// f16 alone: the exponents of bf16 are those of f32.
  void checkScaledPrecision(JsonValue scale) {
    JsonValue precision = json.find("precision");
    if (!precision || (precision.isString() && precision.string() == "bf16"))
      diagnostics.error("G7012", scale.keySpan(),
                        precision ? "'loss_scale' is for 'f16', the exponents of 'bf16' reach as far as those of f32"
                                  : "'loss_scale' is for gradients in 16 bits, add \"precision\": \"f16\"");
  }

  void readLossScale(JsonValue scale, TrainStepDefinition &step) {
    if (!checkKeys(scale, lossScaleKeys(), "'loss_scale'", diagnostics)) return;
    checkScaledPrecision(scale);
    auto check = [&](llvm::StringRef name, llvm::StringRef wanted, auto holds) {
      JsonValue number = scale.find(name);
      if (number && !holds(number.real().value_or(-1)))
        diagnostics.error("G2001", number.span(),
                          "'" + name + "' of 'loss_scale' is " + wanted + ", this is " + number.numberText());
    };
    constexpr double least = 0x1p-14, most = 0x1p126;
    check("initial", "between 2^-14 and 2^126", [](double value) { return value >= least && value <= most; });
    check("growth", "at least 1", [](double value) { return value >= 1 && value <= most; });
    check("backoff", "between 0 and 1", [](double value) { return value > 0 && value < 1; });
    if (JsonValue interval = scale.find("interval"))
      checkCount(interval, "'interval' of 'loss_scale'", int64_t(1) << 31);
    step.lossScale = scale;
  }

  CopyDefinition readCopy() {
    CopyDefinition copy{json.find("from"), json.find("to"), json.find("rate")};
    std::optional<double> rate = copy.rate ? copy.rate.real() : 1;
    if (!rate || *rate <= 0 || *rate > 1)
      diagnostics.error("G2001", copy.rate.span(),
                        "'rate' is above 0 and at most 1, this is " + copy.rate.numberText());
    return copy;
  }
};
} // namespace

std::optional<DeriveDefinition> readDerive(JsonValue json, llvm::function_ref<std::vector<InputDefinition>()> ownInputs,
                                           support::Diagnostics &diagnostics) {
  return DeriveReader(json, ownInputs, diagnostics).read();
}
} // namespace graphc::frontend
