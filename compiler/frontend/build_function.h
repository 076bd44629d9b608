// One function of the language as func.func.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Builds it, in mode train or predict, into program.module and records it in program.functions; functions it calls
/// were built before. After a mistake nothing of it stays in the module.
void buildFunction(const Definition &definition, bool train, Program &program);
} // namespace graphc::frontend
