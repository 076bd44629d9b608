// All sizes are checked: a sum or product that passes 2^62 bytes is an error, not a wrapped number.
#include "compiler/lower/describe_entry.h"
#include "compiler/lower/entries.h"
#include "dialects/kern/kern_dialect.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace graphc;

namespace {
std::string text(DictionaryAttr attributes, StringRef name) {
  auto attribute = attributes ? attributes.getAs<StringAttr>(name) : StringAttr();
  return attribute ? attribute.str() : "";
}

std::optional<uint32_t> dtypeOf(Type element, DictionaryAttr attributes) {
  if (auto recorded = attributes ? attributes.getAs<IntegerAttr>(lower::dtypeAttr) : IntegerAttr())
    return uint32_t(recorded.getInt());
  if (element.isF32()) return GRAPHC_F32;
  if (element.isF64()) return GRAPHC_F64;
  if (element.isF16()) return GRAPHC_F16;
  if (element.isBF16()) return GRAPHC_BF16;
  if (element.isInteger(8)) return GRAPHC_I8;
  if (element.isInteger(16)) return GRAPHC_I16;
  if (element.isInteger(32)) return GRAPHC_I32;
  if (element.isInteger(64)) return GRAPHC_I64;
  return std::nullopt;
}

LogicalResult describeTensor(Operation *op, Type type, DictionaryAttr attributes, support::TensorDescription &tensor) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  if (!shaped || !shaped.hasStaticShape()) return op->emitOpError("has a tensor without static shape at its border");
  std::optional<uint64_t> bytes = lower::byteSize(shaped);
  if (!bytes) return op->emitOpError("has a tensor of too many bytes at its border");
  std::optional<uint32_t> dtype = dtypeOf(shaped.getElementType(), attributes);
  if (!dtype) return op->emitOpError("has a tensor of an unknown dtype at its border");
  tensor.doc = text(attributes, lower::docAttr);
  tensor.dims.assign(shaped.getShape().begin(), shaped.getShape().end());
  tensor.bytes = *bytes;
  tensor.dtype = *dtype;
  return success();
}

uint32_t initKind(StringRef init) {
  return llvm::StringSwitch<uint32_t>(init)
      .Case("constant", GRAPHC_INIT_CONSTANT)
      .Case("uniform", GRAPHC_INIT_UNIFORM)
      .Case("normal", GRAPHC_INIT_NORMAL)
      .Case("truncated_normal", GRAPHC_INIT_TRUNCATED_NORMAL)
      .Case("orthogonal", GRAPHC_INIT_ORTHOGONAL)
      .Case("identity", GRAPHC_INIT_IDENTITY)
      .Case("values", GRAPHC_INIT_VALUES)
      .Default(GRAPHC_INIT_NONE);
}
/// The elements, row-major and little-endian as the model block has them.
std::string elementBytes(DenseElementsAttr values) {
  Type element = values.getElementType();
  unsigned width = llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  std::string bytes;
  auto append = [&](const APInt &value) {
    uint64_t word = value.getZExtValue();
    for (unsigned i = 0; i < width; ++i) bytes.push_back(static_cast<char>(word >> 8 * i));
  };
  if (isa<FloatType>(element))
    for (const APFloat &value : values.getValues<APFloat>()) append(value.bitcastToAPInt());
  else
    for (const APInt &value : values.getValues<APInt>()) append(value);
  return bytes;
}
} // namespace

LogicalResult lower::describeParams(ModuleOp module, support::LibraryDescription &library) {
  DictionaryAttr attributes = module->getDiscardableAttrDictionary();
  library.name = text(attributes, nameAttr);
  library.doc = text(attributes, docAttr);
  uint64_t offset = 0;
  for (auto parameter : module.getOps<kern::ParameterOp>()) {
    support::ParamDescription param;
    if (failed(describeTensor(parameter, parameter.getType(), parameter->getDiscardableAttrDictionary(), param)))
      return failure();
    std::optional<uint64_t> stored = byteSize(cast<RankedTensorType>(parameter.getStored()));
    if (!stored) return parameter.emitOpError("takes too many bytes");
    param.name = parameter.getSymName().str();
    param.doc = parameter.getDoc().value_or("").str();
    param.offset = offset;
    param.storedBytes = *stored;
    param.layout = parameter.getLayout() == "panels" ? GRAPHC_LAYOUT_PANELS : GRAPHC_LAYOUT_ROWS;
    param.init =
        param.bytes ? initKind(parameter.getInit()) : uint32_t(GRAPHC_INIT_CONSTANT); // no element lacks a value
    param.a = parameter.getA().convertToDouble();
    param.b = parameter.getB().convertToDouble();
    if (auto values = dyn_cast_or_null<DenseElementsAttr>(parameter.getValuesAttr()))
      param.values = elementBytes(values);
    library.params.push_back(std::move(param));
    offset += alignBytes(*stored);
    if (offset >> 47)
      return sizeLimitError(parameter, "up to '" + parameter.getSymName() +
                                           "' the params take more than any memory holds together (limit 2^47 bytes)");
  }
  library.paramsBytes = offset;
  return success();
}

LogicalResult lower::describeEntry(func::FuncOp entry, support::LibraryDescription &library) {
  auto number = [&](StringRef name) -> uint64_t {
    auto attribute = entry->getAttrOfType<IntegerAttr>(name);
    return attribute ? attribute.getValue().getZExtValue() : 0;
  };
  support::EntryDescription description;
  description.name = entry.getSymName().str();
  description.doc = text(entry->getDiscardableAttrDictionary(), docAttr);
  description.body = bodySymbol(entry);
  description.needsModel = !library.params.empty();
  description.writesModel = entry->hasAttr(writesStateAttr);
  description.flops = number(flopsAttr);
  description.memoryBytes = number(memoryBytesAttr);
  auto add = [&](Type type, DictionaryAttr attributes, bool output, size_t position) {
    support::ArgumentDescription argument;
    argument.output = output;
    argument.name = text(attributes, nameAttr);
    if (argument.name.empty()) argument.name = (output ? "out" : "in") + std::to_string(position);
    if (failed(describeTensor(entry, type, attributes, argument))) return failure();
    description.args.push_back(std::move(argument));
    return success();
  };
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes()))
    if (failed(add(type, entry.getArgAttrDict(i), false, i))) return failure();
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes()))
    if (failed(add(type, entry.getResultAttrDict(i), true, i))) return failure();
  library.entries.push_back(std::move(description));
  return success();
}

std::string lower::bodySymbol(func::FuncOp entry) { return (entry.getSymName() + ".body").str(); }
