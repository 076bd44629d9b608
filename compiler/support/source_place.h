// MLIR location -> node and place in the user's JSON, so that a mistake that shows in the IR (a weight of another
// shape, an op without derivative) is reported at the line that declares the thing.
#pragma once
#include "compiler/support/sources.h"
#include "mlir/IR/Location.h"

namespace graphc::support {

/// The token at the location; for an op of a layer, at its use. No place if the location names no registered file.
Span sourcePlace(mlir::Location location, const Sources &sources);

/// The name of the node that an op stands for; of an op of a layer, of its use. "" if it has none.
std::string nodeName(mlir::Location location);

} // namespace graphc::support
