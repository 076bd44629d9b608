// "include" (section 1 of the format): the files that a graph file names, read once each however often they are named.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Reads what program.main includes, directly or not, into program.otherFiles. False after reporting G5004, G5005,
/// G1013 or what is wrong with a file's text.
bool readIncludes(Program &program);
/// True unless the path, named inside a graph file, leaves the folder (reported as G5005).
bool checkInFolder(support::JsonValue path, support::Diagnostics &diagnostics, bool isWeights = false);
} // namespace graphc::frontend
