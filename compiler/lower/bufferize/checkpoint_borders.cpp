// checkpoint_borders.h.
#include "compiler/lower/bufferize/checkpoint_borders.h"
#include "graphc/checkpoints.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphc;
using lower::CheckpointBorders, lower::Place, lower::Sequence;

Value CheckpointBorders::callRuntime(StringRef name, ValueRange operands, bool hasResult) {
  return b.create<kern::CallRuntimeOp>(hasResult ? b.getIndexType() : Type(), b.getStringAttr(name), operands)
      .getResult();
}

Sequence CheckpointBorders::rowsOf(const Place &one, int64_t rows) {
  Place all = one;
  all.shape.insert(all.shape.begin(), graph::Dim(rows));
  return sequence(another(all));
}

CheckpointBorders::Buffers CheckpointBorders::slicesAt(ArrayRef<Sequence> of, Value row) {
  Buffers slices;
  for (const Sequence &one : of) slices.push_back(sliceAt(one, row));
  return slices;
}

Value CheckpointBorders::isLess(Value a, Value than) {
  return b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, a, than);
}

void CheckpointBorders::keepCheckpoint(int64_t rows, Value turn, ArrayRef<Place> carries, ValueRange now,
                                       ArrayRef<Sequence> kept) {
  OpBuilder::InsertionGuard guard(b);
  Value zero = constant(0), one = constant(1), half = constant(rows / 2), all = constant(rows);
  Value row = callRuntime("graphc_checkpoint_row", {turn, all}, /*hasResult=*/true);
  Value isKept = b.create<arith::CmpIOp>(arith::CmpIPredicate::sge, row, zero);
  b.setInsertionPointToStart(b.create<scf::IfOp>(isKept, false).thenBlock());
  Value isHalf = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, row, half);
  Value isLate = b.create<arith::CmpIOp>(arith::CmpIPredicate::sge, turn, all);
  auto doubles = b.create<scf::IfOp>(b.create<arith::AndIOp>(isHalf, isLate), false);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(doubles.thenBlock());
    auto move = b.create<scf::ForOp>(one, half, one);
    b.setInsertionPointToStart(move.getBody());
    Value to = move.getInductionVar();
    Buffers sources = slicesAt(kept, b.create<arith::AddIOp>(to, to)), targets = slicesAt(kept, to);
    for (auto [carry, source, target] : llvm::zip(carries, sources, targets)) copy(carry, source, target);
  }
  Buffers targets = slicesAt(kept, row);
  for (auto [carry, source, target] : llvm::zip(carries, now, targets)) copy(carry, source, target);
}

void CheckpointBorders::makeReverseWhile(kern::ReverseWhileOp loop) {
  int64_t slotCount = loop.getSlots(), tapeCount = loop.getTape();
  SmallVector<Sequence> rows, slots, tape, residuals; // tape: carries after each turn that is recorded
  SmallVector<Place> carries, inits = placesOf(loop.getInits());
  Buffers captures = buffersOf(placesOf(loop.getCaptures()));
  int64_t rowCount = 2;
  for (const Place &all : placesOf(loop.getCheckpoints())) {
    rowCount = all.shape[0].staticValue();
    rows.push_back(sequence(all));
    carries.push_back(rows.back().slice);
  }
  for (const Place &carry : carries) {
    slots.push_back(rowsOf(carry, slotCount));
    tape.push_back(rowsOf(carry, tapeCount));
  }
  for (Type type : loop.getResiduals().getAsValueRange<TypeAttr>()) {
    auto tensor = cast<RankedTensorType>(type);
    residuals.push_back(rowsOf({{}, graph::shapeOf(tensor), tensor.getElementType()}, tapeCount));
  }
  Value zero = constant(0), one = constant(1);
  Value number = loop.getIndex() ? cell(b.getI64Type()) : Value();
  Value said = b.create<memref::LoadOp>(placesOf(loop.getTurns())[0].buffer, ValueRange());
  Value turns = b.create<arith::IndexCastOp>(b.getIndexType(), said);

  Place words{{}, {graph::Dim(int64_t(sizeof(graphc_replay) / 8) + slotCount)}, b.getI64Type()};
  Value replay = another(words).buffer;
  Value replayWords = flatOf(replay);
  callRuntime("graphc_replay_begin", {replayWords, turns, constant(rowCount), constant(slotCount), constant(tapeCount)},
              false);

  // Per accumulated value: what the next turn back reads, what it writes, and what the one behind it writes; the last
  // writes the output.
  Value last = b.create<arith::SubIOp>(turns, one);
  Value isOdd = b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, b.create<arith::AndIOp>(last, one), zero);
  size_t count = outputs.size();
  Buffers sums = buffersOf(inits), written, others;
  for (const Place &output : outputs) {
    Value other = another(output).buffer;
    written.push_back(b.create<arith::SelectOp>(isOdd, other, output.buffer));
    others.push_back(b.create<arith::SelectOp>(isOdd, output.buffer, other));
  }
  llvm::append_range(sums, written);
  llvm::append_range(sums, others);
  // States between turns that are run again without being recorded take turns in two buffers.
  Buffers first, second;
  for (const Place &carry : carries) {
    first.push_back(another(carry).buffer);
    second.push_back(another(carry).buffer);
  }

  SmallVector<Type> types(ValueRange(sums).getTypes());
  SmallVector<Location> places(types.size(), b.getLoc());
  auto steps = b.create<scf::WhileOp>(types, sums);
  ValueRange before = b.createBlock(&steps.getBefore(), {}, types, places)->getArguments();
  Value more = callRuntime("graphc_replay_next", replayWords, /*hasResult=*/true);
  b.create<scf::ConditionOp>(b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, more, zero), before);

  ValueRange now = b.createBlock(&steps.getAfter(), {}, types, places)->getArguments();
  auto word = [&](size_t offset) -> Value {
    Value loaded = b.create<memref::LoadOp>(replay, constant(int64_t(offset / sizeof(int64_t))));
    return b.create<arith::IndexCastOp>(b.getIndexType(), loaded);
  };
  Value source = word(offsetof(graphc_replay, source)), from = word(offsetof(graphc_replay, from));
  Value to = word(offsetof(graphc_replay, to)), until = word(offsetof(graphc_replay, until));
  Value keep = word(offsetof(graphc_replay, keep));
  auto forward = [&](Value turn, ValueRange state, ArrayRef<Value> next, ArrayRef<Value> kept) {
    Buffers ins, outs(next);
    if (number) {
      storeTurn(number, turn);
      ins.push_back(number);
    }
    llvm::append_range(ins, state);
    llvm::append_range(ins, captures);
    llvm::append_range(outs, kept);
    run(loop.getForwardAttr(), ins, loop.getForwardSizes(), outs);
  };

  // The state that the step begins with. Both places are computed, so the number of the wrong kind must be a real one.
  Value isRow = b.create<arith::CmpIOp>(arith::CmpIPredicate::sge, source, zero);
  Value slot = b.create<arith::SubIOp>(constant(-1), source);
  Buffers inRow = slicesAt(rows, b.create<arith::SelectOp>(isRow, source, zero));
  Buffers inSlot = slicesAt(slots, b.create<arith::SelectOp>(isRow, zero, slot)), state;
  for (auto [row, own] : llvm::zip(inRow, inSlot)) state.push_back(b.create<arith::SelectOp>(isRow, row, own));
  llvm::append_range(state, first);
  llvm::append_range(state, second);

  auto advance = b.create<scf::ForOp>(from, to, one, state);
  if (state.empty()) advance.getBody()->getTerminator()->erase();
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(advance.getBody());
    ValueRange at = advance.getRegionIterArgs();
    size_t n = carries.size();
    Buffers next(at.slice(n, n));
    forward(advance.getInductionVar(), at.take_front(n), next, slicesAt(residuals, zero));
    // After the first turn the row or slot is read no more: the two buffers take turns.
    llvm::append_range(next, at.drop_front(2 * n));
    llvm::append_range(next, at.slice(n, n));
    b.create<scf::YieldOp>(next);
  }
  ValueRange reached = advance.getResults().take_front(carries.size());

  Value isRecorded = isLess(keep, zero);
  {
    auto keeps = b.create<scf::IfOp>(isRecorded, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(keeps.elseBlock());
    Buffers targets = slicesAt(slots, keep);
    for (auto [carry, from, target] : llvm::zip(carries, reached, targets)) copy(carry, from, target);
  }
  Value length = b.create<arith::SelectOp>(isRecorded, b.create<arith::SubIOp>(until, to), zero);

  auto record = b.create<scf::ForOp>(zero, length, one, reached);
  if (reached.empty()) record.getBody()->getTerminator()->erase();
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(record.getBody());
    Value row = record.getInductionVar();
    Buffers next = slicesAt(tape, row);
    forward(b.create<arith::AddIOp>(to, row), record.getRegionIterArgs(), next, slicesAt(residuals, row));
    b.create<scf::YieldOp>(next);
  }

  auto back = b.create<scf::ForOp>(zero, length, one, now);
  if (now.empty()) back.getBody()->getTerminator()->erase();
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(back.getBody());
    Value behind = b.create<arith::SubIOp>(length, back.getInductionVar()), row = b.create<arith::SubIOp>(behind, one);
    Value isFirst = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, row, zero);
    Buffers ins, previous = slicesAt(tape, b.create<arith::SelectOp>(isFirst, zero, b.create<arith::SubIOp>(row, one)));
    if (number) {
      storeTurn(number, b.create<arith::AddIOp>(to, row));
      ins.push_back(number);
    }
    for (auto [start, recorded] : llvm::zip(reached, previous))
      ins.push_back(b.create<arith::SelectOp>(isFirst, start, recorded));
    llvm::append_range(ins, slicesAt(tape, row));
    llvm::append_range(ins, slicesAt(residuals, row));
    ValueRange at = back.getRegionIterArgs();
    llvm::append_range(ins, at.take_front(count));
    llvm::append_range(ins, captures);
    Buffers outs(at.slice(count, count)), next(outs);
    run(loop.getBackwardAttr(), ins, loop.getBackwardSizes(), outs);
    llvm::append_range(next, at.drop_front(2 * count));
    llvm::append_range(next, outs);
    b.create<scf::YieldOp>(next);
  }
  b.create<scf::YieldOp>(back.getResults());

  b.setInsertionPointAfter(steps);
  auto never = b.create<scf::IfOp>(isLess(turns, one), false);
  b.setInsertionPointToStart(never.thenBlock());
  for (auto [init, output] : llvm::zip(inits, outputs)) copy(init, init.buffer, output.buffer);
}
