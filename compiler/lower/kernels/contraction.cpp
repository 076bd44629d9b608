// Builder "contraction": C[g,m,n] = body(sum over k of A[g,m,k] B[g,k,n], e...), A in rows, B in panels.
//
// A register tile of rows x vectors accumulates over k with one fma per element and step. Chains are bounded: every 256
// k the tile is added to a scratch tile on the stack (1.5 KB, outside the inner loop); after the last block the
// epilogue runs over the scratch, row by row. So C is written once and an epilogue operand may be the same memory as C.
// The chain of an element depends on K alone, not on the tile that holds it: the bits are equal for every M and N.
// Heights, widest first, are chosen at run time, down to one row.
#include "compiler/lower/kernels/kernel_builder.h"
#include "compiler/lower/kernels/panels.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
constexpr int64_t chain = 256;    // k per block
constexpr int64_t rowVectors = 8; // accumulators of a single row: enough to hide the latency of fma
constexpr size_t wideTile = 12;   // accumulators from which a tile takes `unroll` k a turn
constexpr int64_t unroll = 4;
constexpr int64_t cachedElements = 131072; // f32 of A per block of rows: 512 KB

/// Columns that a tile covers; the last panel of a matrix may be partial: masked.
struct Width {
  int64_t panels;
  bool masked;
};

struct Contraction {
  KernelBuilder &b;
  Value a, panels, c, sizeM, sizeN, sizeK, scratch;
  SmallVector<Operand> extras;
  Value group, aBase, panelBase, cBase;

  int64_t vectorsPerPanel() const { return panelColumns / b.lanes(); }

  /// One step of k: every sum gets one product more. `k` is a loop's index plus the constant `ahead`, kept apart so
  /// that it becomes part of the address.
  Values step(const Values &rows, const Values &columns, Value k, int64_t ahead, ValueRange sums) {
    Value kOffset = b.mul(k, b.index(panelColumns));
    Values weights, next;
    for (Value column : columns)
      weights.push_back(b.load(panels, b.add(b.add(column, kOffset), b.index(ahead * panelColumns))));
    for (Value row : rows) {
      Value x = b.broadcast(b.loadScalar(a, b.add(b.add(row, k), b.index(ahead))));
      for (Value weight : weights) next.push_back(b.create<math::FmaOp>(x, weight, sums[next.size()]));
    }
    return next;
  }

  /// Sums of one block of k, from zero: rows x vectors, row by row. Wide tiles take four k a turn where LLVM finds that
  /// K is the same in every call: rows are then displacements of one pointer. Otherwise the addresses of all rows would
  /// have to live through the turn, more than there are registers. The order of an element's sum is the same either
  /// way.
  Values block(const Values &rows, const Values &columns, Value from, Value to) {
    Values sums(rows.size() * columns.size(), b.splat(0));
    Value middle = from;
    if (sums.size() >= wideTile) {
      Value k = b.create<arith::IndexCastOp>(b.getI64Type(), sizeK);
      Value isKnown = b.create<LLVM::IsConstantOp>(b.getI1Type(), k);
      middle = b.create<arith::SelectOp>(isKnown, b.add(from, b.roundDown(b.sub(to, from), unroll)), from);
      sums = b.loop(from, middle, unroll, sums, [&](Value k, ValueRange before) {
        Values next(before);
        for (int64_t ahead = 0; ahead < unroll; ++ahead) next = step(rows, columns, k, ahead, next);
        return next;
      });
    }
    return b.loop(middle, to, 1, sums, [&](Value k, ValueRange before) { return step(rows, columns, k, 0, before); });
  }

  /// Body and store of the scratch tile whose first element is C[i, p * 16].
  void epilogue(int64_t rows, int64_t vectors, Value i, Value p, bool masked) {
    Value column = b.mul(p, b.index(panelColumns));
    Values masks(vectors);
    for (int64_t v = 0; masked && v < vectors; ++v)
      masks[v] = b.mask(b.sub(sizeN, b.add(column, b.index(v * b.lanes()))));
    b.loop(b.index(0), b.index(rows), 1, [&](Value row) {
      Value m = b.add(i, row), cRow = b.add(b.add(cBase, b.mul(m, sizeN)), column);
      for (int64_t v = 0; v < vectors; ++v) {
        Value shift = b.index(v * b.lanes());
        Values values{b.load(scratch, b.add(b.mul(row, b.index(vectors * b.lanes())), shift))};
        for (Operand &extra : extras)
          values.push_back(b.loadAlong(extra, 2, b.offset(extra, {group, m}), b.add(column, shift), sizeN, masks[v]));
        b.store(b.body(values, true)[0], c, b.add(cRow, shift), masks[v]);
      }
    });
  }

  /// Asks for the lines of C that the tile will write, so that they arrive while it computes.
  void prefetchResult(int64_t height, Width width, Value i, Value p) {
    for (int64_t row = 0; row < height; ++row) {
      Value start = b.add(cBase, b.add(b.mul(b.add(i, b.index(row)), sizeN), b.mul(p, b.index(panelColumns))));
      for (int64_t panel = 0; panel < width.panels; ++panel) // a panel's row of C is one line
        b.create<memref::PrefetchOp>(c, b.add(start, b.index(panel * panelColumns)), /*isWrite=*/true,
                                     /*localityHint=*/3, /*isDataCache=*/true);
    }
  }

  /// The tile of `height` rows from row i and of `width` from panel p on.
  void tile(int64_t height, Width width, Value i, Value p) {
    int64_t vectors = width.panels * vectorsPerPanel();
    Values rows, columns;
    for (int64_t row = 0; row < height; ++row) rows.push_back(b.add(aBase, b.mul(b.add(i, b.index(row)), sizeK)));
    Value panelSize = b.mul(sizeK, b.index(panelColumns));
    for (int64_t panel = 0; panel < width.panels; ++panel)
      for (int64_t v = 0; v < vectorsPerPanel(); ++v)
        columns.push_back(b.add(b.add(panelBase, b.mul(b.add(p, b.index(panel)), panelSize)), b.index(v * b.lanes())));
    prefetchResult(height, width, i, p);
    auto slot = [&](size_t at) { return b.index(int64_t(at) * b.lanes()); };
    // At least one block, so that K = 0 stores body(0).
    b.loop(b.index(0), b.max(sizeK, b.index(1)), chain, [&](Value from) {
      Values sums = block(rows, columns, from, b.min(b.add(from, b.index(chain)), sizeK));
      Value isFirst = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, from, b.index(0));
      auto put = [&](bool join) {
        for (auto [at, sum] : llvm::enumerate(sums)) {
          Value value = join ? b.create<arith::AddFOp>(b.load(scratch, slot(at)), sum) : sum;
          b.store(value, scratch, slot(at));
        }
      };
      b.when(isFirst, [&] { put(false); }, [&] { put(true); });
    });
    epilogue(height, vectors, i, p, width.masked);
  }

  /// Panels [from, to) in steps of the width, the rows [first, last) for each of them.
  void sweep(Value first, Value last, Value from, Value to, Width width, ArrayRef<int64_t> heights) {
    b.loop(from, to, width.panels, [&](Value p) {
      Value done = first;
      for (int64_t height : heights) {
        Value end = b.add(done, b.roundDown(b.sub(last, done), height));
        b.loop(done, end, height, [&](Value i) { tile(height, width, i, p); });
        done = end;
      }
    });
  }

  /// Rows that go through all panels before the next ones do: as many as keep their part of A in half of an L2 cache of
  /// 1 MB, in blocks of about one size, so that no short last block streams all of B.
  Value rowsPerBlock() {
    Value fit = b.max(b.index(1), b.create<arith::DivUIOp>(b.index(cachedElements), b.max(sizeK, b.index(1))));
    Value blocks = b.max(b.index(1), b.create<arith::DivUIOp>(b.add(sizeM, b.sub(fit, b.index(1))), fit));
    Value even = b.create<arith::DivUIOp>(b.add(sizeM, b.sub(blocks, b.index(1))), blocks);
    int64_t rows = b.level.tileRows; // rounded up to whole tiles
    return b.mul(b.divide(b.add(b.max(even, b.index(1)), b.index(rows - 1)), rows), b.index(rows));
  }

  void matrix() {
    int64_t tilePanels = b.level.tileVectors / vectorsPerPanel(), rowPanels = rowVectors / vectorsPerPanel();
    Value wholePanels = b.divide(sizeN, panelColumns);
    Value panelCount = b.divide(b.add(sizeN, b.index(panelColumns - 1)), panelColumns);
    // A single row has one accumulator per vector: it takes many panels at once.
    Value isRow = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, sizeM, b.index(1));
    Value rowEnd = b.create<arith::SelectOp>(isRow, b.roundDown(wholePanels, rowPanels), b.index(0));
    sweep(b.index(0), sizeM, b.index(0), rowEnd, {rowPanels, false}, {1});
    SmallVector<int64_t> heights{b.level.tileRows};
    for (int64_t height : {8, 4, 2, 1})
      if (height < heights.back()) heights.push_back(height);
    Value tileEnd = b.add(rowEnd, b.roundDown(b.sub(wholePanels, rowEnd), tilePanels));
    Value step = rowsPerBlock();
    b.loopBy(b.index(0), sizeM, step, [&](Value first) {
      Value last = b.min(b.add(first, step), sizeM);
      sweep(first, last, rowEnd, tileEnd, {tilePanels, false}, heights);
      // What is left: fewer panels than a tile has, and the partial one.
      SmallVector<int64_t> few(heights);
      llvm::erase_if(few, [&](int64_t height) { return height == 8 || height == 2; });
      sweep(first, last, tileEnd, panelCount, {1, true}, few);
    });
  }
};
} // namespace

LogicalResult graphc::lower::buildContraction(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  Type f32 = b.getF32Type();
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  if (b.bodyBlock().getNumArguments() != maps.size() + 1 || b.yieldTypes().size() != 1)
    return b.fail("maps and body do not fit");
  if (b.bodyBlock().getArgument(0).getType() != f32) return b.fail("the sum's type is not f32");
  auto batched = b.kernel.getBatched().value_or(ArrayRef<bool>{true, true});
  if (batched.size() != 2) return b.fail("'batched' needs two values");
  SmallVector<Type> types{f32, f32};
  llvm::append_range(types, llvm::drop_begin(b.bodyBlock().getArgumentTypes()));
  types.append(4, b.getIndexType());
  types.push_back(b.yieldTypes()[0]);
  b.begin(types);

  Values sizes = b.arguments(2 + maps.size(), 4);
  Contraction e{
      b, b.argument(0), b.argument(1), b.argument(types.size() - 1), sizes[1], sizes[2], sizes[3], {}, {}, {}, {}, {},
      {}};
  for (auto [i, map] : llvm::enumerate(maps)) {
    FailureOr<Operand> extra = b.operand(b.argument(2 + i), map, ArrayRef(sizes).take_front(3));
    if (failed(extra)) return failure();
    e.extras.push_back(*extra);
  }
  int64_t slots =
      std::max<int64_t>(b.level.tileRows * std::max<int64_t>(b.level.tileVectors, e.vectorsPerPanel()), rowVectors);
  e.scratch = b.create<memref::AllocaOp>(MemRefType::get({slots * b.lanes()}, f32), b.getI64IntegerAttr(64));
  Value panelCount = b.divide(b.add(e.sizeN, b.index(panelColumns - 1)), panelColumns);
  b.loop(b.index(0), sizes[0], 1, [&](Value g) {
    e.group = g;
    Value panelsSize = b.mul(b.mul(panelCount, e.sizeK), b.index(panelColumns));
    e.aBase = batched[0] ? b.mul(g, b.mul(e.sizeM, e.sizeK)) : b.index(0);
    e.panelBase = batched[1] ? b.mul(g, panelsSize) : b.index(0);
    e.cBase = b.mul(g, b.mul(e.sizeM, e.sizeN));
    e.matrix();
  });
  return success();
}
