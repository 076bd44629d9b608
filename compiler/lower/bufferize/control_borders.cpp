// control_borders.h.
#include "compiler/lower/bufferize/control_borders.h"
#include "compiler/lower/bufferize/carry_in_place.h"
#include "compiler/lower/bufferize/checkpoint_borders.h"
#include "graphc/types.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphc;
using lower::CheckpointBorders, lower::Place, lower::Sequence;

namespace {
class ControlBorders : public CheckpointBorders {
  using CheckpointBorders::CheckpointBorders;

  void write() override {
    if (auto branch = dyn_cast<kern::IfOp>(op)) return makeIf(branch);
    if (auto loop = dyn_cast<kern::WhileOp>(op)) return makeWhile(loop);
    if (auto reverse = dyn_cast<kern::ReverseWhileOp>(op)) return makeReverseWhile(reverse);
    makeScan(cast<kern::ScanOp>(op));
  }

  // ---- the three ops

  void makeIf(kern::IfOp branch) {
    SmallVector<Value> captures = buffersOf(placesOf(branch.getCaptures())), outs = buffersOf(outputs);
    Value chosen = isSet(placeOf.lookup(branch.getCondition()).buffer);
    auto made = b.create<scf::IfOp>(chosen, /*withElseRegion=*/true);
    b.setInsertionPointToStart(made.thenBlock());
    run(branch.getThenFunctionAttr(), captures, branch.getThenSizes(), outs);
    b.setInsertionPointToStart(made.elseBlock());
    run(branch.getElseFunctionAttr(), captures, branch.getElseSizes(), outs);
  }

  /// A bool scalar, as it lies in memory.
  Value isSet(Value truth) {
    Value byte = b.create<memref::LoadOp>(truth, ValueRange());
    return b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, byte, b.create<arith::ConstantIntOp>(0, 8));
  }

  void makeScan(kern::ScanOp scan) {
    SmallVector<Place> inits = placesOf(scan.getInits()), captures = placesOf(scan.getCaptures());
    size_t carries = inits.size();
    SmallVector<Sequence> over, collected;
    for (const Place &whole : placesOf(scan.getOver())) over.push_back(sequence(whole));
    for (const Place &whole : ArrayRef(outputs).drop_front(carries)) collected.push_back(sequence(whole));
    Value turns = scan.getLength(), zero = constant(0), one = constant(1);
    if (scan.getCount()) { // what is no number of turns must not lead outside the sequences
      Value count = b.create<memref::LoadOp>(placeOf.lookup(scan.getCount()).buffer, ValueRange());
      Value said = b.create<arith::IndexCastOp>(b.getIndexType(), count);
      turns = b.create<arith::MaxSIOp>(b.create<arith::MinSIOp>(said, turns), zero);
    }
    Value last = b.create<arith::SubIOp>(turns, one);
    std::optional<int64_t> known = getConstantIntValue(turns);
    Value number = scan.getIndex() ? cell(b.getI64Type()) : Value();
    // Per carry: what the next turn reads, what it writes, and what the one behind it writes.
    SmallVector<Value> state = buffersOf(inits), written, others;
    Value isOdd;
    if (carries && !known) {
      Value bit = b.create<arith::AndIOp>(last, one);
      isOdd = b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, bit, zero);
    }
    for (const Place &output : ArrayRef(outputs).take_front(carries)) {
      if (known && *known < 2) { // one turn writes the output itself
        written.push_back(output.buffer);
        others.push_back(output.buffer);
        continue;
      }
      Value other = another(output).buffer;
      bool otherFirst = known && *known % 2 == 0;
      if (known) {
        written.push_back(otherFirst ? other : output.buffer);
        others.push_back(otherFirst ? output.buffer : other);
      } else {
        written.push_back(b.create<arith::SelectOp>(isOdd, other, output.buffer));
        others.push_back(b.create<arith::SelectOp>(isOdd, output.buffer, other));
      }
    }
    llvm::append_range(state, written);
    llvm::append_range(state, others);
    auto loop = b.create<scf::ForOp>(zero, turns, one, state);
    noteCarries(loop, carries);
    if (state.empty()) loop.getBody()->getTerminator()->erase();
    b.setInsertionPointToStart(loop.getBody());
    Value turn = loop.getInductionVar();
    if (scan.getReverse()) turn = b.create<arith::SubIOp>(last, turn);
    ValueRange now = loop.getRegionIterArgs();
    SmallVector<Value> ins, outs(now.slice(carries, carries));
    if (number) {
      storeTurn(number, turn);
      ins.push_back(number);
    }
    llvm::append_range(ins, now.take_front(carries));
    for (const Sequence &one : over) ins.push_back(sliceAt(one, turn));
    llvm::append_range(ins, buffersOf(captures));
    for (const Sequence &one : collected) outs.push_back(sliceAt(one, turn));
    run(scan.getBodyAttr(), ins, scan.getBodySizes(), outs);
    SmallVector<Value> next(now.slice(carries, carries));
    llvm::append_range(next, now.drop_front(2 * carries));
    llvm::append_range(next, now.slice(carries, carries));
    b.create<scf::YieldOp>(next);
    b.setInsertionPointAfter(loop);
    if (!carries || (known && *known > 0)) return;
    auto never = b.create<scf::IfOp>(b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, turns, zero), false);
    b.setInsertionPointToStart(never.thenBlock());
    for (size_t i = 0; i < carries; ++i) copy(inits[i], inits[i].buffer, outputs[i].buffer);
  }

  void noteCarries(Operation *loop, size_t carries) {
    if (!carries) return;
    int64_t firstOutput = cast<BlockArgument>(outputs.front().buffer).getArgNumber();
    loop->setAttr(lower::carriesAttr, b.getDenseI64ArrayAttr({int64_t(carries), firstOutput}));
  }

  void makeWhile(kern::WhileOp loop) {
    SmallVector<Place> inits = placesOf(loop.getInits());
    SmallVector<Value> captures = buffersOf(placesOf(loop.getCaptures()));
    size_t carries = inits.size();
    SmallVector<Sequence> rows; // of what turns give, or of checkpoints
    for (const Place &whole : ArrayRef(outputs).drop_front(carries + 1)) rows.push_back(sequence(whole));
    Value zero = constant(0), one = constant(1), truth = cell(b.getI8Type());
    Value number = loop.getIndex() ? cell(b.getI64Type()) : Value();
    // The turn's number, and per carry as in scan.
    SmallVector<Value> state{zero};
    llvm::append_range(state, buffersOf(inits));
    for (const Place &output : ArrayRef(outputs).take_front(carries)) state.push_back(output.buffer);
    for (const Place &output : ArrayRef(outputs).take_front(carries)) state.push_back(another(output).buffer);
    SmallVector<Type> types(ValueRange(state).getTypes());
    auto turns = b.create<scf::WhileOp>(types, state);
    noteCarries(turns, carries);
    SmallVector<Location> places(types.size(), b.getLoc());
    auto operands = [&](ValueRange now) {
      SmallVector<Value> ins;
      if (number) ins.push_back(number);
      llvm::append_range(ins, now.slice(1, carries));
      llvm::append_range(ins, captures);
      return ins;
    };

    ValueRange now = b.createBlock(&turns.getBefore(), {}, types, places)->getArguments();
    if (number) storeTurn(number, now[0]);
    run(loop.getConditionAttr(), operands(now), loop.getConditionSizes(), truth);
    Value goesOn = isSet(truth);
    if (status) { // wrong data end the loop: they might never end it otherwise
      Value said = b.create<memref::LoadOp>(status, zero);
      Value good = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, said, b.create<arith::ConstantIntOp>(0, 32));
      goesOn = b.create<arith::AndIOp>(goesOn, good);
    }
    if (loop.getLimit()) {
      Value below = b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, now[0], loop.getLimit());
      if (loop.failsAtLimit()) {
        Value over =
            b.create<arith::AndIOp>(goesOn, b.create<arith::XOrIOp>(below, b.create<arith::ConstantIntOp>(1, 1)));
        auto fails = b.create<scf::IfOp>(over, false);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(fails.thenBlock());
        b.create<memref::StoreOp>(b.create<arith::ConstantIntOp>(limitStatus("while", GRAPHC_ERR_ITER), 32), status,
                                  zero);
      }
      goesOn = b.create<arith::AndIOp>(goesOn, below);
    }
    b.create<scf::ConditionOp>(goesOn, now);

    now = b.createBlock(&turns.getAfter(), {}, types, places)->getArguments();
    SmallVector<Value> outs(now.slice(1 + carries, carries));
    if (auto checkpoints = loop->getAttrOfType<IntegerAttr>(kern::checkpointsAttr))
      keepCheckpoint(checkpoints.getInt(), now[0], inits, now.slice(1, carries), rows);
    else
      for (const Sequence &one : rows) outs.push_back(sliceAt(one, now[0]));
    run(loop.getBodyAttr(), operands(now), loop.getBodySizes(), outs);
    SmallVector<Value> next{b.create<arith::AddIOp>(now[0], one)};
    llvm::append_range(next, now.slice(1 + carries, carries));
    if (carries) {
      // After turn 1 the input is read no more: the two buffers take turns.
      llvm::append_range(next, now.drop_front(1 + 2 * carries));
      llvm::append_range(next, now.slice(1 + carries, carries));
    }
    b.create<scf::YieldOp>(next);

    b.setInsertionPointAfter(turns);
    storeTurn(outputs[carries].buffer, turns.getResult(0));
    if (!carries) return;
    Value bit = b.create<arith::AndIOp>(turns.getResult(0), one);
    Value elsewhere = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, bit, zero);
    auto moves = b.create<scf::IfOp>(elsewhere, false);
    b.setInsertionPointToStart(moves.thenBlock());
    for (size_t i = 0; i < carries; ++i) copy(inits[i], turns.getResult(1 + i), outputs[i].buffer);
    return;
  }
};
} // namespace

LogicalResult lower::makeControlBorders(func::FuncOp function, KernelTable &table,
                                        support::LibraryDescription &library) {
  auto isControl = [](Operation &op) { return isa<kern::IfOp, kern::WhileOp, kern::ScanOp, kern::ReverseWhileOp>(op); };
  auto found = llvm::find_if(function.getBody().front(), isControl);
  if (found == function.getBody().front().end()) return function.emitOpError("has lost its control flow");
  return ControlBorders(function, &*found, table, library).make();
}
