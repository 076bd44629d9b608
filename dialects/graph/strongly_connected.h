// The strongly connected components of a graph: who calls whom in a circle. Tarjan's algorithm with a stack of its own,
// since the depth of the graph is the user's. Nodes are numbers, so that definitions, functions and what lower makes of
// them ask the same code.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace graphc::graph {

/// `edges[i]`: where node i leads to. The components, each after all that it leads to; nodes within one in increasing
/// order.
std::vector<std::vector<unsigned>> stronglyConnected(llvm::ArrayRef<std::vector<unsigned>> edges);
/// The nodes of this component lead to each other, or its one node to itself.
bool isCircle(llvm::ArrayRef<unsigned> component, llvm::ArrayRef<std::vector<unsigned>> edges);

} // namespace graphc::graph
