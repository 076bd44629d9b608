// What all builders share: the function being written, flat index arithmetic, loops, vectors of one ISA level, and the
// kernel's scalar body repeated on vectors. A builder emits explicit vectors and loops with accumulators as iter_args,
// so that nothing depends on what LLVM's vectorizer or its floating-point flags would make of scalar code.
#pragma once
#include "compiler/support/isa_level.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace graphc::lower {

/// A dense row-major buffer as the loops see it: how far one step of each loop dim moves in it.
struct Operand {
  mlir::Value buffer;
  llvm::SmallVector<mlir::Value> strides; // per loop dim; null: the dim does not move it
  llvm::SmallVector<bool> unit;           // the dim's stride is exactly 1
  mlir::Value base = {};                  // of the part that it is of its buffer; null: 0
};

/// How a kernel's work can be shared out. Its units may be done in any order, and at once, with the same bits.
struct Shares {
  mlir::Value units;
  mlir::Value cost;                         // of all of them, about: 64ths of a ns on one thread
  llvm::SmallVector<mlir::Value> more = {}; // sizes that describe a unit, for whoever does some
};

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Values = llvm::SmallVector<mlir::Value>;
  KernelBuilder(kern::KernelOp kernel, const support::IsaLevel &level);

  kern::KernelOp kernel;
  support::IsaLevel level; // the library's, but for narrow()
  mlir::func::FuncOp function;

  /// Starts the function: one argument per type (a scalar type stands for a flat buffer of it), insertion point in its
  /// block.
  void begin(llvm::ArrayRef<mlir::Type> arguments);
  /// The same for a kernel that several threads may do together: the function gets the units [from, to) to do. It is
  /// called by a function of the kernel's name, which asks `plan` what there is to share (with argument() as here) and
  /// leaves the decision to a third, declared here, that pass share-out defines: attribute shareOutAttr names its
  /// parts.
  void begin(llvm::ArrayRef<mlir::Type> arguments, llvm::function_ref<Shares()> plan);
  mlir::Value from() { return function.getArguments().drop_back().back(); }
  mlir::Value to() { return function.getArguments().back(); }
  /// How many pieces are worth making of work that costs this much.
  mlir::Value pieces(mlir::Value cost);
  mlir::Value argument(size_t i) { return function.getArgument(i); }
  /// The arguments [first, first + count).
  Values arguments(size_t first, size_t count);
  /// Size i, where the kernel says that it is the same number in every call.
  std::optional<int64_t> knownSize(size_t i);
  /// The same of sizes, those that are known as constants.
  Values sizeArguments(size_t first, size_t count);
  mlir::LogicalResult fail(const llvm::Twine &why);

  // Flat indices.
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  /// a / b rounded up to a whole number; a >= 0, b > 0.
  mlir::Value divideUp(mlir::Value a, mlir::Value b);
  /// a / b rounded down to a whole number; a >= 0.
  mlir::Value divide(mlir::Value a, int64_t b);
  /// The index that counts through these sizes, last fastest, as one index per size, behind what is left for the
  /// outermost one, which has no bound.
  Values unflatten(mlir::Value flat, llvm::ArrayRef<mlir::Value> sizes);
  mlir::Value roundDown(mlir::Value a, int64_t step) { return mul(divide(a, step), index(step)); }
  mlir::Value roundUp(mlir::Value a, int64_t step) { return mul(divideUp(a, index(step)), index(step)); }

  /// for i = from .. to step: body(i, accumulators) gives the next accumulators.
  Values loop(mlir::Value from, mlir::Value to, int64_t step, mlir::ValueRange inits,
              llvm::function_ref<Values(mlir::Value, mlir::ValueRange)> body);
  void loop(mlir::Value from, mlir::Value to, int64_t step, llvm::function_ref<void(mlir::Value)> body);
  /// The same with a step known at run time (>= 1).
  void loopBy(mlir::Value from, mlir::Value to, mlir::Value step, llvm::function_ref<void(mlir::Value)> body);
  /// Nested loops over sizes, first outermost; body gets one index per size. Nests are as deep as a tensor's rank.
  void nest(mlir::ValueRange sizes, llvm::function_ref<void(mlir::ValueRange)> body);
  void when(mlir::Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise = nullptr);

  /// Vectors of half the lanes where that many columns are known to be all: an instruction of 512 bits takes as long as
  /// two of 256 on some machines, so empty lanes cost time.
  void narrow(std::optional<int64_t> columns);

  // Vectors of the level's lanes.
  int64_t lanes() const { return level.lanes; }
  mlir::VectorType vector(mlir::Type element) const { return mlir::VectorType::get({level.lanes}, element); }
  mlir::Value splat(double value, mlir::Type element = {}); // f32 if no type is given
  mlir::Value vectorOf(mlir::Attribute constant, mlir::Type element);
  mlir::Value broadcast(mlir::Value scalar);
  /// Lanes [0, count); count may be past the lanes or below 0.
  mlir::Value mask(mlir::Value count);
  /// A vector or, with a mask, its lanes; the others are `otherwise` (default: 0).
  mlir::Value load(mlir::Value buffer, mlir::Value at, mlir::Value mask = {}, mlir::Value otherwise = {});
  void store(mlir::Value vector, mlir::Value buffer, mlir::Value at, mlir::Value mask = {});
  mlir::Value loadScalar(mlir::Value buffer, mlir::Value at);
  void storeScalar(mlir::Value value, mlir::Value buffer, mlir::Value at);
  /// Folds the lanes by halves: upper half with lower half, a fixed tree at every optimization level.
  mlir::Value fold(mlir::Value vector, llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);
  /// As many vectors as a vector has lanes: lane j of vector i becomes lane i of vector j.
  Values transpose(Values rows);
  /// Pairs neighbours until one value is left.
  mlir::Value tree(Values values, llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);

  // Operands under the kernel's maps.
  /// Strides of a buffer under a map over loops of these sizes; fails unless the map's results are dims, parts of them
  /// (part_expr.h), 0 or, as the outermost, the number of a part.
  mlir::FailureOr<Operand> operand(mlir::Value buffer, mlir::AffineMap map, mlir::ValueRange sizes);
  /// Flat index of the element at the leading `indices` (fewer than the dims: the others at 0).
  mlir::Value offset(const Operand &operand, mlir::ValueRange indices);
  /// The lanes of dim `dim` from `at` on, the other dims being in `base`. `size` is the dim's size.
  mlir::Value loadAlong(const Operand &operand, size_t dim, mlir::Value base, mlir::Value at, mlir::Value size,
                        mlir::Value mask = {});

  // The kernel's body.
  mlir::Block &bodyBlock() { return kernel.getBody().front(); }
  mlir::TypeRange yieldTypes() { return bodyBlock().getTerminator()->getOperandTypes(); }
  /// True if the body can be repeated on vectors.
  bool isVectorizable() { return reasonAgainstVectors().empty(); }
  /// Fails, having said why, unless it can.
  mlir::LogicalResult checkVectorizable();
  /// Whether its code is too long to stand there once per element of a tile; one function is.
  bool isBodyLong();
  /// Of the body for one element and of the buffers that it is read from and written to, in 64ths of a ns.
  int64_t costOfElement(size_t buffers);
  /// The body on scalars or, if `vectors`, on vectors; its results.
  Values body(mlir::ValueRange arguments, bool vectors);
  /// One of its results on vectors; arguments that it does not read may be null.
  mlir::Value bodyResult(unsigned result, mlir::ValueRange arguments);
  /// One op of it on vectors of so many lanes, with the operands that `values` has; `values` gets its results.
  void repeat(mlir::Operation &op, mlir::IRMapping &values, int64_t lanes);

private:
  mlir::func::FuncOp declare(llvm::StringRef name, llvm::ArrayRef<mlir::Type> arguments);
  void startPart(mlir::func::FuncOp part);
  std::string reasonAgainstVectors();
};

/// True if the op of a scalar body can be repeated on vectors.
bool isVectorizable(mlir::Operation &op);

/// One per builder name of kern.kernel.
mlir::LogicalResult buildElementwise(KernelBuilder &b);
mlir::LogicalResult buildContraction(KernelBuilder &b);
mlir::LogicalResult buildWinogradInput(KernelBuilder &b);
mlir::LogicalResult buildWinogradOutput(KernelBuilder &b);
mlir::LogicalResult buildRows(KernelBuilder &b);
mlir::LogicalResult buildWindows(KernelBuilder &b);
mlir::LogicalResult buildReduction(KernelBuilder &b);
mlir::LogicalResult buildPackPanels(KernelBuilder &b);
mlir::LogicalResult buildLoops(KernelBuilder &b);

} // namespace graphc::lower
