// A location holds line and column (in code points, as the frontend wrote them); the span is found again in the text.
#include "compiler/support/source_place.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"

using namespace graphc;
using namespace graphc::support;

/// End of the JSON token that begins at `begin`: a string with its quotes, else a run of name characters, at least one
/// byte.
static size_t tokenEnd(llvm::StringRef text, size_t begin) {
  size_t end = begin + 1;
  if (text[begin] == '"') {
    while (end < text.size() && text[end] != '"' && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text.size());
  }
  while (end < text.size() && (llvm::isAlnum(text[end]) || text[end] == '_' || text[end] == '.')) ++end;
  return end;
}

Span support::sourcePlace(mlir::Location location, const Sources &sources) {
  mlir::FileLineColLoc place;
  while (!(place = mlir::dyn_cast<mlir::FileLineColLoc>(location))) {
    if (auto call = mlir::dyn_cast<mlir::CallSiteLoc>(location))
      location = call.getCaller();
    else if (auto name = mlir::dyn_cast<mlir::NameLoc>(location))
      location = name.getChildLoc();
    else if (auto fused = mlir::dyn_cast<mlir::FusedLoc>(location))
      location = fused.getLocations().front();
    else
      return Span();
  }
  uint32_t file = sources.find(place.getFilename().getValue());
  if (!file) return Span();
  llvm::StringRef text = sources.text(file);
  size_t offset = 0;
  for (unsigned line = 1; line < place.getLine(); ++line) {
    offset = text.find('\n', offset);
    if (offset == llvm::StringRef::npos) return Span();
    ++offset;
  }
  auto isContinuation = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; };
  for (unsigned column = 1; column < place.getColumn() && offset < text.size(); ++column) {
    ++offset;
    while (offset < text.size() && isContinuation(text[offset])) ++offset;
  }
  if (offset >= text.size()) return Span();
  return Span{file, static_cast<uint32_t>(offset), static_cast<uint32_t>(tokenEnd(text, offset))};
}

std::string support::nodeName(mlir::Location location) {
  while (true) {
    if (auto name = mlir::dyn_cast<mlir::NameLoc>(location)) return name.getName().str();
    if (auto call = mlir::dyn_cast<mlir::CallSiteLoc>(location))
      location = call.getCaller();
    else if (auto fused = mlir::dyn_cast<mlir::FusedLoc>(location))
      location = fused.getLocations().front();
    else
      return "";
  }
}
