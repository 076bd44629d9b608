// The file's "dims": integers, expressions of other dims in any order, and sizes known only when called.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Fills scope.dims. False after reporting; dims with mistakes are then 1.
bool readDims(FileScope &scope, Program &program);
} // namespace graphc::frontend
