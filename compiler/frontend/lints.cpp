// Lints: warnings about what is legal and likely a mistake (G8..., G7007). The node, its definition or its file may
// silence them ("allow"); the standard layers have none, but for what the sizes cause that they are used with: that is
// their user's. What can be seen from an op and what stands before it, ops say themselves (graph::Advisable); here
// stands what needs the whole definition.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/op_signature.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/Matchers.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

void BodyBuilder::warn(Frame &frame, llvm::StringRef code, Span span, const llvm::Twine &message) {
  const Definition &definition = *frame.definition;
  JsonValue node = frame.node < definition.nodes.size() ? definition.nodes[frame.node].json : JsonValue();
  if (definition.isStandard || allows(node, code) || allows(definition.json, code) ||
      allows(definition.scope->root, code))
    return;
  support::Diagnostic warning;
  warning.severity = support::Severity::Warning;
  warning.code = code.str();
  warning.message = message.str();
  warning.span = span;
  program.diagnostics.report(std::move(warning));
}

void BodyBuilder::warn(Frame &frame, const graph::Advice &advice, const graph::OpSignature &op, Span span) {
  if (!advice.ofSizes) return warn(frame, advice.code, span, advice.message);
  Frame *user = &frame;
  std::string subject = op.mnemonic.str(), mode;
  for (; user->definition->isStandard && user->parent; user = user->parent) {
    const Definition &layer = *user->definition;
    if (user->environment.train && user->node < layer.nodes.size() && layer.nodes[user->node].when)
      mode = " in mode train";
    subject = layer.name;
    span = user->use;
  }
  warn(*user, advice.code, span, "'" + subject + "'" + mode + " " + advice.message);
}

/// G8001: nodes without use and without effect (R19).
void BodyBuilder::lintUnused(Frame &frame) {
  for (uint32_t index : frame.definition->unused) {
    const NodeDefinition &node = frame.definition->nodes[index];
    std::optional<bool> exists = condition(frame, node.when);
    if (!exists || !*exists || !frame.nodeEffects[index].writes.empty()) continue;
    frame.node = index;
    if (node.results.empty())
      warn(frame, "G8001", node.callee.span(), "this node gives nothing and changes nothing");
    else
      warn(frame, "G8001", node.results[0].json.span(), "'" + node.results[0].name + "' is computed but never used");
  }
  frame.node = frame.definition->nodes.size();
}

/// True if the value is made of constants alone.
static bool isConstant(mlir::Value value) {
  llvm::SetVector<mlir::Value> open;
  open.insert(value);
  for (size_t i = 0; i < open.size(); ++i) {
    mlir::Operation *op = open[i].getDefiningOp();
    if (!op || mlir::isa<graph::CallOp>(op)) return false;
    if (op->getNumOperands() == 0 && !mlir::matchPattern(op, mlir::m_Constant())) return false;
    open.insert(op->operand_begin(), op->operand_end());
  }
  return true;
}

/// G8012, of a function that has inputs.
void BodyBuilder::lintOutputs(Frame &frame, llvm::ArrayRef<mlir::Value> results) {
  if (frame.parent || frame.definition->inputs.empty()) return;
  for (auto [output, value] : llvm::zip(frame.definition->outputs, results))
    if (value && isConstant(value))
      warn(frame, "G8012", output.json.span(), "output '" + output.name + "' does not depend on any input");
}
} // namespace graphc::frontend
