// Tokens are cut on demand from the string; precedence climbing with the table of `binaryPrecedence`. The only
// recursion is over nesting, counted by `depth`; chains such as a+b+c+... are loops.
#include "compiler/frontend/expression.h"
#include "llvm/ADT/StringExtras.h"

namespace graphc::frontend {
using support::JsonValue;

bool isName(llvm::StringRef text) {
  if (text.empty() || text.size() > 512 || !(llvm::isAlpha(text[0]) || text[0] == '_')) return false;
  return llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

namespace {
constexpr int maxDepth = 64;
constexpr size_t maxTerms = 10000, maxListLength = 4096;
constexpr int notPrecedence = 3, comparePrecedence = 4, unaryPrecedence = 7;

struct Token {
  enum Kind { End, Number, Name, String, Symbol, Bad } kind = End;
  uint32_t begin = 0, end = 0;
  llvm::StringRef text;
};

int binaryPrecedence(const Token &token) {
  if (token.kind == Token::Name) return token.text == "or" ? 1 : token.text == "and" ? 2 : 0;
  if (token.kind != Token::Symbol) return 0;
  if (token.text == "==" || token.text == "!=" || token.text == "<" || token.text == "<=" || token.text == ">" ||
      token.text == ">=")
    return comparePrecedence;
  if (token.text == "+" || token.text == "-") return 5;
  if (token.text == "*" || token.text == "/" || token.text == "%") return 6;
  return 0;
}

class Parser {
public:
  Parser(JsonValue origin, size_t begin, size_t end, support::Diagnostics &diagnostics)
      : text(origin.string().take_front(end)), at(begin), diagnostics(diagnostics) {
    result.origin = origin;
    advance();
  }

  std::optional<Expression> parse() {
    uint32_t root = 0;
    if (!parseBinary(1, root)) return std::nullopt;
    if (token.kind != Token::End) {
      fail("expected an operator or the end of the formula, found " + found());
      return std::nullopt;
    }
    if (result.nodes.size() > maxTerms) { // spans are found by scanning the string: without a bound that is quadratic
      diagnostics.error("G1016", result.origin.span(), "this formula has more than 10000 terms, split it into nodes");
      return std::nullopt;
    }
    return std::move(result);
  }

private:
  Expression result;
  llvm::StringRef text;
  size_t at;
  Token token;
  int depth = 0, staticDepth = 0, listDepth = 0;
  support::Diagnostics &diagnostics;

  std::string found() const {
    return token.kind == Token::End ? std::string("the end") : "'" + support::printable(token.text) + "'";
  }
  bool fail(const llvm::Twine &message, llvm::StringRef code = "G0017") {
    diagnostics.error(code, result.origin.stringSpan(token.begin, token.end), message);
    return false;
  }

  void advance() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
    token = Token();
    token.begin = token.end = at;
    if (at >= text.size()) return;
    char c = text[at];
    size_t end = at + 1;
    if (llvm::isAlpha(c) || c == '_') {
      end = scanName();
      token.kind = Token::Name;
    } else if (llvm::isDigit(c)) {
      end = scanNumber();
      token.kind = Token::Number;
    } else if (c == '\'') {
      size_t close = text.find('\'', end);
      token.kind = close == llvm::StringRef::npos ? Token::Bad : Token::String;
      end = close == llvm::StringRef::npos ? text.size() : close + 1;
    } else if (llvm::StringRef("=!<>").contains(c) && end < text.size() && text[end] == '=') {
      ++end;
      token.kind = Token::Symbol;
    } else {
      token.kind = llvm::StringRef("+-*/%<>()[],=").contains(c) ? Token::Symbol : Token::Bad;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end; // a whole code point
    }
    token.text = text.slice(at, end);
    token.end = at = end;
  }

  /// A name or a path of names and indices: net.h.weight, gpt.blocks.3.weight.
  size_t scanName() const {
    size_t end = at;
    while (end < text.size()) {
      bool inner = llvm::isAlnum(text[end]) || text[end] == '_';
      bool dot = text[end] == '.' && end + 1 < text.size() && (llvm::isAlnum(text[end + 1]) || text[end + 1] == '_');
      if (!inner && !dot) break;
      ++end;
    }
    return end;
  }
  size_t scanNumber() const {
    size_t end = at;
    auto digits = [&] {
      while (end < text.size() && llvm::isDigit(text[end])) ++end;
    };
    digits();
    if (end < text.size() && text[end] == '.') {
      ++end;
      digits();
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
      size_t exponent = end + 1;
      if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
      if (exponent < text.size() && llvm::isDigit(text[exponent])) {
        end = exponent;
        digits();
      }
    }
    return end;
  }

  bool isSymbol(llvm::StringRef s) const { return token.kind == Token::Symbol && token.text == s; }
  bool expect(llvm::StringRef symbol) {
    if (!isSymbol(symbol)) return fail("expected '" + symbol + "', found " + found());
    advance();
    return true;
  }
  bool enter() {
    if (++depth > maxDepth) return fail("nested deeper than 64 levels here", "G0007");
    return true;
  }
  uint32_t add(ExpressionNode node) {
    node.isStatic = staticDepth > 0;
    result.nodes.push_back(std::move(node));
    return result.nodes.size() - 1;
  }

  bool parseBinary(int minimum, uint32_t &out) {
    if (!parseUnary(minimum, out)) return false;
    while (int precedence = binaryPrecedence(token)) {
      if (precedence < minimum) break;
      Token op = token;
      advance();
      uint32_t right = 0;
      if (!enter() || !parseBinary(precedence + 1, right)) return false;
      --depth;
      ExpressionNode node{ExpressionKind::Binary};
      node.text = op.text.str();
      node.token = op.begin;
      node.begin = result.nodes[out].begin;
      node.end = result.nodes[right].end;
      node.operands = {out, right};
      out = add(std::move(node));
      if (precedence == comparePrecedence && binaryPrecedence(token) == comparePrecedence)
        return fail("comparisons do not chain, join two of them with 'and'");
    }
    return true;
  }

  bool parseUnary(int minimum, uint32_t &out) {
    bool negation = token.kind == Token::Name && token.text == "not";
    if (!negation && !isSymbol("-")) return parsePostfix(out);
    if (negation && minimum > notPrecedence) return fail("'not' needs parentheses here");
    Token op = token;
    advance();
    if (!negation && token.kind == Token::Number && token.begin == op.end) return parseNumber(op.begin, out);
    uint32_t operand = 0;
    if (!enter() || !parseBinary(negation ? notPrecedence : unaryPrecedence, operand)) return false;
    --depth;
    ExpressionNode node{ExpressionKind::Unary};
    node.text = op.text.str();
    node.begin = node.token = op.begin;
    node.end = result.nodes[operand].end;
    node.operands = {operand};
    out = add(std::move(node));
    return true;
  }

  bool parseNumber(uint32_t begin, uint32_t &out) {
    ExpressionNode node{token.text.find_first_of(".eE") == llvm::StringRef::npos ? ExpressionKind::Integer
                                                                                 : ExpressionKind::Real};
    node.begin = begin;
    node.end = token.end;
    node.text = text.slice(begin, token.end).str();
    advance();
    if (token.kind == Token::Name && token.begin == node.end) return fail("expected an operator after this number");
    out = add(std::move(node));
    return true;
  }

  bool parsePostfix(uint32_t &out) {
    if (!parsePrimary(out)) return false;
    while (isSymbol("[")) {
      advance();
      uint32_t index = 0;
      if (!enter() || !parseBinary(1, index)) return false;
      --depth;
      ExpressionNode node{ExpressionKind::Index};
      node.begin = result.nodes[out].begin;
      node.end = token.end;
      node.operands = {out, index};
      if (!expect("]")) return false;
      out = add(std::move(node));
    }
    return true;
  }

  /// A list in a named argument, or one level deeper in such a list: perm=[1, 0], padding=[[1, 1], [0, 0]].
  bool parseList(uint32_t &out) {
    ExpressionNode node{ExpressionKind::List};
    node.begin = token.begin;
    if (listDepth == 2) return fail("a list in a list has no further lists");
    if (!enter()) return false;
    ++listDepth;
    advance();
    auto parseElement = [&] {
      uint32_t element = 0;
      if (!parseBinary(1, element)) return false;
      node.operands.push_back(element);
      return node.operands.size() <= maxListLength || fail("a list in an attribute has at most 4096 elements", "G0010");
    };
    if (!parseUntil("]", parseElement)) return false;
    node.end = token.end;
    advance();
    --listDepth;
    --depth;
    out = add(std::move(node));
    return true;
  }

  /// What stands before `closing`, one after another with commas between them; `closing` is the token then.
  bool parseUntil(llvm::StringRef closing, llvm::function_ref<bool()> parseOne) {
    while (!isSymbol(closing)) {
      if (!parseOne()) return false;
      if (isSymbol(closing)) break;
      if (!expect(",")) return false;
      if (isSymbol(closing)) return fail("expected a value after ','");
    }
    return true;
  }

  bool parsePrimary(uint32_t &out) {
    if (token.kind == Token::Number) return parseNumber(token.begin, out);
    if (isSymbol("[") && staticDepth > 0) return parseList(out);
    if (isSymbol("(")) {
      advance();
      if (!enter() || !parseBinary(1, out)) return false;
      --depth;
      return expect(")");
    }
    ExpressionNode node{ExpressionKind::Name};
    node.begin = token.begin;
    node.end = token.end;
    if (token.kind == Token::String) {
      node.kind = ExpressionKind::String;
      node.text = token.text.drop_front().drop_back().str();
    } else if (token.kind == Token::Name && token.text != "and" && token.text != "or") {
      node.text = token.text.str();
      if (token.text == "true" || token.text == "false") node.kind = ExpressionKind::Boolean;
    } else {
      return token.kind == Token::Bad && token.text.starts_with("'") ? fail("this text in single quotes is not closed")
                                                                     : fail("expected a value, found " + found());
    }
    advance();
    if (node.kind == ExpressionKind::Name && isSymbol("(")) return parseCall(std::move(node), out);
    out = add(std::move(node));
    return true;
  }

  bool parseCall(ExpressionNode node, uint32_t &out) {
    node.kind = ExpressionKind::Call;
    if (!enter()) return false;
    advance();
    auto parseArgument = [&] {
      Token first = token;
      size_t restart = at;
      advance();
      if (first.kind == Token::Name && isSymbol("=")) {
        advance();
        NamedArgument argument;
        argument.name = first.text.str();
        argument.begin = first.begin;
        argument.end = first.end;
        ++staticDepth;
        if (!parseBinary(1, argument.node)) return false;
        --staticDepth;
        node.named.push_back(std::move(argument));
      } else {
        token = first;
        at = restart;
        if (!node.named.empty()) return fail("operands stand before named arguments");
        uint32_t operand = 0;
        if (!parseBinary(1, operand)) return false;
        node.operands.push_back(operand);
      }
      return true;
    };
    if (!parseUntil(")", parseArgument)) return false;
    node.end = token.end;
    advance();
    --depth;
    out = add(std::move(node));
    return true;
  }
};
} // namespace

std::optional<Expression> parseExpression(JsonValue origin, size_t begin, size_t end,
                                          support::Diagnostics &diagnostics) {
  return Parser(origin, begin, end, diagnostics).parse();
}
std::optional<Expression> parseExpression(JsonValue origin, support::Diagnostics &diagnostics) {
  return parseExpression(origin, 0, origin.string().size(), diagnostics);
}
} // namespace graphc::frontend
