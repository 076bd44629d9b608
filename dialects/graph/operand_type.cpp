// The checks that all ops share; operand_type.h says which.
#include "dialects/graph/operand_type.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;

namespace graphc::graph {

bool fitsMemory(llvm::ArrayRef<Dim> shape, unsigned elementBytes) {
  int64_t bytes = elementBytes;
  for (const Dim &size : shape) {
    std::optional<int64_t> product = llvm::checkedMul(bytes, std::max<int64_t>(size.high(), 1));
    if (!product || *product >= (int64_t(1) << 47)) return false;
    bytes = *product;
  }
  return true;
}

static LogicalResult checkSize(std::optional<Location> location, llvm::ArrayRef<Dim> shape, Type element,
                               llvm::ArrayRef<About> about) {
  std::optional<Dtype> dtype = dtypeOf(element);
  if (fitsMemory(shape, dtype ? dtypeBytes(*dtype) : 8)) return success();
  bool named = llvm::any_of(shape, [](const Dim &dim) { return !dim.isStatic(); });
  return shapeError(location, "G3011", about,
                    shapeText(shape) + (named ? " with its dims at their largest" : "") +
                        " is more than any memory holds (limit 2^47 bytes)");
}

/// Everything but the dtype.
static FailureOr<RankedTensorType> knownTensor(std::optional<Location> location, Value operand, int index) {
  About about = About::theOperand(index);
  auto type = dyn_cast<RankedTensorType>(operand.getType());
  if (!type) return shapeError(location, "G4002", about, "this operand is no tensor");
  if (!isNamed(type)) return shapeError(location, "G0014", about, "a size is neither a number nor a named dim");
  if (type.getRank() > maxRank)
    return shapeError(location, "G3008", about,
                      "a tensor has at most " + llvm::Twine(maxRank) + " axes, this one has " +
                          llvm::Twine(type.getRank()));
  if (failed(checkSize(location, shapeOf(type), type.getElementType(), about))) return failure();
  return type;
}

static LogicalResult checkDtype(std::optional<Location> location, llvm::StringRef mnemonic, RankedTensorType type,
                                int index, llvm::ArrayRef<Dtype> dtypes) {
  std::optional<Dtype> dtype = dtypeOf(type.getElementType());
  if (dtype && (dtypes.empty() || llvm::is_contained(dtypes, *dtype))) return success();
  std::string names = llvm::join(llvm::map_range(dtypes, [](Dtype t) { return dtypeName(t); }), ", ");
  return shapeError(location, "G4002", About::theOperand(index),
                    "'" + mnemonic + "' is not defined for " + typeName(type.getElementType()) + ", it takes " + names);
}

FailureOr<RankedTensorType> operandType(std::optional<Location> location, llvm::StringRef mnemonic, ValueRange operands,
                                        int index, llvm::ArrayRef<Dtype> dtypes) {
  FailureOr<RankedTensorType> type = knownTensor(location, operands[index], index);
  if (failed(type) || failed(checkDtype(location, mnemonic, *type, index, dtypes))) return failure();
  return type;
}

FailureOr<llvm::SmallVector<RankedTensorType>> operandTypes(std::optional<Location> location, llvm::StringRef mnemonic,
                                                            ValueRange operands, llvm::ArrayRef<Dtype> dtypes,
                                                            int conditions) {
  llvm::SmallVector<RankedTensorType> types;
  for (size_t i = 0; i < operands.size(); ++i) {
    FailureOr<RankedTensorType> type = knownTensor(location, operands[i], i);
    if (failed(type)) return failure();
    types.push_back(*type);
  }
  for (int i = 0; i < conditions; ++i)
    if (dtypeOf(types[i].getElementType()) != Dtype::Bool)
      return shapeError(location, "G4004", About::theOperand(i),
                        "a condition must be bool, this is " + typeName(types[i].getElementType()));
  for (size_t i = conditions + 1; i < types.size(); ++i)
    if (types[i].getElementType() != types[conditions].getElementType())
      return shapeError(location, "G4001", {About::theOperand(i), About::theOperand(conditions)},
                        "'" + mnemonic + "' combines " + typeName(types[conditions].getElementType()) + " and " +
                            typeName(types[i].getElementType()) + ", its operands must have one dtype");
  if (types.size() > size_t(conditions) &&
      failed(checkDtype(location, mnemonic, types[conditions], conditions, dtypes)))
    return failure();
  return types;
}

FailureOr<RankedTensorType> indexOperandType(std::optional<Location> location, llvm::StringRef mnemonic,
                                             ValueRange operands, int index, llvm::StringRef name) {
  FailureOr<RankedTensorType> type = knownTensor(location, operands[index], index);
  if (failed(type)) return failure();
  std::optional<Dtype> dtype = dtypeOf(type->getElementType());
  if (dtype == Dtype::I32 || dtype == Dtype::I64) return type;
  return shapeError(location, "G4003", About::theOperand(index),
                    "'" + name + "' of '" + mnemonic + "' holds positions and must be i32 or i64, it is " +
                        typeName(type->getElementType()));
}

LogicalResult addResultType(std::optional<Location> location, llvm::ArrayRef<Dim> shape, Type element,
                            llvm::ArrayRef<About> about, llvm::SmallVectorImpl<Type> &types) {
  if (shape.size() > size_t(maxRank))
    return shapeError(location, "G3008", about,
                      "the result would have " + llvm::Twine(shape.size()) + " axes, at most " + llvm::Twine(maxRank) +
                          " can be");
  if (failed(checkSize(location, shape, element, about))) return failure();
  types.push_back(tensorType(shape, element));
  return success();
}

FailureOr<int64_t> checkedAxis(std::optional<Location> location, int64_t axis, int64_t rank, llvm::StringRef attribute,
                               llvm::StringRef operand) {
  if (axis >= -rank && axis < rank) return axisFromFront(axis, rank);
  llvm::SmallVector<About> about = {About::theAttribute(attribute), About::theOperand(0)};
  if (rank == 0) return shapeError(location, "G2004", about, "'" + operand + "' is a scalar and has no axis");
  return shapeError(location, "G2004", about,
                    "axis " + llvm::Twine(axis) + " is outside '" + operand + "' of rank " + llvm::Twine(rank) +
                        " (valid: " + llvm::Twine(-rank) + ".." + llvm::Twine(rank - 1) + ")");
}

FailureOr<llvm::SmallVector<int64_t>> checkedAxes(std::optional<Location> location, llvm::ArrayRef<int64_t> axes,
                                                  int64_t rank, llvm::StringRef attribute, llvm::StringRef operand,
                                                  bool sort) {
  llvm::SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    FailureOr<int64_t> fromFront = checkedAxis(location, axis, rank, attribute, operand);
    if (failed(fromFront)) return failure();
    if (llvm::is_contained(result, *fromFront))
      return shapeError(location, "G2006", About::theAttribute(attribute),
                        "axis " + llvm::Twine(axis) + " is named twice in '" + attribute + "'");
    result.push_back(*fromFront);
  }
  if (sort) llvm::sort(result);
  return result;
}

} // namespace graphc::graph
