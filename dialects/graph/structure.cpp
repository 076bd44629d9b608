// Verification of the structure ops but those that call (control_flow.cpp): a parameter's initial values are well
// formed, who reads it agrees with its type, and the body of graph.loops has the arguments that its operands ask for.
#include "dialects/graph/structure.h"
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace graphc::graph;

#define GET_OP_CLASSES
#include "dialects/graph/structure.cpp.inc"

LogicalResult ParameterOp::verify() {
  static constexpr StringLiteral kinds[] = {"none",   "constant",   "uniform",  "normal", "truncated_normal",
                                            "values", "orthogonal", "identity", "seed",   "calls"};
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
  return !parameter.getState() || getState() ? success() : emitOpError("reads a state at no place among the writes");
}

/// What does not change while an entry runs: reading it has no effect, and equal reads merge.
void ReadParameterOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (getState()) effects.emplace_back(MemoryEffects::Read::get());
}

LogicalResult WriteParameterOp::verifySymbolUses(SymbolTableCollection &tables) {
  return success(bool(usedParameter(*this, tables, getParameterAttr(), getValue().getType())));
}

LogicalResult DerivativeOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto callee = tables.lookupNearestSymbolFrom<func::FuncOp>(*this, getCalleeAttr());
  if (!callee) return emitOpError("function ") << getCalleeAttr() << " does not exist";
  if (!llvm::is_contained({"vjp", "jvp", "jacobian"}, getKind()))
    return emitOpError("kind '") << getKind() << "' does not exist";
  auto isPlace = [](unsigned count) { return [=](int64_t i) { return i >= 0 && i < int64_t(count); }; };
  if (!llvm::all_of(getWrt(), isPlace(callee.getNumArguments())) ||
      !llvm::all_of(getOf(), isPlace(callee.getNumResults())))
    return emitOpError("names an operand or a result that ") << getCalleeAttr() << " does not have";
  size_t by = getWrt().size() + getParams().size(), of = getOf().size();
  size_t further = getKind() == "vjp" ? of : getKind() == "jvp" ? by : 0;
  size_t derivatives = getKind() == "vjp" ? by : getKind() == "jvp" ? of : by * of;
  if (getNumOperands() != callee.getNumArguments() + further || getNumResults() != callee.getNumResults() + derivatives)
    return emitOpError("does not fit the signature of ") << getCalleeAttr();
  return success();
}

void LoopsOp::build(OpBuilder &builder, OperationState &state, ValueRange ins, ValueRange sizes, ValueRange outs,
                    bool mayFail, ArrayRef<int64_t> inplace) {
  state.addOperands(ins);
  state.addOperands(sizes);
  state.addOperands(outs);
  state.addTypes(outs.getTypes());
  auto &properties = state.getOrAddProperties<Properties>();
  llvm::copy(ArrayRef<int32_t>{int32_t(ins.size()), int32_t(sizes.size()), int32_t(outs.size())},
             properties.operandSegmentSizes.begin());
  if (mayFail) properties.setMayFail(builder.getUnitAttr());
  if (!inplace.empty()) properties.setInplace(builder.getDenseI64ArrayAttr(inplace));
  OpBuilder::InsertionGuard guard(builder);
  Region *body = state.addRegion();
  SmallVector<Type> types;
  for (Value in : ins) types.push_back(flatBuffer(getElementTypeOrSelf(in.getType())));
  types.append(sizes.size(), builder.getIndexType());
  for (Value out : outs) types.push_back(flatBuffer(getElementTypeOrSelf(out.getType())));
  if (mayFail) types.push_back(flatBuffer(builder.getI32Type()));
  builder.createBlock(body, body->end(), types, SmallVector<Location>(types.size(), state.location));
  ensureTerminator(*body, builder, state.location);
}

SmallVector<Type> LoopsOp::bodyTypes() {
  SmallVector<Type> types;
  for (Value in : getIns()) types.push_back(flatBuffer(getElementTypeOrSelf(in.getType())));
  types.append(getSizes().size(), IndexType::get(getContext()));
  for (Value out : getOuts()) types.push_back(flatBuffer(getElementTypeOrSelf(out.getType())));
  if (getMayFail()) types.push_back(flatBuffer(IntegerType::get(getContext(), 32)));
  return types;
}

LogicalResult LoopsOp::verify() {
  if (getResultTypes() != getOuts().getTypes()) return emitOpError("needs one result per out, of its type");
  if (getBody().getArgumentTypes() != TypeRange(bodyTypes()))
    return emitOpError("body needs one flat buffer per in, one index per size, one flat buffer per out")
           << (getMayFail() ? " and the status cell" : "");
  ArrayRef<int64_t> pairs = getInplace().value_or(ArrayRef<int64_t>());
  if (pairs.size() % 2) return emitOpError("'inplace' needs pairs");
  for (size_t i = 0; i < pairs.size(); i += 2)
    if (pairs[i] < 0 || pairs[i] >= int64_t(getIns().size()) || pairs[i + 1] < 0 ||
        pairs[i + 1] >= int64_t(getOuts().size()))
      return emitOpError("'inplace' names an operand that does not exist");
  return success();
}
