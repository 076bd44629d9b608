// One conversion per kind of attribute (graph::AttributeSignature).
#include "compiler/onnx/op_arguments.h"
#include "dialects/graph/dim.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace graphc::onnx {

static mlir::Attribute pairsAttribute(mlir::Builder &builder, const Pairs &pairs, llvm::StringRef kind) {
  Ints flat;
  for (auto [low, high] : pairs.list) {
    flat.push_back(low);
    flat.push_back(high);
  }
  return kind == "pairs" || kind == "ints" || kind == "padding" ? builder.getDenseI64ArrayAttr(flat)
                                                                : mlir::Attribute();
}

static mlir::Attribute realsAttribute(mlir::Builder &builder, llvm::ArrayRef<double> values, llvm::StringRef kind) {
  if (kind == "floats") return builder.getDenseF64ArrayAttr(values);
  return kind == "float" && values.size() == 1 ? builder.getF64FloatAttr(values[0]) : mlir::Attribute();
}

mlir::Attribute toAttribute(mlir::Builder &builder, const graph::OpSignature &op, const NamedArgument &argument) {
  const graph::AttributeSignature *signature =
      llvm::find_if(op.attributes, [&](const graph::AttributeSignature &a) { return a.name == argument.name; });
  if (signature == op.attributes.end()) return {};
  llvm::StringRef kind = signature->kind;
  const Argument &value = argument.value;
  if (auto *x = std::get_if<int64_t>(&value)) {
    if (kind == "int") return builder.getI64IntegerAttr(*x);
    if (kind == "ints") return builder.getDenseI64ArrayAttr(*x);
    return kind == "float" ? builder.getF64FloatAttr(static_cast<double>(*x)) : mlir::Attribute();
  }
  if (auto *x = std::get_if<bool>(&value)) return kind == "bool" ? builder.getBoolAttr(*x) : mlir::Attribute();
  if (auto *x = std::get_if<double>(&value)) return realsAttribute(builder, *x, kind);
  if (auto *x = std::get_if<std::string>(&value))
    return kind == "string" || kind == "padding" ? builder.getStringAttr(*x) : mlir::Attribute();
  if (auto *x = std::get_if<graph::Dtype>(&value))
    return kind == "dtype" ? mlir::TypeAttr::get(graph::elementType(builder.getContext(), *x)) : mlir::Attribute();
  if (auto *x = std::get_if<Ints>(&value)) {
    if (kind == "ints" || kind == "padding") return builder.getDenseI64ArrayAttr(*x);
    if (kind == "dims" || kind == "shape")
      return graph::shapeAttr(builder.getContext(), llvm::SmallVector<graph::Dim>(x->begin(), x->end()));
    return kind == "int" && x->size() == 1 ? builder.getI64IntegerAttr(x->front()) : mlir::Attribute();
  }
  if (auto *x = std::get_if<Pairs>(&value)) return pairsAttribute(builder, *x, kind);
  if (auto *x = std::get_if<Floats>(&value)) return realsAttribute(builder, x->list, kind);
  if (auto *x = std::get_if<TensorType>(&value)) {
    auto type = mlir::RankedTensorType::get(x->shape, graph::elementType(builder.getContext(), x->dtype));
    return kind == "type" ? mlir::TypeAttr::get(type) : mlir::Attribute();
  }
  return std::get<mlir::Attribute>(value);
}

} // namespace graphc::onnx
