// All sizes are checked: a sum or product that passes 2^62 bytes is an error, not a wrapped number.
#include "compiler/lower/describe_entry.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/lower/size_of_dim.h"
#include "dialects/graph/requirement.h"
#include "dialects/graph/specialized_dims.h"
#include "dialects/kern/kern_dialect.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringSet.h"
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

/// All but the sizes.
LogicalResult describeElements(Operation *op, Type element, DictionaryAttr attributes,
                               support::TensorDescription &tensor) {
  std::optional<uint32_t> dtype = dtypeOf(element, attributes);
  if (!dtype) return op->emitOpError("has a tensor of an unknown dtype at its border");
  tensor.doc = text(attributes, lower::docAttr);
  tensor.dtype = *dtype;
  return success();
}

LogicalResult describeParam(kern::ParameterOp op, support::ParamDescription &param) {
  auto shaped = dyn_cast<RankedTensorType>(op.getType());
  if (!shaped || !shaped.hasStaticShape()) return op->emitOpError("has no static shape");
  std::optional<uint64_t> bytes = lower::byteSize(shaped);
  if (!bytes) return op->emitOpError("takes too many bytes");
  param.dims.assign(shaped.getShape().begin(), shaped.getShape().end());
  param.bytes = *bytes;
  return describeElements(op, shaped.getElementType(), op->getDiscardableAttrDictionary(), param);
}

/// An input or output, over the dims of the entry.
LogicalResult describeArgument(func::FuncOp entry, Type type, DictionaryAttr attributes,
                               const std::vector<support::DimDescription> &dims,
                               support::ArgumentDescription &argument) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  if (!shaped) return entry.emitOpError("has something else than a tensor at its border");
  if (failed(describeElements(entry, shaped.getElementType(), attributes, argument))) return failure();
  graph::Shape shape(shaped.getShape().begin(), shaped.getShape().end());
  if (auto named = attributes ? attributes.getAs<graph::ShapeAttr>(lower::shapeAttr) : graph::ShapeAttr())
    shape = graph::shapeOf(named);
  else if (!shaped.hasStaticShape())
    return entry.emitOpError("has a tensor without a shape at its border");
  std::vector<support::SizeExpression> sizes;
  for (const graph::Dim &size : shape) {
    auto written = lower::sizeExpression(size, lower::functionDims(entry));
    if (!written) return entry.emitOpError("has a tensor at its border whose size is not of its dims");
    sizes.push_back(*written);
  }
  if (argument.setSizes(sizes, dims)) return success();
  return lower::sizeLimitError(entry, "'" + Twine(argument.name) + "' of '" + entry.getSymName() + "' takes " +
                                          (shaped.hasStaticShape() ? "" : "at its largest ") +
                                          "more than any memory holds (limit 2^62 bytes)");
}

/// What the graph demands of the dims at every call.
LogicalResult describeRequirements(func::FuncOp entry, support::EntryDescription &description) {
  SmallVector<graph::DimAttr> dims = lower::functionDims(entry);
  for (const graph::Requirement &one : graph::requirementsOf(entry)) {
    support::RequirementDescription requirement;
    requirement.text = one.text;
    auto left = lower::sizeExpression(one.left, dims), right = lower::sizeExpression(one.right, dims);
    auto relation = llvm::StringSwitch<std::optional<uint32_t>>(one.relation)
                        .Case("==", GRAPHC_EQ)
                        .Case("!=", GRAPHC_NE)
                        .Case("<", GRAPHC_LT)
                        .Case("<=", GRAPHC_LE)
                        .Case(">", GRAPHC_GT)
                        .Case(">=", GRAPHC_GE)
                        .Default(std::nullopt);
    if (!left || !right || !relation) return entry.emitOpError("requires something that no call can check");
    requirement.left = *left;
    requirement.right = *right;
    requirement.relation = *relation;
    description.requirements.push_back(std::move(requirement));
  }
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
      .Case("seed", GRAPHC_INIT_SEED)
      .Case("calls", GRAPHC_INIT_CALLS)
      .Default(GRAPHC_INIT_NONE);
}
uint32_t layoutNumber(StringRef name) {
  return llvm::StringSwitch<uint32_t>(name)
      .Case("panels", GRAPHC_LAYOUT_PANELS)
      .Case("winograd", GRAPHC_LAYOUT_WINOGRAD)
      .Default(GRAPHC_LAYOUT_ROWS);
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
  llvm::StringSet<> written;
  module.walk([&](kern::WriteParameterOp write) { written.insert(write.getParameter()); });
  for (auto parameter : module.getOps<kern::ParameterOp>()) {
    support::ParamDescription param;
    if (failed(describeParam(parameter, param))) return failure();
    std::optional<uint64_t> stored = byteSize(cast<RankedTensorType>(parameter.getStored()));
    if (!stored) return parameter.emitOpError("takes too many bytes");
    param.name = parameter.getSymName().str();
    param.doc = parameter.getDoc().value_or("").str();
    param.offset = offset;
    param.layout = layoutNumber(parameter.getLayout());
    param.storedBytes = *stored + param.readOffset() - param.offset;
    param.init =
        param.bytes ? initKind(parameter.getInit()) : uint32_t(GRAPHC_INIT_CONSTANT); // no element lacks a value
    param.a = parameter.getA().convertToDouble();
    param.b = parameter.getB().convertToDouble();
    if (auto values = dyn_cast_or_null<DenseElementsAttr>(parameter.getValuesAttr()))
      param.values = elementBytes(values);
    library.params.push_back(std::move(param));
    offset += alignBytes(param.storedBytes);
    // An optimizer goes through a param and its states together: equal places a multiple of a page apart would meet in
    // one set of each cache.
    constexpr uint64_t page = 4096, gap = 5 * 64;
    if (written.contains(param.name) && param.storedBytes >= page) offset += gap;
    if (offset >> 47)
      return sizeLimitError(parameter, "up to '" + parameter.getSymName() +
                                           "' the params take more than any memory holds together (limit 2^47 bytes)");
  }
  library.paramsBytes = offset;
  return success();
}

/// What specialize-dims made of an entry: the dims that it is for, and those it leaves open.
static void describeVariant(func::FuncOp variant, support::EntryDescription &entry) {
  support::VariantDescription description;
  description.body = lower::bodySymbol(variant);
  for (const support::DimDescription &dim : entry.dims)
    description.values.push_back(graph::specializedSize(variant, dim.name));
  for (graph::DimAttr own : lower::functionDims(variant)) {
    auto isOwn = [&](const support::DimDescription &dim) { return dim.name == own.getName(); };
    description.dims.push_back(llvm::find_if(entry.dims, isOwn) - entry.dims.begin());
  }
  entry.variants.push_back(std::move(description));
}

/// At the largest dims and, where they decide it, over the dims.
static void describeCost(func::FuncOp entry, StringRef name, uint64_t &most,
                         std::optional<support::SizeExpression> &overDims) {
  auto attribute = entry->getAttrOfType<graph::ShapeAttr>(name);
  if (!attribute) return; // hand-written IR
  graph::Dim cost = graph::shapeOf(attribute).front();
  most = uint64_t(std::max<int64_t>(cost.high(), 0));
  if (!cost.isStatic()) overDims = lower::sizeExpression(cost, lower::functionDims(entry));
}

LogicalResult lower::describeEntry(func::FuncOp entry, support::LibraryDescription &library) {
  if (graph::isVariant(entry)) return describeVariant(entry, library.entries.back()), success();
  support::EntryDescription description;
  description.name = entry.getSymName().str();
  description.doc = text(entry->getDiscardableAttrDictionary(), docAttr);
  description.body = bodySymbol(entry);
  description.needsModel = !library.params.empty();
  description.writesModel = entry->hasAttr(writesStateAttr);
  describeCost(entry, flopsAttr, description.flops, description.flopsSize);
  describeCost(entry, memoryBytesAttr, description.memoryBytes, description.memorySize);
  for (graph::DimAttr dim : functionDims(entry)) description.dims.push_back(describeDim(dim));
  auto add = [&](Type type, DictionaryAttr attributes, bool output, size_t position) {
    support::ArgumentDescription argument;
    argument.output = output;
    argument.name = text(attributes, nameAttr);
    if (argument.name.empty()) argument.name = (output ? "out" : "in") + std::to_string(position);
    if (failed(describeArgument(entry, type, attributes, description.dims, argument))) return failure();
    description.args.push_back(std::move(argument));
    return success();
  };
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes()))
    if (!type.isIndex() && failed(add(type, entry.getArgAttrDict(i), false, i))) return failure();
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes()))
    if (failed(add(type, entry.getResultAttrDict(i), true, i))) return failure();
  if (failed(describeRequirements(entry, description))) return failure();
  library.entries.push_back(std::move(description));
  return success();
}

std::string lower::bodySymbol(func::FuncOp entry) { return (entry.getSymName() + ".body").str(); }
