// Turns the linalg ops of one entry into kern.run: one method per kind of root, each in its own file. Roots are found
// by structure (contraction, softmax, reduction, elementwise), never by graph op. Runs are destination-style over
// tensor.empty, in their logical shapes: kernels are given sizes and see flat memory, so reshapes around a run cost
// nothing and are looked through.
#pragma once
#include "compiler/lower/fuse/kernel_table.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::lower {

/// The value behind reshapes: the same bytes.
mlir::Value stripReshapes(mlir::Value value);

class GroupFormer {
public:
  /// `panelParameters`: params that lie in the model block as panels.
  GroupFormer(KernelTable &table, const llvm::StringSet<> &panelParameters)
      : table(table), panelParameters(panelParameters) {}
  mlir::LogicalResult run(mlir::func::FuncOp entry);

private:
  // form_groups.cpp: decides who joins whom.
  void chooseEpilogues(mlir::Block &block);
  void choosePrologues(mlir::Block &block);
  mlir::LogicalResult convert(mlir::Operation *op);
  // One per kind of root.
  mlir::LogicalResult formElementwise(mlir::linalg::GenericOp op);
  mlir::LogicalResult formFill(mlir::linalg::FillOp op);
  mlir::LogicalResult formContraction(mlir::linalg::LinalgOp op, mlir::linalg::GenericOp epilogue);
  mlir::LogicalResult formSoftmax(mlir::linalg::SoftmaxOp op, mlir::linalg::GenericOp prologue);
  mlir::LogicalResult formReduction(mlir::linalg::GenericOp op);
  mlir::LogicalResult formLoops(graph::LoopsOp op);
  // Shared by them. Sizes are constants or index values.
  mlir::Value buffer(mlir::OpBuilder &b, mlir::Value tensor);
  mlir::Value fillRun(mlir::OpBuilder &b, mlir::Location location, mlir::RankedTensorType type, mlir::TypedAttr value);
  mlir::Value packPanels(mlir::OpBuilder &b, mlir::Value matrix, int64_t g, int64_t k, int64_t n);
  kern::RunOp createRun(mlir::OpBuilder &b, mlir::Location location, mlir::FlatSymbolRefAttr kernel,
                        llvm::ArrayRef<mlir::Value> buffers, llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        mlir::TypeRange results, llvm::ArrayRef<int64_t> inplace = {});

  KernelTable &table;
  const llvm::StringSet<> &panelParameters;
  llvm::DenseMap<mlir::Operation *, mlir::linalg::GenericOp> epilogueOf; // contraction -> elementwise consumer
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> contractionOf;    // the reverse
  llvm::DenseMap<mlir::Operation *, mlir::linalg::GenericOp> prologueOf; // softmax -> elementwise producer
  llvm::DenseSet<mlir::Operation *> prologues;
  llvm::DenseMap<mlir::Value, mlir::Value> packed, filled; // per matrix / per splat constant, in this entry
};

/// Constant sizes for createRun.
llvm::SmallVector<mlir::OpFoldResult> constantSizes(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> sizes);
/// G, M, N, K of a contraction root.
struct ContractionSizes {
  int64_t g, m, n, k;
};
/// nullopt unless `op` is a plain f32 contraction of static matrices: [g] m k, [g] k n -> [g] m n.
std::optional<ContractionSizes> contractionSizes(mlir::Operation *op);
/// True for an all-parallel linalg.generic with one result over its identity, that reads no init.
bool isElementwise(mlir::linalg::GenericOp op);
/// True if `epilogue` can run on the contraction's result tile by tile.
bool canBeEpilogue(mlir::Operation *contraction, mlir::linalg::GenericOp epilogue);
/// True if `prologue` is one cheap scalar function of one tensor.
bool canBePrologue(mlir::linalg::GenericOp prologue);
/// The constant that fills an init, or null.
mlir::TypedAttr initConstant(mlir::Value init);

} // namespace graphc::lower
