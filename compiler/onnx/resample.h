// Resize in the forms that the graph's op does not have (antialiasing, a region of the input), axis by axis.
#pragma once
#include "compiler/onnx/node_builder.h"

namespace graphc::onnx {

struct ResampledAxis {
  int64_t axis, size; // the new size
  double scale;       // new size / old size, before it was rounded
  double regionStart = 0, regionEnd = 1;
};

struct Resampling {
  std::string mode, coordinates, nearest; // words of ONNX
  double cubicCoefficient = -0.75;
  bool excludeOutside = false, antialias = false;
  double extrapolation = 0; // of what lies outside of x, if 'coordinates' is "tf_crop_and_resize"
};

Value resample(NodeBuilder &n, Value x, llvm::ArrayRef<ResampledAxis> axes, const Resampling &how);

} // namespace graphc::onnx
