// The checks that all ops share; operand_type.h says which.
#include "dialects/graph/operand_type.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;

namespace graphc::graph {

std::string shapeText(llvm::ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += ShapedType::isDynamic(size) ? "?" : std::to_string(size);
  }
  return text + "]";
}

bool fitsMemory(llvm::ArrayRef<int64_t> shape, unsigned elementBytes) {
  int64_t bytes = elementBytes;
  for (int64_t size : shape) {
    std::optional<int64_t> product = llvm::checkedMul(bytes, std::max<int64_t>(size, 1));
    if (!product || *product >= (int64_t(1) << 47)) return false;
    bytes = *product;
  }
  return true;
}

static LogicalResult checkSize(std::optional<Location> location, llvm::ArrayRef<int64_t> shape, Type element,
                               llvm::ArrayRef<About> about) {
  std::optional<Dtype> dtype = dtypeOf(element);
  if (fitsMemory(shape, dtype ? dtypeBytes(*dtype) : 8)) return success();
  return shapeError(location, "G3011", about, shapeText(shape) + " is more than any memory holds (limit 2^47 bytes)");
}

/// Everything but the dtype.
static FailureOr<RankedTensorType> staticTensor(std::optional<Location> location, Value operand, int index) {
  About about = About::theOperand(index);
  auto type = dyn_cast<RankedTensorType>(operand.getType());
  if (!type) return shapeError(location, "G4002", about, "this operand is no tensor");
  if (!type.hasStaticShape())
    return shapeError(location, "G0014", about,
                      "sizes known only at the call are not supported by this version of graphc");
  if (type.getRank() > maxRank)
    return shapeError(location, "G3008", about,
                      "a tensor has at most " + llvm::Twine(maxRank) + " axes, this one has " +
                          llvm::Twine(type.getRank()));
  if (failed(checkSize(location, type.getShape(), type.getElementType(), about))) return failure();
  return type;
}

static LogicalResult checkDtype(std::optional<Location> location, llvm::StringRef mnemonic, RankedTensorType type,
                                int index, llvm::ArrayRef<Dtype> dtypes) {
  std::optional<Dtype> dtype = dtypeOf(type.getElementType());
  if (dtype && llvm::is_contained(dtypes, *dtype)) return success();
  std::string names = llvm::join(llvm::map_range(dtypes, [](Dtype t) { return dtypeName(t); }), ", ");
  return shapeError(location, "G4002", About::theOperand(index),
                    "'" + mnemonic + "' is not defined for " + typeName(type.getElementType()) + " (" + names + ")");
}

FailureOr<RankedTensorType> operandType(std::optional<Location> location, llvm::StringRef mnemonic, ValueRange operands,
                                        int index, llvm::ArrayRef<Dtype> dtypes) {
  FailureOr<RankedTensorType> type = staticTensor(location, operands[index], index);
  if (failed(type) || failed(checkDtype(location, mnemonic, *type, index, dtypes))) return failure();
  return type;
}

FailureOr<llvm::SmallVector<RankedTensorType>> operandTypes(std::optional<Location> location, llvm::StringRef mnemonic,
                                                            ValueRange operands, llvm::ArrayRef<Dtype> dtypes) {
  llvm::SmallVector<RankedTensorType> types;
  for (size_t i = 0; i < operands.size(); ++i) {
    FailureOr<RankedTensorType> type = staticTensor(location, operands[i], i);
    if (failed(type)) return failure();
    types.push_back(*type);
  }
  for (size_t i = 1; i < types.size(); ++i)
    if (types[i].getElementType() != types[0].getElementType())
      return shapeError(location, "G4001", {About::theOperand(i), About::theOperand(0)},
                        "'" + mnemonic + "' combines " + typeName(types[0].getElementType()) + " and " +
                            typeName(types[i].getElementType()) + ", its operands must have one dtype");
  if (!types.empty() && failed(checkDtype(location, mnemonic, types[0], 0, dtypes))) return failure();
  return types;
}

LogicalResult addResultType(std::optional<Location> location, llvm::ArrayRef<int64_t> shape, Type element,
                            llvm::ArrayRef<About> about, llvm::SmallVectorImpl<Type> &types) {
  if (shape.size() > size_t(maxRank))
    return shapeError(location, "G3008", about,
                      "the result would have " + llvm::Twine(shape.size()) + " axes, at most " + llvm::Twine(maxRank) +
                          " can be");
  if (failed(checkSize(location, shape, element, about))) return failure();
  types.push_back(RankedTensorType::get(shape, element));
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

} // namespace graphc::graph
