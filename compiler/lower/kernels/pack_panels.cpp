// Builder "pack_panels": row-major [G][K][N] to panels [G][ceil(N/16)][K][16], columns past N zero. Whole panels go
// eight at a time: each row is read in runs of 512 bytes and written in eight streams; the others one by one, under a
// mask. A source [G][N][K], or one [N, K] that is in panels itself, is transposed on the way, square by square in
// registers.
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/panels.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
struct PackPanels {
  KernelBuilder &b;
  Value rows, depth, columns, panels;
  bool fromPanels = false;

  /// Panels [p, p + together) of the group whose row 0 and panel 0 begin at `from` and `to`.
  void copy(Value p, int64_t together, bool masked, Value from, Value to) {
    Value column = b.mul(p, b.index(panelColumns)), panelSize = b.mul(depth, b.index(panelColumns));
    b.loop(b.index(0), depth, 1, [&](Value k) {
      Value row = b.add(from, b.add(b.mul(k, columns), column));
      for (int64_t panel = 0; panel < together; ++panel) {
        Value target = b.add(to, b.add(b.mul(b.add(p, b.index(panel)), panelSize), b.mul(k, b.index(panelColumns))));
        for (int64_t lane = 0; lane < panelColumns; lane += b.lanes()) {
          Value shift = b.index(panel * panelColumns + lane);
          Value mask = masked ? b.mask(b.sub(columns, b.add(column, shift))) : Value();
          b.store(b.load(rows, b.add(row, shift), mask), panels, b.add(target, b.index(lane)));
        }
      }
    });
  }

  /// One panel of a transposed source: `from` is row 0, column 0 of its matrix. `masked`: some columns or k are
  /// missing.
  void transpose(Value p, Value from, Value to) {
    Value panel = b.add(to, b.mul(p, b.mul(depth, b.index(panelColumns)))), column = b.mul(p, b.index(panelColumns));
    Value wholeDepth = b.roundDown(depth, b.lanes());
    Value isWhole = b.create<arith::CmpIOp>(arith::CmpIPredicate::sle, b.add(column, b.index(panelColumns)), columns);
    b.when(
        isWhole,
        [&] { b.loop(b.index(0), wholeDepth, b.lanes(), [&](Value k) { square(column, k, from, panel, false); }); },
        [&] { b.loop(b.index(0), wholeDepth, b.lanes(), [&](Value k) { square(column, k, from, panel, true); }); });
    b.loop(wholeDepth, depth, b.lanes(), [&](Value k) { square(column, k, from, panel, true); });
  }

  /// The squares of a panel's columns and k, k + 1, ...
  void square(Value column, Value k, Value from, Value panel, bool masked) {
    for (int64_t lane = 0; lane < panelColumns; lane += b.lanes()) {
      KernelBuilder::Values square;
      Value mask = masked ? b.mask(b.sub(depth, k)) : Value(), lastColumn = b.sub(columns, b.index(1));
      for (int64_t i = 0; i < b.lanes(); ++i) {
        Value row = b.add(column, b.index(lane + i));
        if (masked) row = b.min(row, lastColumn); // its lanes are cut off below
        // k is a multiple of the lanes: what a vector holds is within one panel of the source.
        Value inPanel = b.sub(k, b.roundDown(k, panelColumns)), sourcePanel = b.divide(k, panelColumns);
        Value at = fromPanels ? b.add(b.mul(b.add(b.mul(sourcePanel, columns), row), b.index(panelColumns)), inPanel)
                              : b.add(from, b.add(b.mul(row, depth), k));
        square.push_back(b.load(rows, at, mask));
      }
      Value here = masked ? b.mask(b.sub(columns, b.add(column, b.index(lane)))) : Value();
      for (auto [i, vector] : llvm::enumerate(b.transpose(square))) {
        Value at = b.add(k, b.index(int64_t(i)));
        Value target = b.add(panel, b.add(b.mul(at, b.index(panelColumns)), b.index(lane)));
        if (!masked) {
          b.store(vector, panels, target);
          continue;
        }
        Value kept = b.create<arith::SelectOp>(here, vector, b.splat(0));
        b.when(b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, at, depth), [&] { b.store(kept, panels, target); });
      }
    }
  }
};
} // namespace

LogicalResult graphc::lower::buildPackPanels(KernelBuilder &b) {
  constexpr int64_t together = 8;
  Type f32 = b.getF32Type(), index = b.getIndexType();
  auto panelsOf = [&](Value columns) { return b.divide(b.add(columns, b.index(panelColumns - 1)), panelColumns); };
  auto blocksOf = [&](Value columns) { return b.divideUp(panelsOf(columns), b.index(together)); };
  b.begin({f32, index, index, index, f32}, [&] {
    Value elements = b.mul(b.argument(1), b.mul(b.argument(2), b.argument(3)));
    return Shares{b.mul(b.argument(1), blocksOf(b.argument(3))), b.mul(elements, b.index(10))};
  });
  PackPanels e{b, b.argument(0), b.argument(2), b.argument(3), b.argument(4), !b.kernel.getMaps().empty()};
  if (e.fromPanels && !b.kernel.getTransposed()) return b.fail("what lies in panels is packed");
  Value panelCount = panelsOf(e.columns), blocks = blocksOf(e.columns), whole = b.divide(e.columns, panelColumns);
  b.loop(b.from(), b.to(), 1, [&](Value unit) {
    Value g = b.createOrFold<arith::DivUIOp>(unit, blocks);
    Value first = b.mul(b.sub(unit, b.mul(g, blocks)), b.index(together)), end = b.add(first, b.index(together));
    Value from = b.mul(g, b.mul(e.depth, e.columns)),
          to = b.mul(g, b.mul(panelCount, b.mul(e.depth, b.index(panelColumns))));
    if (b.kernel.getTransposed())
      return b.loop(first, b.min(end, panelCount), 1, [&](Value p) { e.transpose(p, from, to); });
    b.when(
        b.create<arith::CmpIOp>(arith::CmpIPredicate::sle, end, whole),
        [&] { e.copy(first, together, false, from, to); },
        [&] { b.loop(first, b.min(end, panelCount), 1, [&](Value p) { e.copy(p, 1, true, from, to); }); });
  });
  return success();
}
