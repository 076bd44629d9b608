// One ONNX node at work: its inputs and attributes in, graph ops out. A mapping (op_table.h) is a function of this
// class. The first mistake marks the node as failed and is reported with the node's name; from then on everything
// returns null values and does nothing, so mappings need not check after every step.
//
// An op whose operands are all known is evaluated at once and leaves nothing in the graph; that is how shape arithmetic
// disappears.
#pragma once
#include "compiler/onnx/model_builder.h"
#include "compiler/onnx/op_arguments.h"

namespace graphc::onnx {

using Values = llvm::SmallVector<Value>;

class NodeBuilder {
public:
  NodeBuilder(ModelBuilder &model, const ::onnx::NodeProto &node, int64_t opset, Values inputs)
      : model(model), node(node), opset(opset), inputs(std::move(inputs)), results(node.output_size()) {}

  ModelBuilder &model;
  const ::onnx::NodeProto &node;
  const int64_t opset;

  // --- inputs and attributes (node_inputs.cpp)
  size_t inputCount() const { return inputs.size(); }
  bool has(size_t input) const { return input < inputs.size() && inputs[input]; }
  /// A required input; its absence is an error.
  Value in(size_t input);
  /// An optional one: null if absent.
  Value optional(size_t input) const { return has(input) ? inputs[input] : Value(); }
  bool hasAttribute(llvm::StringRef name) const { return find(name) != nullptr; }
  int64_t integer(llvm::StringRef name, int64_t fallback);
  int64_t requiredInteger(llvm::StringRef name);
  double real(llvm::StringRef name, double fallback);
  std::string text(llvm::StringRef name, llvm::StringRef fallback);
  Ints integers(llvm::StringRef name, Ints fallback = {});
  Floats reals(llvm::StringRef name);
  const ::onnx::AttributeProto *find(llvm::StringRef name) const;
  /// The integers of a value that must be known at import: a list (or one number, as a list of it).
  std::optional<Ints> knownIntegers(Value value, llvm::StringRef what);
  std::optional<double> knownReal(Value value, llvm::StringRef what);
  /// Attribute `name`, or input `input` from where opsets moved it; nullopt if neither is given.
  std::optional<Ints> integersOf(llvm::StringRef name, size_t input);
  /// Counted from the front; an error if outside [0, rank).
  int64_t axis(int64_t written, int64_t rank);
  /// Each counted from the front, sorted, no axis twice.
  Ints axes(llvm::ArrayRef<int64_t> written, int64_t rank);
  graph::Dtype dtypeOf(int64_t number);

  // --- building (node_builder.cpp)
  Value op(llvm::StringRef mnemonic, llvm::ArrayRef<Value> operands, const Arguments &arguments = {});
  Values ops(llvm::StringRef mnemonic, llvm::ArrayRef<Value> operands, const Arguments &arguments = {});
  /// True if this graphc has the op: for a mapping that has another way.
  static bool hasOp(llvm::StringRef mnemonic) { return graph::findOp(mnemonic) != nullptr; }
  Value number(graph::Dtype dtype, double value);
  /// A number of x's dtype.
  Value like(const Value &x, double value) { return number(x.dtype(), value); }
  /// The least or the largest value of a dtype, infinite for floats: what a maximum or minimum of nothing is.
  Value limit(graph::Dtype dtype, bool largest);
  Value list(llvm::ArrayRef<int64_t> values); // i64
  /// 0, 1, ... (i64) along an axis of x, in a shape that broadcasts to it.
  Value positions(const Value &x, int64_t axis);
  Value constant(graph::HostTensor tensor);
  Value filled(graph::Dtype dtype, llvm::ArrayRef<int64_t> shape, double value);
  Value reshape(Value x, llvm::ArrayRef<int64_t> shape);
  Value transpose(Value x, llvm::ArrayRef<int64_t> perm);
  Value broadcast(Value x, llvm::ArrayRef<int64_t> shape);
  Value cast(Value x, graph::Dtype dtype);
  Value slice(Value x, int64_t axis, int64_t start, int64_t stop, int64_t step = 1);
  Value add(Value a, Value b) { return op("add", {a, b}); }
  Value sub(Value a, Value b) { return op("sub", {a, b}); }
  Value mul(Value a, Value b) { return op("mul", {a, b}); }
  Value div(Value a, Value b) { return op("div", {a, b}); }
  Value select(Value condition, Value a, Value b) { return op("select", {condition, a, b}); }

  // --- outcome
  void result(size_t output, Value value);
  bool wants(size_t output) const {
    return output < static_cast<size_t>(node.output_size()) && !node.output(static_cast<int>(output)).empty();
  }
  llvm::ArrayRef<Value> allResults() const { return results; }
  bool failed() const { return hasFailed; }
  /// After a mistake inside of it that was reported there.
  void failSilently() { hasFailed = true; }
  /// Reports a mistake in this node and marks it.
  Value error(llvm::StringRef code, const llvm::Twine &message);
  Value unsupported(const llvm::Twine &what) { return error("G0204", what + " is not supported"); }
  /// Its name, or that of its first result.
  llvm::StringRef ownName() const;
  mlir::Location nodeLocation() const;
  /// "node 'conv1' (Conv)"
  std::string shownName() const;

  /// The value in the graph; a constant is put there.
  mlir::Value placed(const Value &value);

private:
  mlir::Value placedConstant(Constant &constant);
  bool evaluate(mlir::OperationState &state, llvm::ArrayRef<Value> operands, Values &found);
  Values create(mlir::OperationState &state);
  void reportOpError(llvm::StringRef mnemonic, llvm::StringRef text, mlir::ValueRange operands);

  Values inputs, results;
  bool hasFailed = false;
};

} // namespace graphc::onnx
