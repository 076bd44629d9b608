// One function of the language as func.func.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Builds it into program.module and records it in program.functions; functions it calls were built before. After a
/// mistake nothing of it stays in the module.
void buildFunction(const Definition &definition, Program &program);
} // namespace graphc::frontend
