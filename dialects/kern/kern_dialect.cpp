// Registration, verifiers and effects of the kern dialect.
#include "dialects/kern/checkpoint_ops.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace graphc::kern;

#include "dialects/kern/kern_dialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/kern/kern_ops.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/kern/checkpoint_ops.cpp.inc"

void KernDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/kern/kern_ops.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/kern/checkpoint_ops.cpp.inc"
      >();
}

void RunOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if ((*this)->hasAttr(touchesStateAttr)) {
    effects.emplace_back(MemoryEffects::Read::get());
    effects.emplace_back(MemoryEffects::Write::get());
  }
  for (OpOperand &in : getInsMutable())
    if (isa<BaseMemRefType>(in.get().getType())) effects.emplace_back(MemoryEffects::Read::get(), &in);
  for (OpOperand &out : getOutsMutable()) {
    if (!isa<BaseMemRefType>(out.get().getType())) continue;
    effects.emplace_back(MemoryEffects::Write::get(), &out);
    if (getReadsOuts()) effects.emplace_back(MemoryEffects::Read::get(), &out);
  }
}

/// Params do not change while an entry runs; state does.
void ReadParameterOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (getState()) effects.emplace_back(MemoryEffects::Read::get());
}

SmallVector<std::pair<unsigned, unsigned>> RunOp::inplacePairs() {
  ArrayRef<int64_t> flat = getInplace().value_or(ArrayRef<int64_t>());
  SmallVector<std::pair<unsigned, unsigned>> pairs;
  for (size_t i = 0; i + 1 < flat.size(); i += 2) pairs.push_back({unsigned(flat[i]), unsigned(flat[i + 1])});
  return pairs;
}

LogicalResult RunOp::verify() {
  size_t tensors = llvm::count_if(getOuts().getTypes(), [](Type t) { return isa<TensorType>(t); });
  if (tensors != getNumResults()) return emitOpError("needs one result per tensor among its outs");
  for (auto [in, out] : inplacePairs())
    if (in >= getIns().size() || out >= getOuts().size())
      return emitOpError("'inplace' names an operand that does not exist");
  return success();
}

LogicalResult RunOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (!tables.lookupNearestSymbolFrom(*this, getKernelAttr()))
    return emitOpError("kernel ") << getKernelAttr() << " does not exist";
  return success();
}

LogicalResult KernelOp::verify() {
  static const llvm::StringSet<> builders = {"elementwise", "contraction", "windows", "winograd_output",
                                             "rows",        "reduction",   "loops"},
                                 bare = {"pack_panels", "winograd_input"};
  if (!builders.contains(getBuilder()) && !bare.contains(getBuilder()))
    return emitOpError("builder '") << getBuilder() << "' does not exist";
  if (getBody().empty() != bare.contains(getBuilder()))
    return emitOpError("builder '") << getBuilder() << "' and body do not fit";
  if (!getBody().empty() && !isa<YieldOp>(getBody().front().back())) return emitOpError("body must end in kern.yield");
  return success();
}

LogicalResult FoldOp::verify() {
  Type type = getResult().getType();
  Block &block = getBody().front();
  if (getElement().getType() != type || getInit().getType() != type ||
      block.getArgumentTypes() != TypeRange{type, type})
    return emitOpError("element, init and accumulator are not of one type");
  auto yield = dyn_cast<YieldOp>(block.back());
  if (!yield || yield.getOperandTypes() != TypeRange(type))
    return emitOpError("body must end in a kern.yield of its type");
  return success();
}
