// Initial values of params (R20): named schemes become one of the kinds of graph.parameter, with fans worked out here.
#pragma once
#include "compiler/frontend/type_syntax.h"

namespace graphc::frontend {

struct InitialValue {
  std::string kind = "none"; // none constant uniform normal truncated_normal orthogonal identity values: see
                             // dialects/graph/structure.td
  double a = 0, b = 0;
};

/// `value` is a number or a text such as "uniform(-0.1, 0.1)"; `span` its place. nullopt after reporting.
std::optional<InitialValue> resolveInitialValue(const StaticValue &value, support::JsonValue origin,
                                                mlir::RankedTensorType type, support::Diagnostics &diagnostics);

} // namespace graphc::frontend
