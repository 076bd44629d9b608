// Turns the linalg ops of one entry into kern.run: one method per kind of root, each in its own file. Roots are found
// by structure (contraction, rows, reduction, elementwise), never by graph op. Runs are destination-style over
// tensor.empty, in their logical shapes: kernels are given sizes and see flat memory, so reshapes around a run cost
// nothing and are looked through.
#pragma once
#include "compiler/lower/fuse/kernel_table.h"
#include "compiler/lower/fuse/row_space.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include <deque>

namespace graphc::lower {

/// The value behind reshapes and casts: the same bytes.
mlir::Value stripReshapes(mlir::Value value);

/// G, M, N, K of a contraction root.
struct ContractionSizes {
  graph::Dim g, m, n, k;
};

class GroupFormer {
public:
  /// `panelParameters`: params that lie in the model block as panels.
  GroupFormer(mlir::func::FuncOp function, KernelTable &table, const llvm::StringSet<> &panelParameters)
      : function(function), table(table), panelParameters(panelParameters), sizes(function) {}
  mlir::LogicalResult run();

private:
  // form_groups.cpp: decides who joins whom.
  void chooseEpilogues(mlir::Block &block);
  mlir::LogicalResult convert(mlir::Operation *op);
  // rows_group.cpp: the same for what goes over rows.
  void chooseRows(mlir::Block &block);
  // One per kind of root.
  mlir::LogicalResult formElementwise(mlir::linalg::GenericOp op);
  mlir::LogicalResult formFill(mlir::linalg::FillOp op);
  mlir::LogicalResult formContraction(mlir::linalg::LinalgOp op, mlir::linalg::GenericOp epilogue);
  mlir::LogicalResult formRows(const RowGroup &group);
  mlir::LogicalResult formReduction(mlir::linalg::GenericOp op);
  mlir::LogicalResult formLoops(graph::LoopsOp op);
  mlir::LogicalResult formCall(mlir::func::CallOp op);
  // Shared by them.
  struct Made { // what a run makes
    graph::Shape shape;
    mlir::Type element;
  };
  /// The run's result for an old one; false if its sizes are not known.
  bool describe(mlir::Value result, llvm::SmallVectorImpl<Made> &results);
  mlir::Value buffer(mlir::OpBuilder &b, mlir::Value tensor);
  mlir::Value fillRun(mlir::OpBuilder &b, mlir::Location location, const Made &result, mlir::TypedAttr value);
  mlir::Value packPanels(mlir::OpBuilder &b, mlir::Value matrix, const ContractionSizes &of, bool batched);
  kern::RunOp createRun(mlir::OpBuilder &b, mlir::Location location, mlir::FlatSymbolRefAttr kernel,
                        llvm::ArrayRef<mlir::Value> buffers, llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        llvm::ArrayRef<Made> results, llvm::ArrayRef<int64_t> inplace = {});
  llvm::SmallVector<mlir::OpFoldResult> values(llvm::ArrayRef<graph::Dim> of);
  /// Readers of `old` read `made`, whose type may say more.
  void replace(mlir::OpBuilder &b, mlir::Value old, mlir::Value made);

  mlir::func::FuncOp function;
  KernelTable &table;
  const llvm::StringSet<> &panelParameters;
  TensorSizes sizes;
  llvm::DenseMap<mlir::Operation *, mlir::linalg::GenericOp> epilogueOf; // contraction -> elementwise consumer
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> contractionOf;    // the reverse
  llvm::DenseMap<mlir::Operation *, const RowGroup *> groupOf;
  std::deque<RowGroup> rowGroups;
  llvm::DenseMap<mlir::Value, mlir::Value> packed, filled; // per matrix / per splat constant, in this entry
};

/// True for a plain f32 contraction: [g] m k, [g] k n -> [g] m n, or a convolution.
bool isContraction(mlir::Operation *op);
/// Of an image with channels last by filters [kernel..., channels, filters].
bool isConvolution(mlir::Operation *op);
/// nullopt unless it is one, of known sizes.
std::optional<ContractionSizes> contractionSizes(mlir::Operation *op, const TensorSizes &sizes);
/// True for an all-parallel linalg.generic with one result over its identity, that reads no init.
bool isElementwise(mlir::linalg::GenericOp op, const TensorSizes &sizes);
/// True if `epilogue` can run on the contraction's result tile by tile.
bool canBeEpilogue(mlir::Operation *contraction, mlir::linalg::GenericOp epilogue, const TensorSizes &sizes);
/// The constant that fills an init, or null.
mlir::TypedAttr initConstant(mlir::Value init);

} // namespace graphc::lower
