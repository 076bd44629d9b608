// One table row per dtype, in the order of Dtype.
#include "dialects/graph/element_type.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace graphc::graph {
namespace {
struct Row {
  llvm::StringLiteral name;
  unsigned bytes;
};
constexpr Row rows[] = {{"f32", 4}, {"f64", 8}, {"f16", 2}, {"bf16", 2}, {"i8", 1},  {"i16", 2}, {"i32", 4},
                        {"i64", 8}, {"u8", 1},  {"u16", 2}, {"u32", 4},  {"u64", 8}, {"bool", 1}};
constexpr unsigned dtypeCount = std::size(rows);
static_assert(dtypeCount == unsigned(Dtype::Bool) + 1);
} // namespace

llvm::StringRef dtypeName(Dtype dtype) { return rows[unsigned(dtype)].name; }
unsigned dtypeBytes(Dtype dtype) { return rows[unsigned(dtype)].bytes; }

std::optional<Dtype> findDtype(llvm::StringRef name) {
  for (unsigned i = 0; i < dtypeCount; ++i)
    if (rows[i].name == name) return Dtype(i);
  return std::nullopt;
}

Type elementType(MLIRContext *context, Dtype dtype) {
  switch (dtype) {
  case Dtype::F32:
    return Float32Type::get(context);
  case Dtype::F64:
    return Float64Type::get(context);
  case Dtype::F16:
    return Float16Type::get(context);
  case Dtype::BF16:
    return BFloat16Type::get(context);
  case Dtype::Bool:
    return IntegerType::get(context, 1);
  case Dtype::U8:
  case Dtype::U16:
  case Dtype::U32:
  case Dtype::U64:
    return IntegerType::get(context, 8 * dtypeBytes(dtype), IntegerType::Unsigned);
  default:
    return IntegerType::get(context, 8 * dtypeBytes(dtype));
  }
}

std::optional<Dtype> dtypeOf(Type type) {
  for (unsigned i = 0; i < dtypeCount; ++i)
    if (elementType(type.getContext(), Dtype(i)) == type) return Dtype(i);
  return std::nullopt;
}

std::string typeName(Type type) {
  if (std::optional<Dtype> dtype = dtypeOf(type)) return dtypeName(*dtype).str();
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

} // namespace graphc::graph
