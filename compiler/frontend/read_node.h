// One node of a definition, from JSON to NodeDefinition.
#pragma once
#include "compiler/frontend/definition.h"

namespace graphc::frontend {
/// nullopt after reporting.
std::optional<NodeDefinition> readNode(support::JsonValue json, bool layer, support::Diagnostics &diagnostics);
} // namespace graphc::frontend
