// A size of the graph as the library's description says it: over the entry's C arguments instead of symbols.
#pragma once
#include "compiler/support/size_expression.h"
#include "dialects/graph/dim.h"

namespace graphc::lower {

/// nullopt where the size speaks of a dim that is not among `dims`.
std::optional<support::SizeExpression> sizeExpression(const graph::Dim &size, llvm::ArrayRef<graph::DimAttr> dims);
support::DimDescription describeDim(graph::DimAttr dim);

} // namespace graphc::lower
