// A tensor as lines along one axis: [outer, length, inner], where the elements of a line lie `inner` apart. What sorts,
// running sums and softmax walk over.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/host_tensor.h"

namespace graphc::graph {
/// {outer, length, inner}; axis from the front.
Shape lineSizes(llvm::ArrayRef<Dim> shape, int64_t axis);
/// The flat positions of each line in turn, for evaluation. None in a tensor without elements.
void forEachLine(const HostTensor &x, int64_t axis, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> body);
} // namespace graphc::graph
