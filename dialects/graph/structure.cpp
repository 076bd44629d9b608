// Verification of the structure ops: a parameter's initial values are well formed, and who reads it agrees with its
// type.
#include "dialects/graph/structure.h"
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

#define GET_OP_CLASSES
#include "dialects/graph/structure.cpp.inc"

LogicalResult ParameterOp::verify() {
  static constexpr StringLiteral kinds[] = {"none",   "constant",   "uniform",  "normal", "truncated_normal",
                                          "values", "orthogonal", "identity"};
  if (!llvm::is_contained(kinds, getInit())) return emitOpError("init '") << getInit() << "' does not exist";
  if (!cast<RankedTensorType>(getType()).hasStaticShape()) return emitOpError("needs a static shape");
  if ((getInit() == "values") != bool(getValues())) return emitOpError("init \"values\" and 'values' belong together");
  if (getValues() && getValues()->getShapedType() != getType()) return emitOpError("needs 'values' of its type");
  return success();
}

/// The parameter that `op` uses with a value of `type`, or null after emitting an error.
static ParameterOp usedParameter(Operation *op, SymbolTableCollection &tables, FlatSymbolRefAttr name, Type type) {
  auto parameter = tables.lookupNearestSymbolFrom<ParameterOp>(op, name);
  if (!parameter) {
    op->emitOpError("parameter ") << name << " does not exist";
    return nullptr;
  }
  if (parameter.getType() == type) return parameter;
  op->emitOpError("uses ") << type << ", but " << name << " is " << parameter.getType();
  return nullptr;
}

LogicalResult ReadParameterOp::verifySymbolUses(SymbolTableCollection &tables) {
  ParameterOp parameter = usedParameter(*this, tables, getParameterAttr(), getValue().getType());
  if (!parameter) return failure();
  return parameter.getState() == getState() ? success() : emitOpError("differs from the parameter in being state");
}

/// Params do not change while an entry runs: reading them has no effect, and equal reads merge. State does.
void ReadParameterOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (getState()) effects.emplace_back(MemoryEffects::Read::get());
}

LogicalResult WriteParameterOp::verifySymbolUses(SymbolTableCollection &tables) {
  ParameterOp parameter = usedParameter(*this, tables, getParameterAttr(), getValue().getType());
  if (!parameter) return failure();
  return parameter.getState() ? success() : emitOpError("writes a parameter that is no state");
}
