// Builder "elementwise": loops over all dims but the last, vectors along the last: four at once, then one by one under
// a mask. All loads of a step come before its stores, so an input may be the same memory as an output with the same
// map. An input whose neighbours in memory lie along another dim, as a transpose reads it, is taken by squares of that
// dim and the last: as many vectors as a vector has lanes, turned in registers (one by one their elements come at 10
// GB/s).
#include "compiler/lower/kernels/kernel_builder.h"

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
constexpr int64_t block = 1024; // elements of a unit where there is one dim

struct Elementwise {
  KernelBuilder &b;
  SmallVector<Operand> ins, outs;
  Values sizes;
  std::optional<size_t> turned = {}; // the other dim of the squares

  bool isTurned(const Operand &in) const { return in.unit[*turned] && in.strides.back(); }

  void scalar() {
    Values values;
    for (Operand &in : ins) values.push_back(b.loadScalar(in.buffer, b.offset(in, {})));
    for (auto [out, value] : llvm::zip_equal(outs, b.body(values, false))) b.storeScalar(value, out.buffer, b.index(0));
  }

  /// `count` vectors from position `at` of the last dim on.
  void step(Value at, int64_t count, const Values &inBases, const Values &outBases, Value mask) {
    size_t last = sizes.size() - 1;
    SmallVector<Values> results;
    for (int64_t u = 0; u < count; ++u) {
      Value position = b.add(at, b.index(u * b.lanes()));
      Values values;
      for (auto [in, base] : llvm::zip_equal(ins, inBases))
        values.push_back(b.loadAlong(in, last, base, position, sizes[last], mask));
      results.push_back(b.body(values, true));
    }
    for (int64_t u = 0; u < count; ++u)
      for (auto [out, base, value] : llvm::zip_equal(outs, outBases, results[u]))
        b.store(value, out.buffer, b.add(b.add(base, at), b.index(u * b.lanes())), mask);
  }

  /// Elements [from, to) of the last dim.
  void row(ValueRange indices, Value from, Value to) {
    constexpr int64_t together = 4;
    Values inBases, outBases;
    for (Operand &in : ins) inBases.push_back(b.offset(in, indices));
    for (Operand &out : outs) outBases.push_back(b.offset(out, indices));
    Value bulk = b.add(from, b.roundDown(b.sub(to, from), together * b.lanes()));
    b.loop(from, bulk, together * b.lanes(), [&](Value at) { step(at, together, inBases, outBases, {}); });
    b.loop(bulk, to, b.lanes(), [&](Value at) { step(at, 1, inBases, outBases, b.mask(b.sub(to, at))); });
  }

  /// The elements from `first` of the turned dim and `at` of the last on, lanes x lanes of them; `indices`: of all dims
  /// but the last.
  void square(Values indices, Value first, Value at) {
    size_t last = sizes.size() - 1;
    indices[*turned] = first;
    SmallVector<Values> columns(ins.size());
    for (auto [i, in] : llvm::enumerate(ins)) {
      if (!isTurned(in)) continue;
      Value base = b.offset(in, indices);
      Values rows;
      for (int64_t lane = 0; lane < b.lanes(); ++lane)
        rows.push_back(b.load(in.buffer, b.add(base, b.mul(b.add(at, b.index(lane)), in.strides[last]))));
      columns[i] = b.transpose(rows);
    }
    for (int64_t row = 0; row < b.lanes(); ++row) {
      indices[*turned] = b.add(first, b.index(row));
      Values values;
      for (auto [i, in] : llvm::enumerate(ins))
        values.push_back(columns[i].empty() ? b.loadAlong(in, last, b.offset(in, indices), at, sizes[last])
                                            : columns[i][size_t(row)]);
      for (auto [out, value] : llvm::zip_equal(outs, b.body(values, true)))
        b.store(value, out.buffer, b.add(b.offset(out, indices), at));
    }
  }

  /// [from, to) of the turned dim, all of the last; the other dims are in `indices`.
  void squares(Values indices, Value from, Value to) {
    Value size = sizes.back(), whole = b.roundDown(size, b.lanes());
    Value end = b.add(from, b.roundDown(b.sub(to, from), b.lanes()));
    auto one = [&](Value at, Value first) {
      indices[*turned] = at;
      row(indices, first, size);
    };
    b.loop(from, end, b.lanes(), [&](Value first) {
      b.loop(b.index(0), whole, b.lanes(), [&](Value at) { square(indices, first, at); });
      b.loop(first, b.add(first, b.index(b.lanes())), 1, [&](Value at) { one(at, whole); });
    });
    b.loop(end, to, 1, [&](Value at) { one(at, b.index(0)); });
  }

  /// The sizes of the dims around the squares but the first, and `first` and `indices` of these put together.
  void aroundSquares(Value first, function_ref<void(Values)> body) {
    Values others;
    for (size_t dim = 1; dim + 1 < sizes.size(); ++dim)
      if (dim != *turned) others.push_back(sizes[dim]);
    b.nest(others, [&](ValueRange at) {
      Values indices{first};
      for (size_t dim = 1; dim + 1 < sizes.size(); ++dim) {
        bool isOther = dim != *turned;
        indices.push_back(isOther ? at.front() : Value());
        if (isOther) at = at.drop_front();
      }
      body(indices);
    });
  }

  /// Of the first dim; of the only one, or the first if it is turned, in blocks.
  void units() {
    Value zero = b.index(0);
    if (turned && *turned == 0)
      return aroundSquares({}, [&](Values indices) {
        Value unit = b.index(b.lanes());
        squares(indices, b.mul(b.from(), unit), b.min(b.mul(b.to(), unit), sizes[0]));
      });
    if (turned)
      return b.loop(b.from(), b.to(), 1, [&](Value first) {
        aroundSquares(first, [&](Values indices) { squares(indices, zero, sizes[*turned]); });
      });
    if (sizes.size() == 1)
      return row({}, b.mul(b.from(), b.index(block)), b.min(b.mul(b.to(), b.index(block)), sizes[0]));
    b.loop(b.from(), b.to(), 1, [&](Value first) {
      b.nest(ArrayRef(sizes).drop_front().drop_back(), [&](ValueRange others) {
        Values indices{first};
        llvm::append_range(indices, others);
        row(indices, zero, sizes.back());
      });
    });
  }
};
} // namespace

/// The dim along which an input's neighbours lie that are not those along the last dim. One for all: the first's.
static std::optional<size_t> turnedDim(ArrayRef<AffineMap> maps, TypeRange scalars) {
  for (auto [map, type] : llvm::zip(maps, scalars)) {
    unsigned last = map.getNumDims() - 1;
    auto results = llvm::make_filter_range(map.getResults(), [](AffineExpr e) { return isa<AffineDimExpr>(e); });
    if (results.empty() || type.getIntOrFloatBitWidth() > 32) continue; // wider ones fill two registers each
    auto innermost = cast<AffineDimExpr>(*std::prev(results.end())).getPosition();
    bool once = llvm::count(map.getResults(), getAffineDimExpr(innermost, map.getContext())) == 1;
    if (innermost != last && once && map.isFunctionOfDim(last)) return innermost;
  }
  return std::nullopt;
}

LogicalResult graphc::lower::buildElementwise(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  SmallVector<Type> types(b.bodyBlock().getArgumentTypes());
  size_t inCount = types.size(), outCount = b.yieldTypes().size();
  if (maps.size() != inCount + outCount || outCount == 0) return b.fail("it needs one map per buffer");
  size_t rank = maps.back().getNumDims();
  for (AffineMap map : ArrayRef(maps).drop_front(inCount))
    if (!map.isIdentity() || map.getNumDims() != rank) return b.fail("an output's map is not the identity");
  types.append(rank, b.getIndexType());
  llvm::append_range(types, b.yieldTypes());
  std::optional<size_t> turned = turnedDim(ArrayRef(maps).take_front(inCount), b.bodyBlock().getArgumentTypes());
  if (rank == 0)
    b.begin(types);
  else
    b.begin(types, [&] {
      Value elements = b.index(1);
      for (Value size : b.arguments(inCount, rank)) elements = b.mul(elements, size);
      Value first = b.argument(inCount), units = first;
      if (rank == 1 || turned == 0) units = b.divideUp(first, b.index(rank == 1 ? block : b.lanes()));
      return Shares{units, b.mul(elements, b.index(b.costOfElement(maps.size())))};
    });

  Elementwise e{b, {}, {}, b.arguments(inCount, rank), turned};
  for (size_t i = 0; i < maps.size(); ++i) {
    bool isIn = i < inCount;
    FailureOr<Operand> operand = b.operand(b.argument(isIn ? i : i + rank), maps[i], e.sizes);
    if (failed(operand)) return failure();
    (isIn ? e.ins : e.outs).push_back(*operand);
  }
  if (rank == 0)
    e.scalar();
  else
    e.units();
  return success();
}
