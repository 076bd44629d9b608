// Writing and taking apart of the text that carries a shape error through an MLIR diagnostic:
//   <code> <about>[, <about>]...: <message>      about: "operand 1" or "attribute axis"
#include "dialects/graph/shape_error.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace graphc::graph {

LogicalResult shapeError(std::optional<Location> location, llvm::StringRef code, llvm::ArrayRef<About> about,
                         const llvm::Twine &message) {
  if (!location) return failure();
  std::string text = code.str();
  const char *separator = " ";
  for (const About &a : about) {
    text += separator;
    text += a.operand >= 0 ? "operand " + std::to_string(a.operand) : "attribute " + a.attribute;
    separator = ", ";
  }
  return emitError(*location) << text << ": " << message;
}

static std::optional<About> parseAbout(llvm::StringRef text) {
  if (text.consume_front("attribute ")) return text.empty() ? std::nullopt : std::optional(About::theAttribute(text));
  int operand = 0;
  if (!text.consume_front("operand ") || text.getAsInteger(10, operand) || operand < 0) return std::nullopt;
  return About::theOperand(operand);
}

std::optional<ParsedShapeError> parseShapeError(llvm::StringRef text) {
  auto [head, message] = text.split(": ");
  auto [code, list] = head.split(' ');
  bool isCode = code.size() == 5 && code.front() == 'G' && llvm::all_of(code.drop_front(), llvm::isDigit);
  if (!isCode || message.empty()) return std::nullopt;
  ParsedShapeError parsed{code.str(), {}, message.str()};
  llvm::SmallVector<llvm::StringRef> parts;
  list.split(parts, ", ", -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts) {
    std::optional<About> about = parseAbout(part);
    if (!about) return std::nullopt;
    parsed.about.push_back(*about);
  }
  return parsed;
}

} // namespace graphc::graph
