// The tables follow graph-format.md sections 1, 3, 4 row by row.
#include "compiler/frontend/schema.h"
#include "llvm/ADT/StringExtras.h"

namespace graphc::frontend {
using support::JsonKind;
using support::JsonValue;

namespace {
constexpr bool required = true, optional = false, later = false;

constexpr KeyRule fileRules[] = {
    {"graphc", aNumber, required},  {"name", aString},    {"dims", anObject},    {"functions", anObject},
    {"layers", anObject},           {"entries", anArray}, {"include", anObject}, {"defaults", anObject},
    {"weights", aString | anArray}, {"doc", aString},     {"allow", anArray},    {"$schema", aString}};

constexpr KeyRule functionRules[] = {{"inputs", anObject},    {"outputs", anArray | anObject, required},
                                     {"nodes", anArray},      {"params", anObject},
                                     {"requires", anArray},   {"doc", aString},
                                     {"allow", anArray},      {"state", anObject},
                                     {"updates", anObject},   {"custom_derivative", anObject},
                                     {"mode", aString},       {"precision", aString},
                                     {"recursive", anObject}, {"shares", aString}};

constexpr KeyRule layerUseRules[] = {{"layer", aString, required}, {"inputs", anObject}, {"doc", aString},
                                     {"allow", anArray},           {"mode", aString},    {"precision", aString},
                                     {"shares", aString}};

constexpr KeyRule deriveRules[] = {{"derive", aString, required},
                                   {"of", aString, required},
                                   {"wrt", aString | anArray},
                                   {"output", aString},
                                   {"prefix", aString},
                                   {"value", aBool},
                                   {"doc", aString},
                                   {"allow", anArray},
                                   {"mode", aString},
                                   {"loss_scale", aString},
                                   {"precision", aString}};

constexpr KeyRule trainStepRules[] = {{"derive", aString, required},
                                      {"of", aString, required},
                                      {"wrt", aString | anArray},
                                      {"output", aString},
                                      {"inputs", anObject},
                                      {"optimizer", anObject, required},
                                      {"groups", anArray},
                                      {"schedule", aString},
                                      {"clip_norm", aNumber},
                                      {"clip_value", aNumber},
                                      {"report", anArray},
                                      {"doc", aString},
                                      {"allow", anArray},
                                      {"mode", aString},
                                      {"loss_scale", anObject},
                                      {"microbatches", anObject},
                                      {"accumulate", aNumber},
                                      {"data_parallel", anything, optional, later},
                                      {"precision", aString}};
constexpr KeyRule applyRules[] = {
    {"derive", aString, required}, {"of", aString, required}, {"doc", aString}, {"allow", anArray}};
constexpr KeyRule copyRules[] = {{"derive", aString, required},
                                 {"from", aString, required},
                                 {"to", aString, required},
                                 {"rate", aNumber},
                                 {"doc", aString},
                                 {"allow", anArray}};
constexpr KeyRule microbatchRules[] = {{"dim", aString, required}, {"count", aNumber, required}};
constexpr KeyRule lossScaleRules[] = {
    {"initial", aNumber}, {"growth", aNumber}, {"backoff", aNumber}, {"interval", aNumber}};
constexpr KeyRule optimizerRules[] = {{"op", aString, required}, {"lr", aNumber | aString, required}};
constexpr KeyRule groupRules[] = {{"params", aString | anArray, required}, {"lr", aNumber | aString}};

constexpr KeyRule recursiveRules[] = {{"max_depth", aNumber}, {"max_calls", aNumber}};

constexpr KeyRule customDerivativeRules[] = {{"jvp", aString | aBool}, {"vjp", aString}, {"forward", aString}};

constexpr KeyRule layerRules[] = {{"attributes", anObject},
                                  {"inputs", anObject},
                                  {"outputs", anArray | anObject, required},
                                  {"nodes", anArray},
                                  {"params", anObject},
                                  {"requires", anArray},
                                  {"doc", aString},
                                  {"allow", anArray},
                                  {"state", anObject},
                                  {"updates", anObject},
                                  {"custom_derivative", anything, optional, later}};

constexpr KeyRule inputRules[] = {
    {"type", aString, required}, {"doc", aString}, {"default", aBool | aNumber | aString | anObject}};
constexpr KeyRule outputRules[] = {
    {"value", aBool | aNumber | aString | anObject, required}, {"type", aString}, {"doc", aString}};
constexpr KeyRule paramRules[] = {{"type", aString, required},
                                  {"init", aNumber | aString | anObject},
                                  {"trainable", aBool | aString},
                                  {"when", aBool | aString},
                                  {"doc", aString}};
constexpr KeyRule stateRules[] = {
    {"type", aString, required}, {"init", aNumber | aString | anObject}, {"when", aBool | aString}, {"doc", aString}};
constexpr KeyRule dimRules[] = {
    {"min", aNumber}, {"max", aNumber, required}, {"multiple_of", aNumber}, {"specialize", anArray}};
constexpr KeyRule updateRules[] = {{"value", aBool | aNumber | aString | anObject, required},
                                   {"when", aBool | aString}};
constexpr KeyRule repeatRules[] = {
    {"times", aNumber | aString}, {"each", anObject}, {"over", aString | anArray}, {"collect", aString | anArray}};
constexpr KeyRule mapRules[] = {{"from", aString, required}, {"perm", anArray}, {"dtype", aString}};
constexpr KeyRule initRules[] = {{"file", aString}, {"value", aBool | aNumber | aString | anArray}};
constexpr KeyRule nodeRules[] = {{"op", aString},
                                 {"formula", aString},
                                 {"in", anything},
                                 {"out", aString | anArray | anObject},
                                 {"name", aString},
                                 {"doc", aString},
                                 {"allow", anArray},
                                 {"when", aBool | aString},
                                 {"else", aBool | aNumber | aString | anObject},
                                 {"expect", aString},
                                 {"params", anObject},
                                 {"shares", aString},
                                 {"repeat", aNumber | aString | anObject},
                                 {"after", aString | anArray},
                                 {"remat", aBool}};
constexpr unsigned anOperand = aBool | aNumber | aString | anObject;
#define GRAPHC_CONTROL_KEYS                                                                                            \
  {"op", aString, required}, {"out", aString | anArray | anObject}, {"name", aString}, {"doc", aString},               \
      {"allow", anArray}, {"when", aBool | aString}, {"after", aString | anArray}, {"expect", aString}, {              \
    "remat", aBool                                                                                                     \
  }
constexpr KeyRule ifRules[] = {
    GRAPHC_CONTROL_KEYS, {"cond", anOperand, required}, {"then", anOperand, required}, {"else", anOperand, required}};
constexpr KeyRule whileRules[] = {GRAPHC_CONTROL_KEYS,
                                  {"carry", anObject, required},
                                  {"cond", anOperand, required},
                                  {"body", anObject, required},
                                  {"max_iterations", aNumber | aString},
                                  {"on_limit", aString},
                                  {"grad", anObject}};
constexpr KeyRule scanRules[] = {
    GRAPHC_CONTROL_KEYS,           {"over", anObject},           {"axis", aNumber | aString},
    {"length", aNumber | aString}, {"index", aString},           {"carry", anObject},
    {"reverse", aBool | aString},  {"body", anObject, required}, {"grad", anObject}};
#undef GRAPHC_CONTROL_KEYS
constexpr KeyRule gradRules[] = {{"mode", aString}, {"checkpoints", aNumber | aString}, {"replay", aNumber | aString}};
constexpr KeyRule regionRules[] = {{"nodes", anArray}, {"outputs", anOperand | anArray, required}};
constexpr KeyRule bodyRules[] = {{"nodes", anArray}, {"outputs", anObject}, {"collect", anObject}};
constexpr KeyRule literalRules[] = {
    {"type", aString, required}, {"value", aBool | aNumber | aString | anArray}, {"file", aString}};
constexpr KeyRule weightRules[] = {{"file", aString, required}, {"map", anObject}, {"partial", aBool}};

unsigned bit(JsonKind kind) {
  switch (kind) {
  case JsonKind::Null:
    return 0;
  case JsonKind::Bool:
    return aBool;
  case JsonKind::Number:
    return aNumber;
  case JsonKind::String:
    return aString;
  case JsonKind::Array:
    return anArray;
  case JsonKind::Object:
    return anObject;
  }
  return 0;
}

std::string kindsText(unsigned kinds) {
  llvm::SmallVector<llvm::StringRef> words;
  for (JsonKind kind : {JsonKind::Bool, JsonKind::Number, JsonKind::String, JsonKind::Array, JsonKind::Object})
    if (kinds & bit(kind)) words.push_back(kindText(kind));
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i].str();
  return text;
}
} // namespace

llvm::ArrayRef<KeyRule> fileKeys() { return fileRules; }
llvm::ArrayRef<KeyRule> functionKeys() { return functionRules; }
llvm::ArrayRef<KeyRule> layerUseKeys() { return layerUseRules; }
llvm::ArrayRef<KeyRule> deriveKeys() { return deriveRules; }
llvm::ArrayRef<KeyRule> trainStepKeys() { return trainStepRules; }
llvm::ArrayRef<KeyRule> applyKeys() { return applyRules; }
llvm::ArrayRef<KeyRule> copyKeys() { return copyRules; }
llvm::ArrayRef<KeyRule> microbatchKeys() { return microbatchRules; }
llvm::ArrayRef<KeyRule> lossScaleKeys() { return lossScaleRules; }
llvm::ArrayRef<KeyRule> optimizerKeys() { return optimizerRules; }
llvm::ArrayRef<KeyRule> groupKeys() { return groupRules; }
llvm::ArrayRef<KeyRule> customDerivativeKeys() { return customDerivativeRules; }
llvm::ArrayRef<KeyRule> recursiveKeys() { return recursiveRules; }
llvm::ArrayRef<KeyRule> stateKeys() { return stateRules; }
llvm::ArrayRef<KeyRule> dimKeys() { return dimRules; }
llvm::ArrayRef<KeyRule> updateKeys() { return updateRules; }
llvm::ArrayRef<KeyRule> repeatKeys() { return repeatRules; }
llvm::ArrayRef<KeyRule> mapKeys() { return mapRules; }
llvm::ArrayRef<KeyRule> initKeys() { return initRules; }
llvm::ArrayRef<KeyRule> layerKeys() { return layerRules; }
llvm::ArrayRef<KeyRule> inputKeys() { return inputRules; }
llvm::ArrayRef<KeyRule> outputKeys() { return outputRules; }
llvm::ArrayRef<KeyRule> paramKeys() { return paramRules; }
llvm::ArrayRef<KeyRule> nodeKeys() { return nodeRules; }
llvm::ArrayRef<KeyRule> ifKeys() { return ifRules; }
llvm::ArrayRef<KeyRule> whileKeys() { return whileRules; }
llvm::ArrayRef<KeyRule> scanKeys() { return scanRules; }
llvm::ArrayRef<KeyRule> gradKeys() { return gradRules; }
llvm::ArrayRef<KeyRule> regionKeys() { return regionRules; }
llvm::ArrayRef<KeyRule> bodyKeys(bool collects) { return llvm::ArrayRef(bodyRules).drop_back(collects ? 0 : 1); }
llvm::ArrayRef<KeyRule> literalKeys() { return literalRules; }
llvm::ArrayRef<KeyRule> weightKeys() { return weightRules; }

llvm::StringRef kindText(JsonKind kind) {
  switch (kind) {
  case JsonKind::Null:
    return "null";
  case JsonKind::Bool:
    return "a bool";
  case JsonKind::Number:
    return "a number";
  case JsonKind::String:
    return "a string";
  case JsonKind::Array:
    return "a list";
  case JsonKind::Object:
    return "an object";
  }
  return "";
}

bool checkKind(JsonValue value, unsigned kinds, llvm::StringRef what, support::Diagnostics &diagnostics) {
  if (kinds & bit(value.kind())) return true;
  diagnostics.error("G0010", value.span(),
                    what + " must be " + kindsText(kinds) + ", this is " + kindText(value.kind()));
  return false;
}

void notSupported(support::Span span, llvm::StringRef word, support::Diagnostics &diagnostics) {
  diagnostics.error("G0014", span, "'" + word + "' is not supported by this version of graphc");
}

/// "allow" is a list of lints, wherever it stands.
static void checkAllow(JsonValue list, support::Diagnostics &diagnostics) {
  for (JsonValue code = list.firstChild(); code; code = code.next()) {
    if (!checkKind(code, aString, "a lint in 'allow'", diagnostics) || support::isLint(code.string())) continue;
    llvm::SmallVector<llvm::StringRef> lints;
    for (const support::CodeInfo &info : support::diagnosticCodes())
      if (support::isLint(info.code)) lints.push_back(info.code);
    diagnostics.error("G2003", code.span(),
                      "no lint '" + support::printable(code.string()) + "', there are " + llvm::join(lints, ", "));
  }
}

bool allows(JsonValue owner, llvm::StringRef code) {
  JsonValue list = owner && owner.isObject() ? owner.find("allow") : JsonValue();
  for (JsonValue allowed = list ? list.firstChild() : JsonValue(); allowed; allowed = allowed.next())
    if (allowed.isString() && allowed.string() == code) return true;
  return false;
}

bool checkKeys(JsonValue object, llvm::ArrayRef<KeyRule> rules, llvm::StringRef what, support::Diagnostics &diagnostics,
               bool open) {
  size_t before = diagnostics.errorCount();
  auto isLater = [&](JsonValue member) {
    return llvm::any_of(rules, [&](const KeyRule &r) { return r.key == member.key() && !r.supported; });
  };
  // What belongs to an unsupported form ("of" beside "derive"), or is left out because of it ("outputs"), is no second
  // mistake.
  bool unsupported = false;
  for (JsonValue member = object.firstChild(); member; member = member.next()) unsupported |= isLater(member);
  for (JsonValue member = object.firstChild(); member; member = member.next()) {
    const KeyRule *rule = llvm::find_if(rules, [&](const KeyRule &r) { return r.key == member.key(); });
    if (rule != rules.end() && !rule->supported) {
      notSupported(member.keySpan(), rule->key, diagnostics);
    } else if (rule != rules.end()) {
      if (checkKind(member, rule->kinds, "'" + rule->key.str() + "'", diagnostics) && rule->key == "allow")
        checkAllow(member, diagnostics);
    } else if (!open && !unsupported) {
      llvm::SmallVector<llvm::StringRef> candidates;
      for (const KeyRule &r : rules) candidates.push_back(r.key);
      diagnostics.error("G0011", member.keySpan(),
                        "'" + support::printable(member.key()) + "' is no key of " + what +
                            support::didYouMean(member.key(), candidates));
    }
  }
  if (!unsupported)
    for (const KeyRule &rule : rules)
      if (rule.required && !object.find(rule.key)) {
        support::Span span = object.keySpan() ? object.keySpan() : object.span();
        if (!object.keySpan()) span.end = span.begin + 1;
        diagnostics.error("G0012", span, what + " needs '" + rule.key + "'");
      }
  return diagnostics.errorCount() == before;
}
} // namespace graphc::frontend
