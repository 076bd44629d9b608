// Builder "elementwise": loops over all dims but the last, vectors along the last: four at once, then one by one under
// a mask. All loads of a step come before its stores, so an input may be the same memory as an output with the same
// map.
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

  void scalar() {
    Values values;
    for (Operand &in : ins) values.push_back(b.loadScalar(in.buffer, b.index(0)));
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

  /// Of the first dim; of the only one in blocks.
  void units() {
    Value zero = b.index(0);
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
  if (rank == 0)
    b.begin(types);
  else
    b.begin(types, [&] {
      Value elements = b.index(1);
      for (Value size : b.arguments(inCount, rank)) elements = b.mul(elements, size);
      Value first = b.argument(inCount), units = rank == 1 ? b.divideUp(first, b.index(block)) : first;
      return Shares{units, b.mul(elements, b.index(b.costOfElement(maps.size())))};
    });

  Elementwise e{b, {}, {}, b.arguments(inCount, rank)};
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
