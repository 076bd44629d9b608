// reverse_while.h.
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/control_flow.h"

using namespace mlir;
using namespace graphc::graph;

#define GET_OP_CLASSES
#include "dialects/graph/reverse_while.cpp.inc"

std::optional<int64_t> graphc::graph::checkpointRows(WhileOp loop) {
  auto rows = loop->getAttrOfType<IntegerAttr>(checkpointsAttr);
  return rows ? std::optional(rows.getInt()) : std::nullopt;
}

bool graphc::graph::isOnline(WhileOp loop) { return !loop.getLimit() || loop.getGrad() == "online"; }

Online graphc::graph::onlineOf(WhileOp loop) {
  auto said = loop->getAttrOfType<DenseI64ArrayAttr>(onlineAttr);
  int64_t states = said ? said[0] : 64, tape = said ? said[1] : 64;
  int64_t slots = std::max(states / 4, std::min<int64_t>(states / 2, 12));
  slots += (states - slots) % 2; // rows are even: half of them go when the stride doubles
  return {states - slots, slots, tape};
}

SmallVector<Type> ReverseWhileOp::carryTypes() {
  SmallVector<Type> types;
  for (Type type : getCheckpoints().getTypes()) types.push_back(rowOf(type));
  return types;
}

SmallVector<CalledFunction> ReverseWhileOp::calls() {
  SmallVector<Type> carries = carryTypes(), forward, backward;
  if (getIndex()) forward.push_back(turnType(getContext()));
  llvm::append_range(forward, carries);
  backward = forward;
  llvm::append_range(backward, carries);
  llvm::append_range(backward, getResiduals().getAsValueRange<TypeAttr>());
  llvm::append_range(backward, getInits().getTypes());
  for (SmallVector<Type> *operands : {&forward, &backward}) llvm::append_range(*operands, getCaptures().getTypes());
  return {{getForwardAttrName(), getForwardAttr(), forward}, {getBackwardAttrName(), getBackwardAttr(), backward}};
}

LogicalResult ReverseWhileOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (getTurns().getType() != turnType(getContext())) return emitOpError("needs the number of turns as an i64 scalar");
  if (getSlots() < 1 || getTape() < 1) return emitOpError("needs a slot and a turn on its tape");
  Dim rows;
  for (auto [i, checkpoints] : llvm::enumerate(getCheckpoints())) {
    auto type = cast<RankedTensorType>(checkpoints.getType());
    if (!isNamed(type) || type.getRank() == 0) return emitOpError("has checkpoints without rows");
    if (i == 0) rows = shapeOf(type)[0];
    if (shapeOf(type)[0] != rows || !rows.isStatic() || rows.staticValue() < 2 || rows.staticValue() % 2)
      return emitOpError("needs the same even number of rows of each carry");
  }
  for (Type residual : getResiduals().getAsValueRange<TypeAttr>())
    if (!isa<RankedTensorType>(residual)) return emitOpError("has a residual that is no tensor");
  if (getInits().getTypes() != getResults().getTypes()) return emitOpError("has a carry that changes its type");
  SmallVector<CalledFunction> callees = calls();
  SmallVector<Type> given = carryTypes();
  llvm::append_range(given, getResiduals().getAsValueRange<TypeAttr>());
  return success(succeeded(verifyCall(*this, tables, callees[0], given)) &&
                 succeeded(verifyCall(*this, tables, callees[1], getInits().getTypes())));
}
