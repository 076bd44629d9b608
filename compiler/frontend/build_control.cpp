// The `if` of two functions that its branches become (control_regions.h), which must agree in type. Loops:
// build_loop.cpp.
#include "compiler/frontend/control_regions.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/Matchers.h"

namespace graphc::frontend {

class IfBuilder : ControlRegions {
public:
  using ControlRegions::ControlRegions;

  llvm::SmallVector<mlir::Value> build() {
    OperandValue condition = body.operandValue(frame, *control.condition);
    if (condition.poisoned()) return {};
    if (condition.number)
      condition.value = body.constant(scalar(builder.getI1Type()), *condition.number, condition.span, frame);
    if (!condition.value || !checkCondition(condition.value, condition.span)) return {};
    if (mlir::matchPattern(condition.value, mlir::m_Constant()))
      body.warn(frame, "G8015", condition.span, "the condition is always the same, so one branch never runs");
    Region *yes = buildRegion(control.regions[0], {}, false), *no = buildRegion(control.regions[1], {}, false);
    if ((yes || no) && body.program.guessing && !(yes && no)) return guess(typesOf(yes ? *yes : *no), {});
    if (!yes || !no) return {};
    if (yes->outputs.size() != no->outputs.size()) {
      support::Diagnostic d;
      d.code = "G6002";
      d.message = "'then' gives " + std::to_string(yes->outputs.size()) + " result" +
                  (yes->outputs.size() == 1 ? "" : "s") + ", 'else' gives " + std::to_string(no->outputs.size());
      d.span = control.regions[1].content.json.keySpan();
      d.labels.push_back({control.regions[0].content.json.keySpan(), ""});
      body.report(frame, std::move(d));
      return {};
    }
    llvm::SmallVector<mlir::Value> results[2];
    for (auto [a, b] : llvm::zip(yes->outputs, no->outputs)) {
      if (a.number && b.number) {
        llvm::SmallVector<OperandValue> alone{a};
        if (!body.giveDtype(frame, alone)) return {};
      }
      auto like = typeOf(a.value ? a.value : b.value);
      auto number = scalar(like.getElementType()); // a bare number is a scalar, here as elsewhere
      if (!settle(*yes, a, number) || !settle(*no, b, number)) return {};
      if (a.value.getType() != b.value.getType()) {
        support::Diagnostic d;
        d.code = "G6001";
        d.message = "'then' gives " + typeText(a.value.getType()) + ", 'else' gives " + typeText(b.value.getType());
        d.span = b.span;
        d.labels.push_back({a.span, ""});
        body.addProvenance(d, a.value);
        body.addProvenance(d, b.value);
        body.report(frame, std::move(d), b.value);
        return {};
      }
      results[0].push_back(a.value);
      results[1].push_back(b.value);
    }
    returnFrom(*yes, results[0]);
    returnFrom(*no, results[1]);
    llvm::SmallVector<mlir::Type> types(mlir::ValueRange(results[0]).getTypes());
    finishRegions(false);
    auto op = builder.create<graph::IfOp>(location(), types, symbol(0), symbol(1), condition.value, captures,
                                          mlir::UnitAttr());
    noteState(op);
    return finish(op.getResults(), {});
  }

private:
  llvm::SmallVector<mlir::Type> typesOf(const Region &branch) {
    llvm::SmallVector<mlir::Type> types;
    for (const OperandValue &output : branch.outputs) {
      bool isTruth = output.number && output.number->kind == StaticValue::Boolean;
      types.push_back(isTruth ? scalar(builder.getI1Type()) : output.value ? output.value.getType() : mlir::Type());
    }
    return types;
  }
};

llvm::SmallVector<mlir::Value> BodyBuilder::buildControl(Frame &frame, const NodeDefinition &node) {
  if (!count(frame, 1, node.callee.span())) return {};
  if (node.control->kind == ControlDefinition::If) return IfBuilder(*this, frame, node).build();
  return buildLoop(frame, node);
}
} // namespace graphc::frontend
