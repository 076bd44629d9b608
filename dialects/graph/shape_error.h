// How an op says that its operands or attributes do not fit: a code, what it is about (so that the frontend puts the
// caret on that operand or attribute in the JSON), and a sentence. Travels through an MLIR diagnostic as text "G3002
// operand 1, operand 0: ..." because LLVM 19's Diagnostic has no metadata; parseShapeError takes it apart again.
#pragma once
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::graph {

/// An operand by number, or an attribute by name.
struct About {
  int operand = -1;
  std::string attribute;
  static About theOperand(int i) { return {i, ""}; }
  static About theAttribute(llvm::StringRef name) { return {-1, name.str()}; }
};

/// Emits the error (if `location` is set) and returns failure. The first `about` is where the caret goes; further ones
/// are labels.
mlir::LogicalResult shapeError(std::optional<mlir::Location> location, llvm::StringRef code,
                               llvm::ArrayRef<About> about, const llvm::Twine &message);

struct ParsedShapeError {
  std::string code;
  llvm::SmallVector<About> about;
  std::string message;
};
/// nullopt if the text was not made by shapeError.
std::optional<ParsedShapeError> parseShapeError(llvm::StringRef text);

} // namespace graphc::graph
