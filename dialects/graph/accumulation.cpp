// accumulation.h.
#include "dialects/graph/accumulation.h"
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/graph_dialect.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace graphc::graph {

std::optional<std::pair<Value, Value>> termsOf(Value sum) {
  auto add = sum.getDefiningOp<AddOp>();
  if (!add || add.getA().getType() != sum.getType() || add.getB().getType() != sum.getType()) return std::nullopt;
  return std::pair(add.getA(), add.getB());
}

/// What it adds to is its first operand, what it adds its third.
static bool isAddingScatter(Operation *op) {
  if (isa<ScatterAddOp>(op)) return true;
  return isa<ScatterElementsOp, ScatterNdOp>(op) && op->getAttrOfType<StringAttr>("reduction").getValue() == "add";
}

Value addedTo(OpBuilder &b, Value sum, Value term) {
  Operation *op = term.getDefiningOp();
  RuleBuilder rules(op ? op->getLoc() : term.getLoc(), b);
  Type element = typeOf(sum).getElementType();
  if (!op || !isAddingScatter(op) || RuleBuilder::constantOf(op->getOperand(0)) != 0.0)
    return rules.add(sum, rules.cast(term, element));
  IRMapping operands;
  operands.map(op->getOperand(0), sum);
  operands.map(op->getOperand(2), rules.cast(op->getOperand(2), element));
  Operation *made = b.clone(*op, operands);
  made->getResult(0).setType(sum.getType());
  return made->getResult(0);
}

Value withRow(OpBuilder &b, Value rows, Value row, Value at) {
  RuleBuilder rules(row.getLoc(), b);
  Shape shape = shapeOf(row);
  shape.insert(shape.begin(), Dim(1));
  return rules.create<UpdateSliceOp>(rows, rules.reshape(row, shape), at, b.getDenseI64ArrayAttr({0})).getResult();
}

Value rowAt(OpBuilder &b, Value rows, Value at) {
  return RuleBuilder(rows.getLoc(), b).create<GatherOp>(rows, at, 0).getResult();
}

Value castSource(Value value) {
  auto cast = value.getDefiningOp<CastOp>();
  if (!cast || !isa<FloatType>(typeOf(value).getElementType()) || !isa<FloatType>(typeOf(cast.getX()).getElementType()))
    return {};
  return cast.getX();
}

} // namespace graphc::graph
