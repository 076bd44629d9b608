// "requires" of functions and layers (R4). A condition is proved where its definition is used, from the bounds of the
// dims and from what the function around promises itself. What a function's own conditions leave open is checked when
// an entry is called: the function carries it (dialects/graph/requirement.h). Whoever calls such a function must prove
// it, or promise the same.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/call_dims.h"

namespace graphc::frontend {
using support::Span;

static bool isRelation(llvm::StringRef op) {
  return op == "==" || op == "!=" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

/// The values that a condition names: ", here units is 0"; and the place of the first that the use of the layer gives.
static std::string namedValues(const Frame &frame, const Expression &condition, Span &given) {
  std::string text;
  llvm::SmallVector<llvm::StringRef> told;
  for (const ExpressionNode &node : condition.nodes) {
    const StaticValue *value = node.kind == ExpressionKind::Name ? frame.environment.find(node.text) : nullptr;
    if (!value || llvm::is_contained(told, node.text)) continue;
    told.push_back(node.text);
    text += (text.empty() ? ", here " : ", ") + node.text + " is " + value->toString();
    if (!given) given = frame.attributeSpans.lookup(node.text);
  }
  return text;
}

std::optional<bool> BodyBuilder::decide(llvm::StringRef relation, const graph::Dim &left,
                                        const graph::Dim &right) const {
  if (std::optional<bool> known = graph::compareSizes(relation, left, right)) return known;
  for (const graph::Requirement &promise : promised)
    if (promise.relation == relation && promise.left - promise.right == left - right) return true;
  return std::nullopt;
}

/// One condition, or one part of it where parts are joined by "and". False after reporting.
bool BodyBuilder::checkRequirement(Frame &frame, const Expression &condition, uint32_t root) {
  const ExpressionNode &node = condition.nodes[root];
  std::optional<StaticValue> value;
  if (node.kind == ExpressionKind::Binary && isRelation(node.text)) {
    auto left = staticValue(frame, condition, node.operands[0]),
         right = staticValue(frame, condition, node.operands[1]);
    if (!left || !right) return false;
    bool sizes = left->isInteger() && right->isInteger() &&
                 (left->kind == StaticValue::Size || right->kind == StaticValue::Size);
    if (sizes) {
      graph::Dim a = left->asSize(), b = right->asSize();
      std::optional<bool> holds = decide(node.text, a, b);
      if (!holds && !frame.parent) {
        llvm::StringRef text = condition.origin.string();
        promised.push_back({text.slice(node.begin, node.end).str(), node.text, a, b});
        return true;
      }
      if (holds) value = StaticValue::ofBoolean(*holds);
    }
  }
  if (!value) value = staticValue(frame, condition, root);
  if (!value || (value->kind == StaticValue::Boolean && value->boolean)) return value.has_value();
  if (value->kind != StaticValue::Boolean) {
    frame.diagnostics->error("G4004", condition.origin.span(),
                             "a condition in 'requires' must be a bool, this is " + value->kindName());
    return false;
  }
  support::Diagnostic diagnostic;
  diagnostic.code = "G2008";
  Span given;
  diagnostic.message = "'" + frame.definition->name + "' requires '" + support::printable(condition.origin.string()) +
                       "'" + namedValues(frame, condition, given);
  diagnostic.span = condition.origin.span();
  if (given && frame.parent) { // on the attribute of the use, which is what can be mended
    diagnostic.notes.push_back({diagnostic.span, "in layer '" + frame.definition->name + "'"});
    diagnostic.span = given;
    report(*frame.parent, std::move(diagnostic));
  } else {
    report(frame, std::move(diagnostic));
  }
  return false;
}

/// False after reporting: the body would only repeat the mistake in other words.
bool BodyBuilder::checkRequirements(Frame &frame) {
  bool good = true;
  for (const Expression &condition : frame.definition->conditions) {
    llvm::SmallVector<uint32_t> parts{static_cast<uint32_t>(condition.nodes.size() - 1)};
    bool holds = true;
    while (!parts.empty() && holds) {
      const ExpressionNode &node = condition.nodes[parts.back()];
      if (node.kind == ExpressionKind::Binary && node.text == "and") {
        parts.pop_back();
        parts.append(node.operands.rbegin(), node.operands.rend());
      } else {
        holds = checkRequirement(frame, condition, parts.pop_back_val());
      }
    }
    good &= holds;
  }
  return good;
}

bool BodyBuilder::checkCalleeRequirements(Frame &frame, const Definition &callee, mlir::Operation *function,
                                          const graph::BoundDims &dims, Span callSpan) {
  bool good = true;
  for (const graph::Requirement &one : graph::requirementsOf(function)) {
    graph::Dim left = one.left.substitute(dims), right = one.right.substitute(dims);
    std::optional<bool> holds = decide(one.relation, left, right);
    if (holds && *holds) continue;
    good = false;
    std::string text = support::printable(one.text);
    std::string here = "'" + left.text() + " " + one.relation + " " + right.text() + "'";
    if (holds)
      error(frame, "G2008", callSpan, "'" + callee.name + "' requires '" + text + "', here " + here + " is false");
    else
      error(frame, "G3013", callSpan,
            "'" + callee.name + "' requires '" + text + "', but whether " + here +
                " holds depends on the call: require it here, too");
  }
  return good;
}
} // namespace graphc::frontend
