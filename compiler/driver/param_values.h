// Values of params on the host, for evaluation by reference: from weight files where they have them, else drawn as the
// param's initial values say. Floats become f64.
#pragma once
#include "compiler/driver/embed_weights.h"
#include "dialects/graph/host_tensor.h"
#include "dialects/graph/structure.h"

namespace graphc::driver {

/// Constants are moved a little where training would move them: a bias of zeros puts a relu at its kink. What a file
/// has in another shape is drawn, too: `build` is who reports that.
graph::HostTensor paramValue(graph::ParameterOp parameter, const std::vector<WeightFile> &files, unsigned seed);

} // namespace graphc::driver
