// Verification of the structure ops: a parameter's initial values are well formed, and who reads it agrees with its
// type.
#include "dialects/graph/structure.h"
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

#define GET_OP_CLASSES
#include "dialects/graph/structure.cpp.inc"

LogicalResult ParameterOp::verify() {
  static constexpr StringLiteral kinds[] = {"none", "constant", "uniform", "normal", "truncated_normal"};
  if (!llvm::is_contained(kinds, getInit())) return emitOpError("init '") << getInit() << "' does not exist";
  if (!cast<RankedTensorType>(getType()).hasStaticShape()) return emitOpError("needs a static shape");
  return success();
}

LogicalResult ReadParameterOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto parameter = tables.lookupNearestSymbolFrom<ParameterOp>(*this, getParameterAttr());
  if (!parameter) return emitOpError("parameter ") << getParameterAttr() << " does not exist";
  if (parameter.getType() != getValue().getType())
    return emitOpError("reads ") << getValue().getType() << ", but " << getParameterAttr() << " is "
                                 << parameter.getType();
  return success();
}
