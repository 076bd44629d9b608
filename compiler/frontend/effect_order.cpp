// R19: what happens to a state, or to a param that a train_step or copy sets, must not depend on the order in which
// nodes without a dependency run. Per state or param the accesses are looked at in the order in which the nodes are
// built: each write must depend on the reads since the last write (or on that write), each read on the last write; what
// is further back follows.
#include "compiler/frontend/body_builder.h"

namespace graphc::frontend {
using support::Span;

namespace {
struct Access {
  uint32_t node;
  bool writes;
};

class OrderChecker {
public:
  explicit OrderChecker(const Definition &definition) : definition(definition), position(definition.nodes.size() + 1) {
    for (auto [at, node] : llvm::enumerate(definition.order)) position[node] = at;
    position.back() = definition.order.size();
  }

  /// True if `later` depends on `earlier`, directly or not.
  bool dependsOn(uint32_t later, uint32_t earlier) const {
    std::vector<uint32_t> open = {later};
    std::set<uint32_t> seen = {later};
    while (!open.empty()) {
      uint32_t node = open.back();
      open.pop_back();
      for (uint32_t used : definition.dependencies[node]) {
        if (used == earlier) return true;
        if (position[used] > position[earlier] && seen.insert(used).second) open.push_back(used);
      }
    }
    return false;
  }
  bool before(uint32_t a, uint32_t b) const { return position[a] < position[b]; }

private:
  const Definition &definition;
  std::vector<size_t> position;
};
} // namespace

void BodyBuilder::checkEffectOrder(Frame &frame) {
  const Definition &definition = *frame.definition;
  std::map<std::string, std::vector<Access>> byState;
  auto collect = [&](uint32_t node) {
    const Effects &effects = frame.nodeEffects[node];
    frame.effects.add(effects);
    for (const std::string &path : effects.writes) byState[path].push_back({node, true});
    for (const std::string &path : effects.reads)
      if (!effects.writes.count(path)) byState[path].push_back({node, false});
  };
  for (uint32_t node : definition.order) collect(node);
  if (frame.nodeEffects.size() > definition.nodes.size()) collect(definition.nodes.size());
  OrderChecker checker(definition);
  auto spanOf = [&](uint32_t node) {
    return node < definition.nodes.size() ? definition.nodes[node].callee.span()
                                          : definition.json.find("outputs").keySpan();
  };
  for (auto &[path, accesses] : byState) {
    std::vector<Access> open; // the last write and the reads since
    for (const Access &access : accesses) {
      for (const Access &earlier : open) {
        if (!(earlier.writes || access.writes) || checker.dependsOn(access.node, earlier.node)) continue;
        support::Diagnostic diagnostic;
        diagnostic.code = "G6007";
        diagnostic.message = (program.params.find(path)->second.isState ? "state '" : "param '") + path + "' is " +
                             (earlier.writes ? "updated" : "read") + " by one node and " +
                             (access.writes ? "updated" : "read") + " by another, and neither depends on the other";
        diagnostic.span = spanOf(access.node);
        diagnostic.labels.push_back({spanOf(earlier.node), "the other node"});
        diagnostic.help = "order them with \"after\"";
        report(frame, std::move(diagnostic));
      }
      if (access.writes) open.clear();
      open.push_back(access);
    }
  }
}
} // namespace graphc::frontend
