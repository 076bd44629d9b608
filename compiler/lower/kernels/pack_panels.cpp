// Builder "pack_panels": row-major [G][K][N] to panels [G][ceil(N/16)][K][16], columns past N zero. Whole panels go
// eight at a time: each row is read in runs of 512 bytes and written in eight streams; the others one by one, under a
// mask.
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/panels.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
struct PackPanels {
  KernelBuilder &b;
  Value rows, depth, columns, panels;

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
  PackPanels e{b, b.argument(0), b.argument(2), b.argument(3), b.argument(4)};
  Value panelCount = panelsOf(e.columns), blocks = blocksOf(e.columns), whole = b.divide(e.columns, panelColumns);
  b.loop(b.from(), b.to(), 1, [&](Value unit) {
    Value g = b.createOrFold<arith::DivUIOp>(unit, blocks);
    Value first = b.mul(b.sub(unit, b.mul(g, blocks)), b.index(together)), end = b.add(first, b.index(together));
    Value from = b.mul(g, b.mul(e.depth, e.columns)),
          to = b.mul(g, b.mul(panelCount, b.mul(e.depth, b.index(panelColumns))));
    b.when(
        b.create<arith::CmpIOp>(arith::CmpIPredicate::sle, end, whole),
        [&] { e.copy(first, together, false, from, to); },
        [&] { b.loop(first, b.min(end, panelCount), 1, [&](Value p) { e.copy(p, 1, true, from, to); }); });
  });
  return success();
}
