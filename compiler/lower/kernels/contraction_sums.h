// The sums of a contraction's register tile over all of K: its chains, kernel positions and blocks of k. What the tile
// covers and what becomes of its sums is contraction.cpp's matter.
#pragma once
#include "compiler/lower/kernels/product.h"

namespace graphc::lower {

/// Accumulators of a single row: enough to hide the latency of fma.
constexpr int64_t rowVectors = 8;

/// Where the rows of A lie. A matrix: `run` = K, `rowStride` = K, no taps; transposed: `rowStride` = 1, `kStride` = M.
struct RowsOfA {
  using Values = KernelBuilder::Values;
  Values outer;        // g counts through these, the batch (unbounded) outermost
  Values outerStrides; // the batch's, then one per outer
  mlir::Value rowStride;
  Values taps, tapStrides; // kernel positions
  mlir::Value run;         // k per kernel position: consecutive elements
  mlir::Value kStride;     // null: 1
};

struct TileSums {
  using Values = KernelBuilder::Values;
  KernelBuilder &b;
  Product product;
  mlir::Value a, panels;
  RowsOfA rowsOfA;
  bool oneChain = false;    // no block of k is added to the one before
  bool wholeGroups = false; // known: K ends with a group
  bool isLoneRow = false;   // in every call
  mlir::Value scratch = {}; // holds a tile, row by row

  /// Into the scratch: the sums over all of K of a tile whose rows begin at these elements of A and whose vectors at
  /// these of the panels.
  void accumulate(const Values &rows, const Values &columns);
  /// Into the scratch, one vector a row from row `first` on: what the sums of `height` rows from element `start` of A
  /// on start from.
  void putStarts(int64_t first, int64_t height, mlir::Value start);

private:
  mlir::Value slot(size_t at) { return b.index(int64_t(at) * b.lanes()); }
  Values zeros(size_t count) { return Values(count, product.zero()); }
  Values starts(size_t rows, size_t columns);
  Values step(const Values &rows, const Values &columns, mlir::Value k, int64_t ahead, mlir::ValueRange sums,
              mlir::Value rest = {});
  Values restOfGroup(const Values &rows, const Values &columns, mlir::Value whole, mlir::Value to, const Values &sums);
  Values block(const Values &rows, const Values &columns, mlir::Value from, mlir::Value to, Values sums);
  void put(const Values &sums, bool join);
  mlir::Value moveTo(mlir::ValueRange tap, Values &rows, Values &columns);
  using OfRun = llvm::function_ref<Values(const Values &rows, const Values &columns, Values sums)>;
  Values carried(const Values &rows, const Values &columns, Values &tap, Values sums, OfRun ofRun);
};

} // namespace graphc::lower
