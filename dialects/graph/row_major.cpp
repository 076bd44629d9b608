// row_major.h.
#include "dialects/graph/row_major.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace graphc::graph {

void forEachIndex(llvm::ArrayRef<int64_t> shape, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0)) return;
  llvm::SmallVector<int64_t> index(shape.size());
  for (size_t axis = 0;;) {
    visit(index);
    for (axis = shape.size(); axis > 0 && ++index[axis - 1] == shape[axis - 1]; --axis) index[axis - 1] = 0;
    if (axis == 0) return;
  }
}

int64_t flatIndex(llvm::ArrayRef<int64_t> index, llvm::ArrayRef<int64_t> shape) {
  int64_t flat = 0;
  for (auto [i, size] : llvm::zip_equal(index, shape)) flat = flat * size + i;
  return flat;
}

} // namespace graphc::graph
