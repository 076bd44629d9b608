// Weight files -> the packed image of the params that a library carries (build --weights). Weights never pass through
// the IR: the file's rows go straight into library.image, laid out as `lower` decided. Every tensor is checked against
// its param before.
#pragma once
#include "compiler/support/diagnostics.h"
#include "compiler/support/library_description.h"
#include "dialects/graph/element_type.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace graphc::driver {

struct TensorSource {
  std::string name;                  // in the file
  std::vector<int64_t> perm;         // axis i of the param is axis perm[i] of the tensor; empty: as it is
  std::optional<graph::Dtype> dtype; // in the file, where it is not the param's: converted
};

struct WeightFile {
  std::string path;                            // as the user wrote it, for messages
  std::string bytes;                           // a safetensors file
  std::map<std::string, TensorSource> sources; // by param; of others the name is the param's
  bool partial = false;                        // params that it lacks keep their initial values
  support::Span place = {};                    // where the graph names it; none for --weights
};

/// Where the graph declares each param, by its path.
using ParamPlaces = std::map<std::string, support::Span>;

/// Fills library.image from the files, each param from exactly one of them. What it fills needs no initial value any
/// more (GRAPHC_INIT_NONE); with a partial file the other params keep theirs, which each model gets when it is made.
/// False after reporting what is missing, differs or is malformed; tensors that no param wants are a warning. The
/// file's data are read by the safetensors reader of the runtime alone.
bool embedWeights(const std::vector<WeightFile> &files, const ParamPlaces &places, support::LibraryDescription &library,
                  support::Diagnostics &diagnostics);

/// Reports the params that neither the graph (init) nor a weight file gives a value (rule R20). False if there are any.
bool checkEveryParamHasValue(const ParamPlaces &places, const support::LibraryDescription &library,
                             support::Diagnostics &diagnostics);

} // namespace graphc::driver
