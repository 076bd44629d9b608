// cut_recursion.h.
#include "compiler/lower/bufferize/cut_recursion.h"

using namespace mlir;

namespace graphc::lower {

Cutter::Cutter(MutableArrayRef<CycleMember> members) : members(members), slotCounts(members.size()) {
  for (auto [i, member] : llvm::enumerate(members)) numberOf[member.function] = i;
  for (CycleMember &member : members) // each is called: the params block is the last of what goes in
    member.function.walk([&](kern::RunOp run) {
      if (auto called = callee(run)) {
        func::FuncOp function = members[*called].function;
        paramsArguments.insert(function.getArgument(run.getIns().size()));
      }
    });
  pieces.emplace_back();
  for (size_t i = 0; i < members.size(); ++i) cutMember(i);
  saveWhatOthersRead();
}

unsigned Cutter::newPiece() {
  pieces.emplace_back().member = at;
  return pieces.size() - 1;
}

unsigned Cutter::newSlot(Value value) { return slotOf[value] = slotCounts[at]++; }

void Cutter::cutMember(size_t i) {
  at = i;
  func::FuncOp function = members[i].function;
  for (BlockArgument argument : arguments(function).take_front(ownArguments(function)))
    if (!isParams(argument)) newSlot(argument);
  firstPieces.push_back(newPiece());
  cutBlock(function.getBody().front(), firstPieces.back());
}

unsigned Cutter::cutBlock(Block &block, unsigned current) {
  for (Operation &op : block.without_terminator()) {
    bool cuts = false;
    op.walk([&](Operation *inside) { cuts |= callee(inside).has_value(); });
    if (!cuts) {
      pieces[current].ops.push_back(&op);
    } else if (auto run = dyn_cast<kern::RunOp>(op)) {
      unsigned next = newPiece();
      pieces[current].end = Piece::Call;
      pieces[current].call = run;
      pieces[current].next = next;
      current = next;
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      current = cutIf(branch, current);
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      current = cutFor(loop, current);
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      current = cutWhile(loop, current);
    } else {
      op.emitOpError("stands around a call in a circle");
      understood = false;
    }
  }
  return current;
}

void Cutter::goTo(unsigned from, unsigned to, ArrayRef<unsigned> slots, ValueRange values) {
  pieces[from].end = Piece::Goto;
  pieces[from].next = to;
  for (auto [slot, value] : llvm::zip_equal(slots, values)) pieces[from].saves.push_back({slot, value});
}

SmallVector<unsigned> Cutter::newSlots(ValueRange values) {
  SmallVector<unsigned> slots;
  for (Value value : values) slots.push_back(newSlot(value));
  return slots;
}

void Cutter::share(ValueRange values, ArrayRef<unsigned> slots) {
  for (auto [value, slot] : llvm::zip_equal(values, slots)) slotOf[value] = slot;
}

void Cutter::saveWhatOthersRead() {
  DenseMap<Operation *, unsigned> pieceOf;
  for (auto [i, piece] : llvm::enumerate(pieces))
    for (Operation *op : piece.ops) pieceOf[op] = i;
  for (unsigned i = 1; i < pieces.size(); ++i) {
    at = pieces[i].member;
    SmallVector<Value> open = readBy(pieces[i]);
    DenseSet<Value> seen;
    while (!open.empty()) {
      Value value = open.pop_back_val();
      Operation *op = value.getDefiningOp();
      auto home = pieceOf.find(op);
      if (home == pieceOf.end() || slotOf.contains(value) || !seen.insert(value).second) continue;
      if (canRepeat(op))
        addOperands(op, open);
      else if (home->second != i)
        pieces[home->second].saves.push_back({newSlot(value), value});
    }
  }
}

void Cutter::addOperands(Operation *op, SmallVectorImpl<Value> &all) {
  op->walk([&](Operation *inside) { llvm::append_range(all, inside->getOperands()); });
}

SmallVector<Value> Cutter::readBy(Piece &piece) {
  SmallVector<Value> read;
  for (Operation *op : piece.ops)
    if (!canRepeat(op)) addOperands(op, read);
  for (auto [slot, value] : piece.saves) read.push_back(value);
  if (piece.condition) read.push_back(piece.condition);
  if (piece.loop) read.append({piece.loop.getUpperBound(), piece.loop.getStep()});
  if (!piece.call) return read;
  llvm::append_range(read, piece.call->getOperands());
  read.push_back(members[piece.member].frameEnd);
  return read;
}

unsigned Cutter::cutIf(scf::IfOp op, unsigned current) {
  unsigned yes = newPiece(), no = newPiece(), after = newPiece();
  SmallVector<unsigned> results = newSlots(op.getResults());
  pieces[current].end = Piece::Branch;
  pieces[current].condition = op.getCondition();
  pieces[current].next = yes;
  pieces[current].other = no;
  goTo(cutBlock(*op.thenBlock(), yes), after, results, op.thenYield().getResults());
  if (op.elseBlock())
    goTo(cutBlock(*op.elseBlock(), no), after, results, op.elseYield().getResults());
  else
    goTo(no, after, {}, {});
  return after;
}

unsigned Cutter::cutFor(scf::ForOp op, unsigned current) {
  unsigned head = newPiece(), body = newPiece(), after = newPiece();
  unsigned turn = newSlot(op.getInductionVar());
  SmallVector<unsigned> carried = newSlots(op.getRegionIterArgs());
  share(op.getResults(), carried);
  goTo(current, head, carried, op.getInitArgs());
  pieces[current].saves.push_back({turn, op.getLowerBound()});
  pieces[head].end = Piece::Head;
  pieces[head].loop = op;
  pieces[head].next = body;
  pieces[head].other = after;
  unsigned last = cutBlock(*op.getBody(), body);
  goTo(last, head, carried, op.getYieldedValues());
  pieces[last].end = Piece::Step;
  pieces[last].loop = op;
  return after;
}

unsigned Cutter::cutWhile(scf::WhileOp op, unsigned current) {
  unsigned before = newPiece(), body = newPiece(), after = newPiece();
  SmallVector<unsigned> first = newSlots(op.getBeforeArguments()), second = newSlots(op.getAfterArguments());
  share(op.getResults(), second);
  goTo(current, before, first, op.getInits());
  unsigned decides = cutBlock(*op.getBeforeBody(), before);
  goTo(decides, body, second, op.getConditionOp().getArgs());
  pieces[decides].end = Piece::Branch;
  pieces[decides].condition = op.getConditionOp().getCondition();
  pieces[decides].other = after;
  goTo(cutBlock(*op.getAfterBody(), body), before, first, op.getYieldOp().getResults());
  return after;
}

} // namespace graphc::lower
