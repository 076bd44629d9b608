// Graph ops by mnemonic, as the frontend builds them: result types are asked from the op itself, and what it says
// against its operands is reported under the node's name. Operands of an op that can be evaluated are stood in for by
// placeholders, so that no constant enters the context only to be folded away.
#include "compiler/onnx/node_builder.h"
#include "dialects/graph/evaluate_op.h"
#include "dialects/graph/infer_op_types.h"
#include "dialects/graph/number.h"
#include "dialects/graph/shape_error.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ScopeExit.h"

namespace graphc::onnx {

static constexpr int64_t maxEvaluated = int64_t(1) << 20; // elements of one result, and of all operands
static constexpr int64_t minParam = 4096;                 // elements from which on a constant is a param
static constexpr size_t maxShownName = 200;

llvm::StringRef NodeBuilder::ownName() const {
  return node.name().empty() && node.output_size() ? node.output(0) : node.name();
}

std::string NodeBuilder::shownName() const {
  return "node '" + support::printable(ownName().take_front(maxShownName)) + "' (" +
         support::printable(llvm::StringRef(node.op_type()).take_front(maxShownName)) + ")";
}

mlir::Location NodeBuilder::nodeLocation() const { return mlir::NameLoc::get(model.builder.getStringAttr(ownName())); }

Value NodeBuilder::error(llvm::StringRef code, const llvm::Twine &message) {
  if (!hasFailed) model.diagnostics.error(code, support::Span(), shownName() + ": " + message);
  hasFailed = true;
  return {};
}

void NodeBuilder::result(size_t output, Value value) {
  if (!value || output >= results.size()) return;
  if (value.constant() && value.constant()->name.empty()) {
    auto named = std::make_shared<Constant>(*value.constant());
    named->name = node.output(static_cast<int>(output));
    value = Value(named);
  }
  results[output] = value;
}

mlir::Value NodeBuilder::placed(const Value &value) {
  return value.constant() ? placedConstant(*value.constant()) : value.graphValue();
}

static mlir::DenseElementsAttr denseAttribute(mlir::RankedTensorType type, const Constant &constant) {
  size_t count = constant.isSplat() ? 1 : static_cast<size_t>(constant.elements());
  llvm::ArrayRef<char> bytes(constant.bytes->data(), count * graph::dtypeBytes(constant.dtype));
  if (constant.dtype != graph::Dtype::Bool) return mlir::DenseElementsAttr::getFromRawBuffer(type, bytes);
  llvm::SmallVector<bool> bits;
  for (char byte : bytes) bits.push_back(byte != 0);
  return mlir::DenseElementsAttr::get(type, llvm::ArrayRef<bool>(bits));
}

/// Small or uniform values are constants of the graph; the rest are params, whose bytes stay out of the IR. Each region
/// has its own, so that none is captured.
mlir::Value NodeBuilder::placedConstant(Constant &constant) {
  if (constant.built && constant.built.getParentBlock() == model.builder.getInsertionBlock()) return constant.built;
  mlir::OpBuilder &builder = model.builder;
  mlir::Location location = nodeLocation();
  auto type = mlir::RankedTensorType::get(constant.shape, graph::elementType(builder.getContext(), constant.dtype));
  if (constant.elements() < minParam || constant.isSplat()) {
    Value value = op("constant", {}, {{"value", mlir::Attribute(denseAttribute(type, constant))}});
    return constant.built = value.graphValue();
  }
  if (constant.dtype == graph::Dtype::Bool) { // params hold numbers
    Constant numbers = constant;
    numbers.dtype = graph::Dtype::I8;
    constant.built = op("cast", Value(placedConstant(numbers)), {{"dtype", graph::Dtype::Bool}}).graphValue();
    constant.path = numbers.path;
    return constant.built;
  }
  // The table keeps a copy without the IR's value; both share the bytes.
  if (constant.path.empty()) {
    constant.path = model.weights.add(std::make_shared<Constant>(constant));
    mlir::OpBuilder atEnd = mlir::OpBuilder::atBlockEnd(model.module.getBody());
    atEnd.create<graph::ParameterOp>(location, constant.path, type, "none", llvm::APFloat(0.0), llvm::APFloat(0.0),
                                     mlir::StringAttr(), mlir::ElementsAttr(), /*state=*/false, /*frozen=*/false);
  }
  return constant.built = builder.create<graph::ReadParameterOp>(location, type, constant.path, /*state=*/false);
}

namespace {
/// Values of the operands' types that nothing computes, for an op that is evaluated and thrown away.
class Placeholders {
public:
  Placeholders(mlir::OpBuilder &builder, llvm::ArrayRef<Value> operands) {
    mlir::Location location = builder.getUnknownLoc();
    for (const Value &operand : operands) {
      auto type =
          mlir::RankedTensorType::get(operand.shape(), graph::elementType(builder.getContext(), operand.dtype()));
      mlir::OperationState state(location, mlir::UnrealizedConversionCastOp::getOperationName());
      state.addTypes(type);
      ops.push_back(mlir::Operation::create(state));
      values.push_back(ops.back()->getResult(0));
    }
  }
  ~Placeholders() {
    for (mlir::Operation *op : ops) op->destroy();
  }
  Placeholders(const Placeholders &) = delete;
  llvm::SmallVector<mlir::Value> values;

private:
  llvm::SmallVector<mlir::Operation *> ops;
};
} // namespace

/// Runs the reference evaluation of one op, whose operands are all constants.
bool NodeBuilder::evaluate(mlir::OperationState &state, llvm::ArrayRef<Value> operands, Values &found) {
  int64_t cost = 1;
  for (mlir::Type type : state.types) {
    std::optional<int64_t> elements = checkedElements(mlir::cast<mlir::RankedTensorType>(type).getShape());
    if (!elements || *elements > maxEvaluated) return false;
    cost += *elements;
  }
  for (const Value &operand : operands) cost += operand.constant()->elements();
  if (cost > model.evaluationsLeft) return false;
  mlir::Operation *op = mlir::Operation::create(state);
  auto destroy = llvm::make_scope_exit([&] { op->destroy(); });
  auto evaluable = mlir::dyn_cast<graph::Evaluable>(op);
  auto costed = mlir::dyn_cast<graph::Costed>(op);
  if (!evaluable || mlir::failed(state.name.verifyInvariants(op))) return false;
  if (costed) cost += std::min<int64_t>(costed.flops().high(), int64_t(1) << 40);
  if (cost > model.evaluationsLeft) return false;
  model.evaluationsLeft -= cost;
  llvm::SmallVector<graph::HostTensor> inputs;
  for (const Value &operand : operands) inputs.push_back(toHost(*operand.constant()));
  auto outputs = graph::evaluateOp(evaluable, inputs);
  if (mlir::failed(outputs)) return false;
  for (const graph::HostTensor &tensor : *outputs) found.push_back(fromHost(tensor, ""));
  return true;
}

/// Places the op in the graph; empty if its verifier refuses it.
Values NodeBuilder::create(mlir::OperationState &state) {
  mlir::Operation *op = model.builder.create(state);
  if (mlir::failed(state.name.verifyInvariants(op))) {
    op->erase();
    return {};
  }
  Values values;
  for (mlir::Value result : op->getResults()) values.push_back(result);
  return values;
}

static bool worthEvaluating(llvm::ArrayRef<Value> operands) {
  int64_t elements = 0;
  for (const Value &operand : operands) {
    if (!operand.constant()) return false;
    elements += operand.constant()->elements();
  }
  return !operands.empty() && elements <= maxEvaluated;
}

Values NodeBuilder::ops(llvm::StringRef mnemonic, llvm::ArrayRef<Value> operands, const Arguments &arguments) {
  if (hasFailed) return {};
  for (const Value &operand : operands)
    if (!operand) return error("G0202", "an input that it needs is missing"), Values();
  mlir::OpBuilder &builder = model.builder;
  const graph::OpSignature *signature = graph::findOp(mnemonic);
  auto name = mlir::RegisteredOperationName::lookup(("graph." + mnemonic).str(), builder.getContext());
  if (!signature || !name) {
    error("G0203", "it needs the operation '" + mnemonic + "', which this version of graphc does not have");
    return {};
  }
  mlir::NamedAttrList attributes;
  for (const NamedArgument &argument : arguments) {
    mlir::Attribute attribute = toAttribute(builder, *signature, argument);
    if (!attribute) {
      error("G0204", "it needs '" + argument.name + "' of the operation '" + mnemonic +
                         "', which this version of graphc does not have in that form");
      return {};
    }
    attributes.append(argument.name, attribute);
  }
  std::string complaint;
  mlir::ScopedDiagnosticHandler handler(builder.getContext(), [&](mlir::Diagnostic &diagnostic) {
    if (complaint.empty()) complaint = diagnostic.str();
    return mlir::success();
  });
  mlir::Location location = nodeLocation();
  mlir::DictionaryAttr dictionary = attributes.getDictionary(builder.getContext());
  Values found;
  if (worthEvaluating(operands)) {
    Placeholders placeholders(builder, operands);
    mlir::OperationState state(location, *name);
    state.addOperands(placeholders.values);
    bool typed = mlir::succeeded(graph::inferOpTypes(state, dictionary));
    state.addAttributes(attributes);
    if (typed && evaluate(state, operands, found)) return found;
    if (!typed) return reportOpError(mnemonic, complaint, placeholders.values), Values();
    complaint.clear();
  }
  mlir::OperationState state(location, *name);
  for (const Value &operand : operands) state.operands.push_back(placed(operand));
  if (hasFailed) return {}; // a constant of a dtype that the graph cannot hold
  if (mlir::succeeded(graph::inferOpTypes(state, dictionary))) {
    state.addAttributes(attributes);
    found = create(state);
  }
  if (found.empty()) reportOpError(mnemonic, complaint, state.operands);
  return found;
}

Value NodeBuilder::op(llvm::StringRef mnemonic, llvm::ArrayRef<Value> operands, const Arguments &arguments) {
  Values values = ops(mnemonic, operands, arguments);
  return values.empty() ? Value() : values[0];
}

void NodeBuilder::reportOpError(llvm::StringRef mnemonic, llvm::StringRef text, mlir::ValueRange operands) {
  if (std::optional<graph::ParsedShapeError> parsed = graph::parseShapeError(text)) {
    error(parsed->code, parsed->message);
    return;
  }
  std::string types;
  for (mlir::Value operand : operands) {
    auto type = mlir::cast<mlir::RankedTensorType>(operand.getType());
    types += " " + graph::typeName(type.getElementType()) + "[";
    for (auto [i, size] : llvm::enumerate(type.getShape())) types += (i ? ", " : "") + std::to_string(size);
    types += "]";
  }
  error("G4002", "'" + mnemonic + "' is not defined for" + types);
}

Value NodeBuilder::constant(graph::HostTensor tensor) { return fromHost(tensor, ""); }

Value NodeBuilder::number(graph::Dtype dtype, double value) {
  graph::HostTensor tensor(dtype, {});
  if (graph::isFloat(dtype))
    tensor.floats[0] = value;
  else
    tensor.integers[0] = static_cast<int64_t>(value);
  return constant(std::move(tensor));
}

Value NodeBuilder::limit(graph::Dtype dtype, bool largest) {
  graph::HostTensor tensor(dtype, {});
  graph::setElement(tensor, 0, graph::limitOf(dtype, largest));
  return constant(std::move(tensor));
}

Value NodeBuilder::positions(const Value &x, int64_t axis) {
  Ints shape(x.rank(), 1);
  shape[axis] = x.dim(axis);
  return op("iota", {}, {{"type", TensorType{graph::Dtype::I64, shape}}, {"axis", axis}});
}

Value NodeBuilder::list(llvm::ArrayRef<int64_t> values) {
  graph::HostTensor tensor(graph::Dtype::I64, {static_cast<int64_t>(values.size())});
  tensor.integers.assign(values.begin(), values.end());
  return constant(std::move(tensor));
}

Value NodeBuilder::filled(graph::Dtype dtype, llvm::ArrayRef<int64_t> shape, double value) {
  return broadcast(number(dtype, value), shape);
}

Value NodeBuilder::reshape(Value x, llvm::ArrayRef<int64_t> shape) {
  if (!x || x.shape() == shape) return x;
  std::optional<int64_t> have = checkedElements(x.shape()), want = checkedElements(shape);
  if (!want || have != want) return error("G0202", "a tensor of its shape cannot become one of another size");
  if (x.constant()) return reshaped(*x.constant(), shape);
  return op("reshape", x, {{"shape", Ints(shape)}});
}

Value NodeBuilder::transpose(Value x, llvm::ArrayRef<int64_t> perm) {
  if (!x) return x;
  llvm::SmallVector<bool> seen(x.rank(), false);
  bool isIdentity = true, isPermutation = static_cast<int64_t>(perm.size()) == x.rank();
  for (auto [i, axis] : llvm::enumerate(perm)) {
    isPermutation = isPermutation && axis >= 0 && axis < x.rank() && !seen[axis];
    if (!isPermutation) return error("G0202", "'perm' does not name each axis of its input once");
    seen[axis] = true;
    isIdentity &= axis == static_cast<int64_t>(i);
  }
  if (!isPermutation) return error("G0202", "'perm' does not name each axis of its input once");
  if (isIdentity) return x;
  if (x.constant()) return permuted(*x.constant(), perm);
  return op("transpose", x, {{"perm", Ints(perm)}});
}

Value NodeBuilder::broadcast(Value x, llvm::ArrayRef<int64_t> shape) {
  if (!x || x.shape() == shape) return x;
  return op("broadcast", x, {{"shape", Ints(shape)}});
}

Value NodeBuilder::cast(Value x, graph::Dtype dtype) {
  if (!x || x.dtype() == dtype) return x;
  return op("cast", x, {{"dtype", dtype}});
}

Value NodeBuilder::slice(Value x, int64_t axis, int64_t start, int64_t stop, int64_t step) {
  if (start == 0 && stop == x.dim(axis) && step == 1) return x;
  return op("slice", x, {{"start", Ints{start}}, {"stop", Ints{stop}}, {"step", Ints{step}}, {"axis", Ints{axis}}});
}

} // namespace graphc::onnx
