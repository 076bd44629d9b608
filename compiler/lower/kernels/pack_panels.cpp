// Builder "pack_panels": row-major [G][K][N] to panels (graphc/abi.h), columns past N and k past K zero. Whole panels
// go eight at a time: each row of f32 is read in runs of 512 bytes and written in eight streams; the others one by one,
// under a mask. Rows of smaller elements are read as many at a time as a group of k has, and become its bytes. A source
// [G][N][K] of f32, or one [N, K] that is in panels itself, is transposed on the way, square by square in registers.
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/panels.h"
#include "compiler/lower/kernels/product.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
struct PackPanels {
  KernelBuilder &b;
  Type element;
  int64_t group;
  Value rows, depth, columns, panels;
  bool fromPanels = false;

  Value depthOfPanels() { return b.roundUp(depth, group); }

  /// Lanes of i32: the group of k from element `at`, which lies in row k, on.
  Value groups(Value at, Value k, Value mask, bool partial) {
    Type bits = b.getIntegerType(element.getIntOrFloatBitWidth()), i32 = b.getI32Type();
    Value joined;
    for (int64_t i = 0; i < group; ++i) {
      Value isRow, step = b.index(i);
      if (partial) { // nothing behind the last row is read
        isRow = b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, b.add(k, step), depth);
        step = b.create<arith::SelectOp>(isRow, step, b.index(0));
      }
      Value row = b.load(rows, b.add(at, b.mul(step, columns)), mask);
      if (row.getType() != b.vector(bits)) row = b.create<arith::BitcastOp>(b.vector(bits), row);
      row = b.create<arith::ExtUIOp>(b.vector(i32), row);
      if (isRow) {
        Value zero = b.vectorOf(b.getI32IntegerAttr(0), i32);
        row = b.create<arith::SelectOp>(b.create<vector::BroadcastOp>(b.vector(b.getI1Type()), isRow), row, zero);
      }
      unsigned moved = unsigned(i) * bits.getIntOrFloatBitWidth();
      if (moved) row = b.create<arith::ShLIOp>(row, b.vectorOf(b.getI32IntegerAttr(int32_t(moved)), i32));
      joined = joined ? b.create<arith::OrIOp>(joined, row) : row;
    }
    return joined;
  }

  /// What is stored for the lanes from element `at` on.
  void put(Value at, Value k, Value mask, bool partial, Value target) {
    if (group == 1) return b.store(b.load(rows, at, mask), panels, target);
    Value joined = groups(at, k, mask, partial);
    auto type = VectorType::get({b.lanes() * group}, element);
    b.store(b.create<vector::BitCastOp>(type, joined), panels, target);
  }

  /// Panels [p, p + together) of the group whose row 0 and panel 0 begin at `from` and `to`.
  void copy(Value p, int64_t together, bool masked, Value from, Value to) {
    Value whole = b.roundDown(depth, group);
    copyRows(p, together, masked, from, to, b.index(0), whole, false);
    if (group > 1) copyRows(p, together, masked, from, to, whole, depth, true);
  }

  /// Of them the groups of k in [first, end). `partial`: the one group has less than all of its k.
  void copyRows(Value p, int64_t together, bool masked, Value from, Value to, Value first, Value end, bool partial) {
    Value column = b.mul(p, b.index(panelColumns)), panelSize = b.mul(depthOfPanels(), b.index(panelColumns));
    b.loop(first, end, group, [&](Value k) {
      Value row = b.add(from, b.add(b.mul(k, columns), column));
      for (int64_t panel = 0; panel < together; ++panel) {
        Value target = b.add(to, b.add(b.mul(b.add(p, b.index(panel)), panelSize), b.mul(k, b.index(panelColumns))));
        for (int64_t lane = 0; lane < panelColumns; lane += b.lanes()) {
          Value shift = b.index(panel * panelColumns + lane);
          Value mask = masked ? b.mask(b.sub(columns, b.add(column, shift))) : Value();
          put(b.add(row, shift), k, mask, partial, b.add(target, b.index(lane * group)));
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
  Type element = b.kernel.getElement().value_or(b.getF32Type()), index = b.getIndexType();
  if (!sumOfProducts(element)) return b.fail("no contraction multiplies its elements");
  auto panelsOf = [&](Value columns) { return b.divide(b.add(columns, b.index(panelColumns - 1)), panelColumns); };
  auto blocksOf = [&](Value columns) { return b.divideUp(panelsOf(columns), b.index(together)); };
  b.begin({element, index, index, index, element}, [&] {
    Value elements = b.mul(b.argument(1), b.mul(b.argument(2), b.argument(3)));
    return Shares{b.mul(b.argument(1), blocksOf(b.argument(3))), b.mul(elements, b.index(10))};
  });
  PackPanels e{b,
               element,
               elementsOfGroup(element),
               b.argument(0),
               b.argument(2),
               b.argument(3),
               b.argument(4),
               !b.kernel.getMaps().empty()};
  if (e.fromPanels && !b.kernel.getTransposed()) return b.fail("what lies in panels is packed");
  if (b.kernel.getTransposed() && e.group != 1) return b.fail("only f32 is transposed while it is packed");
  Value panelCount = panelsOf(e.columns), blocks = blocksOf(e.columns), whole = b.divide(e.columns, panelColumns);
  b.loop(b.from(), b.to(), 1, [&](Value unit) {
    Value g = b.createOrFold<arith::DivUIOp>(unit, blocks);
    Value first = b.mul(b.sub(unit, b.mul(g, blocks)), b.index(together)), end = b.add(first, b.index(together));
    Value from = b.mul(g, b.mul(e.depth, e.columns)),
          to = b.mul(g, b.mul(panelCount, b.mul(e.depthOfPanels(), b.index(panelColumns))));
    if (b.kernel.getTransposed())
      return b.loop(first, b.min(end, panelCount), 1, [&](Value p) { e.transpose(p, from, to); });
    b.when(
        b.create<arith::CmpIOp>(arith::CmpIPredicate::sle, end, whole),
        [&] { e.copy(first, together, false, from, to); },
        [&] { b.loop(first, b.min(end, panelCount), 1, [&](Value p) { e.copy(p, 1, true, from, to); }); });
  });
  return success();
}
