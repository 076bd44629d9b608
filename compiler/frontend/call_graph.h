// Who uses whom among functions and layers, known before anything is built: an order in which callees come first, an
// error for definitions that use themselves (G1015), and the number of nodes that inlining everything would make,
// bounded beforehand (G1016).
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Names of all definitions, callees first; those on or above a cycle are marked invalid after reporting and still
/// listed.
std::vector<std::string> callOrder(Program &program);
} // namespace graphc::frontend
