// min_cut.h: phases of a breadth-first search for levels and a depth-first search along them, both with stacks of their
// own.
#include "compiler/autodiff/min_cut.h"
#include <algorithm>

namespace graphc::autodiff {

void FlowNetwork::addEdge(unsigned from, unsigned to, int64_t capacity) {
  edgesOf[from].push_back(unsigned(edges.size()));
  edges.push_back({to, capacity});
  edgesOf[to].push_back(unsigned(edges.size()));
  edges.push_back({from, 0});
}

std::vector<bool> FlowNetwork::sinkSide(unsigned source, unsigned sink) {
  std::vector<int> level;
  auto findLevels = [&] {
    level.assign(edgesOf.size(), -1);
    level[source] = 0;
    std::vector<unsigned> queue{source};
    for (size_t i = 0; i < queue.size(); ++i)
      for (unsigned edge : edgesOf[queue[i]])
        if (edges[edge].left > 0 && level[edges[edge].to] < 0) {
          level[edges[edge].to] = level[queue[i]] + 1;
          queue.push_back(edges[edge].to);
        }
    return level[sink] >= 0;
  };
  while (findLevels()) {
    std::vector<size_t> next(edgesOf.size(), 0); // edges before it lead nowhere in this phase
    std::vector<unsigned> way;                   // edges from the source
    for (;;) {
      unsigned at = way.empty() ? source : edges[way.back()].to;
      if (at == sink) {
        int64_t flow = infinite;
        for (unsigned edge : way) flow = std::min(flow, edges[edge].left);
        for (unsigned edge : way) edges[edge].left -= flow, edges[edge ^ 1].left += flow;
        way.clear();
        continue;
      }
      auto leads = [&](unsigned edge) { return edges[edge].left > 0 && level[edges[edge].to] == level[at] + 1; };
      while (next[at] < edgesOf[at].size() && !leads(edgesOf[at][next[at]])) ++next[at];
      if (next[at] < edgesOf[at].size()) {
        way.push_back(edgesOf[at][next[at]]);
      } else {
        if (way.empty()) break;
        way.pop_back();
        level[at] = -1;
      }
    }
  }
  std::vector<bool> side(edgesOf.size(), false);
  side[sink] = true;
  std::vector<unsigned> queue{sink};
  for (size_t i = 0; i < queue.size(); ++i)
    for (unsigned edge : edgesOf[queue[i]]) { // its reverse leads here
      unsigned from = edges[edge].to;
      if (side[from] || edges[edge ^ 1].left == 0) continue;
      side[from] = true;
      queue.push_back(from);
    }
  return side;
}

} // namespace graphc::autodiff
