// accumulation.h.
#include "dialects/graph/accumulation.h"
#include "dialects/graph/graph_dialect.h"

using namespace mlir;

namespace graphc::graph {

std::optional<std::pair<Value, Value>> termsOf(Value sum) {
  auto add = sum.getDefiningOp<AddOp>();
  if (!add || add.getA().getType() != sum.getType() || add.getB().getType() != sum.getType()) return std::nullopt;
  return std::pair(add.getA(), add.getB());
}

Value castSource(Value value) {
  auto cast = value.getDefiningOp<CastOp>();
  if (!cast || !isa<FloatType>(typeOf(value).getElementType()) || !isa<FloatType>(typeOf(cast.getX()).getElementType()))
    return {};
  return cast.getX();
}

} // namespace graphc::graph
