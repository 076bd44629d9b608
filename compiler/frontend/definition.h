// Functions and layers as read from JSON, before any of them is built: everything parsed once, nothing evaluated. A
// definition with `valid == false` had a mistake of its own (reported); what uses it is not built and gets no follow-up
// errors.
#pragma once
#include "compiler/frontend/schema.h"
#include "compiler/frontend/type_syntax.h"
#include "llvm/ADT/MapVector.h"
#include <map>
#include <memory>

namespace graphc::frontend {

struct Literal { // { "type": "f32[B]", "value": 0 } or { "type": ..., "file": "t.npy" }
  TypeSyntax type;
  support::JsonValue value, file;
};

/// Where a value is wanted (R7): a number, a bool, a formula (a name is one), or a typed literal.
struct Operand {
  enum Kind { Number, Boolean, Formula, TypedLiteral } kind = Number;
  support::JsonValue json;
  std::string parameter; // name of the operand it is given to, "" = by position
  std::optional<Expression> expression;
  std::optional<Literal> literal;
};

struct ResultName {
  std::string result, name; // result: "" = by position; name: "_" = ignored
  support::JsonValue json;
};

struct RepeatDefinition { // n, or {times or each, over, collect}
  support::JsonValue json, times;
  std::vector<support::JsonValue> each;          // attribute -> list
  std::vector<support::JsonValue> over, collect; // names of inputs and outputs
};

struct ControlDefinition; // control.h

struct NodeDefinition {
  support::JsonValue json, callee; // callee: the token of "op" or "formula"
  bool isFormula = false;
  bool broken = false; // reported: only its name and results are known
  std::string name;
  std::vector<Operand> operands; // of a formula: the formula
  std::vector<ResultName> results;
  std::vector<support::JsonValue> attributes;
  support::JsonValue when;
  std::optional<Operand> otherwise;
  std::optional<TypeSyntax> expect;
  std::optional<RepeatDefinition> repeat;
  support::JsonValue shares;                  // name of the node whose params and state this one uses
  std::vector<Operand> params;                // values that take the place of params: Operand::parameter
  std::vector<support::JsonValue> after;      // names of values or nodes
  std::shared_ptr<ControlDefinition> control; // if, while, scan
};

struct RegionArgument { // what a region gets in each turn
  std::string name;
  support::Span span;
};

struct AttributeDefinition {
  support::JsonValue json;
  std::string name, kind;
  std::optional<uint32_t> fallback; // byte of json.string() where the default begins
};

struct InputDefinition {
  support::JsonValue json;
  std::string name, doc;
  TypeSyntax type;
  std::optional<Operand> fallback;
};

struct ParamDefinition { // a param or a state
  support::JsonValue json, init, when, trainable;
  std::string name, doc;
  TypeSyntax type;
  bool isState = false;
};

struct UpdateDefinition { // of a state, when the body returns
  support::JsonValue json, when;
  std::string name;
  Operand value;
};

struct OutputDefinition {
  support::JsonValue json;
  std::string name, doc;
  Operand value;
  std::optional<TypeSyntax> type;
};

struct OptimizerDefinition { // of a train_step; of a group: what differs for its params
  support::JsonValue op;
  std::vector<support::JsonValue> patterns, attributes;
  std::optional<Operand> rate; // "lr"
};

struct TrainStepDefinition {
  OptimizerDefinition optimizer;
  std::vector<OptimizerDefinition> groups;
  std::vector<support::JsonValue> report;
  support::JsonValue schedule, clipNorm, clipValue;
  support::JsonValue accumulate;       // calls per update
  support::JsonValue dim, count;       // "microbatches": the dim that is divided, into how many parts
  support::JsonValue lossScale;        // numbers by name
  std::vector<InputDefinition> inputs; // its own, behind those of the loss
};

struct CopyDefinition { // params and state of one function become, or move towards, those of another
  support::JsonValue from, to, rate;
};

struct DeriveDefinition {                           // a function that is a derivative of another
  support::JsonValue kind, of, wrt, output, prefix; // of a copy: kind alone
  support::JsonValue scaledBy;                      // "loss_scale" of a grad: the train_step whose scale it takes
  bool value = true;                                // its results begin with the other's
  std::optional<TrainStepDefinition> trainStep;
  std::optional<CopyDefinition> copy;
};

struct CustomDerivativeDefinition {           // the rules that a function's author gives (R29)
  support::JsonValue json, jvp, vjp, forward; // names of functions, or absent
  bool derivesItself = false;                 // "jvp": true
};

struct RecursionDefinition { // "recursive" (R25)
  support::JsonValue json;
  int64_t maxDepth = 0;
  std::optional<int64_t> maxCalls;
};

struct FileScope; // program.h

struct Definition {
  std::string name, doc; // name: with the prefix of its file, "my.block"
  support::JsonValue json;
  const FileScope *scope = nullptr;
  bool isLayer = false, isStandard = false, valid = true;
  std::vector<support::Diagnostic> notSupported; // layers: G0014, reported only if something uses the layer
  bool hasNames = true; // even if not valid: only the insides of nodes are wrong, so its other names can be checked
  std::optional<bool> train;              // "mode": functions only
  support::JsonValue precision;           // functions: "bf16" or "f16" (R31)
  support::JsonValue shares;              // functions: the function whose params and state this one uses
  std::optional<NodeDefinition> layerUse; // a function that is one use of a layer (R11): its outputs are the layer's
  // A derivative. Its inputs and outputs follow from the other function's, so they are known once that is built.
  std::optional<DeriveDefinition> derive;
  std::optional<CustomDerivativeDefinition> customDerivative;
  std::optional<RecursionDefinition> recursion;
  std::vector<std::string> cycle; // names of the functions that call each other in a circle, it among them; or none
  std::vector<AttributeDefinition> attributes;
  std::vector<InputDefinition> inputs;
  std::vector<ParamDefinition> params; // and state
  std::vector<UpdateDefinition> updates;
  std::vector<Expression> conditions;    // "requires"
  std::vector<RegionArgument> arguments; // of a region
  std::vector<NodeDefinition> nodes;
  std::vector<OutputDefinition> outputs;
  // By resolve_names.cpp: an order of nodes, each after what it uses; what each uses directly (the outputs and updates
  // count as one more node, the last).
  std::vector<uint32_t> order;
  std::vector<llvm::SmallVector<uint32_t>> dependencies;
  std::vector<uint32_t> unused; // nodes that nothing in the definition names
};

/// The nodes of the definition and of all regions in it.
void forEachNode(const Definition &definition, llvm::function_ref<void(const NodeDefinition &)> visit);

/// What a train_step says beside other derivatives; null for others.
inline const TrainStepDefinition *trainStepOf(const Definition &definition) {
  return definition.derive && definition.derive->trainStep ? &*definition.derive->trainStep : nullptr;
}
/// The standard layers of which a train_step is made, beside its optimizer (optimizers.json).
inline constexpr llvm::StringLiteral trainStepLayers[] = {
    "squared_length", "gradient_norm", "clip_norm",       "clip_value", "schedule_time", "accumulation",
    "accumulated",    "all_finite",    "next_loss_scale", "unscaled",   "overflowed"};
/// Everything in the definition, regions included, that stands where a value is wanted.
void forEachOperand(const Definition &definition, llvm::function_ref<void(const Operand &)> visit);

/// Functions and layers by name; std::map, so that walks are deterministic.
using Definitions = std::map<std::string, Definition, std::less<>>;

/// Reads one function or layer of the file `scope`. Mistakes are reported and clear `valid`.
Definition readDefinition(support::JsonValue json, bool isLayer, const FileScope &scope,
                          support::Diagnostics &diagnostics);
/// An operand, or nullopt after reporting. `layer`: types in literals may use `...`.
std::optional<Operand> readOperand(support::JsonValue json, bool layer, support::Diagnostics &diagnostics);
/// G0015 unless the text is a name (R2).
bool checkName(llvm::StringRef name, support::Span span, support::Diagnostics &diagnostics);

} // namespace graphc::frontend
