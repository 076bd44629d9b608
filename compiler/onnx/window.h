// The attributes that convolutions and pools share: kernel, stride, dilation and padding of each spatial axis.
#pragma once
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {

struct Window {
  Ints kernel, stride, dilation;
  Pairs padding;
  /// How far the kernel reaches along a spatial axis.
  int64_t extent(size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }
};

/// Reads strides, dilations, pads and auto_pad of the node for input x [batch, channels, spatial ...]. `kernel` is the
/// filter's; 'kernel_shape', if given, must agree. Nullopt after an error. Of a transposed convolution auto_pad is left
/// to the caller.
std::optional<Window> readWindow(NodeBuilder &n, const Value &x, Ints kernel, bool transposed = false);

} // namespace graphc::onnx
