// The least that must be taken away from a directed graph so that no way leads from its source to its sink: Dinic's
// algorithm, O(V^2 E) at worst and far below that on graphs of values. Own code, since the compiler links no solver.
#pragma once
#include <cstdint>
#include <vector>

namespace graphc::autodiff {

class FlowNetwork {
public:
  /// The capacity of what is never cut. All others together must stay below it.
  static constexpr int64_t infinite = int64_t(1) << 61;

  explicit FlowNetwork(unsigned nodes) : edgesOf(nodes) {}
  unsigned addNode() { return edgesOf.push_back({}), unsigned(edgesOf.size() - 1); }
  void addEdge(unsigned from, unsigned to, int64_t capacity);
  /// Which nodes still reach the sink once the flow is largest: a least cut goes between the others and them, of all
  /// least cuts the one nearest to the sink. Once per network.
  std::vector<bool> sinkSide(unsigned source, unsigned sink);

private:
  struct Edge {
    unsigned to;
    int64_t left; // of its capacity
  };
  std::vector<Edge> edges; // 2 i and 2 i + 1: an edge and its reverse
  std::vector<std::vector<unsigned>> edgesOf;
};

} // namespace graphc::autodiff
