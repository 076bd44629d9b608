// Two searches over a MemoryProgram, both greedy, both judged by the planner at the end:
//
// 1. Order. A run whose out is small and that is the last to need large ins (the gradient of a weight) moves up, with
//    what is computed for it alone, to right behind where its ins are there. Costs nothing.
// 2. Repetition. The buffer whose giving up takes most bytes off above the limit, per byte that making it again moves,
//    is dropped; so on until nothing is above. As activations are used again in reverse order, making one again brings
//    back those before it for as long as they are needed: checkpoints come about by themselves.
//
// The simulation knows bytes that live at once, the planner what holes between them cost: the search begins anew on a
// copy of the function, with a target that is lower by what the planner needed more, at most 10 times.
#include "compiler/lower/bufferize/fit_memory.h"
#include "compiler/lower/bufferize/memory_program.h"
#include "compiler/support/source_place.h"
#include <cmath>

using namespace mlir;

namespace graphc::lower {
namespace {

constexpr unsigned mostRounds = 10;
constexpr size_t triedPerStep = 64, triedInPairs = 24; // of the buffers that look best

class Fitting {
public:
  Fitting(MemoryProgram &program, uint64_t limit) : program(program), limit(limit), plan(program.initialPlan()) {}

  MemoryProgram::Plan run() {
    double above = INFINITY;
    for (double now = program.simulate(plan, limit).above; now > 0 && now < above;) {
      above = now;
      improveOrder(); // what is dropped makes other orders worth it
      drop();
      now = program.simulate(plan, limit).above;
    }
    return plan;
  }

private:
  MemoryProgram &program;
  uint64_t limit;
  MemoryProgram::Plan plan;

  /// Runs that write nothing larger than they read for the last time, in the order of the program.
  void improveOrder() {
    MemoryProgram::Outcome best = program.simulate(plan, limit);
    for (bool changed = true; changed;) {
      changed = false;
      for (unsigned item : SmallVector<unsigned>(plan.order)) {
        if (best.above == 0) return;
        std::optional<SmallVector<unsigned>> moved = movedUp(item);
        if (!moved) continue;
        MemoryProgram::Plan other = plan;
        other.order = *moved;
        MemoryProgram::Outcome outcome = program.simulate(other, limit);
        if (outcome.above > best.above || (outcome.above == best.above && outcome.area >= best.area)) continue;
        plan = std::move(other);
        best = std::move(outcome);
        changed = true;
      }
    }
  }

  /// The order with the item, and what is computed for it alone, right behind the last of what these need.
  std::optional<SmallVector<unsigned>> movedUp(unsigned item) {
    std::vector<unsigned> position(plan.order.size());
    for (auto [at, one] : llvm::enumerate(plan.order)) position[one] = at;
    llvm::DenseSet<unsigned> cluster{item};
    SmallVector<unsigned> open{item};
    while (!open.empty() && cluster.size() < 32) { // writers all of whose readers are in the cluster
      unsigned one = open.pop_back_val();
      for (unsigned buffer : program.items()[one].reads) {
        int writer = program.buffers()[buffer].writer;
        if (writer < 0 || cluster.contains(unsigned(writer))) continue;
        bool only = llvm::all_of(program.items()[writer].writes, [&](unsigned written) {
          return llvm::all_of(readersOf(written), [&](unsigned reader) { return cluster.contains(reader); });
        });
        if (!only) continue;
        cluster.insert(unsigned(writer));
        open.push_back(unsigned(writer));
      }
    }
    int behind = -1;
    for (unsigned one : cluster)
      for (unsigned before : program.items()[one].after)
        if (!cluster.contains(before)) behind = std::max(behind, int(position[before]));
    SmallVector<unsigned> order, members;
    for (unsigned one : plan.order)
      if (cluster.contains(one)) members.push_back(one);
    bool there = true; // already
    for (auto [at, one] : llvm::enumerate(members)) there &= int(position[one]) <= behind + 1 + int(at);
    if (there) return std::nullopt;
    auto add = [&](int at) {
      if (at == behind) order.append(members);
    };
    add(-1);
    for (auto [at, one] : llvm::enumerate(plan.order)) {
      if (!cluster.contains(one)) order.push_back(one);
      add(int(at));
    }
    return order;
  }

  std::vector<SmallVector<unsigned, 4>> readers;
  ArrayRef<unsigned> readersOf(unsigned buffer) {
    if (readers.empty()) {
      readers.resize(program.buffers().size());
      for (auto [index, item] : llvm::enumerate(program.items()))
        for (unsigned read : item.reads) readers[read].push_back(unsigned(index));
    }
    return readers[buffer];
  }

  /// What takes most off above the limit per byte moved: one buffer, or two where none does alone.
  void drop() {
    MemoryProgram::Outcome best = program.simulate(plan, limit);
    while (best.above > 0) {
      SmallVector<unsigned> candidates = droppable();
      std::optional<Choice> choice;
      for (unsigned buffer : candidates) consider({buffer}, best, choice);
      if (candidates.size() > triedInPairs) candidates.resize(triedInPairs);
      for (size_t i = 0; !choice && i < candidates.size(); ++i)
        for (size_t j = 0; j < i; ++j) consider({candidates[i], candidates[j]}, best, choice);
      if (!choice) return;
      for (unsigned buffer : choice->buffers) plan.dropped.set(buffer);
      best = std::move(choice->outcome);
    }
  }

  struct Choice {
    SmallVector<unsigned, 2> buffers;
    MemoryProgram::Outcome outcome;
    double score;
  };

  /// The largest beside what making them again costs.
  SmallVector<unsigned> droppable() {
    SmallVector<std::pair<double, unsigned>> rated;
    for (auto [index, buffer] : llvm::enumerate(program.buffers())) {
      if (plan.dropped[index] || buffer.writer < 0 || buffer.bytes == 0) continue;
      const MemoryProgram::Item &item = program.items()[buffer.writer];
      if (item.repeatable)
        rated.push_back({-double(buffer.bytes) * double(buffer.bytes) / double(item.cost + 1), index});
    }
    llvm::sort(rated);
    if (rated.size() > triedPerStep) rated.resize(triedPerStep);
    SmallVector<unsigned> list;
    for (auto [rating, index] : rated) list.push_back(index);
    return list;
  }

  void consider(ArrayRef<unsigned> buffers, const MemoryProgram::Outcome &best, std::optional<Choice> &choice) {
    MemoryProgram::Plan other = plan;
    for (unsigned buffer : buffers) other.dropped.set(buffer);
    MemoryProgram::Outcome outcome = program.simulate(other, limit);
    if (!outcome.possible || outcome.above >= best.above) return;
    double cost = double(outcome.repeatCost) - double(best.repeatCost);
    double score = cost <= 0 ? INFINITY : (best.above - outcome.above) / cost;
    if (!choice || score > choice->score) choice = Choice{SmallVector<unsigned, 2>(buffers), std::move(outcome), score};
  }
};

/// "32768 bytes of 'h', 512 bytes"
std::string describe(const MemoryProgram &program, ArrayRef<unsigned> buffers) {
  constexpr size_t shown = 3;
  std::string text;
  for (unsigned buffer : buffers.take_front(shown)) {
    MemoryProgram::Buffer one = program.buffers()[buffer];
    Location location = one.writer >= 0 ? program.items()[one.writer].op->getLoc() : one.op.getLoc();
    std::string name = support::nodeName(location);
    text +=
        (text.empty() ? "" : ", ") + std::to_string(one.bytes) + " bytes" + (name.empty() ? "" : " of '" + name + "'");
  }
  return text;
}
} // namespace

std::optional<FittedMemory> fitMemory(func::FuncOp function, uint64_t limit, PlannedBytes planned) {
  FittedMemory fitted;
  std::optional<uint64_t> bytes = planned(function);
  if (!bytes) return std::nullopt;
  fitted.before = fitted.bytes = *bytes;
  func::FuncOp best;
  uint64_t target = limit;
  for (unsigned round = 0; round < mostRounds && fitted.bytes > limit; ++round) {
    func::FuncOp trial = function.clone();
    trial.setSymName((function.getSymName() + ".trial").str());
    SymbolTable(function->getParentOp()).insert(trial);
    MemoryProgram program(trial);
    if (!program.isUnderstood()) {
      trial.erase();
      break;
    }
    if (round == 0) fitted.atPeak = describe(program, program.simulate(program.initialPlan(), limit).atPeak);
    MemoryProgram::Plan plan = Fitting(program, target).run();
    MemoryProgram::Outcome outcome = program.simulate(plan, target);
    std::string atPeak = describe(program, outcome.atPeak);
    program.rewrite(plan);
    bytes = planned(trial);
    uint64_t over = bytes && *bytes > limit ? *bytes - limit : 0;
    target = std::min(target - target / 16, target > over ? target - over : target / 2);
    if (!bytes || *bytes >= fitted.bytes) {
      trial.erase();
      continue;
    }
    if (best) best.erase();
    best = trial;
    fitted.bytes = *bytes;
    fitted.atPeak = std::move(atPeak);
    fitted.repeated = llvm::count_if(outcome.steps, [](const MemoryProgram::Step &step) { return step.again; });
  }
  if (best) {
    function.getBody().takeBody(best.getBody());
    best.erase();
  }
  return fitted;
}

} // namespace graphc::lower
