// See requirement.h. Sizes are compared by the bounds of their difference, which the normal form makes narrow: what
// both sides share cancels.
#include "dialects/graph/requirement.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace graphc::graph {

SmallVector<Requirement> requirementsOf(Operation *function) {
  SmallVector<Requirement> requirements;
  auto all = function->getAttrOfType<ArrayAttr>(requiresAttr);
  for (Attribute one : all ? all.getValue() : ArrayRef<Attribute>()) {
    auto parts = cast<DictionaryAttr>(one);
    auto text = [&](StringRef name) { return parts.getAs<StringAttr>(name).str(); };
    auto side = [&](StringRef name) { return Dim::ofShape(parts.getAs<ShapeAttr>(name), 0); };
    requirements.push_back({text("text"), text("relation"), side("left"), side("right")});
  }
  return requirements;
}

void setRequirements(Operation *function, ArrayRef<Requirement> requirements) {
  if (requirements.empty()) return;
  MLIRContext *context = function->getContext();
  Builder b(context);
  SmallVector<Attribute> all;
  for (const Requirement &one : requirements)
    all.push_back(b.getDictionaryAttr({b.getNamedAttr("text", b.getStringAttr(one.text)),
                                       b.getNamedAttr("left", shapeAttr(context, one.left)),
                                       b.getNamedAttr("right", shapeAttr(context, one.right)),
                                       b.getNamedAttr("relation", b.getStringAttr(one.relation))}));
  function->setAttr(requiresAttr, b.getArrayAttr(all));
}

std::optional<bool> compareSizes(StringRef relation, const Dim &a, const Dim &b) {
  Dim difference = a - b;
  int64_t low = difference.low(), high = difference.high();
  std::optional<bool> below = high < 0 ? std::optional(true) : low >= 0 ? std::optional(false) : std::nullopt;
  std::optional<bool> notAbove = high <= 0 ? std::optional(true) : low > 0 ? std::optional(false) : std::nullopt;
  std::optional<bool> equal = a == b                  ? std::optional(true)
                              : (low > 0 || high < 0) ? std::optional(false)
                                                      : std::nullopt;
  auto negated = [](std::optional<bool> x) { return x ? std::optional(!*x) : x; };
  return relation == "<"    ? below
         : relation == "<=" ? notAbove
         : relation == ">"  ? negated(notAbove)
         : relation == ">=" ? negated(below)
         : relation == "==" ? equal
                            : negated(equal);
}

} // namespace graphc::graph
