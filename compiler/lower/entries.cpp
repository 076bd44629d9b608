// Entries in written order, and checked byte arithmetic: sizes come from the user.
#include "compiler/lower/entries.h"
#include "compiler/lower/lower.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

llvm::SmallVector<func::FuncOp> graphc::lower::entriesOf(ModuleOp module) {
  SmallVector<std::tuple<int64_t, size_t, func::FuncOp>> keyed; // position, then module order
  for (auto function : module.getOps<func::FuncOp>())
    if (auto position = function->getAttrOfType<IntegerAttr>(entryAttr))
      keyed.push_back({position.getInt(), keyed.size(), function});
  llvm::sort(keyed, [](auto &a, auto &b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  SmallVector<func::FuncOp> entries;
  for (auto &[position, order, function] : keyed) entries.push_back(function);
  return entries;
}

std::optional<uint64_t> graphc::lower::byteSize(ShapedType type) {
  uint64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  if (llvm::is_contained(type.getShape(), 0)) return 0; // a zero dim wins over an overflow of the others
  for (int64_t dim : type.getShape())
    if (dim < 0 || __builtin_mul_overflow(bytes, uint64_t(dim), &bytes) || bytes >> 62) return std::nullopt;
  return bytes;
}

BlockArgument graphc::lower::arenaArgument(func::FuncOp function) {
  return function.getArgument(function.getNumArguments() - (function->hasAttr(mayFailAttr) ? 2 : 1));
}

uint64_t graphc::lower::alignBytes(uint64_t bytes) { return llvm::alignTo(bytes, bufferAlignment); }

LogicalResult graphc::lower::sizeLimitError(Operation *op, const Twine &message) {
  return op->emitError() << sizeLimitPrefix << message;
}
