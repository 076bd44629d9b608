// host_tensor_attr.h. "Equal" for splats means equal bits: 0 and -0 differ, a NaN equals itself.
#include "dialects/graph/host_tensor_attr.h"
#include "dialects/graph/element_type.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace graphc::graph {

FailureOr<HostTensor> fromAttribute(Attribute attribute) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(attribute);
  if (!elements) return failure();
  std::optional<Dtype> dtype = dtypeOf(elements.getElementType());
  if (!dtype) return failure();
  HostTensor tensor(*dtype, elements.getType().getShape());
  if (*dtype == Dtype::F32) { // the common one without an APFloat per element
    size_t i = 0;
    for (float x : elements.getValues<float>()) tensor.floats[i++] = double(x);
  } else if (isFloat(*dtype)) {
    size_t i = 0;
    for (llvm::APFloat x : elements.getValues<llvm::APFloat>()) tensor.floats[i++] = x.convertToDouble();
  } else {
    bool isUnsigned = *dtype >= Dtype::U8;
    size_t i = 0;
    for (const llvm::APInt &x : elements.getValues<llvm::APInt>())
      tensor.integers[i++] = isUnsigned ? int64_t(x.getZExtValue()) : x.getSExtValue();
  }
  return tensor;
}

template <typename T, typename Bits>
static DenseElementsAttr denseOf(RankedTensorType type, std::vector<T> &values, Bits bits) {
  bool splat = !values.empty() && llvm::all_of(values, [&](const T &x) { return bits(x) == bits(values.front()); });
  if (splat) values.resize(1, values.front());
  return DenseElementsAttr::get(type, llvm::ArrayRef<T>(values));
}

DenseElementsAttr toAttribute(MLIRContext *context, const HostTensor &tensor) {
  auto type = RankedTensorType::get(tensor.shape, elementType(context, tensor.dtype));
  if (isFloat(tensor.dtype)) {
    const llvm::fltSemantics &semantics = cast<FloatType>(type.getElementType()).getFloatSemantics();
    std::vector<llvm::APFloat> values;
    values.reserve(tensor.floats.size());
    for (const Jet &x : tensor.floats) {
      bool losesInfo = false;
      values.emplace_back(x.v);
      values.back().convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    }
    return denseOf(type, values, [](const llvm::APFloat &x) { return x.bitcastToAPInt(); });
  }
  unsigned width = type.getElementTypeBitWidth();
  std::vector<llvm::APInt> values;
  values.reserve(tensor.integers.size());
  for (int64_t x : tensor.integers) values.emplace_back(width, uint64_t(x), /*isSigned=*/true);
  return denseOf(type, values, [](const llvm::APInt &x) { return x; });
}

} // namespace graphc::graph
