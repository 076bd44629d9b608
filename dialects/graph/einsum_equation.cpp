// einsum_equation.h: reading is one pass over the characters.
#include "dialects/graph/einsum_equation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace graphc::graph {
namespace {
using Labels = EinsumEquation::Labels;
constexpr int ellipsisMark = -1; // until its number of axes is known

struct Reader {
  std::optional<Location> location;
  LogicalResult wrong(const llvm::Twine &message) {
    return shapeError(location, "G2010", About::theAttribute("equation"), message);
  }

  FailureOr<Labels> part(llvm::StringRef text) {
    Labels labels;
    for (size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (c == ' ') continue;
      if (llvm::isAlpha(c)) {
        labels.push_back(static_cast<unsigned char>(c));
      } else if (text.substr(i).starts_with("...")) {
        if (llvm::is_contained(labels, ellipsisMark)) return wrong("'...' stands twice in one part of the equation");
        labels.push_back(ellipsisMark);
        i += 2;
      } else {
        return wrong("an equation is made of letters, '...', ',' and '->', at position " + llvm::Twine(i + 1) +
                     " of a part stands something else");
      }
    }
    return labels;
  }

  /// The mark replaced by `count` axes.
  static Labels expand(llvm::ArrayRef<int> labels, int64_t count) {
    Labels result;
    for (int label : labels) {
      if (label != ellipsisMark) {
        result.push_back(label);
        continue;
      }
      for (int64_t i = count; i-- > 0;) result.push_back(256 + int(i));
    }
    return result;
  }
};

std::string shown(int label) {
  if (EinsumEquation::isEllipsis(label)) return "an axis of '...'";
  return std::string("'") + char(label) + "'";
}

LogicalResult addSizes(std::optional<Location> location, EinsumEquation &e, llvm::ArrayRef<Shape> operands) {
  std::map<int, int> from; // which operand gave the size
  for (auto [i, labels] : llvm::enumerate(e.operands))
    for (auto [label, size] : llvm::zip_equal(labels, operands[i])) {
      auto [it, isNew] = e.sizes.try_emplace(label, size);
      if (isNew) from[label] = int(i);
      if (isNew || it->second == size) continue;
      if (EinsumEquation::isEllipsis(label) && size.is(1)) continue;
      if (EinsumEquation::isEllipsis(label) && it->second.is(1)) {
        it->second = size;
        from[label] = int(i);
        continue;
      }
      SmallVector<About> about{About::theOperand(int(i))};
      if (from[label] != int(i)) about.push_back(About::theOperand(from[label]));
      about.push_back(About::theAttribute("equation"));
      return shapeError(location, "G3020", about,
                        shown(label) + " is " + it->second.text() + " in operand " + llvm::Twine(from[label] + 1) +
                            " and " + size.text() + " in operand " + llvm::Twine(i + 1));
    }
  return success();
}

/// What stands for a missing "->": the axes of "...", then the letters that stand once, sorted.
Labels impliedResult(const EinsumEquation &e, int64_t ellipsisRank) {
  std::map<int, int> count;
  for (const Labels &labels : e.operands)
    for (int label : labels) ++count[label];
  Labels result = Reader::expand(Labels{ellipsisMark}, ellipsisRank);
  for (auto [label, times] : count)
    if (!EinsumEquation::isEllipsis(label) && times == 1) result.push_back(label);
  return result;
}

LogicalResult readResult(Reader &reader, llvm::StringRef text, int64_t ellipsisRank, EinsumEquation &e) {
  FailureOr<Labels> result = reader.part(text);
  if (failed(result)) return failure();
  e.result = Reader::expand(*result, ellipsisRank);
  llvm::SmallVector<int> seen;
  for (int label : e.result) {
    if (llvm::is_contained(seen, label)) return reader.wrong(shown(label) + " stands twice in the result");
    seen.push_back(label);
    if (llvm::none_of(e.operands, [&](const Labels &labels) { return llvm::is_contained(labels, label); }))
      return reader.wrong(shown(label) + " of the result stands in no operand");
  }
  return success();
}
} // namespace

FailureOr<EinsumEquation> einsumEquation(std::optional<Location> location, llvm::StringRef equation,
                                         llvm::ArrayRef<Shape> operands) {
  Reader reader{location};
  EinsumEquation e;
  size_t arrow = equation.find("->");
  llvm::SmallVector<llvm::StringRef> parts;
  equation.substr(0, arrow).split(parts, ',');
  if (operands.empty()) return reader.wrong("'einsum' needs at least one operand");
  if (parts.size() != operands.size())
    return reader.wrong("the equation names " + llvm::Twine(parts.size()) + " operands, there are " +
                        llvm::Twine(operands.size()));
  int64_t ellipsisRank = 0;
  for (auto [i, text] : llvm::enumerate(parts)) {
    FailureOr<Labels> labels = reader.part(text);
    if (failed(labels)) return failure();
    bool ellipsis = llvm::is_contained(*labels, ellipsisMark);
    int64_t rank = operands[i].size(), letters = int64_t(labels->size()) - ellipsis;
    if (ellipsis ? letters > rank : letters != rank)
      return shapeError(location, "G2010", {About::theAttribute("equation"), About::theOperand(int(i))},
                        "the equation names " + llvm::Twine(letters) + " axes of operand " + llvm::Twine(i + 1) +
                            ", it has " + llvm::Twine(rank));
    ellipsisRank = std::max(ellipsisRank, ellipsis ? rank - letters : 0);
    e.operands.push_back(Reader::expand(*labels, rank - letters));
  }
  if (failed(addSizes(location, e, operands))) return failure();
  if (arrow == llvm::StringRef::npos)
    e.result = impliedResult(e, ellipsisRank);
  else if (failed(readResult(reader, equation.substr(arrow + 2), ellipsisRank, e)))
    return failure();
  return e;
}

} // namespace graphc::graph
