// Builder "contraction": C[g,m,n] = body(sum over k of A[g,m,k] B[g,k,n], e...), A in rows, B in panels. The body may
// make several C: with an optimizer in it, a gradient becomes the next param and state without ever lying in memory.
//
// C is cut into units and register tiles here. A tile's sums come to a scratch tile on the stack (contraction_sums.h);
// after the last block of k the epilogue runs over it, row by row. So C is written once and an epilogue operand may be
// the same memory as C.
//
// A may also be the windows of an image: then a row is several runs of memory, one per kernel position, and the rows of
// one g follow one another by a stride. No matrix of windows is ever made. A tile takes rows of several g where one g
// has too few. Or A lies transposed, as the gradient of a weight reads its layer's input: a tile's rows are then
// neighbours, and k steps over whole rows of memory.
//
// The body may take a row of sums in parts, as a cell takes its gates: then a tile holds one vector of every part, and
// C has the columns of one.
#include "compiler/lower/kernels/contraction_sums.h"
#include "compiler/lower/kernels/contraction_tiles.h"
#include "compiler/lower/kernels/panels.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
constexpr int64_t longestChain = 384; // of windows whose runs are too short to be blocks of their own
constexpr int64_t leastRows = 96;     // of a unit, where there are as many: B is read once for them
/// Rows that lie a multiple of 4 KB apart meet in one set of the first cache, which holds 8 or 12 lines: a tile of more
/// rows than that and its weights push each other out. Such tiles are low and wide.
constexpr int64_t sharedSet = 4096, lowRows = 6;
constexpr int64_t cachedBytes = 524288; // of A per block of rows

/// Columns that a tile covers; the last panel of a matrix may be partial: masked.
struct Width {
  int64_t panels;
  bool masked;
};

/// The rows [first, last) of the groups [firstGroup, lastGroup).
struct RowRange {
  Value firstGroup, lastGroup, first, last;
};

/// Vectors of a panel, those that hold columns of C.
int64_t vectorsOf(const KernelBuilder &b, std::optional<int64_t> sizeN) {
  return llvm::divideCeil(std::clamp<int64_t>(sizeN.value_or(panelColumns), 1, panelColumns), b.lanes());
}

/// Lanes and tile for what is known: the elements, columns, and how far the rows of A are apart.
void chooseTile(KernelBuilder &b, Type element, std::optional<int64_t> sizeN, std::optional<int64_t> rowStride,
                int64_t parts) {
  if (parts >
      1) { // as many rows as leave a register for each row or part, whichever are fewer, and for one operand more
    int64_t used = b.level.fma ? 1 : 2, rows = 1;
    while ((rows + 1) * parts + std::min(rows + 1, parts) + used <= b.level.registers) ++rows;
    b.level.tileRows = int(rowStride && *rowStride * 4 % sharedSet == 0 ? std::min(rows, lowRows) : rows);
    b.level.tileVectors = int(parts);
    return;
  }
  b.narrow(sizeN);
  if (!multipliesGroups(b.level, element)) {
    b.level.tileRows = b.level.tileRowsOfHalves;
    // LLVM spills the second row's halves where K is no number.
    if (b.level.lanes == 4 && !b.knownSize(3)) b.level.tileRows = 1;
  }
  if (Product(b, element).startsBelowZero()) --b.level.tileRows; // a register for 128s
  // As many sums as a tile of whole panels has; 14 rows are enough as they are.
  if (b.level.registers < 32) b.level.tileRows = b.level.tileRows * (panelColumns / b.lanes()) / vectorsOf(b, sizeN);
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  if (rowStride && *rowStride * bytes % sharedSet == 0 && b.level.tileRows > lowRows) {
    b.level.tileVectors *= 2;
    b.level.tileRows = lowRows;
  }
}

/// What the epilogue reads beside the sum: a buffer under a map over (g, m, n), or a matrix in panels.
struct Extra {
  Operand operand;
  bool inPanels, liesAsC;
};

struct Contraction {
  KernelBuilder &b;
  TileSums sums;
  Values results;
  Value sizeG, sizeM, sizeN, sizeK;
  bool windows = false, panelsPerGroup = false;
  RowTiles cut = {};
  SmallVector<Extra> extras = {};
  bool resultsInPanels = false;
  int64_t parts = 1;
  Value sizeC = {};     // columns of C
  Value backwards = {}; // whether panels are taken from the last to the first; null: never

  /// The turn of a loop over [from, to) in whole steps that comes at the place of turn i.
  Value inOrder(Value i, Value from, Value to, Value step) {
    if (!backwards) return i;
    return b.create<arith::SelectOp>(backwards, b.sub(b.add(from, b.sub(to, step)), i), i);
  }

  /// A loop whose turns read one matrix finds the end of it in the caches, not the beginning. So every other turn goes
  /// through it from behind; the sums stay the same. Which one this is, the kernel sees by the row.
  void alternate(Value row, int64_t bytes) {
    Value address = b.create<memref::ExtractAlignedPointerAsIndexOp>(row);
    Value number = b.create<arith::IndexCastOp>(b.getI64Type(), b.divide(address, bytes));
    backwards = b.create<arith::TruncIOp>(b.getI1Type(), number);
  }

  int64_t vectorsPerPanel() const { return vectorsOf(b, getConstantIntValue(sizeN)); }
  /// Of C, and so of each part.
  Value panelCount() { return b.divide(b.add(sizeC, b.index(panelColumns - 1)), panelColumns); }

  /// Of the first row of g.
  Value startOfGroup(Value g) {
    Value start;
    for (auto [at, stride] : llvm::zip_equal(b.unflatten(g, sums.rowsOfA.outer), sums.rowsOfA.outerStrides)) {
      Value term = b.mul(at, stride);
      start = start ? b.add(start, term) : term;
    }
    return start;
  }

  /// Of element [g, i, p * 16] of C.
  Value placeInC(Value g, Value i, Value p) {
    return b.add(b.mul(b.add(b.mul(g, sizeM), i), sizeC), b.mul(p, b.index(panelColumns)));
  }

  /// Of element [i, p * 16] of a matrix in panels.
  Value placeInPanels(Value i, Value p) { return b.mul(b.add(b.mul(p, sizeM), i), b.index(panelColumns)); }
  /// From there to the tile's vector v of the same row.
  Value shiftInPanels(int64_t v) {
    int64_t column = v * b.lanes(), within = column % panelColumns;
    return b.add(b.mul(b.index(column - within), sizeM), b.index(within));
  }

  /// A panel is written as a whole, with zeros behind the last column.
  void put(Value value, Value c, Value inRows, Value inPanels, Value mask) {
    if (!resultsInPanels) return b.store(value, c, inRows, mask);
    if (mask) value = b.create<arith::SelectOp>(mask, value, b.splat(0));
    b.store(value, c, inPanels);
  }

  /// Body and store of the scratch rows from `from` on; the first is row i of g, its columns begin at panel p.
  void epilogue(int64_t from, int64_t rows, int64_t vectors, Value g, Value i, Value p, bool masked) {
    Value column = b.mul(p, b.index(panelColumns));
    Values masks(vectors);
    for (int64_t v = 0; masked && v < vectors; ++v)
      masks[v] = b.mask(b.sub(sizeN, b.add(column, b.index(v * b.lanes()))));
    Value cStart = placeInC(g, i, p), panelsStart = placeInPanels(i, p);
    b.loop(b.index(0), b.index(rows), 1, [&](Value row) {
      Value cRow = b.add(cStart, b.mul(row, sizeN)), panelsRow = b.add(panelsStart, b.mul(row, b.index(panelColumns)));
      Value kept = b.mul(b.add(row, b.index(from)), b.index(vectors * b.lanes()));
      for (int64_t v = 0; v < vectors; ++v) {
        Value shift = b.index(v * b.lanes()), inPanels = b.add(panelsRow, shiftInPanels(v));
        Values values{b.load(sums.scratch, b.add(kept, shift))};
        for (Extra &extra : extras) {
          Operand &e = extra.operand;
          values.push_back(extra.inPanels ? b.load(e.buffer, inPanels, masks[v])
                                          : b.loadAlong(e, 2, b.offset(e, {g, b.add(i, row)}), b.add(column, shift),
                                                        sizeN, masks[v]));
        }
        for (auto [c, value] : llvm::zip_equal(results, b.body(values, true)))
          put(value, c, b.add(cRow, shift), inPanels, masks[v]);
      }
    });
  }

  /// Asks for the lines of C that the tile will write, and for those that its epilogue will read element by element,
  /// so that they arrive while it computes. In panels they follow those of the tile before.
  void prefetchForEpilogue(int64_t height, Width width, Value g, Value i, Value p) {
    if (resultsInPanels) return;
    for (int64_t row = 0; row < height; ++row)
      for (int64_t panel = 0; panel < width.panels; ++panel) { // a panel's row of C is one line
        Value at = placeInC(g, b.add(i, b.index(row)), b.add(p, b.index(panel)));
        for (Value c : results)
          b.create<memref::PrefetchOp>(c, at, /*isWrite=*/true, /*localityHint=*/3, /*isDataCache=*/true);
        for (const Extra &extra : extras)
          if (extra.liesAsC)
            b.create<memref::PrefetchOp>(extra.operand.buffer, at, /*isWrite=*/false, /*localityHint=*/3,
                                         /*isDataCache=*/true);
      }
  }

  /// As epilogue, of the columns from `column` on, a vector of each part.
  void epilogueOfParts(int64_t rows, Value g, Value i, Value column) {
    b.loop(b.index(0), b.index(rows), 1, [&](Value row) {
      Value at = b.add(i, row), kept = b.mul(row, b.index(parts * b.lanes()));
      Values values;
      for (int64_t part = 0; part < parts; ++part)
        values.push_back(b.load(sums.scratch, b.add(kept, b.index(part * b.lanes()))));
      for (Extra &extra : extras)
        values.push_back(b.loadAlong(extra.operand, 2, b.offset(extra.operand, {g, at}), column, sizeC));
      Value place = b.add(placeInC(g, at, b.index(0)), column);
      for (auto [c, value] : llvm::zip_equal(results, b.body(values, true))) b.store(value, c, place);
    });
  }

  /// Asks for the lines that the epilogue will read: the rows that it writes are apart, and come no sooner.
  void prefetchForParts(int64_t height, Value g, Value i, Value column) {
    for (int64_t row = 0; row < height; ++row) {
      Value at = b.add(i, b.index(row));
      for (const Extra &extra : extras)
        if (extra.operand.unit[2] && extra.operand.strides[1])
          b.create<memref::PrefetchOp>(extra.operand.buffer, b.add(b.offset(extra.operand, {g, at}), column),
                                       /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
    }
  }

  /// `height` rows from row i of group g, and of each part vector v, counted through its panels.
  void tileOfParts(int64_t height, Value g, Value i, Value v) {
    Value start = b.add(startOfGroup(g), b.mul(i, sums.rowsOfA.rowStride)), column = b.mul(v, b.index(b.lanes()));
    Value panelSize = b.mul(sizeK, b.index(panelColumns));
    Value p = b.divide(v, vectorsPerPanel()), within = b.sub(column, b.mul(p, b.index(panelColumns)));
    Value firstPanel = panelsPerGroup ? b.add(p, b.mul(g, b.mul(panelCount(), b.index(parts)))) : p;
    Values rows, columns;
    for (int64_t row = 0; row < height; ++row)
      rows.push_back(b.add(start, b.mul(b.index(row), sums.rowsOfA.rowStride)));
    for (int64_t part = 0; part < parts; ++part)
      columns.push_back(b.add(b.mul(b.add(firstPanel, b.mul(b.index(part), panelCount())), panelSize), within));
    prefetchForParts(height, g, i, column);
    sums.accumulate(rows, columns);
    epilogueOfParts(height, g, i, column);
  }

  /// All rows of the range for the panels [from, to) of every part.
  void partsFor(const RowRange &range, Value from, Value to) {
    Value perPanel = b.index(vectorsPerPanel());
    Value first = b.mul(from, perPanel), end = b.mul(to, perPanel);
    b.loop(first, end, 1, [&](Value turn) {
      Value v = inOrder(turn, first, end, b.index(1));
      b.loop(range.firstGroup, range.lastGroup, 1, [&](Value g) {
        Value done = range.first;
        for (int64_t height : cut.heights) {
          Value end = b.add(done, b.roundDown(b.sub(range.last, done), height));
          b.loop(done, end, height, [&](Value i) { tileOfParts(height, g, i, v); });
          done = end;
        }
      });
    });
  }

  /// The tile of `height` rows from row i of each of `groups` groups from g on, and of `width` from panel p on.
  void tile(int64_t groups, int64_t height, Width width, Value g, Value i, Value p) {
    int64_t vectors = width.panels * vectorsPerPanel();
    Values rows, columns;
    for (int64_t group = 0; group < groups; ++group) {
      Value start = b.add(startOfGroup(b.add(g, b.index(group))), b.mul(i, sums.rowsOfA.rowStride));
      for (int64_t row = 0; row < height; ++row)
        rows.push_back(b.add(start, b.mul(b.index(row), sums.rowsOfA.rowStride)));
      prefetchForEpilogue(height, width, b.add(g, b.index(group)), i, p);
      if (sums.product.startsBelowZero()) sums.putStarts(group * height, height, start);
    }
    Value panelSize = b.mul(b.roundUp(sizeK, sums.product.group), b.index(panelColumns));
    Value firstPanel = panelsPerGroup ? b.add(p, b.mul(g, panelCount())) : p;
    for (int64_t panel = 0; panel < width.panels; ++panel)
      for (int64_t v = 0; v < vectorsPerPanel(); ++v)
        columns.push_back(
            b.add(b.mul(b.add(firstPanel, b.index(panel)), panelSize), b.index(v * b.lanes() * sums.product.group)));
    sums.accumulate(rows, columns);
    for (int64_t group = 0; group < groups; ++group)
      epilogue(group * height, height, vectors, b.add(g, b.index(group)), i, p, width.masked);
  }

  /// Panels [from, to) in steps of the width, all rows of the range for each of them.
  void sweep(const RowRange &range, Value from, Value to, Width width, ArrayRef<int64_t> heights, int64_t groups = 1) {
    auto column = [&](int64_t joined, Value g, Value p) {
      Value done = range.first;
      for (int64_t height : heights) {
        Value end = b.add(done, b.roundDown(b.sub(range.last, done), height));
        b.loop(done, end, height, [&](Value i) { tile(joined, height, width, g, i, p); });
        done = end;
      }
    };
    b.loop(from, to, width.panels, [&](Value turn) {
      Value p = inOrder(turn, from, to, b.index(width.panels));
      Value joined = b.add(range.firstGroup, b.roundDown(b.sub(range.lastGroup, range.firstGroup), groups));
      b.loop(range.firstGroup, joined, groups, [&](Value g) { column(groups, g, p); });
      if (groups > 1) b.loop(joined, range.lastGroup, 1, [&](Value g) { column(1, g, p); });
    });
  }

  /// The panels [from, to) for the rows of the range.
  void panelsFor(const RowRange &range, Value from, Value to) {
    int64_t tilePanels = b.level.tileVectors / vectorsPerPanel();
    Value whole = b.min(to, b.divide(sizeN, panelColumns));
    Value tileEnd = b.add(from, b.roundDown(b.max(b.sub(whole, from), b.index(0)), tilePanels));
    sweep(range, from, tileEnd, {tilePanels, false}, cut.heights, cut.groups);
    // What is left: fewer panels than a tile has, and the partial one.
    SmallVector<int64_t> few(cut.heights);
    if (few.size() > 2) llvm::erase_if(few, [&](int64_t height) { return height == 8 || height == 2; });
    sweep(range, tileEnd, to, {1, true}, few, cut.groups);
  }

  // Units: blocks of rows (of groups, where A is windows), each with a range of panels.
  Value count() { return windows ? sizeG : sizeM; }
  int64_t multiple() { return windows ? cut.groups : cut.heights.front(); }
  /// Panels that a single row takes at once. Where a vector is a panel and each sum may be several chains, half as many
  /// do: four streams of weights come from the third cache 4% faster than eight, whose lines meet in one set.
  int64_t rowPanels() {
    return sums.isLoneRow && b.lanes() == panelColumns ? rowVectors / 2 : rowVectors / vectorsPerPanel();
  }
  Value isRow() { return b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, sizeM, b.index(1)); }
  Value atLeastOne(Value value) { return b.max(value, b.index(1)); }

  /// How many of `count` go through all panels before the next ones do: as many as keep their part of A in half of an
  /// L2 cache of 1 MB, in blocks of about one size, so that no short last block streams all of B.
  Value cachedBlock() {
    Value elements = windows ? sums.rowsOfA.outerStrides.back() : sizeK;
    Value fit =
        atLeastOne(b.createOrFold<arith::DivUIOp>(b.index(cachedBytes / 4 * sums.product.group), atLeastOne(elements)));
    Value blocks = atLeastOne(b.divideUp(count(), fit));
    return b.roundUp(atLeastOne(b.divideUp(count(), blocks)), multiple());
  }

  /// Ranges of panels are cut first, which changes nothing for one thread, then blocks of rows, down to so many that B
  /// is not read too often.
  Shares shares() {
    Value outer = windows ? b.index(1) : sizeG;
    Value fmas = b.mul(b.mul(sizeG, sizeM), b.mul(sizeN, sizeK));
    Value cost = sums.product.whole ? b.divide(fmas, sums.product.group) : fmas; // 64 in a ns
    Value wanted = b.pieces(cost);
    Value narrowest = b.index(1);
    if (parts == 1)
      narrowest =
          b.create<arith::SelectOp>(isRow(), b.index(rowPanels()), b.index(b.level.tileVectors / vectorsPerPanel()));
    Value block = cachedBlock(), blocks = atLeastOne(b.mul(outer, b.divideUp(count(), block)));
    Value ranges =
        atLeastOne(b.min(b.createOrFold<arith::DivUIOp>(panelCount(), narrowest), b.divideUp(wanted, blocks)));
    Value rangePanels = b.mul(atLeastOne(b.divideUp(b.divideUp(panelCount(), ranges), narrowest)), narrowest);
    Value missing = b.divideUp(wanted, atLeastOne(b.mul(outer, ranges)));
    Value least = windows ? b.divideUp(b.index(leastRows), atLeastOne(sizeM)) : b.index(leastRows);
    Value smaller = b.roundUp(b.max(b.divideUp(count(), missing), least), multiple());
    block = b.min(block, smaller);
    Value units = b.mul(b.mul(outer, b.divideUp(count(), block)), b.divideUp(panelCount(), rangePanels));
    return {units, cost, {block, rangePanels}};
  }

  /// The units [from, to) of the kernel, `block` and `rangePanels` being what shares() gave.
  void units(Value block, Value rangePanels) {
    Value blocks = b.divideUp(count(), block), ranges = b.divideUp(panelCount(), rangePanels);
    b.loop(b.from(), b.to(), 1, [&](Value turn) {
      Value unit = inOrder(turn, b.from(), b.to(), b.index(1));
      Value rows = b.createOrFold<arith::DivUIOp>(unit, ranges);
      Value from = b.mul(b.sub(unit, b.mul(rows, ranges)), rangePanels);
      Value to = b.min(b.add(from, rangePanels), panelCount());
      Value g = windows ? b.index(0) : b.createOrFold<arith::DivUIOp>(rows, blocks);
      Value first = b.mul(b.sub(rows, b.mul(g, blocks)), block), last = b.min(b.add(first, block), count());
      if (windows) return panelsFor({first, last, b.index(0), sizeM}, from, to);
      RowRange range{g, b.add(g, b.index(1)), first, last};
      if (parts > 1) return partsFor(range, from, to);
      // A single row has one accumulator per vector: it takes many panels at once.
      Value whole = b.max(b.sub(b.min(to, b.divide(sizeN, panelColumns)), from), b.index(0));
      Value rowEnd = b.create<arith::SelectOp>(isRow(), b.add(from, b.roundDown(whole, rowPanels())), from);
      sweep(range, from, rowEnd, {rowPanels(), false}, {1});
      panelsFor(range, rowEnd, to);
    });
  }
};

/// The sizes behind G, M, N, K (kern_ops.td).
RowsOfA windowRows(ArrayRef<Value> sizes, size_t rank) {
  auto take = [&](size_t count) {
    Values taken(sizes.take_front(count));
    sizes = sizes.drop_front(count);
    return taken;
  };
  RowsOfA rows;
  rows.outer = take(rank - 1);
  rows.outerStrides = take(rank);
  rows.rowStride = take(1)[0];
  rows.taps = take(rank);
  rows.tapStrides = take(rank);
  rows.run = take(1)[0];
  return rows;
}
} // namespace

/// True of an operand of the epilogue with an element per element of C: (g, m, n) or, of one matrix, (m, n).
static bool liesAsC(AffineMap map) {
  unsigned first = 3 - std::min(3u, map.getNumResults());
  return first < 2 && map == AffineMap::getMultiDimIdentityMap(3, map.getContext()).getMinorSubMap(3 - first);
}

LogicalResult graphc::lower::buildContraction(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  Type element = b.kernel.getElement().value_or(b.getF32Type());
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  size_t resultCount = b.yieldTypes().size(), parts = size_t(std::max<int64_t>(1, b.kernel.getParts().value_or(1)));
  if (b.bodyBlock().getNumArguments() < parts) return b.fail("its body takes less than a sum per part");
  size_t extraCount = b.bodyBlock().getNumArguments() - parts;
  bool resultsInPanels = maps.size() == extraCount + resultCount;
  if ((maps.size() != extraCount && !resultsInPanels) || !resultCount) return b.fail("maps and body do not fit");
  if (!sumOfProducts(element)) return b.fail("no contraction multiplies its elements");
  for (BlockArgument sum : b.bodyBlock().getArguments().take_front(parts))
    if (sum.getType() != sumOfProducts(element)) return b.fail("the sum has another type");
  auto batched = b.kernel.getBatched().value_or(ArrayRef<bool>{true, true});
  if (batched.size() != 2) return b.fail("'batched' needs two values");
  size_t windowRank = b.kernel.getWindowRank().value_or(0), sizeCount = 4 + (windowRank ? 4 * windowRank + 1 : 0);
  SmallVector<Type> types{element, element};
  llvm::append_range(types, llvm::drop_begin(b.bodyBlock().getArgumentTypes(), parts));
  types.append(sizeCount, b.getIndexType());
  llvm::append_range(types, b.yieldTypes());
  bool transposed = b.kernel.getTransposed();
  if (transposed && (windowRank || !element.isF32())) return b.fail("only a matrix of f32 can lie transposed");
  std::optional<int64_t> columns = b.knownSize(2);
  if (parts > 1 &&
      (windowRank || resultsInPanels || !element.isF32() || !columns || *columns % (int64_t(parts) * panelColumns)))
    return b.fail("its columns have no such parts");
  chooseTile(b, element, columns, transposed ? std::nullopt : b.knownSize(windowRank ? 4 + 2 * windowRank - 1 : 3),
             int64_t(parts));
  auto contraction = [&] {
    Values sizes = b.sizeArguments(2 + extraCount, sizeCount);
    RowsOfA rows;
    if (windowRank) {
      rows = windowRows(ArrayRef(sizes).drop_front(4), windowRank);
    } else {
      rows.outerStrides = {batched[0] ? b.mul(sizes[1], sizes[3]) : b.index(0)};
      rows.rowStride = rows.run = sizes[3];
      if (transposed) rows.rowStride = b.index(1), rows.kStride = sizes[1];
    }
    std::optional<int64_t> m = getConstantIntValue(sizes[1]), k = getConstantIntValue(sizes[3]);
    Contraction e{b,
                  {b, Product(b, element), b.argument(0), b.argument(1), rows},
                  b.arguments(types.size() - resultCount, resultCount),
                  sizes[0],
                  sizes[1],
                  sizes[2],
                  sizes[3]};
    e.resultsInPanels = resultsInPanels;
    e.parts = int64_t(parts);
    e.sizeC = parts > 1 ? b.index(*columns / int64_t(parts)) : e.sizeN;
    e.windows = windowRank != 0;
    e.sums.oneChain = e.sums.product.isInteger() || (e.windows && k && *k <= longestChain);
    e.sums.wholeGroups = e.windows || (k && *k % e.sums.product.group == 0);
    e.sums.isLoneRow = !e.windows && m && *m == 1;
    e.panelsPerGroup = batched[1];
    e.cut = rowTiles(b.level, m, e.windows);
    if (parts > 1 && !m) e.cut.heights = {b.level.tileRows, 1}; // the body stands there once per height
    return e;
  };
  b.begin(types, [&] { return contraction().shares(); });
  Contraction e = contraction();
  Values sizes{e.sizeG, e.sizeM, e.sizeC};
  for (size_t i = 0; i < extraCount; ++i) {
    if (maps[i] == panelMap(b.getContext())) {
      e.extras.push_back({{b.argument(2 + i), {}, {}}, true, false});
      continue;
    }
    FailureOr<Operand> extra = b.operand(b.argument(2 + i), maps[i], sizes);
    if (failed(extra)) return failure();
    e.extras.push_back({*extra, false, liesAsC(maps[i])});
  }
  int64_t slots =
      std::max<int64_t>(b.level.tileRows * std::max<int64_t>(b.level.tileVectors, e.vectorsPerPanel()), rowVectors);
  e.sums.scratch =
      b.create<memref::AllocaOp>(MemRefType::get({slots * b.lanes()}, e.sums.product.sum), b.getI64IntegerAttr(64));
  if (auto row = b.kernel.getTurnRow()) {
    if (row->size() != 2 || (*row)[0] < 0 || (*row)[0] >= int64_t(2 + extraCount) || (*row)[1] < 1)
      return b.fail("no operand is such a row");
    e.alternate(b.argument(size_t((*row)[0])), (*row)[1]);
  }
  e.units(b.argument(types.size()), b.argument(types.size() + 1));
  return success();
}
