// An axis that is one dim times a number binds that dim, if the given size divides by the number; all axes are compared
// afterwards.
#include "dialects/graph/call_dims.h"

using namespace mlir;

namespace graphc::graph {

std::optional<Dim> BoundDims::operator()(DimAttr dim) const {
  auto found = dims.find(dim);
  if (found == dims.end()) return std::nullopt;
  return found->second;
}

BoundDims bindDims(TypeRange parameters, TypeRange operands) {
  BoundDims bound;
  auto visit = [&](llvm::function_ref<void(unsigned, unsigned, const Dim &, const Dim &)> axis) {
    for (auto [i, parameter, operand] : llvm::enumerate(parameters, operands)) {
      Shape wanted = shapeOf(cast<RankedTensorType>(parameter)), given = shapeOf(cast<RankedTensorType>(operand));
      for (unsigned a = 0; a < std::min(wanted.size(), given.size()); ++a) axis(i, a, wanted[a], given[a]);
    }
  };
  visit([&](unsigned, unsigned, const Dim &wanted, const Dim &given) {
    if (wanted.symbols().size() != 1) return;
    DimAttr dim = wanted.symbols().front();
    if (bound.dims.count(dim)) return;
    // wanted = factor * dim / multipleOf
    std::optional<Dim> factor = Dim::exactDiv(wanted * Dim(dim.getMultipleOf()), Dim::named(dim));
    if (!factor || !factor->isStatic() || factor->staticValue() <= 0) return;
    if (std::optional<Dim> value = (given * Dim(dim.getMultipleOf())).exactDiv(factor->staticValue()))
      bound.dims.try_emplace(dim, *value);
  });
  visit([&](unsigned operand, unsigned axis, const Dim &wanted, const Dim &given) {
    Dim value = wanted.substitute(bound);
    if (!bound.conflict && value != given) bound.conflict = DimConflict{operand, axis, value, given};
  });
  return bound;
}

} // namespace graphc::graph
