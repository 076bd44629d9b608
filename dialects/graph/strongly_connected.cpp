// strongly_connected.h.
#include "dialects/graph/strongly_connected.h"
#include "llvm/ADT/STLExtras.h"

std::vector<std::vector<unsigned>> graphc::graph::stronglyConnected(llvm::ArrayRef<std::vector<unsigned>> edges) {
  constexpr unsigned unseen = ~0u;
  std::vector<unsigned> number(edges.size(), unseen), low(edges.size());
  std::vector<bool> isOpen(edges.size());
  std::vector<unsigned> open;                    // of components that are not complete
  std::vector<std::pair<unsigned, size_t>> path; // a node and the next of its edges
  std::vector<std::vector<unsigned>> components;
  unsigned next = 0;
  auto enter = [&](unsigned node) {
    number[node] = low[node] = next++;
    isOpen[node] = true;
    open.push_back(node);
    path.push_back({node, 0});
  };
  for (unsigned root = 0; root < edges.size(); ++root) {
    if (number[root] == unseen) enter(root);
    while (!path.empty()) {
      auto &[node, edge] = path.back();
      if (edge < edges[node].size()) {
        unsigned to = edges[node][edge++];
        if (number[to] == unseen)
          enter(to);
        else if (isOpen[to])
          low[node] = std::min(low[node], number[to]);
        continue;
      }
      unsigned done = node;
      path.pop_back();
      if (!path.empty()) low[path.back().first] = std::min(low[path.back().first], low[done]);
      if (low[done] != number[done]) continue;
      std::vector<unsigned> &component = components.emplace_back();
      do {
        component.push_back(open.back());
        isOpen[open.back()] = false;
        open.pop_back();
      } while (component.back() != done);
      llvm::sort(component);
    }
  }
  return components;
}

bool graphc::graph::isCircle(llvm::ArrayRef<unsigned> component, llvm::ArrayRef<std::vector<unsigned>> edges) {
  return component.size() > 1 || llvm::is_contained(edges[component[0]], component[0]);
}
