// Builders "winograd_input" and "winograd_output": what stands before and behind the 36 products of a 3x3 convolution
// of stride 1 as F(4x4, 3x3) (Lavin and Gray, arXiv 1509.09308). A tile is 6x6 elements of the image per channel, of
// which 4x4 outputs come; neighbouring tiles overlap by two. Zeros around the image are not in memory: a tile at the
// border selects. Products between the two are a contraction of 36 matrices (tiles x channels).
//
// Channels are the vectors' lanes. A tile's 36 vectors pass through the registers column by column.
#include "compiler/lower/kernels/kernel_builder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

namespace {
constexpr int64_t outputs = 4, points = 6; // of a tile along an axis

Value fma(KernelBuilder &b, double factor, Value x, Value y) { return b.create<math::FmaOp>(b.splat(factor), x, y); }
Value add(KernelBuilder &b, Value x, Value y) { return b.create<arith::AddFOp>(x, y); }
Value sub(KernelBuilder &b, Value x, Value y) { return b.create<arith::SubFOp>(x, y); }

/// B^T x: six elements of the image as six factors.
Values toPoints(KernelBuilder &b, ArrayRef<Value> x) {
  Value even = fma(b, -4, x[2], x[4]), odd = fma(b, -4, x[1], x[3]), outer = sub(b, x[4], x[2]),
        inner = sub(b, x[3], x[1]);
  return {fma(b, 4, x[0], fma(b, -5, x[2], x[4])),
          add(b, even, odd),
          sub(b, even, odd),
          fma(b, 2, inner, outer),
          fma(b, -2, inner, outer),
          fma(b, 4, x[1], fma(b, -5, x[3], x[5]))};
}

/// A^T x: six sums of products as four outputs.
Values toOutputs(KernelBuilder &b, ArrayRef<Value> x) {
  Value near = add(b, x[1], x[2]), nearOdd = sub(b, x[1], x[2]), far = add(b, x[3], x[4]), farOdd = sub(b, x[3], x[4]);
  return {add(b, add(b, x[0], near), far), fma(b, 2, farOdd, nearOdd), fma(b, 4, far, near),
          add(b, fma(b, 8, farOdd, nearOdd), x[5])};
}

/// Tiles in rows and columns over outputs [n][height][width]; a unit of the kernels is one row of tiles.
struct Tiles {
  KernelBuilder &b;
  Value n, height, width;
  Value rows = tilesOf(height), columns = tilesOf(width), count = b.mul(b.mul(n, rows), columns);

  Value tilesOf(Value size) { return b.divide(b.add(size, b.index(outputs - 1)), outputs); }
  Shares shares(Value channels, int64_t costOfPoint) {
    return {b.mul(n, rows), b.mul(b.mul(count, channels), b.index(points * points * costOfPoint))};
  }
  /// body(image, row, column, number) for the tiles of the units to do.
  void each(function_ref<void(Value, Value, Value, Value)> body) {
    b.loop(b.from(), b.to(), 1, [&](Value unit) {
      Values at = b.unflatten(unit, {rows});
      b.loop(b.index(0), columns, 1,
             [&](Value column) { body(at[0], at[1], column, b.add(b.mul(unit, columns), column)); });
    });
  }
};

/// body(channel, mask) for all channels, vector by vector.
void eachVector(KernelBuilder &b, Value channels, function_ref<void(Value, Value)> body) {
  Value whole = b.roundDown(channels, b.lanes());
  b.loop(b.index(0), whole, b.lanes(), [&](Value c) { body(c, {}); });
  b.loop(whole, channels, b.lanes(), [&](Value c) { body(c, b.mask(b.sub(channels, c))); });
}

struct Input {
  KernelBuilder &b;
  Value image, factors, height, width, channels;
  int64_t low, left; // zeros above the image and beside it
  Tiles tiles;

  Value both(Value x, Value y) { return b.createOrFold<arith::AndIOp>(x, y); }
  Value inside(Value first, int64_t span, Value size) { // [first, first + span) of [0, size)
    Value begins = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::sge, first, b.index(0));
    return both(begins, b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::sle, b.add(first, b.index(span)), size));
  }

  /// From the tile's columns of six factors each, by rows.
  void store(ArrayRef<Values> columns, Value to, Value c, Value mask) {
    Value plane = b.mul(tiles.count, channels), first = b.add(to, c);
    for (int64_t i = 0; i < points; ++i) {
      Values row;
      for (const Values &column : columns) row.push_back(column[i]);
      for (auto [j, factor] : llvm::enumerate(toPoints(b, row)))
        b.store(factor, factors, b.add(first, b.mul(b.index(i * points + int64_t(j)), plane)), mask);
    }
  }

  void tile(Value n, Value tileRow, Value tileColumn, Value number) {
    Value row = b.sub(b.mul(tileRow, b.index(outputs)), b.index(low)),
          column = b.sub(b.mul(tileColumn, b.index(outputs)), b.index(left)), to = b.mul(number, channels);
    Value imageRow = b.mul(n, height);
    auto address = [&](Value y, Value x) { return b.mul(b.add(b.mul(b.add(imageRow, y), width), x), channels); };
    auto whole = [&] {
      Value start = address(row, column), step = b.mul(width, channels);
      eachVector(b, channels, [&](Value c, Value mask) {
        SmallVector<Values> columns;
        for (int64_t j = 0; j < points; ++j) {
          Value top = b.add(b.add(start, c), b.mul(channels, b.index(j)));
          Values x;
          for (int64_t i = 0; i < points; ++i) x.push_back(b.load(image, b.add(top, b.mul(step, b.index(i))), mask));
          columns.push_back(toPoints(b, x));
        }
        store(columns, to, c, mask);
      });
    };
    auto atBorder = [&] {
      Values rows, rowInside, columnInside; // rows outside are read at the nearest one and then taken for zeros
      for (int64_t i = 0; i < points; ++i) {
        Value y = b.add(row, b.index(i));
        rows.push_back(b.max(b.min(y, b.sub(height, b.index(1))), b.index(0)));
        rowInside.push_back(b.broadcast(inside(y, 1, height)));
        columnInside.push_back(inside(b.add(column, b.index(i)), 1, width));
      }
      eachVector(b, channels, [&](Value c, Value mask) {
        SmallVector<Values> columns;
        Values zeros(points, b.splat(0));
        for (int64_t j = 0; j < points; ++j) {
          auto choice = b.create<scf::IfOp>(ValueRange(zeros).getTypes(), columnInside[j], /*withElseRegion=*/true);
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(choice.thenBlock());
          Values x;
          for (int64_t i = 0; i < points; ++i) {
            Value here = b.load(image, b.add(address(rows[i], b.add(column, b.index(j))), c), mask);
            x.push_back(b.create<arith::SelectOp>(rowInside[i], here, zeros[i]));
          }
          b.create<scf::YieldOp>(toPoints(b, x));
          b.setInsertionPointToStart(choice.elseBlock());
          b.create<scf::YieldOp>(zeros);
          columns.push_back(Values(choice.getResults()));
        }
        store(columns, to, c, mask);
      });
    };
    b.when(both(inside(row, points, height), inside(column, points, width)), whole, atBorder);
  }
};

struct Output {
  KernelBuilder &b;
  Value sums, y, channels;
  Tiles tiles;
  SmallVector<Operand> extras = {};
  Value scratch = {}; // of a tile's outputs

  /// Row and column of the outputs, first ones of a tile, and how far it reaches.
  struct Place {
    Value row, column;
    Value rows, columns; // of the result, at most `outputs` of each
  };

  Value finished(const Place &at, Value i, Value j, Value sum, Value c, Value mask) {
    Values arguments{sum};
    for (Operand &extra : extras)
      arguments.push_back(
          b.loadAlong(extra, 2, b.offset(extra, {b.add(at.row, i), b.add(at.column, j)}), c, channels, mask));
    return b.body(arguments, true)[0];
  }
  void put(const Place &at, Value i, Value j, Value result, Value c, Value mask) {
    Value pixel = b.add(b.mul(b.add(at.row, i), tiles.width), b.add(at.column, j));
    b.store(result, y, b.add(b.mul(pixel, channels), c), mask);
  }

  /// The tile's outputs by rows.
  Values transformed(Value number, Value c, Value mask) {
    Value plane = b.mul(tiles.count, channels), first = b.add(b.mul(number, channels), c);
    SmallVector<Values> columns;
    for (int64_t j = 0; j < points; ++j) {
      Values x;
      for (int64_t i = 0; i < points; ++i)
        x.push_back(b.load(sums, b.add(first, b.mul(b.index(i * points + j), plane)), mask));
      columns.push_back(toOutputs(b, x));
    }
    Values all;
    for (int64_t i = 0; i < outputs; ++i) {
      Values row;
      for (const Values &column : columns) row.push_back(column[i]);
      llvm::append_range(all, toOutputs(b, row));
    }
    return all;
  }

  /// All outputs of the tile exist. All loads come before the stores: what the pixels share is loaded once.
  void atOnce(const Place &at, Value number) {
    eachVector(b, channels, [&](Value c, Value mask) {
      Values results;
      for (auto [k, sum] : llvm::enumerate(transformed(number, c, mask)))
        results.push_back(finished(at, b.index(int64_t(k) / outputs), b.index(int64_t(k) % outputs), sum, c, mask));
      for (auto [k, result] : llvm::enumerate(results))
        put(at, b.index(int64_t(k) / outputs), b.index(int64_t(k) % outputs), result, c, mask);
    });
  }

  /// One by one, as many as exist: one copy of the body's code.
  void oneByOne(const Place &at, Value number) {
    eachVector(b, channels, [&](Value c, Value mask) {
      for (auto [k, sum] : llvm::enumerate(transformed(number, c, mask)))
        b.store(sum, scratch, b.index(int64_t(k) * b.lanes()));
      b.nest({at.rows, at.columns}, [&](ValueRange i) {
        Value kept = b.mul(b.add(b.mul(i[0], b.index(outputs)), i[1]), b.index(b.lanes()));
        put(at, i[0], i[1], finished(at, i[0], i[1], b.load(scratch, kept), c, mask), c, mask);
      });
    });
  }

  void tile(Value n, Value tileRow, Value tileColumn, Value number) {
    Value most = b.index(outputs), row = b.mul(tileRow, most), column = b.mul(tileColumn, most);
    Place at{b.add(b.mul(n, tiles.height), row), column, b.min(b.sub(tiles.height, row), most),
             b.min(b.sub(tiles.width, column), most)};
    auto divides = [&](Value size) {
      std::optional<int64_t> known = getConstantIntValue(size);
      return known && *known % outputs == 0;
    };
    if (b.isBodyLong()) return oneByOne(at, number);
    if (divides(tiles.height) && divides(tiles.width)) return atOnce(at, number);
    auto isWhole = [&](Value size) { return b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, size, most); };
    b.when(
        b.create<arith::AndIOp>(isWhole(at.rows), isWhole(at.columns)), [&] { atOnce(at, number); },
        [&] { oneByOne(at, number); });
  }
};

/// Of the body for a point: how many bytes move, and that they are seldom in the first cache.
constexpr int64_t costOfPoint = 8;
} // namespace

LogicalResult graphc::lower::buildWinogradInput(KernelBuilder &b) {
  auto low = b.kernel.getWindow().value_or(ArrayRef<int64_t>());
  if (low.size() != 2) return b.fail("'window' needs two numbers");
  SmallVector<Type> types{b.getF32Type()};
  types.append(6, b.getIndexType());
  types.push_back(b.getF32Type());
  b.narrow(b.knownSize(3));
  auto tiles = [&](ArrayRef<Value> sizes) { return Tiles{b, sizes[0], sizes[4], sizes[5]}; };
  b.begin(types, [&] {
    Values sizes = b.sizeArguments(1, 6);
    return tiles(sizes).shares(sizes[3], costOfPoint);
  });
  Values sizes = b.sizeArguments(1, 6);
  Input e{b, b.argument(0), b.argument(7), sizes[1], sizes[2], sizes[3], low[0], low[1], tiles(sizes)};
  e.tiles.each([&](Value n, Value row, Value column, Value number) { e.tile(n, row, column, number); });
  return success();
}

LogicalResult graphc::lower::buildWinogradOutput(KernelBuilder &b) {
  if (failed(b.checkVectorizable())) return failure();
  SmallVector<AffineMap> maps(b.kernel.getMaps().getAsValueRange<AffineMapAttr>());
  if (b.bodyBlock().getNumArguments() != maps.size() + 1 || b.yieldTypes().size() != 1)
    return b.fail("maps and body do not fit");
  SmallVector<Type> types(b.bodyBlock().getArgumentTypes());
  types.append(4, b.getIndexType());
  types.push_back(b.yieldTypes()[0]);
  b.narrow(b.knownSize(3));
  size_t buffers = 1 + maps.size();
  auto tiles = [&](ArrayRef<Value> sizes) { return Tiles{b, sizes[0], sizes[1], sizes[2]}; };
  b.begin(types, [&] {
    Values sizes = b.sizeArguments(buffers, 4);
    return tiles(sizes).shares(sizes[3], costOfPoint + b.costOfElement(buffers) / 2);
  });
  Values sizes = b.sizeArguments(buffers, 4);
  Output e{b, b.argument(0), b.argument(types.size() - 1), sizes[3], tiles(sizes)};
  Value rows = b.mul(e.tiles.n, e.tiles.height);
  for (auto [i, map] : llvm::enumerate(maps)) {
    FailureOr<Operand> extra = b.operand(b.argument(1 + i), map, {rows, e.tiles.width, e.channels});
    if (failed(extra)) return failure();
    e.extras.push_back(*extra);
  }
  e.scratch = b.create<memref::AllocaOp>(MemRefType::get({outputs * outputs * b.lanes()}, b.getF32Type()),
                                         b.getI64IntegerAttr(64));
  e.tiles.each([&](Value n, Value row, Value column, Value number) { e.tile(n, row, column, number); });
  return success();
}
