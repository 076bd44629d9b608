// Builder "softmax": y = exp(x - max) / sum along the middle of [outer, n, inner], x being the body of the input.
// inner = 1: three sweeps over a row that stays in L1 (maximum; exp, kept in the output, and sum; scale), four vectors
// at once, the rest one by one under a mask. Otherwise every lane is a column of its own and the sweeps step by inner.
// The maximum may skip a NaN: the row's sum is NaN all the same, as it is where the maximum is infinite (inf - inf).
// Sums are a fixed tree by n. The body is applied once: unless it is empty its result is kept in the output between the
// sweeps.
#include "compiler/lower/kernels/kernel_builder.h"
#include <limits>

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
struct Softmax {
  KernelBuilder &b;
  Value x, y, size, inner;
  bool bodyIsEmpty;

  static constexpr int64_t together = 4;

  Value splat(double value) { return b.splat(value, b.yieldTypes()[0]); }
  Value lowest() { return splat(-std::numeric_limits<double>::infinity()); }
  Value sum(Value p, Value q) { return b.create<arith::AddFOp>(p, q); }
  /// One instruction (vmaxps); a NaN in p loses.
  Value larger(Value p, Value q) {
    return b.create<arith::SelectOp>(b.create<arith::CmpFOp>(arith::CmpFPredicate::OGT, p, q), p, q);
  }

  /// The vector at `at` for the maximum.
  Value first(Value at, Value mask) {
    Value value = b.body(b.load(x, at, mask), true)[0];
    if (!bodyIsEmpty) b.store(value, y, at, mask);
    return mask ? b.create<arith::SelectOp>(mask, value, lowest()) : value;
  }
  /// Replaces it by exp(x - maximum), which the output keeps.
  Value exponential(Value at, Value maximum, Value mask) {
    Value value = b.load(bodyIsEmpty ? x : y, at, mask);
    value = b.create<math::ExpOp>(b.create<arith::SubFOp>(value, maximum));
    b.store(value, y, at, mask);
    return mask ? b.create<arith::SelectOp>(mask, value, splat(0)) : value;
  }
  void scale(Value at, Value factor, Value mask) {
    b.store(b.create<arith::MulFOp>(b.load(y, at, mask), factor), y, at, mask);
  }

  /// Runs `visit` over a row, folding what it returns by `combine` from `init` on, into one value in all lanes.
  Value rowFold(Value base, Value init, function_ref<Value(Value, Value)> visit,
                function_ref<Value(Value, Value)> combine) {
    Value bulk = b.roundDown(size, together * b.lanes());
    Values partial =
        b.loop(b.index(0), bulk, together * b.lanes(), Values(together, init), [&](Value j, ValueRange sums) {
          Values next;
          for (int64_t u = 0; u < together; ++u)
            next.push_back(combine(visit(b.add(b.add(base, j), b.index(u * b.lanes())), {}), sums[u]));
          return next;
        });
    Values rest = b.loop(bulk, size, b.lanes(), b.tree(partial, combine), [&](Value j, ValueRange sums) {
      return Values{combine(visit(b.add(base, j), b.mask(b.sub(size, j))), sums[0])};
    });
    return b.broadcast(b.fold(rest[0], combine));
  }

  void row(Value base) {
    auto plus = [&](Value p, Value q) { return sum(p, q); };
    Value maximum = rowFold(
        base, lowest(), [&](Value at, Value mask) { return first(at, mask); },
        [&](Value p, Value q) { return larger(p, q); });
    Value total = rowFold(base, splat(0), [&](Value at, Value mask) { return exponential(at, maximum, mask); }, plus);
    Value factor = b.create<arith::DivFOp>(splat(1), total);
    Value bulk = b.roundDown(size, together * b.lanes());
    b.loop(b.index(0), bulk, together * b.lanes(), [&](Value j) {
      for (int64_t u = 0; u < together; ++u) scale(b.add(b.add(base, j), b.index(u * b.lanes())), factor, {});
    });
    b.loop(bulk, size, b.lanes(), [&](Value j) { scale(b.add(base, j), factor, b.mask(b.sub(size, j))); });
  }

  /// Lanes are columns [base, base + lanes) of the inner dim.
  void columns(Value base, Value mask) {
    auto sweep = [&](Value init, function_ref<Value(Value, Value)> step) {
      return b.loop(b.index(0), size, 1, init,
                    [&](Value j, ValueRange sums) { return Values{step(b.add(base, b.mul(j, inner)), sums[0])}; })[0];
    };
    Value maximum = sweep(lowest(), [&](Value at, Value best) { return larger(first(at, mask), best); });
    Value total =
        sweep(splat(0), [&](Value at, Value partial) { return sum(partial, exponential(at, maximum, mask)); });
    Value factor = b.create<arith::DivFOp>(splat(1), total);
    b.loop(b.index(0), size, 1, [&](Value j) { scale(b.add(base, b.mul(j, inner)), factor, mask); });
  }
};
} // namespace

LogicalResult graphc::lower::buildSoftmax(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  Type index = b.getIndexType();
  if (b.bodyBlock().getNumArguments() != 1 || b.yieldTypes().size() != 1 ||
      !(b.yieldTypes()[0].isF32() || b.yieldTypes()[0].isF64()))
    return b.fail("the body is not one value to one f32 or f64");
  b.begin({b.bodyBlock().getArgument(0).getType(), index, index, index, b.yieldTypes()[0]}, [&] {
    Value elements = b.mul(b.argument(1), b.mul(b.argument(2), b.argument(3)));
    return Shares{b.argument(1), b.mul(elements, b.index(16 + b.costOfElement(4)))};
  });
  Value size = b.argument(2), inner = b.argument(3);
  bool bodyIsEmpty = b.bodyBlock().getTerminator()->getOperand(0) == b.bodyBlock().getArgument(0);
  Softmax e{b, b.argument(0), b.argument(4), size, inner, bodyIsEmpty};
  b.loop(b.from(), b.to(), 1, [&](Value o) {
    if (b.kernel.getInnerIsOne()) return e.row(b.mul(o, size));
    Value base = b.mul(o, b.mul(size, inner)), whole = b.roundDown(inner, b.lanes());
    b.loop(b.index(0), whole, b.lanes(), [&](Value i) { e.columns(b.add(base, i), {}); });
    b.loop(whole, inner, b.lanes(), [&](Value i) { e.columns(b.add(base, i), b.mask(b.sub(inner, i))); });
  });
  return success();
}
