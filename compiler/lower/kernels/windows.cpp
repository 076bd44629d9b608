// Builder "windows": y[n, o, c] = result(fold over the window at o of image[n, ., c] (and filter[., c]), e...).
//
// Vectors run over channels. A tile holds the sums of several neighbours along the last output axis in registers, so
// that an element of the image and one of the filter are loaded once for all of them; channels are the innermost loop,
// so all of a tile's rows are read as runs of memory. The padding does not exist in memory: a kernel row outside the
// image is folded without loads, and along the last axis only the first and the last tile know columns that may lie
// outside. Every element's fold has the same steps in the same order, whatever the tile.
#include "compiler/lower/kernels/kernel_builder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
constexpr int64_t mostVectors = 4; // of a tile of one pixel: enough to hide the latency of fma

/// Per spatial axis.
struct Geometry {
  ArrayRef<int64_t> kernel, stride, dilation, low, high;
};

/// A column of the image that a tile reads.
struct Column {
  int64_t at;   // from the tile's first one
  Value offset; // in elements from the image row's first one
  Value inside; // null: always
};

struct Windows {
  KernelBuilder &b;
  Geometry window;
  Value image, filter, y; // filter: null without one
  Values out, in;
  Value batch, channels;
  TypedAttr init, outside;
  SmallVector<Operand> extras = {};
  Value scratch = {}; // of a tile's sums, if the result's code is long; else null

  size_t last() const { return window.kernel.size() - 1; }
  bool isPadded(size_t axis) const { return window.low[axis] || window.high[axis]; }
  Value constant(TypedAttr value) { return b.vectorOf(value, value.getType()); }
  Value less(Value i, Value size) { // of a position that may be negative
    return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ult, i, size);
  }

  /// Sums that fit the registers beside a row of the filter and an element of the image.
  int64_t mostPixels() const {
    constexpr int64_t most = 8;
    return std::clamp<int64_t>(b.level.registers - 3 - window.kernel[last()], 1, most);
  }

  /// Pixels per tile: few tiles, and few pixels left over.
  int64_t tilePixels() {
    int64_t most = mostPixels(), stride = window.stride[last()];
    int64_t before = (window.low[last()] + stride - 1) / stride; // pixels whose windows begin before the image
    if (before > most) return 1;                                 // only the first tile looks there
    std::optional<int64_t> width = getConstantIntValue(out[last()]);
    if (!width || *width < 1) return most;
    if (*width <= most) return *width;
    auto cost = [&](int64_t pixels) { return *width / pixels * (pixels + 1) + *width % pixels * 2; };
    int64_t best = most;
    for (int64_t pixels = most - 1; pixels > std::max(most / 2, before); --pixels)
      if (cost(pixels) < cost(best)) best = pixels;
    return best;
  }

  /// The columns of `pixels` windows from pixel q on. Only those are asked whether they lie inside that may not:
  /// with `before` at the front, with `behind` at the end.
  SmallVector<Column> columns(Value q, int64_t pixels, bool before, bool behind) {
    int64_t stride = window.stride[last()], dilation = window.dilation[last()], taps = window.kernel[last()];
    int64_t span = (pixels - 1) * stride + (taps - 1) * dilation + 1;
    Value first = b.sub(b.mul(q, b.index(stride)), b.index(window.low[last()]));
    SmallVector<int64_t> used;
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t t = 0; t < taps; ++t) used.push_back(p * stride + t * dilation);
    llvm::sort(used);
    used.erase(std::unique(used.begin(), used.end()), used.end());
    SmallVector<Column> result;
    for (int64_t at : used) {
      Value position = b.add(first, b.index(at)), inside;
      if ((before && at < window.low[last()]) || (behind && at >= span - window.high[last()]))
        inside = less(position, in[last()]);
      if (inside) position = b.createOrFold<arith::SelectOp>(inside, position, b.index(0));
      result.push_back({at, b.mul(position, channels), inside});
    }
    return result;
  }

  Value loadColumn(const Column &column, Value start, Value mask) {
    std::optional<int64_t> known = column.inside ? getConstantIntValue(column.inside) : std::nullopt;
    if (known && *known == 0) return constant(outside);
    Value x = b.load(image, b.add(start, column.offset), mask);
    if (!column.inside || known) return x;
    return b.create<arith::SelectOp>(b.broadcast(column.inside), x, constant(outside));
  }

  /// The sums (pixel by pixel, vectors innermost) after one row of the kernel. `start`: of the image's row at channel
  /// c, null if the row lies outside; `taps`: of the filter's row at channel c.
  Values foldRow(ArrayRef<Column> columns, Value start, Value taps, int64_t vectors, Value mask, Values sums) {
    int64_t stride = window.stride[last()], dilation = window.dilation[last()], width = window.kernel[last()];
    Values weights(width * vectors);
    auto weight = [&](int64_t tap, int64_t v) -> Value {
      Value &loaded = weights[tap * vectors + v];
      if (!loaded && filter)
        loaded = b.load(filter, b.add(b.add(taps, b.mul(b.index(tap), channels)), b.index(v * b.lanes())), mask);
      return loaded;
    };
    int64_t pixels = sums.size() / vectors;
    for (const Column &column : columns)
      for (int64_t v = 0; v < vectors; ++v) {
        Value x = start ? loadColumn(column, b.add(start, b.index(v * b.lanes())), mask) : constant(outside);
        for (int64_t p = 0; p < pixels; ++p) {
          int64_t distance = column.at - p * stride, tap = distance / dilation;
          if (distance < 0 || distance % dilation || tap >= width) continue;
          Values arguments(b.bodyBlock().getNumArguments());
          arguments[0] = sums[p * vectors + v];
          arguments[1] = x;
          if (filter) arguments[2] = weight(tap, v);
          sums[p * vectors + v] = b.bodyResult(0, arguments);
        }
      }
    return sums;
  }

  /// Positions along the outer axes.
  struct Place {
    Value n, group; // group: n and the outer outputs as one index
    Values at;      // outputs along the outer axes
  };

  /// All rows of the kernel, in order.
  Values foldRows(const Place &place, ArrayRef<Column> columns, Value c, int64_t vectors, Value mask, Values &tap,
                  Values sums) {
    size_t axis = tap.size();
    if (axis < last())
      return b.loop(b.index(0), b.index(window.kernel[axis]), 1, sums, [&](Value t, ValueRange before) {
        tap.push_back(t);
        Values next = foldRows(place, columns, c, vectors, mask, tap, Values(before));
        tap.pop_back();
        return next;
      });
    Value row = place.n, number = b.index(0), inside;
    auto also = [&](Value condition) {
      inside = inside ? b.createOrFold<arith::AndIOp>(inside, condition) : condition;
    };
    for (size_t i = 0; i < last(); ++i) {
      Value first = b.sub(b.mul(place.at[i], b.index(window.stride[i])), b.index(window.low[i]));
      Value position = b.add(first, b.mul(tap[i], b.index(window.dilation[i])));
      if (isPadded(i)) also(less(position, in[i]));
      row = b.add(b.mul(row, in[i]), position);
      number = b.add(b.mul(number, b.index(window.kernel[i])), tap[i]);
    }
    // Columns outside are read at the row's first one, which must exist.
    if (isPadded(last()) && !getConstantIntValue(in[last()])) also(less(b.index(0), in[last()]));
    if (getConstantIntValue(in[last()]) == 0) also(b.create<arith::ConstantOp>(b.getBoolAttr(false)));
    Value start = b.add(b.mul(b.mul(row, in[last()]), channels), c);
    Value taps = b.add(b.mul(b.mul(number, b.index(window.kernel[last()])), channels), c);
    if (!inside) return foldRow(columns, start, taps, vectors, mask, sums);
    auto choice = b.create<scf::IfOp>(ValueRange(sums).getTypes(), inside, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    for (Block *block : {choice.thenBlock(), choice.elseBlock()}) {
      b.setInsertionPointToStart(block);
      bool isThen = block == choice.thenBlock();
      b.create<scf::YieldOp>(foldRow(columns, isThen ? start : Value(), taps, vectors, mask, sums));
    }
    return Values(choice.getResults());
  }

  void tileAt(const Place &place, Value q, int64_t pixels, ArrayRef<Column> columns, Value c, int64_t vectors,
              Value mask) {
    Values tap;
    Values sums = foldRows(place, columns, c, vectors, mask, tap, Values(pixels * vectors, constant(init)));
    if (scratch) { // one copy of the result's code instead of one per sum
      for (auto [at, sum] : llvm::enumerate(sums)) b.store(sum, scratch, b.index(int64_t(at) * b.lanes()));
      b.loop(b.index(0), b.index(pixels), 1, [&](Value p) {
        Values kept;
        for (int64_t v = 0; v < vectors; ++v)
          kept.push_back(b.load(scratch, b.mul(b.add(b.mul(p, b.index(vectors)), b.index(v)), b.index(b.lanes()))));
        finish(place, b.add(q, p), 1, kept, c, vectors, mask);
      });
    } else {
      finish(place, q, pixels, sums, c, vectors, mask);
    }
  }

  /// Results of `pixels` outputs from q on, whose sums are given. All loads come before the stores: what the pixels
  /// share is loaded once.
  void finish(const Place &place, Value q, int64_t pixels, ArrayRef<Value> sums, Value c, int64_t vectors, Value mask) {
    Values results;
    size_t folded = filter ? 3 : 2;
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t v = 0; v < vectors; ++v) {
        Values arguments(folded);
        arguments[0] = sums[p * vectors + v];
        for (Operand &extra : extras)
          arguments.push_back(b.loadAlong(extra, 2, b.offset(extra, {place.group, b.add(q, b.index(p))}),
                                          b.add(c, b.index(v * b.lanes())), channels, mask));
        results.push_back(b.bodyResult(1, arguments));
      }
    Value to = b.add(b.mul(b.add(b.mul(place.group, out[last()]), q), channels), c);
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t v = 0; v < vectors; ++v)
        b.store(results[p * vectors + v], y, b.add(b.add(to, b.mul(b.index(p), channels)), b.index(v * b.lanes())),
                mask);
  }

  /// All channels of `pixels` outputs from q on. A tile of few pixels takes several vectors at once.
  void tile(const Place &place, Value q, int64_t pixels, bool before, bool behind) {
    SmallVector<Column> read = columns(q, pixels, before, behind);
    int64_t vectors = std::max<int64_t>(mostVectors / pixels, 1), step = vectors * b.lanes();
    Value bulk = b.roundDown(channels, step);
    b.loop(b.index(0), bulk, step, [&](Value c) { tileAt(place, q, pixels, read, c, vectors, {}); });
    b.loop(bulk, channels, b.lanes(),
           [&](Value c) { tileAt(place, q, pixels, read, c, 1, b.mask(b.sub(channels, c))); });
  }

  void row(const Place &place) {
    int64_t pixels = tilePixels(), stride = window.stride[last()];
    Value width = out[last()], done = b.index(0);
    bool before = window.low[last()] > 0, behind = window.high[last()] > 0;
    Value tilesEnd = b.roundDown(width, pixels);
    if (before && pixels > 1) {
      done = b.min(b.index(pixels), tilesEnd);
      b.loop(b.index(0), done, pixels, [&](Value) { tile(place, b.index(0), pixels, true, behind); });
    }
    if (pixels > 1) {
      Value plain = tilesEnd; // tiles up to here see no column behind the image
      if (behind) {
        int64_t extent = (window.kernel[last()] - 1) * window.dilation[last()] + 1;
        Value room = b.sub(b.add(in[last()], b.index(window.low[last()])), b.index(extent));
        Value whole = b.divide(b.max(b.add(room, b.index(stride)), b.index(0)), stride);
        plain = b.max(b.min(b.roundDown(whole, pixels), tilesEnd), done);
      }
      b.loop(done, plain, pixels, [&](Value q) { tile(place, q, pixels, false, false); });
      if (behind) b.loop(plain, tilesEnd, pixels, [&](Value q) { tile(place, q, pixels, false, true); });
      done = tilesEnd;
    }
    b.loop(done, width, 1, [&](Value q) { tile(place, q, 1, before, behind); });
  }

  void images() {
    if (b.isBodyLong()) {
      auto type = MemRefType::get({std::max(mostPixels(), mostVectors) * b.lanes()}, init.getType());
      scratch = b.create<memref::AllocaOp>(type, b.getI64IntegerAttr(64));
    }
    b.loop(b.from(), b.to(), 1, [&](Value group) {
      Values at = b.unflatten(group, ArrayRef(out).drop_back());
      row({at[0], group, Values(llvm::drop_begin(at))});
    });
  }
};
} // namespace

LogicalResult graphc::lower::buildWindows(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  size_t rank = b.kernel.getWindowRank().value_or(0), scalars = b.bodyBlock().getNumArguments();
  auto numbers = b.kernel.getWindow().value_or(ArrayRef<int64_t>());
  ArrayAttr inits = b.kernel.getInits().value_or(ArrayAttr());
  if (rank == 0 || numbers.size() != 5 * rank) return b.fail("'window' needs five numbers per axis");
  if (!inits || inits.size() != 2) return b.fail("'inits' needs two values");
  bool filtered = scalars == maps.size() + 3;
  if ((!filtered && scalars != maps.size() + 2) || b.yieldTypes().size() != 2)
    return b.fail("maps and body do not fit");
  size_t buffers = scalars - 1, sizeCount = 2 + 2 * rank;
  SmallVector<Type> types(llvm::drop_begin(b.bodyBlock().getArgumentTypes()));
  types.append(sizeCount, b.getIndexType());
  types.push_back(b.yieldTypes()[1]);
  b.narrow(b.knownSize(rank + 1));
  // A unit is one row of outputs.
  auto rowsOfOutputs = [&](ArrayRef<Value> sizes) {
    Value groups = sizes[0];
    for (size_t i = 0; i + 1 < rank; ++i) groups = b.mul(groups, sizes[1 + i]);
    return groups;
  };
  b.begin(types, [&] {
    Values sizes = b.sizeArguments(buffers, sizeCount);
    Value groups = rowsOfOutputs(sizes);
    int64_t taps = 1;
    for (int64_t size : numbers.take_front(rank)) taps *= size;
    Value elements = b.mul(b.mul(groups, sizes[rank]), sizes[rank + 1]);
    return Shares{groups, b.mul(elements, b.index(b.costOfElement(maps.size() + 2) + taps))};
  });

  Values sizes = b.sizeArguments(buffers, sizeCount);
  auto list = [&](size_t i) { return numbers.slice(i * rank, rank); };
  Windows e{b,
            {list(0), list(1), list(2), list(3), list(4)},
            b.argument(0),
            filtered ? b.argument(1) : Value(),
            b.argument(types.size() - 1),
            Values(ArrayRef(sizes).slice(1, rank)),
            Values(ArrayRef(sizes).take_back(rank)),
            sizes[0],
            sizes[rank + 1],
            cast<TypedAttr>(inits[0]),
            cast<TypedAttr>(inits[1])};
  Value groups = rowsOfOutputs(sizes);
  for (auto [i, map] : llvm::enumerate(maps)) {
    FailureOr<Operand> extra = b.operand(b.argument(1 + filtered + i), map, {groups, e.out.back(), e.channels});
    if (failed(extra)) return failure();
    e.extras.push_back(*extra);
  }
  e.images();
  return success();
}
