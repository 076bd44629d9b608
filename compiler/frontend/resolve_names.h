// Once per definition, before anything is built: every name that a node or output mentions exists, names are unique
// (R12), and the nodes are put in an order in which each stands after what it uses. Stable: of two nodes that could
// come next, the first written does.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Fills definition.order; clears definition.valid after reporting G1001, G1003, G1005 or G1007.
void resolveNames(Definition &definition, Program &program);
} // namespace graphc::frontend
