// reduction_combine.h.
#include "compiler/lower/kernels/reduction_combine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace graphc::lower {

static bool isNumber(TypedAttr attribute, int64_t wanted) {
  if (auto real = dyn_cast<FloatAttr>(attribute)) return real.getValueAsDouble() == double(wanted);
  auto integer = dyn_cast<IntegerAttr>(attribute);
  return integer && integer.getValue() == APInt(integer.getValue().getBitWidth(), uint64_t(wanted), true);
}

/// Each accumulator starts as `init`: it must change nothing, or be the same taken twice.
static bool anyOrder(ArrayRef<Operation *> ops, TypedAttr init) {
  if (ops.size() == 1) {
    if (isa<arith::AddFOp, arith::AddIOp>(ops[0])) return isNumber(init, 0);
    if (isa<arith::MulFOp, arith::MulIOp>(ops[0])) return isNumber(init, 1);
    if (isa<arith::AndIOp, arith::OrIOp, arith::MaxSIOp, arith::MaxUIOp, arith::MinSIOp, arith::MinUIOp,
            arith::MaximumFOp, arith::MinimumFOp>(ops[0]))
      return true;
  }
  // One of the two, chosen by comparing them: a largest or least element.
  return llvm::all_of(ops, [](Operation *op) { return isa<arith::CmpFOp, arith::CmpIOp, arith::SelectOp>(op); });
}

std::optional<ReductionCombine> ReductionCombine::of(Block &body, unsigned accumulator, TypedAttr init) {
  if (body.getTerminator()->getNumOperands() != 1) return std::nullopt;
  ReductionCombine combine;
  combine.accumulated = body.getArgument(accumulator);
  combine.result = body.getTerminator()->getOperand(0);
  llvm::DenseSet<Value> dependent{combine.accumulated};
  for (Operation &op : body.without_terminator()) {
    if (llvm::none_of(op.getOperands(), [&](Value value) { return dependent.contains(value); })) continue;
    combine.ops.push_back(&op);
    for (Value value : op.getOperands()) {
      if (dependent.contains(value)) continue;
      if (combine.element && combine.element != value) return std::nullopt;
      combine.element = value;
    }
    dependent.insert(op.result_begin(), op.result_end());
  }
  if (combine.ops.empty() || !combine.element || combine.element.getType() != combine.accumulated.getType() ||
      !dependent.contains(combine.result) || combine.result == combine.accumulated || !anyOrder(combine.ops, init))
    return std::nullopt;
  return combine;
}

Value ReductionCombine::build(ImplicitLocOpBuilder &b, Value left, Value right) const {
  IRMapping mapping;
  mapping.map(accumulated, left);
  mapping.map(element, right);
  auto vector = dyn_cast<VectorType>(left.getType());
  for (Operation *op : ops) {
    Operation *copy = b.insert(op->clone(mapping));
    if (!vector) continue;
    for (OpResult value : copy->getResults()) value.setType(VectorType::get(vector.getShape(), value.getType()));
  }
  return mapping.lookup(result);
}

} // namespace graphc::lower
