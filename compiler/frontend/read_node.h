// One node of a definition, from JSON to NodeDefinition.
#pragma once
#include "compiler/frontend/definition.h"

namespace graphc::frontend {
/// nullopt after reporting. `around`: the definition or region that it stands in.
std::optional<NodeDefinition> readNode(support::JsonValue json, const Definition &around,
                                       support::Diagnostics &diagnostics);
} // namespace graphc::frontend
