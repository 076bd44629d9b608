// row_schedule.h. Levels say which sweep can have a value; a sweep is filled backwards from what it must give.
#include "compiler/lower/kernels/row_schedule.h"
#include "compiler/lower/fuse/body_size.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace graphc::lower;
using graphc::kern::FoldOp;

RowSchedule::RowSchedule(Block &body, ArrayRef<AffineMap> maps, unsigned axis) : body(body) {
  auto hasAxis = [&](AffineMap map) { return map.isFunctionOfDim(axis); };
  for (auto [argument, map] : llvm::zip(body.getArguments(), maps))
    if (hasAxis(map)) perElement.insert(argument);
  for (AffineMap map : maps.drop_front(body.getNumArguments())) outIsRow.push_back(hasAxis(map));
  setLevels();
  keepWhatIsExpensive();
  fillSweeps();
}

void RowSchedule::setLevels() {
  for (Value argument : body.getArguments()) level[argument] = 0;
  size_t count = 0;
  for (Operation &op : body.without_terminator()) {
    unsigned own = 0;
    bool row = false;
    for (Value operand : op.getOperands()) {
      own = std::max(own, level[operand]);
      row |= perElement.contains(operand);
    }
    bool isFold = isa<FoldOp>(op);
    if (isFold) count = std::max<size_t>(count, own + 1);
    for (Value result : op.getResults()) {
      level[result] = own + isFold;
      if (row && !isFold) perElement.insert(result);
    }
  }
  for (auto [value, isRow] : llvm::zip(body.getTerminator()->getOperands(), outIsRow))
    if (isRow) count = std::max<size_t>(count, level[value] + 1);
  all.resize(count);
}

/// A function or a quotient of elements, as far back as values are not kept.
bool RowSchedule::isExpensive(Value value) const {
  SmallVector<Value> open{value};
  DenseSet<Value> seen;
  while (!open.empty()) {
    Value next = open.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!op || !perElement.contains(next) || !seen.insert(next).second) continue;
    if (next != value && home.contains(next)) continue;
    if (isa<arith::DivFOp, arith::DivSIOp, arith::DivUIOp, arith::RemFOp, arith::RemSIOp, arith::RemUIOp>(op))
      return true;
    if (isFunction(*op)) return true;
    llvm::append_range(open, op->getOperands());
  }
  return false;
}

bool RowSchedule::isNeededLater(Value value) const {
  unsigned own = level.lookup(value);
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    if (user == body.getTerminator()) return false;
    if (auto fold = dyn_cast<FoldOp>(user)) return level.lookup(fold.getResult()) - 1 > own;
    return llvm::any_of(user->getResults(), [&](Value result) { return level.lookup(result) > own; });
  });
}

void RowSchedule::keepWhatIsExpensive() {
  auto outs = body.getTerminator()->getOperands();
  for (auto [i, value] : llvm::enumerate(outs)) // it is there from its own sweep on
    if (outIsRow[i] && value.getDefiningOp() && perElement.contains(value)) home.insert({value, unsigned(i)});
  for (Operation &op : body.without_terminator()) {
    for (Value value : op.getResults()) {
      if (home.contains(value) || !perElement.contains(value) || !isNeededLater(value) || !isExpensive(value)) continue;
      for (auto [i, out] : llvm::enumerate(outs)) {
        if (!outIsRow[i] || out.getType() != value.getType()) continue;
        home.insert({value, unsigned(i)});
        fillSweeps();
        if (homesAreFree()) break;
        home.erase(value);
      }
    }
  }
}

bool RowSchedule::homesAreFree() const {
  struct Stay {
    unsigned from, to;
  };
  SmallVector<SmallVector<Stay>> stays(outIsRow.size());
  for (auto [s, sweep] : llvm::enumerate(all))
    for (auto [value, out] : sweep.stores) {
      Stay stay{unsigned(s), unsigned(s)};
      for (auto [later, other] : llvm::enumerate(all))
        if (llvm::is_contained(other.reloads, At(value, out))) stay.to = std::max(stay.to, unsigned(later));
      if (body.getTerminator()->getOperand(out) == value) stay.to = all.size(); // for good
      stays[out].push_back(stay);
    }
  for (auto &out : stays)
    for (size_t i = 1; i < out.size(); ++i) // in order of their sweeps; within one a step reads before it writes
      for (size_t k = 0; k < i; ++k)
        if (out[k].to > out[i].from || out[k].from == out[i].from) return false;
  return true;
}

void RowSchedule::fillSweeps() {
  last.clear();
  auto outs = body.getTerminator()->getOperands();
  for (auto [s, sweep] : llvm::enumerate(all)) {
    sweep = Sweep();
    DenseSet<Value> needed;
    auto need = [&](Value value) {
      if (perElement.contains(value)) needed.insert(value);
    };
    for (auto [i, value] : llvm::enumerate(outs))
      if (outIsRow[i] && level[value] == s) {
        sweep.stores.push_back({value, unsigned(i)});
        need(value);
      }
    for (auto [value, out] : home)
      if (level[value] == s && outs[out] != value) {
        sweep.stores.push_back({value, out});
        need(value);
      }
    for (Operation &op : llvm::reverse(body.without_terminator())) {
      auto fold = dyn_cast<FoldOp>(op);
      if (fold && level[fold.getResult()] == s + 1) {
        sweep.folds.push_back(fold);
        need(fold.getElement());
      }
      if (fold || llvm::none_of(op.getResults(), [&](Value result) { return needed.contains(result); })) continue;
      auto kept = op.getNumResults() == 1 ? home.find(op.getResult(0)) : home.end();
      if (kept != home.end() && level[op.getResult(0)] < s) {
        sweep.reloads.push_back(*kept);
        continue;
      }
      sweep.ops.push_back(&op);
      llvm::for_each(op.getOperands(), need);
    }
    std::reverse(sweep.ops.begin(), sweep.ops.end());
    std::reverse(sweep.folds.begin(), sweep.folds.end());
    for (BlockArgument argument : body.getArguments())
      if (needed.contains(argument)) sweep.loads.push_back(argument.getArgNumber());
  }
  for (Operation &op : body.without_terminator()) {
    if (isa<FoldOp>(op) || perElement.contains(op.getResult(0))) continue;
    unsigned own = level[op.getResult(0)];
    (own < all.size() ? all[own].before : last).push_back(&op);
  }
}

bool RowSchedule::canBeInPlace(unsigned input, unsigned out) const {
  size_t firstWrite = all.size(), lastRead = 0;
  for (auto [s, sweep] : llvm::enumerate(all)) {
    if (llvm::is_contained(sweep.loads, input)) lastRead = s;
    if (llvm::any_of(sweep.stores, [&](const At &store) { return store.second == out; }))
      firstWrite = std::min(firstWrite, s);
  }
  return !isPerRow(input) && outIsRow[out] && lastRead <= firstWrite;
}
