// MLIR location -> place in the user's JSON, so that a stage after the frontend can report a mistake (a weight of
// another shape) at the line that declares the thing.
#pragma once
#include "compiler/support/sources.h"
#include "mlir/IR/Location.h"

namespace graphc::driver {

/// The token at the location; for an op of a layer, at its use. No place if the location names no registered file.
support::Span sourcePlace(mlir::Location location, const support::Sources &sources);

} // namespace graphc::driver
