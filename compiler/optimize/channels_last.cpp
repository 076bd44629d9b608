// channels-last: in program order, each op that wants another order of axes is rebuilt in it, its result turned back;
// and each op one of whose operands was turned back is rebuilt in front of that, if its other operands were, too, or
// are small. So a turn wanders down to the first op that cannot go along, or to an output. Turns that nobody reads any
// more are dead code.
#include "compiler/optimize/passes.h"
#include "dialects/graph/dim.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/permute_axes.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_CHANNELSLAST
#include "compiler/optimize/passes.h.inc"

namespace {

int64_t mostElements(Value value) {
  return graph::elementCount(graph::shapeOf(cast<RankedTensorType>(value.getType()))).high();
}

struct ChannelsLast : impl::ChannelsLastBase<ChannelsLast> {
  void runOnOperation() override {
    SmallVector<graph::Permutable> ops;
    getOperation().walk([&](graph::Permutable op) { ops.push_back(op); });
    for (graph::Permutable op : ops) {
      graph::Permutation perm = op.wantedPerm();
      if (perm.empty()) perm = permOfOperands(op);
      if (!perm.empty()) rebuild(op, perm);
    }
  }

  /// The order that the operands had before they were turned back; empty if they should stay.
  static graph::Permutation permOfOperands(graph::Permutable op) {
    for (Value operand : op->getOperands()) {
      auto turned = graph::reorderingOf(operand);
      if (!turned) continue;
      graph::Permutation perm = graph::inverse(turned->perm);
      if (perm == graph::channelsLastPerm(perm.size()) && goesAlong(op, perm)) return perm;
    }
    return {};
  }

  static bool goesAlong(graph::Permutable op, const graph::Permutation &perm) {
    constexpr int64_t small = 16; // times less than the largest: turning it costs nothing beside that
    int64_t largest = 0, largestToTurn = 0;
    SmallVector<unsigned> operands = op.permutedOperands(perm);
    for (unsigned i : operands) {
      Value operand = op->getOperand(i);
      int64_t elements = mostElements(operand);
      largest = std::max(largest, elements);
      auto turned = graph::reorderingOf(operand);
      if (!turned || graph::inverse(turned->perm) != perm) largestToTurn = std::max(largestToTurn, elements);
    }
    return !operands.empty() && largestToTurn <= largest / small;
  }

  static void rebuild(graph::Permutable op, const graph::Permutation &perm) {
    OpBuilder b(op);
    SmallVector<Value> operands(op->getOperands());
    for (unsigned i : op.permutedOperands(perm)) operands[i] = graph::permuteAxes(b, operands[i], perm);
    graph::Permutation resultPerm;
    Operation *rebuilt = op.createPermuted(b, perm, operands, resultPerm);
    if (!rebuilt) return;
    op->getResult(0).replaceAllUsesWith(graph::permuteAxes(b, rebuilt->getResult(0), graph::inverse(resultPerm)));
    op->erase();
  }
};

} // namespace
} // namespace graphc::optimize
