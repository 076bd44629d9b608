// One pass over the body: every op is one line, and control flow a line with its regions in it (print_control.cpp).
// Constants stand as typed literals where they are read. Floats are written with as many digits as bring the same value
// back.
#include "compiler/print_json/print_json.h"
#include "compiler/print_json/printer.h"
#include "compiler/support/public_names.h"
#include "dialects/graph/dim.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/host_tensor_attr.h"
#include "dialects/graph/op_signature.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;

namespace graphc::print_json {

std::string quoted(llvm::StringRef name) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::json::Value(llvm::json::fixUTF8(name));
  return result;
}

/// "predict.w" -> "w": the param's name in its function.
static llvm::StringRef ownName(llvm::StringRef path) { return path.substr(path.rfind('.') + 1); }

/// Words that a formula reads as something else are no names of values.
static bool isWord(llvm::StringRef name) {
  static constexpr llvm::StringLiteral words[] = {"and", "or", "not", "nan", "inf", "true", "false", "train", "_"};
  return llvm::is_contained(words, name);
}

std::string Printer::freshName(llvm::StringRef wanted) {
  std::string base = support::identifier(wanted.take_front(100)), name = base;
  for (unsigned i = 2; isWord(name) || !taken.insert(name).second; ++i) name = base + "_" + std::to_string(i);
  return name;
}

std::string Printer::typeText(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return graph::typeName(tensor.getElementType()) + graph::shapeText(graph::shapeOf(tensor));
}

void Printer::printNumber(const graph::HostTensor &tensor, size_t index) {
  if (tensor.dtype == graph::Dtype::Bool) {
    out << (tensor.integers[index] ? "true" : "false");
  } else if (tensor.dtype == graph::Dtype::U64) {
    out << static_cast<uint64_t>(tensor.integers[index]);
  } else if (!graph::isFloat(tensor.dtype)) {
    out << tensor.integers[index];
  } else {
    double value = tensor.floats[index].v;
    if (std::isnan(value))
      out << "\"nan\"";
    else if (std::isinf(value))
      out << (value > 0 ? "\"inf\"" : "\"-inf\"");
    else
      out << llvm::format(tensor.dtype == graph::Dtype::F64 ? "%.17g" : "%.9g", value);
  }
}

/// Nested lists, one level a rank; the rank is bounded by 16.
void Printer::printElements(const graph::HostTensor &tensor, size_t axis, size_t &next) {
  if (axis == tensor.shape.size()) return printNumber(tensor, next++);
  out << "[";
  for (int64_t i = 0; i < tensor.shape[axis]; ++i) {
    out << (i ? ", " : "");
    printElements(tensor, axis + 1, next);
  }
  out << "]";
}

bool Printer::printLiteral(Attribute value) {
  auto elements = dyn_cast<DenseElementsAttr>(value);
  if (!elements) return false;
  bool splat = elements.isSplat();
  FailureOr<graph::HostTensor> tensor = graph::fromAttribute(
      splat ? elements.resizeSplat(RankedTensorType::get({}, elements.getElementType())) : elements);
  if (failed(tensor)) return false;
  out << "{ \"type\": " << quoted(typeText(elements.getType())) << ", \"value\": ";
  size_t next = 0;
  printElements(*tensor, 0, next);
  out << " }";
  return true;
}

bool Printer::printOperand(Value value) {
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant))) return printLiteral(constant);
  if (auto read = value.getDefiningOp<graph::ReadParameterOp>()) {
    out << quoted(params.lookup(read.getParameter()));
    return true;
  }
  auto named = names.find(value);
  if (named == names.end()) return false;
  out << quoted(named->second);
  return true;
}

void Printer::printList(ArrayRef<int64_t> list) {
  out << "[";
  for (auto [i, value] : llvm::enumerate(list)) out << (i ? ", " : "") << value;
  out << "]";
}

bool Printer::printAttribute(Attribute attribute, llvm::StringRef kind) {
  if (auto value = dyn_cast<BoolAttr>(attribute)) {
    out << (value.getValue() ? "true" : "false");
  } else if (auto value = dyn_cast<IntegerAttr>(attribute)) {
    out << value.getInt();
  } else if (auto value = dyn_cast<FloatAttr>(attribute)) {
    double number = value.getValueAsDouble();
    if (std::isfinite(number))
      out << llvm::format("%.17g", number);
    else
      out << (std::isnan(number) ? "\"nan\"" : number > 0 ? "\"inf\"" : "\"-inf\"");
  } else if (auto value = dyn_cast<StringAttr>(attribute)) {
    out << quoted(value.getValue());
  } else if (auto value = dyn_cast<DenseI64ArrayAttr>(attribute)) {
    if (kind != "pairs" && kind != "padding") return printList(value), true;
    out << "[";
    for (int64_t i = 0; i + 1 < value.size(); i += 2) {
      out << (i ? ", " : "");
      printList(value.asArrayRef().slice(i, 2));
    }
    out << "]";
  } else if (auto value = dyn_cast<DenseF64ArrayAttr>(attribute)) {
    out << "[";
    for (auto [i, number] : llvm::enumerate(value.asArrayRef()))
      out << (i ? ", " : "") << llvm::format("%.17g", number);
    out << "]";
  } else if (auto value = dyn_cast<TypeAttr>(attribute)) {
    Type type = value.getValue();
    out << quoted(isa<RankedTensorType>(type) ? typeText(type) : graph::typeName(type));
  } else if (auto value = dyn_cast<graph::ShapeAttr>(attribute)) {
    out << graph::shapeText(graph::shapeOf(value));
  } else {
    return false;
  }
  return true;
}

bool Printer::printNode(Operation *op) {
  if (isa<graph::IfOp, graph::WhileOp, graph::ScanOp>(op)) return printControl(op);
  llvm::StringRef mnemonic = op->getName().stripDialect();
  const graph::OpSignature *signature = graph::findOp(mnemonic);
  if (!signature || !signature->callable) return false;
  out << "{ \"op\": " << quoted(mnemonic) << ", \"in\": ";
  bool list = op->getNumOperands() != 1;
  out << (list ? "[" : "");
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    out << (i ? ", " : "");
    if (!printOperand(operand)) return false;
  }
  out << (list ? "]" : "");
  for (const graph::AttributeSignature &attribute : signature->attributes) {
    std::optional<Attribute> value = op->getInherentAttr(attribute.name);
    if (!value || !*value) value = op->getAttr(attribute.name);
    if (!value || !*value) continue;
    size_t before = text.size();
    out << ", " << quoted(attribute.name) << ": ";
    size_t begin = text.size();
    if (!printAttribute(*value, attribute.kind)) return false;
    if (llvm::StringRef(text).substr(begin) == attribute.fallback)
      text.resize(before); // the default goes without saying
  }
  printResults(op, op->getNumResults());
  return true;
}

void Printer::printResults(Operation *op, size_t count) {
  bool list = count != 1;
  out << ", \"out\": " << (list ? "[" : "");
  for (auto [i, result] : llvm::enumerate(op->getResults().take_front(count)))
    out << (i ? ", " : "") << quoted(result.use_empty() ? "_" : names.lookup(result));
  out << (list ? "] }" : " }");
}

static llvm::StringRef givenName(DictionaryAttr attributes) {
  auto name = attributes ? attributes.getAs<StringAttr>("graph.name") : StringAttr();
  return name ? name.getValue() : llvm::StringRef("x");
}

/// Constants and params stand where they are read.
static bool isNode(Operation &op) { return !op.hasTrait<OpTrait::ConstantLike>() && !isa<graph::ReadParameterOp>(op); }

/// Params first, since their paths are fixed; then inputs, outputs, and what lies between.
void Printer::nameResults(func::FuncOp function) {
  for (auto parameter : module.getOps<graph::ParameterOp>())
    params[parameter.getSymName()] = freshName(ownName(parameter.getSymName()));
  for (BlockArgument argument : function.getArguments())
    names[argument] = freshName(givenName(function.getArgAttrDict(argument.getArgNumber())));
  auto results = cast<func::ReturnOp>(function.front().getTerminator());
  for (auto [i, value] : llvm::enumerate(results.getOperands())) {
    outputNames.push_back(freshName(givenName(function.getResultAttrDict(i))));
    if (!names.count(value) && value.getDefiningOp()) names[value] = outputNames.back();
  }
  nameNodes(function.front());
}

void Printer::nameNodes(Block &block) {
  for (Operation &op : block) {
    if (!isNode(op)) continue;
    for (Value result : op.getResults()) {
      if (names.count(result) || result.use_empty()) continue;
      auto location = dyn_cast<NameLoc>(op.getLoc());
      names[result] = freshName(location ? location.getName().getValue() : "v");
    }
  }
}

void Printer::printInputs(func::FuncOp function) {
  out << "      \"inputs\": {";
  for (BlockArgument argument : function.getArguments())
    out << (argument.getArgNumber() ? ", " : " ") << quoted(names.lookup(argument)) << ": "
        << quoted(typeText(argument.getType()));
  out << " },\n";
}

void Printer::printParams() {
  bool first = true;
  for (auto parameter : module.getOps<graph::ParameterOp>()) {
    out << (first ? "      \"params\": {\n" : ",\n") << "        " << quoted(params.lookup(parameter.getSymName()))
        << ": { \"type\": " << quoted(typeText(parameter.getType())) << " }";
    first = false;
  }
  if (!first) out << "\n      },\n";
}

bool Printer::printNodes(Block &block, llvm::StringRef indent) {
  bool first = true;
  for (Operation &op : block.without_terminator()) {
    if (!isNode(op) || op.use_empty()) continue;
    out << (first ? "\n" : ",\n") << indent;
    first = false;
    if (!printNode(&op)) return false;
  }
  if (!first) out << "\n" << indent.drop_back(2);
  out << "]";
  return true;
}

bool Printer::printFunction(func::FuncOp function) {
  nameResults(function);
  out << "    " << quoted(function.getName()) << ": {\n";
  printInputs(function);
  printParams();
  out << "      \"nodes\": [";
  if (!printNodes(function.front(), "        ")) return false;
  out << ",\n      \"outputs\": {";
  auto results = cast<func::ReturnOp>(function.front().getTerminator());
  for (auto [i, value] : llvm::enumerate(results.getOperands())) {
    out << (i ? ", " : " ") << quoted(outputNames[i]) << ": ";
    if (!printOperand(value)) return false;
  }
  out << " }\n    }\n";
  return true;
}

std::optional<std::string> Printer::run(llvm::StringRef weights) {
  func::FuncOp function;
  for (auto one : module.getOps<func::FuncOp>()) {
    if (one.isPrivate()) continue; // a region
    if (function) return std::nullopt;
    function = one;
  }
  if (!function || !function.getBody().hasOneBlock()) return std::nullopt;
  out << "{\n  \"graphc\": 1,\n";
  if (auto name = module->getAttrOfType<StringAttr>("graph.name")) out << "  \"name\": " << quoted(name) << ",\n";
  if (!weights.empty()) out << "  \"weights\": " << quoted(weights) << ",\n";
  out << "  \"functions\": {\n";
  if (!printFunction(function)) return std::nullopt;
  out << "  },\n  \"entries\": [" << quoted(function.getName()) << "]\n}\n";
  return std::move(out.str());
}

std::optional<std::string> graphText(ModuleOp module, llvm::StringRef weights) { return Printer(module).run(weights); }

} // namespace graphc::print_json
