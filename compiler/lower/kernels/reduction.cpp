// Builder "reduction": the kept dims are outer loops, the reduced dims inner ones with the accumulators as iter_args,
// in order of increasing index, because any other order would change what the body computes. Where the last dim is
// kept, lanes are neighbours along it, each with accumulators of its own: the same order, the same bits as one by one;
// four vectors of them side by side, so that no sum waits for the one before it.
// Where it is reduced and the body is known to combine in any order (reduction_combine.h), 16 accumulators take turns
// along it, at every level, and are folded by halves at the end: a fixed order too, so that the bits depend on sizes
// alone, and no sum waits for the one before it.
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/reduction_combine.h"

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
constexpr int64_t turns = 16; // accumulators of a reduced last dim: a multiple of every level's lanes

constexpr int64_t sideBySide = 4; // vectors of accumulators: enough to hide the latency of an addition
constexpr int64_t block = 64;     // elements of a unit where the last dim alone is kept

bool keepsLastAlone(ArrayRef<int64_t> kept, size_t rank) { return kept.size() == 1 && kept[0] == int64_t(rank) - 1; }

struct Reduction {
  KernelBuilder &b;
  SmallVector<Operand> ins, outs;
  Values sizes, inits;
  SmallVector<int64_t> reduced, kept, stored;

  /// True if the kernel can keep a vector of neighbours along the last dim: its body has a vector form and asks for no
  /// index.
  bool hasLanes() {
    if (kept.empty() || kept.back() != int64_t(sizes.size()) - 1) return false;
    return indicesAreUnused() && b.isVectorizable();
  }

  /// Accumulators after the reduced dims, the kept ones being set in `indices`. With `vectors` above 0 the last dim
  /// begins at its index, there are so many vectors of accumulators side by side, and lanes from the mask on are any
  /// value.
  Values reduce(Values indices, int64_t vectors, Value mask) {
    SmallVector<scf::ForOp> loops;
    OpBuilder::InsertionGuard guard(b);
    Values state;
    for (int64_t v = 0; v < std::max<int64_t>(vectors, 1); ++v)
      for (Value init : inits) state.push_back(vectors ? b.broadcast(init) : init);
    for (int64_t dim : reduced) {
      loops.push_back(b.create<scf::ForOp>(b.index(0), sizes[dim], b.index(1), state));
      b.setInsertionPointToStart(loops.back().getBody());
      indices[dim] = loops.back().getInductionVar();
      state.assign(loops.back().getRegionIterArgs().begin(), loops.back().getRegionIterArgs().end());
    }
    Values next;
    size_t last = sizes.size() - 1;
    Value first = indices[last];
    for (int64_t v = 0; v < std::max<int64_t>(vectors, 1); ++v) {
      if (v > 0) indices[last] = b.add(first, b.index(v * b.lanes()));
      Values values;
      for (Operand &in : ins)
        values.push_back(vectors ? b.loadAlong(in, last, b.offset(in, ArrayRef(indices).drop_back()), indices[last],
                                               sizes[last], mask)
                                 : b.loadScalar(in.buffer, b.offset(in, indices)));
      llvm::append_range(values, ArrayRef(state).slice(size_t(v) * inits.size(), inits.size()));
      llvm::append_range(values, indices);
      llvm::append_range(next, b.body(values, vectors > 0));
    }
    for (scf::ForOp loop : llvm::reverse(loops)) {
      b.setInsertionPointToEnd(loop.getBody());
      b.create<scf::YieldOp>(next);
      next.assign(loop.getResults().begin(), loop.getResults().end());
      b.setInsertionPointAfter(loop);
    }
    return next;
  }

  bool indicesAreUnused() {
    auto indices = b.bodyBlock().getArguments().take_back(sizes.size());
    return llvm::all_of(indices, [](BlockArgument index) { return index.use_empty(); });
  }

  /// How accumulators that took turns along the last dim become one; nullopt if it must be walked in order.
  std::optional<ReductionCombine> turnsCombine() {
    size_t last = sizes.size() - 1;
    if (reduced.back() != int64_t(last) || turns % b.lanes() != 0 || inits.size() != 1) return std::nullopt;
    if (!indicesAreUnused() || !b.isVectorizable()) return std::nullopt;
    if (!llvm::any_of(ins, [&](const Operand &in) { return bool(in.unit[last]); })) return std::nullopt;
    return ReductionCombine::of(b.bodyBlock(), ins.size(), cast<TypedAttr>((*b.kernel.getInits())[0]));
  }

  /// The accumulators after the elements [at, at + turns) of the last dim, those from its end on left out if `partial`.
  Values takeTurns(Values indices, Value at, ValueRange state, bool partial) {
    size_t last = sizes.size() - 1;
    Values next;
    for (auto [part, accumulated] : llvm::enumerate(state)) {
      Value from = b.add(at, b.index(part * b.lanes()));
      Value mask = partial ? b.mask(b.sub(sizes[last], from)) : Value(), values;
      indices[last] = from;
      Values arguments;
      for (Operand &in : ins)
        arguments.push_back(
            b.loadAlong(in, last, b.offset(in, ArrayRef(indices).drop_back()), from, sizes[last], mask));
      arguments.push_back(accumulated);
      llvm::append_range(arguments, indices);
      values = b.body(arguments, true)[0];
      next.push_back(mask ? b.create<arith::SelectOp>(mask, values, accumulated) : values);
    }
    return next;
  }

  /// The accumulator after the reduced dims, the last of them in turns.
  Value reduceInTurns(Values indices, const ReductionCombine &combine) {
    Values state(turns / b.lanes(), b.broadcast(inits[0])), outer;
    Value size = sizes.back(), bulk = b.roundDown(size, turns);
    OpBuilder::InsertionGuard guard(b);
    SmallVector<scf::ForOp> loops;
    for (int64_t dim : ArrayRef(reduced).drop_back()) {
      loops.push_back(b.create<scf::ForOp>(b.index(0), sizes[dim], b.index(1), state));
      b.setInsertionPointToStart(loops.back().getBody());
      indices[dim] = loops.back().getInductionVar();
      state.assign(loops.back().getRegionIterArgs().begin(), loops.back().getRegionIterArgs().end());
    }
    for (bool partial : {false, true})
      state = b.loop(partial ? bulk : b.index(0), partial ? size : bulk, turns, state,
                     [&](Value at, ValueRange carried) { return takeTurns(indices, at, carried, partial); });
    for (scf::ForOp loop : llvm::reverse(loops)) {
      b.setInsertionPointToEnd(loop.getBody());
      b.create<scf::YieldOp>(state);
      state.assign(loop.getResults().begin(), loop.getResults().end());
      b.setInsertionPointAfter(loop);
    }
    auto two = [&](Value left, Value right) { return combine.build(b, left, right); };
    for (; state.size() > 1; state.resize(state.size() / 2)) // by halves, as fold goes on
      for (size_t i = 0, half = state.size() / 2; i < half; ++i) state[i] = two(state[i], state[half + i]);
    return b.fold(state[0], two);
  }

  void store(const Values &results, const Values &indices, bool lanes, Value mask) {
    for (auto [out, result] : llvm::zip_equal(outs, stored)) {
      Value at = b.offset(out, indices);
      if (lanes)
        b.store(results[result], out.buffer, at, mask);
      else
        b.storeScalar(results[result], out.buffer, at);
    }
  }

  /// The results at one place of the kept dims, or, with lanes, at the elements [from, to) of the last.
  void results(Values indices, bool lanes, const std::optional<ReductionCombine> &combine, Value from, Value to) {
    if (combine) return store({reduceInTurns(indices, *combine)}, indices, false, {});
    if (!lanes) return store(reduce(indices, 0, {}), indices, false, {});
    auto step = [&](Value position, int64_t vectors, Value mask) {
      indices.back() = position;
      Values all = reduce(indices, vectors, mask);
      for (int64_t v = 0; v < vectors; ++v) {
        indices.back() = b.add(position, b.index(v * b.lanes()));
        auto ofOne = ArrayRef(all).slice(size_t(v) * inits.size(), inits.size());
        store(Values(ofOne), indices, true, mask);
      }
    };
    Value done = from;
    for (int64_t vectors : {sideBySide, int64_t(1)}) {
      Value end = b.add(done, b.roundDown(b.sub(to, done), vectors * b.lanes()));
      b.loop(done, end, vectors * b.lanes(), [&](Value position) { step(position, vectors, {}); });
      done = end;
    }
    b.loop(done, to, b.lanes(), [&](Value position) { step(position, 1, b.mask(b.sub(to, position))); });
  }

  /// The kept dims behind `outer`, which are set in `indices`, with all of the last.
  void inner(Values indices, size_t outer, bool lanes, const std::optional<ReductionCombine> &combine) {
    ArrayRef<int64_t> loops = ArrayRef(kept).drop_front(outer);
    if (lanes) loops = loops.drop_back();
    Values loopSizes;
    for (int64_t dim : loops) loopSizes.push_back(sizes[dim]);
    b.nest(loopSizes, [&](ValueRange at) {
      for (auto [dim, i] : llvm::zip_equal(loops, at)) indices[dim] = i;
      results(indices, lanes, combine, b.index(0), sizes.back());
    });
  }

  void build() {
    auto unitOut = [&](const Operand &out) { return bool(out.unit[sizes.size() - 1]); };
    bool lanes = hasLanes() && llvm::all_of(outs, unitOut);
    std::optional<ReductionCombine> combine = turnsCombine();
    Values indices(sizes.size(), b.index(0));
    if (kept.empty()) return results(indices, lanes, combine, {}, {});
    auto unit = [&](Value first) {
      indices[kept[0]] = first;
      inner(indices, 1, lanes, combine);
    };
    if (!keepsLastAlone(kept, sizes.size())) return b.loop(b.from(), b.to(), 1, unit);
    Value from = b.mul(b.from(), b.index(block)), to = b.min(b.mul(b.to(), b.index(block)), sizes.back());
    if (lanes) return results(indices, lanes, combine, from, to);
    b.loop(from, to, 1, unit);
  }
};
} // namespace

LogicalResult graphc::lower::buildReduction(KernelBuilder &b) {
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  auto reduced = b.kernel.getReduced().value_or(ArrayRef<int64_t>()),
       stored = b.kernel.getStored().value_or(ArrayRef<int64_t>());
  size_t accumulators = b.yieldTypes().size(), inCount = maps.size() - std::min(maps.size(), stored.size());
  size_t rank = maps.empty() ? 0 : maps[0].getNumDims();
  if (maps.empty() || reduced.empty() || !b.kernel.getInits() || b.kernel.getInits()->size() != accumulators ||
      b.bodyBlock().getNumArguments() != inCount + accumulators + rank)
    return b.fail("its attributes and its body do not fit");
  SmallVector<Type> types(b.bodyBlock().getArgumentTypes());
  types.truncate(inCount);
  types.append(rank, b.getIndexType());
  for (int64_t at : stored) {
    if (at < 0 || at >= int64_t(accumulators)) return b.fail("'stored' names an accumulator that does not exist");
    types.push_back(b.yieldTypes()[at]);
  }
  SmallVector<int64_t> kept;
  for (int64_t dim = 0; dim < int64_t(rank); ++dim)
    if (!llvm::is_contained(reduced, dim)) kept.push_back(dim);
  if (kept.size() + reduced.size() != rank) return b.fail("'reduced' names a dim that does not exist");
  if (kept.empty())
    b.begin(types);
  else
    b.begin(types, [&] {
      Value cost = b.index(b.costOfElement(inCount)), first = b.argument(inCount + kept[0]);
      for (Value size : b.arguments(inCount, rank)) cost = b.mul(cost, size);
      return Shares{keepsLastAlone(kept, rank) ? b.divideUp(first, b.index(block)) : first, cost};
    });

  Reduction e{
      b, {}, {}, b.arguments(inCount, rank), {}, SmallVector<int64_t>(reduced), kept, SmallVector<int64_t>(stored)};
  llvm::sort(e.reduced);
  for (size_t i = 0; i < maps.size(); ++i) {
    bool isIn = i < inCount;
    FailureOr<Operand> operand = b.operand(b.argument(isIn ? i : i + rank), maps[i], e.sizes);
    if (failed(operand)) return failure();
    (isIn ? e.ins : e.outs).push_back(*operand);
  }
  for (auto [init, type] : llvm::zip_equal(*b.kernel.getInits(), b.yieldTypes())) {
    auto typed = dyn_cast<TypedAttr>(init);
    if (!typed || typed.getType() != type) return b.fail("an accumulator's initial value has another type");
    e.inits.push_back(b.create<arith::ConstantOp>(typed));
  }
  e.build();
  return success();
}
