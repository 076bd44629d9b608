// One grammar for formulas (R7) and static expressions (R6): a parser from a part of a JSON string to flat nodes in
// postorder (operands stand before their operator, the root is last), so every walk over user-written expressions is a
// loop over an array. Nesting is limited to 64 levels, a formula to 10000 terms. Every node knows its bytes in the
// string, so errors point into it.
#pragma once
#include "compiler/support/json_document.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::frontend {

/// List: only in named arguments, [1, 0] or [[1, 1], [0, 0]].
enum class ExpressionKind : uint8_t { Integer, Real, Boolean, String, Name, Unary, Binary, Call, Index, List };

struct NamedArgument { // axis=-1 in a call
  std::string name;
  uint32_t begin = 0, end = 0; // of the name
  uint32_t node = 0;           // root of its value
};

struct ExpressionNode {
  explicit ExpressionNode(ExpressionKind kind) : kind(kind) {}
  ExpressionKind kind;
  uint32_t begin = 0, end = 0; // bytes of the JSON string
  uint32_t token = 0;          // first byte of the operator of Unary and Binary
  std::string text;            // number, name or path, operator, callee, content of a string
  llvm::SmallVector<uint32_t, 2> operands;
  llvm::SmallVector<NamedArgument, 0> named;
  bool isStatic = false; // part of a named argument's value: never a tensor
};

struct Expression {
  support::JsonValue origin;
  std::vector<ExpressionNode> nodes;
  const ExpressionNode &root() const { return nodes.back(); }
  support::Span span(const ExpressionNode &node) const { return origin.stringSpan(node.begin, node.end); }
  /// The single name that this expression is, or "".
  llvm::StringRef asName() const { return root().kind == ExpressionKind::Name ? llvm::StringRef(root().text) : ""; }
};

/// Parses bytes [begin, end) of the string `origin`; nullopt after reporting G0017.
std::optional<Expression> parseExpression(support::JsonValue origin, size_t begin, size_t end,
                                          support::Diagnostics &diagnostics);
std::optional<Expression> parseExpression(support::JsonValue origin, support::Diagnostics &diagnostics);

/// R2: [A-Za-z_][A-Za-z0-9_]*, at most 512 bytes.
bool isName(llvm::StringRef text);

} // namespace graphc::frontend
