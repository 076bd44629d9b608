// See specialized_dims.h.
#include "dialects/graph/specialized_dims.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace graphc::graph {

static constexpr StringLiteral variantAttr = "graph.specialized";

SmallVector<int64_t> specializedSizes(ModuleOp module, DimAttr dim) {
  SmallVector<int64_t> sizes;
  auto all = module->getAttrOfType<DictionaryAttr>(specializeAttr);
  auto listed = all ? all.getAs<ArrayAttr>(dim.getName()) : ArrayAttr();
  for (Attribute size : listed ? listed.getValue() : ArrayRef<Attribute>())
    sizes.push_back(cast<IntegerAttr>(size).getInt());
  return sizes;
}

void setSpecialized(Operation *variant, ArrayRef<std::pair<DimAttr, int64_t>> sizes) {
  Builder b(variant->getContext());
  NamedAttrList all;
  for (auto [dim, size] : sizes) all.set(dim.getName(), b.getI64IntegerAttr(size));
  variant->setAttr(variantAttr, all.getDictionary(variant->getContext()));
}

bool isVariant(Operation *function) { return function->hasAttr(variantAttr); }

std::optional<int64_t> specializedSize(Operation *variant, StringRef dim) {
  auto all = variant->getAttrOfType<DictionaryAttr>(variantAttr);
  auto size = all ? all.getAs<IntegerAttr>(dim) : IntegerAttr();
  return size ? std::optional(size.getInt()) : std::nullopt;
}

} // namespace graphc::graph
