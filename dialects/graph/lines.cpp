// lines.h.
#include "dialects/graph/lines.h"

namespace graphc::graph {

Shape lineSizes(llvm::ArrayRef<Dim> shape, int64_t axis) {
  return {elementCount(shape.take_front(axis)), shape[axis], elementCount(shape.drop_front(axis + 1))};
}

void forEachLine(const HostTensor &x, int64_t axis, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> body) {
  int64_t length = x.shape[axis], inner = 1;
  for (int64_t size : llvm::ArrayRef(x.shape).drop_front(axis + 1)) inner *= size;
  llvm::SmallVector<int64_t> positions(length);
  for (int64_t line = 0, lines = x.size() == 0 ? 0 : x.size() / length; line < lines; ++line) {
    for (int64_t i = 0; i < length; ++i) positions[i] = (line / inner * length + i) * inner + line % inner;
    body(positions);
  }
}

} // namespace graphc::graph
