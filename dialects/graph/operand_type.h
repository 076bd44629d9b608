// What every op checks of its operands before its own rule: a tensor of known sizes (numbers or named dims) and
// bearable rank, of a dtype it is defined for, and a result that some memory could hold. All reports go through
// shapeError.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/shape_error.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

namespace graphc::graph {

constexpr int64_t maxRank = 16;

/// True if the tensor has less than 2^47 bytes for every value of its dims, even with its empty axes counted as 1 (so
/// that no offset can overflow either).
bool fitsMemory(llvm::ArrayRef<Dim> shape, unsigned elementBytes);

/// The type of operand `index` of op `mnemonic`: known sizes, rank <= 16, fits memory, dtype among `dtypes` (an empty
/// list: any).
mlir::FailureOr<mlir::RankedTensorType> operandType(std::optional<mlir::Location> location, llvm::StringRef mnemonic,
                                                    mlir::ValueRange operands, int index, llvm::ArrayRef<Dtype> dtypes);
/// All operands: each as above, and of one dtype (G4001), but for `conditions` leading ones that must be bool.
mlir::FailureOr<llvm::SmallVector<mlir::RankedTensorType>>
operandTypes(std::optional<mlir::Location> location, llvm::StringRef mnemonic, mlir::ValueRange operands,
             llvm::ArrayRef<Dtype> dtypes, int conditions = 0);
/// An operand that holds positions: i32 or i64 (G4003).
mlir::FailureOr<mlir::RankedTensorType> indexOperandType(std::optional<mlir::Location> location,
                                                         llvm::StringRef mnemonic, mlir::ValueRange operands, int index,
                                                         llvm::StringRef name);

/// Appends the result type, or reports G3011 about `about`.
mlir::LogicalResult addResultType(std::optional<mlir::Location> location, llvm::ArrayRef<Dim> shape, mlir::Type element,
                                  llvm::ArrayRef<About> about, llvm::SmallVectorImpl<mlir::Type> &types);

/// The axis counted from the front, or G2004 about attribute `attribute` and operand 0, called `operand` in the
/// message.
mlir::FailureOr<int64_t> checkedAxis(std::optional<mlir::Location> location, int64_t axis, int64_t rank,
                                     llvm::StringRef attribute, llvm::StringRef operand);
/// The same for a list: each axis once (G2006), sorted if `sort`.
mlir::FailureOr<llvm::SmallVector<int64_t>> checkedAxes(std::optional<mlir::Location> location,
                                                        llvm::ArrayRef<int64_t> axes, int64_t rank,
                                                        llvm::StringRef attribute, llvm::StringRef operand, bool sort);
/// The same for an op that was verified.
inline int64_t axisFromFront(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

} // namespace graphc::graph
