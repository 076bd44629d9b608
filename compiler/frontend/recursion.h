// Functions that call each other in a circle (R25): what must be true of them before they are built, and how they are.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {

/// G6004 for functions of which every path leads into the next call. Marks them invalid.
void checkBaseCases(Program &program);

/// Builds all functions of the definition's cycle that it may call in this mode, unless that was done.
void buildCycle(const Definition &definition, bool train, Program &program);

} // namespace graphc::frontend
