// Builds the body of one function: its own nodes and, inlined, those of the layers it uses. A Frame is one instance of
// a definition: the function's frame is the outermost, each layer in use has one above its user's. A value that could
// not be built is null
// ("poisoned"): it was reported, and what uses it is skipped in silence.
//
// Split over build_op.cpp (ops, by signature), operand_value.cpp (formulas), literal_value.cpp (constants),
// attribute_values.cpp, build_node.cpp, build_control.cpp, requirements.cpp, build_params.cpp (params, state, updates),
// effect_order.cpp, call_function.cpp, instantiate_layer.cpp, repeat_node.cpp, random_numbers.cpp and lints.cpp.
#pragma once
#include "compiler/frontend/program.h"
#include "dialects/graph/requirement.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::graph {
struct Advice;
struct BoundDims;
} // namespace graphc::graph

namespace graphc::frontend {

struct Provenance { // where a value comes from: "'h' is [8, 128]: result of 'dense'"
  std::string name, reason;
  support::Span span;
  int depth = 0; // of the frame that named it: the outermost name is the user's
};

/// What stands where a value is wanted: a tensor, a number without a dtype yet, or neither (poisoned).
struct OperandValue {
  mlir::Value value;
  std::optional<StaticValue> number;
  support::Span span;
  bool poisoned() const { return !value && !number; }
};

struct GivenParam { // a value in place of a param (R16)
  const Operand *operand = nullptr;
  mlir::Value value;
  std::optional<StaticValue> number;
  bool used = false;
};

struct Frame {
  const Definition *definition = nullptr;
  Environment environment;
  llvm::StringMap<mlir::Value> values;
  llvm::StringSet<> absent;                      // params whose `when` is false
  llvm::StringMap<support::Span> attributeSpans; // of a layer: where the use gives each
  std::string path;                              // prefix of params: "net", "net.h"
  Frame *parent = nullptr;                       // of a layer: who uses it
  int depth = 0;                                 // 0: the function itself
  support::Span use;                             // of a layer: the callee token of the node that uses it
  std::vector<OperandValue> useOperands;
  support::Diagnostics *diagnostics = nullptr;   // of a layer: collected, then passed to the user by relay()
  std::string suffix;                            // behind the names of its params
  bool nameless = false;                         // of a layer: in a formula, so that its params would have no path
  bool shares = false;                           // its params and state exist already: it makes none (R16)
  std::map<std::string, GivenParam> givenParams; // by path from here
  Effects effects;                               // of the whole body
  std::vector<Effects> nodeEffects;              // by node; the last: outputs and updates
  size_t node = 0;                               // at work
  std::string drawPath;                          // of its nodes, from the function: "h." (random_numbers.cpp)
  std::string drawNode = "#inputs";              // the last part: the node at work
  unsigned drawCount = 0;                        // calls and draws of that node so far
  std::vector<mlir::Value> turns;                // numbers of the turns of the loops around, from the outermost
};

/// How a node or a formula uses a layer: the layer's inputs in order (null: left out), and where its params live.
struct LayerUse {
  LayerUse(const NodeDefinition &node) : node(&node), calleeName(node.callee.string()), callee(node.callee.span()) {}
  LayerUse(llvm::StringRef calleeName, support::Span callee) : calleeName(calleeName), callee(callee) {}

  const NodeDefinition *node = nullptr; // null: a formula, or the optimizer of a train_step
  llvm::StringRef calleeName;
  support::Span callee;
  std::vector<const OperandValue *> inputs;
  std::string path, drawPath;
  llvm::StringMap<std::pair<StaticValue, support::Span>> attributes; // known already, before all others
  std::string suffix;    // of its params' paths: of an optimizer's state, the param that it is for
  bool nameless = false; // in a formula: its params would have no path
  bool shares = false;
};

/// One number of a literal's value; nullopt if it is none.
std::optional<StaticValue> literalNumber(support::JsonValue json);

class BodyBuilder {
public:
  /// `builder` stands in the block of the function.
  /// `cycle`: names of the functions that the function calls in a circle (definition.h).
  BodyBuilder(Program &program, mlir::OpBuilder builder, std::string variant, llvm::ArrayRef<std::string> cycle)
      : program(program), builder(builder), body(builder.getInsertionBlock()), variant(std::move(variant)),
        cycle(cycle) {}

  /// Params and nodes of the frame's definition, its outputs (null where poisoned; declared types are checked), its
  /// updates. Inputs are bound.
  llvm::SmallVector<mlir::Value> buildBody(Frame &frame);
  /// The body of a function that is one use of a layer.
  llvm::SmallVector<mlir::Value> buildLayerUse(Frame &frame);
  uint64_t nodeCount() const { return built; }
  /// Adds these arguments for random numbers now: callers are built already.
  void takeKeys(bool path, bool key);
  bool takesPath() const { return bool(pathArgument); }
  bool takesKey() const { return bool(keyArgument); }
  llvm::ArrayRef<mlir::Attribute> readSizes() const { return sizesRead.getArrayRef(); }
  bool checkRequirements(Frame &frame);
  /// The conditions that depend on the call.
  llvm::ArrayRef<graph::Requirement> openRequirements() const { return promised; }
  void bind(Frame &frame, llvm::StringRef name, mlir::Value value, std::string reason, support::Span span);
  mlir::Value constant(mlir::RankedTensorType type, const StaticValue &number, support::Span span, Frame &frame);

private:
  friend class FormulaEvaluator;
  friend class TrainStepBuilder;
  Program &program;
  mlir::OpBuilder builder;
  mlir::Block *body;   // of the function; regions have blocks of their own
  std::string variant; // key of the function in Program::functions
  llvm::ArrayRef<std::string> cycle;
  uint64_t built = 0;                                 // nodes so far, with those of called functions
  bool tooLarge = false;                              // reported
  llvm::DenseMap<mlir::Value, Provenance> provenance; // looked up only, never walked
  std::vector<graph::Requirement> promised;           // by the function's own "requires"
  std::set<std::string> drawPaths;                    // of its calls and draws
  mlir::Value pathArgument, keyArgument;              // null until something needs them
  mlir::Value updateGuard;                            // a bool: states keep their values where it is false; or null
  llvm::SetVector<mlir::Attribute> sizesRead;         // dims that a formula reads as numbers, here or in callees

  // build_op.cpp
  llvm::SmallVector<mlir::Value> buildOp(Frame &frame, const graph::OpSignature &op,
                                         llvm::ArrayRef<OperandValue> operands,
                                         llvm::ArrayRef<mlir::NamedAttribute> attributes,
                                         const llvm::StringMap<support::Span> &attributeSpans, support::Span opSpan);
  void reportOpError(Frame &frame, llvm::StringRef text, const graph::OpSignature &op,
                     llvm::ArrayRef<OperandValue> operands, const llvm::StringMap<support::Span> &attributeSpans,
                     support::Span opSpan);
  bool giveDtype(Frame &frame, llvm::MutableArrayRef<OperandValue> operands);
  /// Counts nodes that were made; false, reported once (G1016), when there are too many.
  bool count(Frame &frame, uint64_t nodes, support::Span span);
  /// Reports in the frame; of a layer, at the node that uses it, with a note about the place in the layer. `about`: a
  /// value that the error is about, to find the narrowest token of the user's.
  void report(Frame &frame, support::Diagnostic diagnostic, mlir::Value about = nullptr);
  void error(Frame &frame, llvm::StringRef code, support::Span span, const llvm::Twine &message,
             mlir::Value about = nullptr);
  void relay(Frame &frame, support::Diagnostics &collected);
  mlir::Value shapeOrigin(mlir::Value value, int depth) const;
  void addProvenance(support::Diagnostic &diagnostic, mlir::Value value) const;
  mlir::Location location(const Frame &frame, support::Span span) const;

  // literal_value.cpp
  mlir::Value constantOf(mlir::RankedTensorType type, mlir::DenseElementsAttr value, mlir::Location location);
  /// The elements of a value written in JSON or of a .npy file; null after reporting.
  mlir::Value filled(Frame &frame, mlir::RankedTensorType type, mlir::Value scalar, support::Span span);
  mlir::Value sizeValue(Frame &frame, mlir::RankedTensorType type, const graph::Dim &size, support::Span span);
  mlir::DenseElementsAttr literalElements(Frame &frame, mlir::RankedTensorType type, support::JsonValue value);
  mlir::DenseElementsAttr fileElements(Frame &frame, mlir::RankedTensorType type, support::JsonValue file);

  // operand_value.cpp
  OperandValue operandValue(Frame &frame, const Operand &operand);
  /// With a type for bare numbers (scalars of it fill the shape).
  mlir::Value typedValue(Frame &frame, const Operand &operand, mlir::RankedTensorType type);
  mlir::Value literalValue(Frame &frame, const Literal &literal);
  mlir::Value readParameter(Frame &frame, llvm::StringRef path, support::Span span);

  // attribute_values.cpp
  std::optional<StaticValue> attributeValue(Frame &frame, support::JsonValue json, llvm::StringRef kind);
  std::optional<StaticValue> scalarValue(Frame &frame, support::JsonValue json, llvm::StringRef kind);
  std::optional<StaticValue> wordValue(Frame &frame, llvm::StringRef word, support::Span span);
  std::optional<StaticValue> initText(Frame &frame, const Expression &expression);
  std::optional<StaticValue> convertWord(Frame &frame, StaticValue value, llvm::StringRef kind, support::Span span);
  std::optional<StaticValue> convertList(Frame &frame, StaticValue value, llvm::StringRef kind, support::Span span);
  /// The attribute in the IR; null after reporting.
  mlir::Attribute attributeOf(Frame &frame, support::JsonValue json, llvm::StringRef kind);
  std::optional<StaticValue> fallbackValue(Frame &frame, const AttributeDefinition &attribute);
  std::optional<StaticValue> argumentValue(Frame &frame, const Expression &expression, const NamedArgument &argument,
                                           llvm::StringRef kind);
  std::optional<StaticValue> convert(Frame &frame, StaticValue value, llvm::StringRef kind, support::Span span);
  mlir::Attribute toAttribute(Frame &frame, const StaticValue &value, llvm::StringRef kind, support::Span span);
  std::optional<bool> condition(Frame &frame, support::JsonValue when);
  std::optional<graph::Dim> sizeOf(Frame &frame, llvm::StringRef name, std::optional<int64_t> axis, support::Span span);
  std::optional<StaticValue> staticValue(Frame &frame, const Expression &expression, uint32_t root);
  mlir::RankedTensorType type(Frame &frame, const TypeSyntax &syntax);

  // build_params.cpp
  void buildParams(Frame &frame);
  void buildParam(Frame &frame, const ParamDefinition &param);
  void makeParam(Frame &frame, const ParamDefinition &param, const std::string &path, mlir::RankedTensorType type);
  mlir::Value givenParam(Frame &frame, const ParamDefinition &param, GivenParam &given, mlir::RankedTensorType type);
  bool checkShared(Frame &frame, const ParamDefinition &param, const std::string &path, mlir::RankedTensorType type);
  mlir::Value readParamOp(mlir::Location location, const std::string &path, const Param &param);
  void buildUpdates(Frame &frame);
  mlir::Value chosen(Frame &frame, mlir::Value condition, mlir::Value yes, mlir::Value no);

  // random_numbers.cpp
  std::string nextDrawPath(Frame &frame) const;
  mlir::Value foldedPath(Frame &frame, const std::string &path, support::Span span);
  mlir::Value entryKey();
  bool giveKey(Frame &frame, const graph::OpSignature &op, llvm::SmallVectorImpl<OperandValue> &operands,
               support::Span opSpan);
  bool passKeys(Frame &frame, const BuiltFunction &callee, const std::string &path,
                llvm::SmallVectorImpl<mlir::Value> &arguments, support::Span callSpan);

  // effect_order.cpp
  Effects &effectsHere(Frame &frame) { return frame.nodeEffects[frame.node]; }
  /// R19: of two nodes of which one writes what the other uses, one depends on the other.
  void checkEffectOrder(Frame &frame);

  // requirements.cpp
  bool checkRequirement(Frame &frame, const Expression &condition, uint32_t root);
  std::optional<bool> decide(llvm::StringRef relation, const graph::Dim &left, const graph::Dim &right) const;
  bool checkCalleeRequirements(Frame &frame, const Definition &callee, mlir::Operation *function,
                               const graph::BoundDims &dims, support::Span callSpan);

  // lints.cpp
  void warn(Frame &frame, llvm::StringRef code, support::Span span, const llvm::Twine &message);
  void warn(Frame &frame, const graph::Advice &advice, const graph::OpSignature &op, support::Span span);
  void lintUnused(Frame &frame);
  void lintOutputs(Frame &frame, llvm::ArrayRef<mlir::Value> results);

  // build_control.cpp, build_loop.cpp
  friend class ControlRegions;
  friend class IfBuilder;
  friend class LoopBuilder;
  llvm::SmallVector<mlir::Value> buildControl(Frame &frame, const NodeDefinition &node);
  llvm::SmallVector<mlir::Value> buildLoop(Frame &frame, const NodeDefinition &node);

  // build_node.cpp
  void buildNodes(Frame &frame);
  llvm::SmallVector<mlir::Value> buildOutputs(Frame &frame);
  void buildMissingNode(Frame &frame, const NodeDefinition &node);
  llvm::SmallVector<mlir::Value> buildUse(Frame &frame, const NodeDefinition &node, const Definition &definition,
                                          llvm::ArrayRef<OperandValue> operands);
  void buildNode(Frame &frame, const NodeDefinition &node);
  llvm::SmallVector<mlir::Value> buildOpNode(Frame &frame, const NodeDefinition &node, const graph::OpSignature &op,
                                             llvm::SmallVector<OperandValue> operands);
  void bindResults(Frame &frame, const NodeDefinition &node, llvm::StringRef callee,
                   llvm::ArrayRef<mlir::Value> results, llvm::ArrayRef<llvm::StringRef> resultNames);
  void checkType(Frame &frame, mlir::Value value, const TypeSyntax &declared);
  void poisonResults(Frame &frame, const NodeDefinition &node);
  /// Operands of a node in the order of `names`; null where left out. False after reporting G1010.
  bool placeOperands(Frame &frame, llvm::StringRef callee, support::Span calleeSpan,
                     llvm::ArrayRef<std::string> parameters, llvm::ArrayRef<OperandValue> operands,
                     llvm::ArrayRef<llvm::StringRef> names, llvm::ArrayRef<bool> required,
                     llvm::SmallVectorImpl<const OperandValue *> &placed);
  /// Arity and required attributes of an op, and operands by position.
  bool placeOpOperands(Frame &frame, const graph::OpSignature &op, support::Span calleeSpan,
                       llvm::ArrayRef<OperandValue> operands, llvm::ArrayRef<mlir::NamedAttribute> attributes);
  /// Names of a definition's inputs; returns which of them must be given.
  static llvm::SmallVector<bool> inputNames(const Definition &definition,
                                            llvm::SmallVectorImpl<llvm::StringRef> &names);
  bool checkAttributeKeys(Frame &frame, const NodeDefinition &node, llvm::StringRef callee,
                          llvm::ArrayRef<llvm::StringRef> names);

  // call_function.cpp
  llvm::SmallVector<mlir::Value> callFunction(Frame &frame, const Definition &callee,
                                              llvm::ArrayRef<const OperandValue *> inputs, support::Span callSpan,
                                              bool inFormula);
  bool checkArguments(Frame &frame, const Definition &callee, mlir::TypeRange wanted,
                      llvm::ArrayRef<const OperandValue *> inputs, support::Span callSpan, const std::string &drawPath,
                      llvm::SmallVectorImpl<mlir::Value> &arguments);

  bool checkRecursiveDims(Frame &frame, const Definition &callee, const graph::BoundDims &dims, support::Span callSpan);
  bool checkOpenDims(Frame &frame, const Definition &callee, const BuiltFunction &function,
                     const graph::BoundDims &dims, support::Span callSpan);

  // instantiate_layer.cpp
  llvm::SmallVector<mlir::Value> instantiateLayer(Frame &user, const Definition &layer, const LayerUse &use);
  bool bindAttributes(Frame &user, Frame &frame, const LayerUse &use);
  bool bindInputs(Frame &user, Frame &frame, llvm::ArrayRef<const OperandValue *> placed);
  mlir::Value inputValue(Frame &user, Frame &frame, const InputDefinition &input, const OperandValue *given);
  bool giveParams(Frame &user, Frame &frame, const NodeDefinition &node);
  void checkGivenParams(Frame &user, const Frame &frame, const NodeDefinition &node);

  // repeat_node.cpp
  struct Repetition;
  llvm::SmallVector<mlir::Value> buildRepeat(Frame &frame, const NodeDefinition &node, const Definition &definition,
                                             llvm::ArrayRef<const OperandValue *> placed);
  bool readRepetition(Frame &frame, const NodeDefinition &node, const Definition &definition, Repetition &repetition);
  bool takeApart(Frame &frame, const NodeDefinition &node, const Definition &definition,
                 llvm::ArrayRef<const OperandValue *> placed, Repetition &repetition);
  bool passOn(Frame &frame, const Definition &definition, const Repetition &repetition,
              llvm::ArrayRef<mlir::Value> results, std::vector<OperandValue> &inputs);
  llvm::SmallVector<mlir::Value> gather(Frame &frame, const Definition &definition, const Repetition &repetition,
                                        llvm::ArrayRef<OperandValue> inputs, support::Span span);
};

} // namespace graphc::frontend
