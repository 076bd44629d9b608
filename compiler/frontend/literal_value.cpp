// Constants: bare numbers brought to a dtype (R8), typed literals with one value, lists of values or a .npy file.
#include "compiler/frontend/body_builder.h"
#include "compiler/frontend/include_files.h"
#include "compiler/support/files.h"
#include "compiler/support/npy.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/host_tensor_attr.h"
#include "llvm/Support/Path.h"
#include <cmath>

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

/// The number as an element of the dtype; false if it does not fit.
static bool store(const StaticValue &number, graph::Dtype dtype, graph::HostTensor &tensor, size_t index) {
  if (graph::isFloat(dtype)) {
    if (!number.isNumber()) return false;
    tensor.floats[index].v = number.asReal();
    return true;
  }
  if (dtype == graph::Dtype::Bool) {
    tensor.integers[index] = number.boolean;
    return number.kind == StaticValue::Boolean;
  }
  if (!number.isNumber()) return false;
  double real = number.asReal();
  unsigned bits = graph::dtypeBytes(dtype) * 8;
  bool isSigned = dtype < graph::Dtype::U8;
  double low = isSigned ? -std::ldexp(1.0, bits - 1) : 0, high = std::ldexp(1.0, isSigned ? bits - 1 : bits);
  if (!(real >= low && real < high) || real != std::floor(real)) return false;
  if (number.kind == StaticValue::Integer)
    tensor.integers[index] = number.integer;
  else
    tensor.integers[index] =
        real < 0x1p63 ? static_cast<int64_t>(real) : static_cast<int64_t>(static_cast<uint64_t>(real));
  return true;
}

/// A tensor of elements that equal `scalar`: of a shape that is counted when called, or where the scalar is known only
/// then.
mlir::Value BodyBuilder::filled(Frame &frame, mlir::RankedTensorType type, mlir::Value scalar, Span span) {
  const graph::OpSignature *op = graph::findRole("fill");
  auto shape = builder.getNamedAttr("shape", graph::shapeAttr(program.context, graph::shapeOf(type)));
  auto filled = buildOp(frame, *op, {OperandValue{scalar, std::nullopt, span}}, shape, {}, span);
  return filled.empty() ? mlir::Value() : filled[0];
}

/// A size known only when called, in a formula (R7).
mlir::Value BodyBuilder::sizeValue(Frame &frame, mlir::RankedTensorType type, const graph::Dim &size, Span span) {
  const graph::OpSignature *op = graph::findRole("dim_as_number");
  mlir::NamedAttribute attributes[] = {builder.getNamedAttr("size", graph::shapeAttr(program.context, {size})),
                                       builder.getNamedAttr("dtype", mlir::TypeAttr::get(type.getElementType()))};
  llvm::StringMap<Span> spans;
  spans["size"] = span;
  auto scalar = buildOp(frame, *op, {}, attributes, spans, span);
  if (scalar.empty()) return nullptr;
  for (graph::DimAttr dim : size.symbols()) sizesRead.insert(dim);
  return type.getRank() == 0 ? scalar[0] : filled(frame, type, scalar[0], span);
}

mlir::Value BodyBuilder::constant(mlir::RankedTensorType type, const StaticValue &number, Span span, Frame &frame) {
  if (number.kind == StaticValue::Size) return sizeValue(frame, type, number.size, span);
  graph::Dtype dtype = *graph::dtypeOf(type.getElementType());
  graph::HostTensor scalar(dtype, {});
  if (!store(number, dtype, scalar, 0)) {
    error(frame, "G4005", span, "'" + number.toString() + "' is no value of dtype " + graph::dtypeName(dtype));
    return nullptr;
  }
  scalar.round();
  auto scalarType = mlir::RankedTensorType::get({}, type.getElementType());
  mlir::DenseElementsAttr element = graph::toAttribute(program.context, scalar).reshape(scalarType);
  if (!type.hasStaticShape()) return filled(frame, type, constantOf(scalarType, element, location(frame, span)), span);
  if (type.getRank() == 0) return constantOf(type, element, location(frame, span));
  auto elements = type.getNumElements() == 0
                      ? mlir::DenseElementsAttr::get(type, llvm::ArrayRef<mlir::Attribute>())
                      : mlir::DenseElementsAttr::get(type, *element.value_begin<mlir::Attribute>());
  return constantOf(type, elements, location(frame, span));
}

mlir::Value BodyBuilder::constantOf(mlir::RankedTensorType type, mlir::DenseElementsAttr value,
                                    mlir::Location location) {
  mlir::Dialect *dialect = program.context->getLoadedDialect("graph");
  mlir::Operation *op = dialect->materializeConstant(builder, value, type, location);
  return op ? op->getResult(0) : mlir::Value();
}

std::optional<StaticValue> literalNumber(JsonValue json) {
  if (json.isBool()) return StaticValue::ofBoolean(json.boolean());
  if (json.isString()) {
    auto word = parseReal(json.string());
    return word && !std::isfinite(*word) ? std::optional(StaticValue::of(*word)) : std::nullopt;
  }
  if (!json.isNumber()) return std::nullopt;
  if (auto integer = json.integer()) return StaticValue::of(*integer);
  if (auto real = json.real()) return StaticValue::of(*real);
  return std::nullopt;
}

mlir::Value BodyBuilder::literalValue(Frame &frame, const Literal &literal) {
  mlir::RankedTensorType type = this->type(frame, literal.type);
  if (!type) return nullptr;
  if (literal.value && !literal.value.isArray()) {
    std::optional<StaticValue> number = literalNumber(literal.value);
    if (number) return constant(type, *number, literal.value.span(), frame);
    error(frame, "G4005", literal.value.span(), "expected a number, a bool or lists of them");
    return nullptr;
  }
  JsonValue given = literal.file ? literal.file : literal.value;
  if (!type.hasStaticShape()) {
    error(frame, "G3012", literal.type.origin.span(),
          "values are written for sizes known at build, this is " + typeText(type));
    return nullptr;
  }
  mlir::DenseElementsAttr value = literal.file ? fileElements(frame, type, given) : literalElements(frame, type, given);
  return value ? constantOf(type, value, location(frame, given.span())) : mlir::Value();
}

/// Lists nested as deep as the rank, level by level; one number stands for all elements.
mlir::DenseElementsAttr BodyBuilder::literalElements(Frame &frame, mlir::RankedTensorType type, JsonValue value) {
  llvm::SmallVector<JsonValue> level = {value};
  bool fills = !value.isArray();
  for (int64_t size : fills ? llvm::ArrayRef<int64_t>() : type.getShape()) {
    llvm::SmallVector<JsonValue> below;
    for (JsonValue list : level) {
      if (!list.isArray() || list.size() != static_cast<size_t>(size)) {
        error(frame, "G3005", list.span(),
              list.isArray() ? "expected " + llvm::Twine(size) + " values for " + typeText(type) + ", these are " +
                                   llvm::Twine(list.size())
                             : llvm::Twine("expected a list here for " + typeText(type)));
        return nullptr;
      }
      for (JsonValue member = list.firstChild(); member; member = member.next()) below.push_back(member);
    }
    level = std::move(below);
  }
  graph::Dtype dtype = *graph::dtypeOf(type.getElementType());
  graph::HostTensor tensor(dtype, fills ? llvm::ArrayRef<int64_t>() : type.getShape());
  for (size_t i = 0; i < level.size(); ++i) {
    std::optional<StaticValue> number = literalNumber(level[i]);
    if (!number || !store(*number, dtype, tensor, i)) {
      error(frame, "G4005", level[i].span(), "this is no value of dtype " + graph::dtypeName(dtype));
      return nullptr;
    }
  }
  tensor.round();
  mlir::DenseElementsAttr elements = graph::toAttribute(program.context, tensor);
  if (!fills || type.getRank() == 0) return elements;
  if (type.getNumElements() == 0) return mlir::DenseElementsAttr::get(type, llvm::ArrayRef<mlir::Attribute>());
  return mlir::DenseElementsAttr::get(type, *elements.value_begin<mlir::Attribute>());
}

/// A .npy file of exactly this dtype and shape, beside the file that names it.
mlir::DenseElementsAttr BodyBuilder::fileElements(Frame &frame, mlir::RankedTensorType type, JsonValue file) {
  constexpr uint64_t mostBytes = uint64_t(1) << 30;
  if (!checkInFolder(file, *frame.diagnostics)) return nullptr;
  llvm::StringRef folder = llvm::sys::path::parent_path(program.sources.path(file.span().file));
  support::DataFile data = support::openDataBeneath(folder.empty() ? "." : folder, file.string(), mostBytes);
  if (!data) {
    error(frame, "G5004", file.span(), data.error);
    return nullptr;
  }
  std::string why;
  std::optional<support::NpyArray> array = support::readNpy(data.bytes->getBuffer(), why);
  std::string shown = "'" + support::printable(file.string()) + "'";
  if (!array) {
    error(frame, "G5006", file.span(), shown + " " + why);
    return nullptr;
  }
  graph::Dtype dtype = *graph::dtypeOf(type.getElementType());
  bool sameDtype = array->dtype == static_cast<uint32_t>(dtype);
  if (!sameDtype || llvm::ArrayRef<int64_t>(array->dims) != type.getShape()) {
    llvm::StringRef held = graph::dtypeName(static_cast<graph::Dtype>(array->dtype));
    graph::Shape dims(array->dims.begin(), array->dims.end());
    error(frame, sameDtype ? "G5002" : "G5003", file.span(),
          shown + " holds " + held + graph::shapeText(dims) + ", declared " + typeText(type));
    return nullptr;
  }
  if (type.getNumElements() == 0) return mlir::DenseElementsAttr::get(type, llvm::ArrayRef<mlir::Attribute>());
  if (dtype == graph::Dtype::Bool) { // one byte each in the file, one bit each in the attribute
    llvm::SmallVector<bool> truths;
    for (char byte : array->bytes) truths.push_back(byte != 0);
    return mlir::DenseElementsAttr::get(type, llvm::ArrayRef<bool>(truths));
  }
  return mlir::DenseElementsAttr::getFromRawBuffer(type,
                                                   llvm::ArrayRef<char>(array->bytes.data(), array->bytes.size()));
}
} // namespace graphc::frontend
