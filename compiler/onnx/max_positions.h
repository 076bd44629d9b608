// The second output of MaxPool: where in its input each maximum lies.
#pragma once
#include "compiler/onnx/node_builder.h"

namespace graphc::onnx {

/// i64, in the shape of `y`, which is what the node's windows make of `x`. Counted through the whole of `x`: row-major,
/// or with 'storage_order' 1 with the spatial axes in reverse order.
Value positionsOfMaxima(NodeBuilder &n, Value x, Value y);

} // namespace graphc::onnx
