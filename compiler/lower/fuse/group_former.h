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
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringSet.h"
#include <deque>

namespace graphc::lower {

/// The value behind reshapes and casts: the same bytes.
mlir::Value stripReshapes(mlir::Value value);
/// What stripReshapes goes through.
bool isReshape(mlir::Operation *op);

/// G, M, N, K of a contraction root.
struct ContractionSizes {
  graph::Dim g, m, n, k;
};

class GroupFormer {
public:
  /// `winograd`: constant filters may be transformed, at a loss of accuracy (winograd_group.cpp). `scan`: whose body
  /// the function is, or null.
  GroupFormer(mlir::func::FuncOp function, KernelTable &table, bool winograd, kern::ScanOp scan = {})
      : function(function), table(table), winograd(winograd), sizes(function) {
    if (!scan) return;
    firstRow = unsigned(scan.getIndex() + scan.getInits().size());
    endOfRows = firstRow + unsigned(scan.getOver().size());
  }
  mlir::LogicalResult run();

private:
  // form_groups.cpp: decides who joins whom.
  void chooseEpilogues(mlir::Block &block);
  mlir::LogicalResult convert(mlir::Operation *op);
  // rows_group.cpp: the same for what goes over rows.
  void chooseRows(mlir::Block &block);
  // join_elementwise.cpp: what nobody took becomes few kernels of several results.
  bool isAlone(mlir::linalg::GenericOp op) const;
  void joinElementwise(mlir::Block &block);
  void returnTwice(mlir::Block &block);
  // parts_epilogue.cpp: what reads a product's row in parts becomes its epilogue.
  void takeParts(mlir::Block &block);
  void takeParts(mlir::linalg::GenericOp reader);
  // One per kind of root.
  mlir::LogicalResult formElementwise(mlir::linalg::GenericOp op);
  mlir::LogicalResult formFill(mlir::linalg::FillOp op);
  mlir::LogicalResult formContraction(mlir::linalg::LinalgOp op, mlir::linalg::GenericOp epilogue);
  mlir::LogicalResult formWinograd(mlir::linalg::LinalgOp op, mlir::linalg::GenericOp epilogue);
  mlir::LogicalResult formWindows(mlir::linalg::GenericOp op, mlir::linalg::GenericOp epilogue);
  mlir::LogicalResult formRows(const RowGroup &group);
  mlir::LogicalResult formReduction(mlir::linalg::GenericOp op);
  mlir::LogicalResult formLoops(graph::LoopsOp op);
  mlir::LogicalResult formCall(mlir::func::CallOp op);
  // Shared by them.
  struct Made { // what a run makes
    graph::Shape shape;
    mlir::Type element;
  };
  struct Extras { // what an epilogue reads beside its root's result
    llvm::SmallVector<mlir::AffineMap> maps;
    llvm::SmallVector<std::pair<mlir::Value, unsigned>> arguments; // its body's argument -> the kernel's
    llvm::SmallVector<size_t> whole; // the buffers that it reads as it makes its results, element by element
  };
  /// Appends their scalars and buffers; the root's result is the kernel's first argument, its part p argument p. No
  /// epilogue: nothing.
  Extras extrasOf(mlir::OpBuilder &b, mlir::Operation *root, mlir::linalg::GenericOp epilogue,
                  llvm::SmallVectorImpl<mlir::Type> &scalars, llvm::SmallVectorImpl<mlir::Value> &buffers);
  /// The epilogue's body in the kernel's; its values, without an epilogue the kernel's first argument.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> cloneEpilogue(kern::KernelOp kernel, mlir::linalg::GenericOp epilogue,
                                                                const Extras &extras);
  /// What is left to do for a root that takes an epilogue, once its kernel is drafted: the epilogue's value is yielded
  /// behind `yieldedBefore`, and a run of the kernel takes the place of root and epilogue. `inplace`: results may lie
  /// where the epilogue reads.
  mlir::LogicalResult finishRoot(mlir::OpBuilder &b, mlir::Operation *root, mlir::linalg::GenericOp epilogue,
                                 kern::KernelOp kernel, const Extras &extras, llvm::ArrayRef<mlir::Value> buffers,
                                 llvm::ArrayRef<graph::Dim> kernelSizes, llvm::ArrayRef<mlir::Value> yieldedBefore = {},
                                 bool inplace = false);
  /// True of a param or a gradient.
  bool liesInPanels(mlir::Value value) const;
  /// The run's result for an old one; false if its sizes are not known.
  bool describe(mlir::Value result, llvm::SmallVectorImpl<Made> &results);
  /// The places of all that a run does, that of the first of `ops` in front: what fusion took into their bodies keeps
  /// its own.
  static mlir::Location placesOf(llvm::ArrayRef<mlir::Operation *> ops);
  mlir::Value buffer(mlir::OpBuilder &b, mlir::Value tensor);
  mlir::Value fillRun(mlir::OpBuilder &b, mlir::Location location, const Made &result, mlir::TypedAttr value);
  bool usesWinograd(mlir::Operation *op);
  mlir::Value transformedFilters(mlir::OpBuilder &b, mlir::Value filters);
  /// The operand by which a product of few rows and a large matrix sees which turn of a loop it does, and its bytes: it
  /// goes through the matrix from behind in every other one.
  std::optional<std::array<int64_t, 2>> turnRow(llvm::ArrayRef<mlir::Value> buffers, const ContractionSizes &of,
                                                mlir::Type element) const;
  mlir::Value packPanels(mlir::OpBuilder &b, mlir::Value matrix, const ContractionSizes &of, bool batched,
                         bool transposed);
  kern::RunOp createRun(mlir::OpBuilder &b, mlir::Location location, mlir::FlatSymbolRefAttr kernel,
                        llvm::ArrayRef<mlir::Value> buffers, llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        llvm::ArrayRef<Made> results, llvm::ArrayRef<int64_t> inplace = {});
  llvm::SmallVector<mlir::OpFoldResult> values(llvm::ArrayRef<graph::Dim> of);
  /// Readers of `old` read `made`, whose type may say more.
  void replace(mlir::OpBuilder &b, mlir::Value old, mlir::Value made);

  mlir::func::FuncOp function;
  KernelTable &table;
  bool winograd;
  unsigned firstRow = 0, endOfRows = 0; // the arguments that are rows of a scan's sequences
  TensorSizes sizes;
  llvm::DenseMap<mlir::Operation *, mlir::linalg::GenericOp> epilogueOf; // root -> elementwise consumer
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> rootOf;           // the reverse
  llvm::DenseMap<mlir::Operation *, const RowGroup *> groupOf;
  llvm::DenseSet<mlir::Operation *> makersOfPanels; // roots or epilogues whose result is to lie in panels
  llvm::DenseSet<mlir::Value> panels;               // what they made
  std::deque<RowGroup> rowGroups;
  llvm::DenseMap<std::pair<mlir::Value, unsigned>, mlir::Value> packed; // per matrix, as it is or transposed
  llvm::DenseMap<mlir::Value, mlir::Value> transformed, filled;         // per filters / splat constant
};

/// True for a plain contraction of elements that kernels multiply (kernels/product.h): [g] m k, [g] k n -> [g] m n, or
/// a convolution.
bool isContraction(mlir::Operation *op);
/// True if its first / second operand holds the transposed matrix (readTransposed).
bool readsTransposedA(mlir::Operation *contraction);
bool readsTransposedB(mlir::Operation *contraction);
/// Products of a transposed matrix, which was made for them, read it as it was (transposed_operands.cpp).
void readTransposed(mlir::Block &block);
/// Of an image with channels last by filters [kernel..., channels, filters].
bool isConvolution(mlir::Operation *op);
/// nullopt unless it is one, of known sizes.
std::optional<ContractionSizes> contractionSizes(mlir::Operation *op, const TensorSizes &sizes);
/// True if fewer multiplications pay for the convolution, by its sizes. `filters`: the type of its filters.
bool prefersWinograd(mlir::Operation *convolution, mlir::RankedTensorType filters);
/// The type of its filters as Winograd's products read them.
mlir::RankedTensorType winogradFilters(mlir::RankedTensorType filters);
/// How the param that the op reads or writes lies in the model block (kern.parameter).
llvm::StringRef layoutOf(mlir::Operation *op);
/// True if that use reads a param as the right-hand matrix of contractions, as it is or transposed.
bool isRightHandSide(mlir::OpOperand &use);
bool isTransposedRightHandSide(mlir::OpOperand &use);
/// True if all that the op makes is written to the model; with all of it lying in panels.
bool isUpdate(mlir::linalg::GenericOp op);
bool isUpdateOfPanels(mlir::linalg::GenericOp op);
/// The product of two matrices whose epilogue the op can be, the last one that it reads; of an update, none that reads
/// what the update writes. Null: there is none.
mlir::Operation *productOf(mlir::linalg::GenericOp epilogue, const TensorSizes &sizes);
/// The written params that lie in panels: their updates are epilogues of the products that make their gradients, or go
/// over gradients that lie in panels, too.
llvm::StringSet<> writtenParamsInPanels(mlir::ModuleOp module);
/// What makes these gradients: products or their epilogues. `isEpilogue`: the updates that need none.
llvm::DenseSet<mlir::Operation *> madeInPanels(mlir::Block &block,
                                               llvm::function_ref<bool(mlir::linalg::GenericOp)> isEpilogue);
/// Decides how each param lies, by what all its readers want, and gives the reads that type.
void chooseLayouts(mlir::ModuleOp module, bool winograd);
/// Of a group: its root's and, with one, its epilogue's.
mlir::Location groupLocation(mlir::Operation *root, mlir::Operation *epilogue);
/// What a contraction or the packing for one multiplies.
void setElement(kern::KernelOp kernel, mlir::Type element);
/// True for a linalg.generic that folds the windows of an image channel by channel (graph::foldedWindows).
bool isWindowFold(mlir::Operation *op);
/// The loops (g, m, n) over the result of a root that takes an epilogue; nullopt of any other op.
std::optional<graph::Shape> sizesForEpilogue(mlir::Operation *root, const TensorSizes &sizes);
/// Which sizes the kernel may count on: those that are numbers. `mayBeNone`: but not the first, which is 0 in a call
/// that must write nothing.
void setKnown(kern::KernelOp kernel, llvm::ArrayRef<graph::Dim> sizes, bool mayBeNone = false);
/// True for an all-parallel linalg.generic whose results lie as its loops do and that reads no init.
bool isElementwise(mlir::linalg::GenericOp op, const TensorSizes &sizes);
/// True if `epilogue` can run on the root's result tile by tile.
bool canBeEpilogue(mlir::Operation *root, mlir::linalg::GenericOp epilogue, const TensorSizes &sizes);
/// Into how many equal parts of whole panels `epilogue` takes the rows of the contraction `root`, if it can run on
/// these together, tile by tile: one tile then holds the same columns of every part.
std::optional<int64_t> partsOfEpilogue(mlir::Operation *root, mlir::linalg::GenericOp epilogue,
                                       const TensorSizes &sizes);
/// Of a matrix of f32 in panels.
graph::Shape panelShape(llvm::ArrayRef<graph::Dim> matrix);
/// The constant that fills an init, or null.
mlir::TypedAttr initConstant(mlir::Value init);

} // namespace graphc::lower
