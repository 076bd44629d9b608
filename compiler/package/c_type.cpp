// Rows stand in the order of graphc_dtype.
#include "compiler/package/c_type.h"
#include "graphc/types.h"

using namespace graphc;
using namespace graphc::package;

static constexpr CType rows[] = {
    {"f32", "float"},    {"f64", "double"},   {"f16", "uint16_t"}, {"bf16", "uint16_t"}, {"i8", "int8_t"},
    {"i16", "int16_t"},  {"i32", "int32_t"},  {"i64", "int64_t"},  {"u8", "uint8_t"},    {"u16", "uint16_t"},
    {"u32", "uint32_t"}, {"u64", "uint64_t"}, {"bool", "uint8_t"},
};
static_assert(std::size(rows) == GRAPHC_BOOL + 1, "a row per graphc_dtype");

CType graphc::package::cType(uint32_t dtype) { return dtype < std::size(rows) ? rows[dtype] : CType{"?", "void"}; }

std::string graphc::package::typeText(const support::TensorDescription &tensor) {
  std::string text = cType(tensor.dtype).name.str();
  if (tensor.dims.empty()) return text;
  text += '[';
  for (size_t i = 0; i < tensor.dims.size(); ++i) text += (i ? "," : "") + std::to_string(tensor.dims[i]);
  return text + ']';
}

std::string graphc::package::typeText(const support::ArgumentDescription &tensor,
                                      llvm::ArrayRef<support::DimDescription> dims) {
  if (tensor.sizes.empty()) return typeText(tensor);
  std::string text = cType(tensor.dtype).name.str() + "[";
  for (size_t i = 0; i < tensor.sizes.size(); ++i) text += (i ? "," : "") + tensor.sizes[i].text(dims);
  return text + "]";
}
