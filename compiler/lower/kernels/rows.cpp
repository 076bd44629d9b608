// Builder "rows": for each row the sweeps of row_schedule.h, one after the other, so that the row stays in L1 while
// they go over it. Where rows lie along the last dim a step is four vectors, then one under a mask, and a fold has one
// accumulator for each of the four, combined as a fixed tree at the end; otherwise every lane is a row of its own and
// the sweeps step along the reduced dim. Either way the bits depend on nothing but the row's size and the ISA level.
// What exists once per row is a vector too: the same number in all lanes, or one lane per row.
//
// A row's last sweep takes the next row's first one along where that only reads and the last one is light (a softmax's
// scaling): then rows arrive while there is something to compute, instead of being waited for.
#include "compiler/lower/fuse/body_size.h"
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/math_families.h"
#include "compiler/lower/kernels/row_schedule.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;
using Values = KernelBuilder::Values;
using kern::FoldOp;

namespace {
struct Rows {
  KernelBuilder &b;
  RowSchedule &schedule;
  SmallVector<Operand> ins, outs;
  Values sizes;
  size_t axis, last;

  /// A row, or a vector of rows.
  struct Row {
    Values inBases, outBases;
    IRMapping values; // what exists once per row
  };
  /// A sweep over one.
  struct Pass {
    const RowSchedule::Sweep &sweep;
    Row &row;
  };
  static constexpr int64_t together = 4; // vectors

  /// An element of the row: where its vector begins along the last dim, and its index along the axis unless they are
  /// one.
  struct Place {
    Value at, along;
  };
  Value base(const Operand &operand, Value start, const Place &place) {
    bool moves = place.along && operand.strides[axis];
    return moves ? b.add(start, b.mul(place.along, operand.strides[axis])) : start;
  }
  Value load(const Operand &operand, Value start, const Place &place, Value mask) {
    return b.loadAlong(operand, last, base(operand, start, place), place.at, sizes[last], mask);
  }
  Value combine(FoldOp fold, Value accumulator, Value element) {
    Block &body = fold.getBody().front();
    IRMapping values;
    values.map(body.getArguments(), ValueRange{accumulator, element});
    for (Operation &op : body.without_terminator())
      b.repeat(op, values, cast<VectorType>(accumulator.getType()).getNumElements());
    return values.lookup(body.getTerminator()->getOperand(0));
  }

  /// One step: per place its accumulators after it, one per fold.
  SmallVector<Values> step(const Pass &pass, ArrayRef<Place> places, Value mask, ArrayRef<Values> accumulators) {
    const RowSchedule::Sweep &sweep = pass.sweep;
    const Row &row = pass.row;
    SmallVector<IRMapping> values(places.size(), row.values);
    for (auto [place, map] : llvm::zip(places, values)) {
      for (unsigned in : sweep.loads)
        map.map(b.bodyBlock().getArgument(in), load(ins[in], row.inBases[in], place, mask));
      for (auto [value, out] : sweep.reloads) map.map(value, load(outs[out], row.outBases[out], place, mask));
      for (Operation *op : sweep.ops) b.repeat(*op, map, b.lanes());
    }
    for (auto [place, map] : llvm::zip(places, values))
      for (auto [value, out] : sweep.stores)
        b.store(map.lookup(value), outs[out].buffer, b.add(base(outs[out], row.outBases[out], place), place.at), mask);
    SmallVector<Values> next(accumulators);
    for (auto [i, map] : llvm::enumerate(values))
      for (size_t f = 0; f < sweep.folds.size(); ++f) {
        FoldOp fold = sweep.folds[f];
        Value before = accumulators[i][f], after = combine(fold, before, map.lookup(fold.getElement()));
        next[i][f] = mask && !places[i].along ? b.create<arith::SelectOp>(mask, after, before) : after;
      }
    return next;
  }

  static Values flat(ArrayRef<Values> parts) {
    Values all;
    for (const Values &part : parts) llvm::append_range(all, part);
    return all;
  }

  Values initsOf(const RowSchedule::Sweep &sweep) {
    Values inits;
    for (FoldOp fold : sweep.folds) inits.push_back(b.vectorOf(fold.getInit(), fold.getResult().getType()));
    return inits;
  }

  /// A sweep over its row, and at once another over another, if it has no fold; what the folds give is among the row's
  /// values afterwards.
  void sweepAlongLast(const Pass &pass, const Pass *beside = nullptr) {
    const RowSchedule::Sweep &sweep = pass.sweep;
    Value size = sizes[last], bulk = b.roundDown(size, together * b.lanes());
    Values inits = initsOf(sweep);
    size_t folds = inits.size();
    auto steps = [&](Value from, Value to, int64_t count, ValueRange start) {
      return b.loop(from, to, count * b.lanes(), start, [&](Value at, ValueRange carried) {
        SmallVector<Place> places;
        SmallVector<Values> accumulators;
        for (int64_t u = 0; u < count; ++u) {
          places.push_back({b.add(at, b.index(u * b.lanes())), {}});
          accumulators.emplace_back(carried.slice(u * folds, folds));
        }
        Value mask = count == 1 ? b.mask(b.sub(size, at)) : Value();
        if (beside) step(*beside, places, mask, SmallVector<Values>(places.size()));
        return flat(step(pass, places, mask, accumulators));
      });
    };
    Values parts = steps(b.index(0), bulk, together, flat(SmallVector<Values>(together, inits))), joined;
    for (size_t f = 0; f < folds; ++f) {
      Values turns;
      for (int64_t u = 0; u < together; ++u) turns.push_back(parts[u * folds + f]);
      FoldOp fold = sweep.folds[f];
      joined.push_back(b.tree(turns, [&](Value p, Value q) { return combine(fold, p, q); }));
    }
    joined = steps(bulk, size, 1, joined);
    for (size_t f = 0; f < folds; ++f) {
      FoldOp fold = sweep.folds[f];
      pass.row.values.map(fold.getResult(),
                          b.broadcast(b.fold(joined[f], [&](Value p, Value q) { return combine(fold, p, q); })));
    }
  }

  void sweepAcross(const Pass &pass, Value at, Value mask) {
    Values results = b.loop(b.index(0), sizes[axis], 1, initsOf(pass.sweep), [&](Value along, ValueRange carried) {
      return step(pass, Place{at, along}, mask, {Values(carried)})[0];
    });
    for (size_t f = 0; f < results.size(); ++f) {
      FoldOp fold = pass.sweep.folds[f];
      pass.row.values.map(fold.getResult(), results[f]);
    }
  }

  /// What is there of the row before its first sweep. `at`: where rows lie across, the first lane's.
  void begin(Row &row, Value at, Value mask) {
    for (auto [i, argument] : llvm::enumerate(b.bodyBlock().getArguments()))
      if (schedule.isPerRow(i))
        row.values.map(argument, at ? load(ins[i], row.inBases[i], {at, {}}, mask)
                                    : b.broadcast(b.loadScalar(ins[i].buffer, row.inBases[i])));
    prepare(row, schedule.sweeps().front());
  }
  void prepare(Row &row, const RowSchedule::Sweep &sweep) {
    for (Operation *op : sweep.before) b.repeat(*op, row.values, b.lanes());
  }

  void end(Row &row, Value at, Value mask) {
    for (Operation *op : schedule.after()) b.repeat(*op, row.values, b.lanes());
    for (auto [i, value] : llvm::enumerate(b.bodyBlock().getTerminator()->getOperands())) {
      if (!schedule.outIsPerRow(i)) continue;
      Value result = row.values.lookup(value);
      if (at)
        b.store(result, outs[i].buffer, b.add(row.outBases[i], at), mask);
      else
        b.storeScalar(b.create<vector::ExtractOp>(result, 0), outs[i].buffer, row.outBases[i]);
    }
  }

  /// The whole row or, where rows lie across, those of the lanes from `at` on.
  void whole(Row row, Value at, Value mask) {
    begin(row, at, mask);
    for (const RowSchedule::Sweep &sweep : schedule.sweeps()) {
      if (&sweep != &schedule.sweeps().front()) prepare(row, sweep);
      if (at)
        sweepAcross({sweep, row}, at, mask);
      else
        sweepAlongLast({sweep, row});
    }
    end(row, at, mask);
  }

  /// Whether a row's last sweep can take the next row's first one along. A heavy one has no registers left.
  bool overlapsRows() {
    const RowSchedule::Sweep &first = schedule.sweeps().front(), &final = schedule.sweeps().back();
    constexpr size_t light = 4;
    return axis == last && sizes.size() == 2 && schedule.sweeps().size() > 1 && first.stores.empty() &&
           final.folds.empty() && final.ops.size() <= light && first.ops.size() <= light &&
           llvm::none_of(final.ops, [](Operation *op) { return isFunction(*op); }) &&
           llvm::none_of(first.ops, [](Operation *op) { return isFunction(*op); });
  }

  /// The rows [from, to), which are more than none, each with its first sweep done while the one before was ended.
  void overlapped(Value from, Value to) {
    ArrayRef<RowSchedule::Sweep> sweeps = schedule.sweeps();
    auto resultsOf = [&](Row &row) {
      Values results;
      for (FoldOp fold : sweeps.front().folds) results.push_back(row.values.lookup(fold.getResult()));
      return results;
    };
    Row ahead = rowAt(from);
    begin(ahead, {}, {});
    sweepAlongLast({sweeps.front(), ahead});
    b.loop(from, to, 1, resultsOf(ahead), [&](Value i, ValueRange carried) {
      Row row = rowAt(i);
      begin(row, {}, {});
      for (auto [fold, result] : llvm::zip_equal(sweeps.front().folds, carried)) {
        FoldOp of = fold;
        row.values.map(of.getResult(), result);
      }
      for (const RowSchedule::Sweep &sweep : sweeps.drop_front()) {
        prepare(row, sweep);
        if (&sweep != &sweeps.back()) sweepAlongLast({sweep, row});
      }
      // Behind the last row the same one again: it is there, and what comes of it is not used.
      Row next = rowAt(b.min(b.add(i, b.index(1)), b.sub(to, b.index(1))));
      begin(next, {}, {});
      Pass final{sweeps.back(), row};
      sweepAlongLast({sweeps.front(), next}, &final);
      end(row, {}, {});
      return resultsOf(next);
    });
  }

  void build() {
    if (overlapsRows())
      return b.when(b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, b.from(), b.to()),
                    [&] { overlapped(b.from(), b.to()); });
    Values outer;
    for (size_t d = 0; d < sizes.size(); ++d)
      if (d != axis && d != last) outer.push_back(sizes[d]);
    // The first of the outer dims is shared out, if there is one.
    if (outer.empty()) return rowsAt({});
    b.loop(b.from(), b.to(), 1, [&](Value first) {
      b.nest(ArrayRef(outer).drop_front(), [&](ValueRange others) {
        Values at{first};
        llvm::append_range(at, others);
        rowsAt(at);
      });
    });
  }

  Row rowAt(ValueRange at) {
    Row row;
    Values indices;
    for (size_t d = 0, o = 0; d < sizes.size(); ++d) indices.push_back(d == axis || d == last ? b.index(0) : at[o++]);
    for (Operand &in : ins) row.inBases.push_back(b.offset(in, indices));
    for (Operand &out : outs) row.outBases.push_back(b.offset(out, indices));
    return row;
  }

  /// The rows at these outer indices.
  void rowsAt(ValueRange at) {
    Row row = rowAt(at);
    if (axis == last) return whole(row, {}, {});
    Value size = sizes[last], bulk = b.roundDown(size, b.lanes());
    b.loop(b.index(0), bulk, b.lanes(), [&](Value position) { whole(row, position, {}); });
    b.loop(bulk, size, b.lanes(), [&](Value position) { whole(row, position, b.mask(b.sub(size, position))); });
  }
};

/// Does it keep the larger of two?
bool isMaximum(FoldOp fold) {
  Block &body = fold.getBody().front();
  auto select = body.getTerminator()->getOperand(0).getDefiningOp<arith::SelectOp>();
  auto compare = select ? select.getCondition().getDefiningOp<arith::CmpFOp>() : nullptr;
  return compare && compare.getPredicate() == arith::CmpFPredicate::OGT && compare.getLhs() == select.getTrueValue() &&
         compare.getRhs() == select.getFalseValue() && compare.getLhs() == body.getArgument(1) &&
         compare.getRhs() == body.getArgument(0);
}

/// A row's elements less their maximum are never above 0, which spares their exponential a bound.
void markDifferencesFromMaximum(Block &body) {
  for (auto exp : body.getOps<math::ExpOp>()) {
    auto difference = exp.getOperand().getDefiningOp<arith::SubFOp>();
    auto fold = difference ? difference.getRhs().getDefiningOp<FoldOp>() : nullptr;
    if (fold && fold.getElement() == difference.getLhs() && isMaximum(fold))
      exp->setAttr(neverPositiveAttr, UnitAttr::get(exp.getContext()));
  }
}
} // namespace

LogicalResult graphc::lower::buildRows(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  SmallVector<Type> types(b.bodyBlock().getArgumentTypes());
  auto reduced = b.kernel.getReduced().value_or(ArrayRef<int64_t>());
  size_t inCount = types.size(), outCount = b.yieldTypes().size();
  if (maps.size() != inCount + outCount || outCount == 0 || reduced.size() != 1)
    return b.fail("it needs one map per buffer and one reduced dim");
  size_t rank = maps[0].getNumDims();
  if (reduced[0] < 0 || reduced[0] >= int64_t(rank)) return b.fail("'reduced' names a dim that does not exist");
  types.append(rank, b.getIndexType());
  llvm::append_range(types, b.yieldTypes());
  auto outerDim =
      llvm::find_if(llvm::seq<size_t>(0, rank), [&](size_t d) { return int64_t(d) != reduced[0] && d + 1 != rank; });
  if (outerDim == llvm::seq<size_t>(0, rank).end()) // one row
    b.begin(types);
  else
    b.begin(types, [&] {
      Value cost = b.index(b.costOfElement(maps.size()));
      for (Value size : b.arguments(inCount, rank)) cost = b.mul(cost, size);
      return Shares{b.argument(inCount + *outerDim), cost};
    });

  markDifferencesFromMaximum(b.bodyBlock());
  RowSchedule schedule(b.bodyBlock(), maps, reduced[0]);
  Rows e{b, schedule, {}, {}, b.arguments(inCount, rank), size_t(reduced[0]), rank - 1};
  for (size_t i = 0; i < maps.size(); ++i) {
    bool isIn = i < inCount;
    FailureOr<Operand> operand = b.operand(b.argument(isIn ? i : i + rank), maps[i], e.sizes);
    if (failed(operand)) return failure();
    (isIn ? e.ins : e.outs).push_back(*operand);
  }
  e.build();
  return success();
}
