// A register tile of rows x vectors accumulates over k, a group of k per element and step (product.h). Chains of floats
// are bounded: every 256 k the tile is added to a scratch tile on the stack (outside the inner loop). The chain of an
// element depends on K alone, not on the tile that holds it: the bits are equal for every M and N. But where M is known
// to be 1, the few sums of a narrow tile are several chains each: one would leave the units waiting for itself.
#include "compiler/lower/kernels/contraction_sums.h"
#include "compiler/lower/kernels/panels.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
constexpr int64_t chain = 256; // k per block
} // namespace

/// One step of k: every sum gets the products of one group more. `k` is a loop's index plus the constant `ahead`,
/// kept apart so that it becomes part of the address. `rest`: elements of a last group that is not full.
TileSums::Values TileSums::step(const Values &rows, const Values &columns, Value k, int64_t ahead, ValueRange sums,
                                Value rest) {
  Value kOffset = b.mul(k, b.index(panelColumns));
  auto column = [&](size_t j) {
    return product.loadColumns(panels, b.add(b.add(columns[j], kOffset), b.index(ahead * panelColumns)));
  };
  auto row = [&](size_t i) {
    Value at = b.add(b.add(rows[i], k), b.index(ahead));
    if (rowsOfA.kStride) at = b.add(b.add(rows[i], b.mul(k, rowsOfA.kStride)), b.mul(b.index(ahead), rowsOfA.kStride));
    return product.loadRow(a, at, rest);
  };
  return product.multiply(rows.size(), columns.size(), row, column, sums);
}

/// The end of the whole groups of k in [from, to), and what follows it.
TileSums::Values TileSums::restOfGroup(const Values &rows, const Values &columns, Value whole, Value to,
                                       const Values &sums) {
  if (product.group == 1 || wholeGroups) return sums;
  Value rest = b.sub(to, whole);
  auto partial = b.create<scf::IfOp>(ValueRange(sums).getTypes(),
                                     b.create<arith::CmpIOp>(arith::CmpIPredicate::sgt, rest, b.index(0)), true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(partial.thenBlock());
  b.create<scf::YieldOp>(step(rows, columns, whole, 0, sums, rest));
  b.setInsertionPointToStart(partial.elseBlock());
  b.create<scf::YieldOp>(sums);
  return Values(partial.getResults());
}

/// The sums after k in [from, to): rows x vectors, row by row, one group a turn: a tile has sums enough to keep the
/// units busy, and weights of a second one would only be spilled. But a lone row's few sums are several chains each.
TileSums::Values TileSums::block(const Values &rows, const Values &columns, Value from, Value to, Values sums) {
  Value middle = from, whole = wholeGroups ? to : b.add(from, b.roundDown(b.sub(to, from), product.group));
  int64_t count = int64_t(sums.size()), chains = isLoneRow ? std::max<int64_t>(1, rowVectors / count) : 1;
  if (chains > 1) {
    int64_t turn = chains * product.group;
    middle = b.add(from, b.roundDown(b.sub(to, from), turn));
    Values starts(sums);
    llvm::append_range(starts, zeros(size_t(count * (chains - 1))));
    Values parts = b.loop(from, middle, turn, starts, [&](Value k, ValueRange before) {
      Values next;
      for (int64_t i = 0; i < chains; ++i)
        llvm::append_range(next,
                           step(rows, columns, k, i * product.group, before.slice(size_t(i * count), size_t(count))));
      return next;
    });
    for (int64_t i = 0; i < count; ++i) {
      Values ofOne;
      for (int64_t part = 0; part < chains; ++part) ofOne.push_back(parts[size_t(part * count + i)]);
      sums[size_t(i)] = b.tree(ofOne, [&](Value x, Value y) { return product.join(x, y); });
    }
  }
  sums = b.loop(middle, whole, product.group, sums,
                [&](Value k, ValueRange before) { return step(rows, columns, k, 0, before); });
  return restOfGroup(rows, columns, whole, to, sums);
}

void TileSums::put(const Values &sums, bool join) {
  for (auto [at, sum] : llvm::enumerate(sums)) {
    Value value = join ? product.join(b.load(scratch, slot(at)), sum) : sum;
    b.store(value, scratch, slot(at));
  }
}

/// Rows and columns moved to kernel position `tap`; also its number.
Value TileSums::moveTo(ValueRange tap, Values &rows, Values &columns) {
  Value number, shift = b.index(0);
  for (auto [i, at] : llvm::enumerate(tap)) {
    number = number ? b.add(b.mul(number, rowsOfA.taps[i]), at) : at;
    shift = b.add(shift, b.mul(at, rowsOfA.tapStrides[i]));
  }
  if (!number) return b.index(0);
  Value columnShift = b.mul(b.mul(number, rowsOfA.run), b.index(panelColumns));
  for (Value &row : rows) row = b.add(row, shift);
  for (Value &column : columns) column = b.add(column, columnShift);
  return number;
}

/// All of K, run by run, the sums carried through the kernel positions.
TileSums::Values TileSums::carried(const Values &rows, const Values &columns, Values &tap, Values sums, OfRun ofRun) {
  if (tap.size() < rowsOfA.taps.size())
    return b.loop(b.index(0), rowsOfA.taps[tap.size()], 1, sums, [&](Value at, ValueRange before) {
      tap.push_back(at);
      Values next = carried(rows, columns, tap, Values(before), ofRun);
      tap.pop_back();
      return next;
    });
  Values movedRows(rows), movedColumns(columns);
  moveTo(tap, movedRows, movedColumns);
  return ofRun(movedRows, movedColumns, sums);
}

/// A loop, where the tile is straight code: else their addresses would take the tile's registers.
void TileSums::putStarts(int64_t first, int64_t height, Value start) {
  b.loop(b.index(0), b.index(height), 1, [&](Value row) {
    Values tap;
    Value at = b.add(start, b.mul(row, rowsOfA.rowStride));
    Value partial = carried({at}, {}, tap, zeros(1), [&](const Values &moved, const Values &, Values sums) {
      return Values{product.addElements(a, moved[0], rowsOfA.run, sums[0])};
    })[0];
    b.store(product.startOf(partial), scratch, b.mul(b.add(row, b.index(first)), b.index(b.lanes())));
  });
}

/// What the sums of a tile start from.
TileSums::Values TileSums::starts(size_t rows, size_t columns) {
  if (!product.startsBelowZero()) return zeros(rows * columns);
  Values result;
  for (size_t row = 0; row < rows; ++row) result.append(columns, b.load(scratch, slot(row)));
  return result;
}

void TileSums::accumulate(const Values &rows, const Values &columns) {
  Values none = starts(rows.size(), columns.size()), tap;
  if (oneChain)
    return put(carried(rows, columns, tap, none,
                       [&](const Values &movedRows, const Values &movedColumns, Values sums) {
                         return block(movedRows, movedColumns, b.index(0), rowsOfA.run, sums);
                       }),
               /*join=*/false);
  b.nest(rowsOfA.taps, [&](ValueRange tap) {
    Values movedRows(rows), movedColumns(columns);
    Value number = moveTo(tap, movedRows, movedColumns);
    // At least one block, so that K = 0 stores body(0).
    b.loop(b.index(0), b.max(rowsOfA.run, b.index(1)), chain, [&](Value from) {
      Value to = b.min(b.add(from, b.index(chain)), rowsOfA.run);
      Values sums = block(movedRows, movedColumns, from, to, none);
      Value isFirst = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, b.add(number, from), b.index(0));
      b.when(isFirst, [&] { put(sums, false); }, [&] { put(sums, true); });
    });
  });
}
