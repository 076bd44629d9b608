// Normal forms through MLIR's affine simplification for sums, and through sorted monomials for products of dims, which
// affine expressions do not simplify.
#include "dialects/graph/dim.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <limits>
#include <map>
#include <numeric>

using namespace mlir;

namespace graphc::graph {
namespace {
constexpr int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();

int64_t saturated(__int128 x) { return x > most ? most : x < least ? least : int64_t(x); }
int64_t floorOf(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

/// A product of opaque terms (symbols, floor divisions), sorted by how they print so that the order is the same in
/// every run.
using Monomial = SmallVector<AffineExpr, 2>;

std::string printed(AffineExpr e) {
  std::string text;
  llvm::raw_string_ostream(text) << e;
  return text;
}

/// How many roundings of roundings.
unsigned depthOf(AffineExpr e) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(e);
  if (!binary) return 0;
  unsigned depth = std::max(depthOf(binary.getLHS()), depthOf(binary.getRHS()));
  return depth + (e.getKind() == AffineExprKind::FloorDiv);
}
unsigned depthOf(const Monomial &product) {
  unsigned depth = 0;
  for (AffineExpr factor : product) depth = std::max(depth, depthOf(factor));
  return depth;
}

struct MonomialLess {
  bool operator()(const Monomial &a, const Monomial &b) const {
    // The deepest first: MLIR makes a remainder of e + (e floordiv q) * -q, which no walk over dims knows, but not of
    // (e floordiv q) * -q + e.
    if (unsigned x = depthOf(a), y = depthOf(b); x != y) return x > y;
    if (a.size() != b.size()) return a.size() > b.size(); // products first, the number last
    for (auto [x, y] : llvm::zip(a, b)) {
      if (x == y) continue;
      return printed(x) < printed(y);
    }
    return false;
  }
};
using Polynomial = std::map<Monomial, int64_t, MonomialLess>;

void accumulate(Polynomial &sum, const Monomial &monomial, int64_t coefficient) {
  int64_t &total = sum[monomial];
  total = saturated(__int128(total) + coefficient);
  if (total == 0) sum.erase(monomial);
}

/// Expressions are as deep as the formulas that users write (bounded by the front end), and op rules add a few levels.
Polynomial expand(AffineExpr e) {
  Polynomial result;
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) {
    accumulate(result, {}, constant.getValue());
    return result;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(e);
  if (binary && e.getKind() == AffineExprKind::Mod) { // of adding two expressions
    result = expand(binary.getLHS());
    int64_t divisor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
    for (auto &[monomial, coefficient] : expand(binary.getLHS().floorDiv(divisor)))
      accumulate(result, monomial, saturated(__int128(coefficient) * -divisor));
    return result;
  }
  if (!binary || (e.getKind() != AffineExprKind::Add && e.getKind() != AffineExprKind::Mul)) {
    accumulate(result, {e}, 1);
    return result;
  }
  Polynomial a = expand(binary.getLHS()), b = expand(binary.getRHS());
  if (e.getKind() == AffineExprKind::Add) {
    for (auto &[monomial, coefficient] : b) accumulate(a, monomial, coefficient);
    return a;
  }
  for (auto &[left, x] : a)
    for (auto &[right, y] : b) {
      Monomial product(left);
      product.append(right);
      llvm::sort(product, [](AffineExpr p, AffineExpr q) { return printed(p) < printed(q); });
      accumulate(result, product, saturated(__int128(x) * y));
    }
  return result;
}

AffineExpr collect(MLIRContext *context, const Polynomial &polynomial) {
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (auto &[monomial, coefficient] : polynomial) {
    AffineExpr term = getAffineConstantExpr(1, context);
    for (AffineExpr factor : monomial) term = term * factor;
    sum = sum + term * coefficient;
  }
  return sum;
}

struct Interval {
  int64_t low, high;
};

Interval boundsOf(AffineExpr e, ArrayRef<DimAttr> dims);

Interval plus(Interval a, Interval b) {
  return {saturated(__int128(a.low) + b.low), saturated(__int128(a.high) + b.high)};
}

/// With roundings: n e - n q floor(e/q) is n times what the division leaves, 0 to n (q - 1).
Interval boundsOfSum(Polynomial sum, ArrayRef<DimAttr> dims) {
  Interval all{0, 0};
  for (auto &[monomial, coefficient] : Polynomial(sum)) {
    AffineBinaryOpExpr rounded = monomial.size() == 1 ? dyn_cast<AffineBinaryOpExpr>(monomial[0]) : nullptr;
    AffineConstantExpr divisor = rounded ? dyn_cast<AffineConstantExpr>(rounded.getRHS()) : nullptr;
    if (!divisor || coefficient >= 0 || divisor.getValue() < 1 || coefficient % divisor.getValue() != 0) continue;
    int64_t times = -(coefficient / divisor.getValue());
    Polynomial dividend = expand(rounded.getLHS());
    bool hasAll = llvm::all_of(dividend, [&](auto &term) {
      auto found = sum.find(term.first);
      return found != sum.end() && __int128(term.second) * times == found->second;
    });
    if (!hasAll) continue;
    for (auto &term : dividend) sum.erase(term.first);
    sum.erase(monomial);
    all = plus(all, {0, saturated(__int128(times) * (divisor.getValue() - 1))});
  }
  for (auto &[monomial, coefficient] : sum) {
    AffineExpr term = getAffineConstantExpr(coefficient, dims[0].getContext());
    for (AffineExpr factor : monomial) term = factor * term;
    all = plus(all, boundsOf(term, dims));
  }
  return all;
}

Interval boundsOf(AffineExpr e, ArrayRef<DimAttr> dims) {
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) return {constant.getValue(), constant.getValue()};
  if (auto symbol = dyn_cast<AffineSymbolExpr>(e)) {
    DimAttr dim = dims[symbol.getPosition()];
    return {int64_t(llvm::divideCeil(uint64_t(dim.getMin()), uint64_t(dim.getMultipleOf()))),
            dim.getMax() / dim.getMultipleOf()};
  }
  auto binary = cast<AffineBinaryOpExpr>(e);
  if (e.getKind() == AffineExprKind::Add && depthOf(e) > 0) return boundsOfSum(expand(e), dims);
  Interval a = boundsOf(binary.getLHS(), dims), b = boundsOf(binary.getRHS(), dims);
  switch (e.getKind()) {
  case AffineExprKind::Add:
    return plus(a, b);
  case AffineExprKind::Mul: {
    std::array<int64_t, 4> corners = {saturated(__int128(a.low) * b.low), saturated(__int128(a.low) * b.high),
                                      saturated(__int128(a.high) * b.low), saturated(__int128(a.high) * b.high)};
    return {*llvm::min_element(corners), *llvm::max_element(corners)};
  }
  default: // floordiv by a number
    return {floorOf(a.low, std::max<int64_t>(b.low, 1)), floorOf(a.high, std::max<int64_t>(b.low, 1))};
  }
}

int64_t valueOf(AffineExpr e, ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) return constant.getValue();
  if (auto symbol = dyn_cast<AffineSymbolExpr>(e)) return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(e);
  int64_t a = valueOf(binary.getLHS(), symbols), b = valueOf(binary.getRHS(), symbols);
  if (e.getKind() == AffineExprKind::Add) return saturated(__int128(a) + b);
  if (e.getKind() == AffineExprKind::Mul) return saturated(__int128(a) * b);
  return floorOf(a, std::max<int64_t>(b, 1));
}

std::string textOf(AffineExpr e, ArrayRef<DimAttr> dims);

/// "2*B*T", "B/2": numbers of symbols are turned back into numbers of dims.
std::string termText(const Monomial &monomial, int64_t coefficient, ArrayRef<DimAttr> dims) {
  std::string text;
  int64_t divisor = 1;
  for (AffineExpr factor : monomial) {
    if (!text.empty()) text += "*";
    if (auto symbol = dyn_cast<AffineSymbolExpr>(factor)) {
      text += dims[symbol.getPosition()].getName();
      divisor *= dims[symbol.getPosition()].getMultipleOf();
    } else {
      auto binary = cast<AffineBinaryOpExpr>(factor);
      std::string inner = textOf(binary.getLHS(), dims);
      bool simple = isa<AffineSymbolExpr>(binary.getLHS());
      text += "floor(" + (simple ? inner : "(" + inner + ")") + "/" + textOf(binary.getRHS(), dims) + ")";
    }
  }
  int64_t common = std::gcd(coefficient, divisor);
  coefficient /= common;
  divisor /= common;
  if (text.empty()) return std::to_string(coefficient);
  if (coefficient != 1) text = std::to_string(coefficient) + "*" + text;
  return divisor == 1 ? text : text + "/" + std::to_string(divisor);
}

std::string textOf(AffineExpr e, ArrayRef<DimAttr> dims) {
  std::string text;
  for (auto &[monomial, coefficient] : expand(e)) {
    bool minus = coefficient < 0;
    if (!text.empty())
      text += minus ? " - " : " + ";
    else if (minus)
      text += "-";
    text += termText(monomial, coefficient == least ? most : std::abs(coefficient), dims);
  }
  return text.empty() ? "0" : text;
}
} // namespace

Dim Dim::named(DimAttr dim) {
  return normalized(getAffineSymbolExpr(0, dim.getContext()) * dim.getMultipleOf(), {dim});
}

Dim Dim::ofShape(ShapeAttr shape, unsigned axis) {
  AffineExpr e = shape.getMap().getResult(axis);
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) return constant.getValue();
  return normalized(e, SmallVector<DimAttr, 2>(shape.getDims()));
}

Dim Dim::normalized(AffineExpr e, SmallVector<DimAttr, 2> all) {
  MLIRContext *context = e.getContext();
  e = collect(context, expand(e));
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) return constant.getValue();
  // Symbols in the order of their names, and none that is not used.
  SmallVector<unsigned> used;
  for (unsigned i = 0; i < all.size(); ++i)
    if (e.isFunctionOfSymbol(i)) used.push_back(i);
  llvm::sort(used, [&](unsigned a, unsigned b) { return all[a].getName() < all[b].getName(); });
  SmallVector<AffineExpr> renamed(all.size(), getAffineConstantExpr(0, context));
  Dim result;
  for (auto [position, i] : llvm::enumerate(used)) {
    renamed[i] = getAffineSymbolExpr(position, context);
    result.dims.push_back(all[i]);
  }
  result.expression = collect(context, expand(e.replaceSymbols(renamed)));
  return result;
}

SmallVector<DimAttr, 2> Dim::unite(const Dim &a, const Dim &b, AffineExpr &left, AffineExpr &right) {
  MLIRContext *context = (a.expression ? a : b).expression.getContext();
  SmallVector<DimAttr, 2> all(a.dims);
  SmallVector<AffineExpr> renamed;
  for (DimAttr dim : b.dims) {
    auto found = llvm::find(all, dim);
    renamed.push_back(getAffineSymbolExpr(found - all.begin(), context));
    if (found == all.end()) all.push_back(dim);
  }
  left = a.expression ? a.expression : getAffineConstantExpr(a.number, context);
  right = b.expression ? b.expression.replaceSymbols(renamed) : getAffineConstantExpr(b.number, context);
  return all;
}

Dim operator+(const Dim &a, const Dim &b) {
  if (a.isStatic() && b.isStatic()) return saturated(__int128(a.number) + b.number);
  AffineExpr left, right;
  SmallVector<DimAttr, 2> dims = Dim::unite(a, b, left, right);
  return Dim::normalized(left + right, dims);
}

Dim operator*(const Dim &a, const Dim &b) {
  if (a.isStatic() && b.isStatic()) return saturated(__int128(a.number) * b.number);
  AffineExpr left, right;
  SmallVector<DimAttr, 2> dims = Dim::unite(a, b, left, right);
  return Dim::normalized(left * right, dims);
}

std::optional<Dim> Dim::exactDiv(int64_t divisor) const {
  if (divisor == 0) return std::nullopt;
  if (isStatic()) return number % divisor == 0 ? std::optional<Dim>(number / divisor) : std::nullopt;
  Polynomial terms = expand(expression);
  for (auto &[monomial, coefficient] : terms) {
    if (coefficient % divisor != 0) return std::nullopt;
    coefficient /= divisor;
  }
  return normalized(collect(expression.getContext(), terms), dims);
}

std::optional<Dim> Dim::exactDiv(const Dim &dividend, const Dim &divisor) {
  if (divisor.isStatic()) return dividend.exactDiv(divisor.number);
  if (dividend.isStatic()) return dividend.number == 0 ? std::optional<Dim>(0) : std::nullopt;
  if (dividend == divisor) return Dim(1);
  AffineExpr left, right;
  SmallVector<DimAttr, 2> dims = unite(dividend, divisor, left, right);
  Polynomial terms = expand(right);
  if (terms.size() != 1) { // no product: it divides if the dividend is a number of it
    Polynomial whole = expand(left);
    if (whole.size() != terms.size()) return std::nullopt;
    int64_t factor = whole.begin()->second / terms.begin()->second;
    Dim guess = Dim(factor) * divisor;
    return guess == dividend ? std::optional<Dim>(factor) : std::nullopt;
  }
  auto &[cancelled, number] = *terms.begin();
  Polynomial quotient;
  for (auto &[monomial, coefficient] : expand(left)) {
    Monomial rest(monomial);
    for (AffineExpr factor : cancelled) {
      auto *found = llvm::find(rest, factor);
      if (found == rest.end()) return std::nullopt;
      rest.erase(found);
    }
    if (coefficient % number != 0) return std::nullopt;
    accumulate(quotient, rest, coefficient / number);
  }
  return normalized(collect(left.getContext(), quotient), dims);
}

std::optional<Dim> Dim::cover(const Dim &a, const Dim &b) {
  if (a.isStatic() && b.isStatic()) return std::max(a.number, b.number);
  AffineExpr left, right;
  SmallVector<DimAttr, 2> dims = unite(a, b, left, right);
  Polynomial covering = expand(left), other = expand(right);
  for (auto &[monomial, coefficient] : covering) other.try_emplace(monomial, 0);
  for (auto &[monomial, coefficient] : other) {
    int64_t &own = covering[monomial]; // 0 if it had none
    if (own == coefficient) continue;
    own = std::max(own, coefficient);
    Polynomial term;
    accumulate(term, monomial, 1);
    if (boundsOf(collect(left.getContext(), term), dims).low < 0) return std::nullopt;
  }
  return normalized(collect(left.getContext(), covering), dims);
}

Dim Dim::floorDiv(int64_t divisor) const {
  if (isStatic()) return floorOf(number, divisor);
  if (std::optional<Dim> exact = exactDiv(divisor)) return *exact;
  return normalized(expression.floorDiv(divisor), dims);
}

bool operator==(const Dim &a, const Dim &b) {
  if (a.isStatic() != b.isStatic()) return false;
  return a.isStatic() ? a.number == b.number : a.expression == b.expression && a.dims == b.dims;
}

int64_t Dim::low() const { return isStatic() ? number : boundsOf(expression, dims).low; }
int64_t Dim::high() const { return isStatic() ? number : boundsOf(expression, dims).high; }
std::string Dim::text() const { return isStatic() ? std::to_string(number) : textOf(expression, dims); }

int64_t Dim::evaluate(llvm::function_ref<int64_t(DimAttr)> valueOfDim) const {
  if (isStatic()) return number;
  SmallVector<int64_t> symbols;
  for (DimAttr dim : dims) symbols.push_back(valueOfDim(dim) / dim.getMultipleOf());
  return valueOf(expression, symbols);
}

/// Built anew from its parts, so that roundings whose operands change are in normal form again.
static Dim composed(AffineExpr e, ArrayRef<Dim> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(e)) return constant.getValue();
  if (auto symbol = dyn_cast<AffineSymbolExpr>(e)) return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(e);
  Dim a = composed(binary.getLHS(), symbols), b = composed(binary.getRHS(), symbols);
  if (e.getKind() == AffineExprKind::Add) return a + b;
  if (e.getKind() == AffineExprKind::Mul) return a * b;
  return a.floorDiv(b.staticValue());
}

Dim Dim::substitute(llvm::function_ref<std::optional<Dim>(DimAttr)> replacement) const {
  if (isStatic()) return *this;
  SmallVector<Dim, 2> values;
  // A symbol is its dim over multipleOf; a replacement that is no multiple for certain is rounded, as calls check it.
  for (DimAttr dim : dims) values.push_back(replacement(dim).value_or(Dim::named(dim)).floorDiv(dim.getMultipleOf()));
  return composed(expression, values);
}

Shape shapeOf(RankedTensorType type) {
  if (auto named = dyn_cast_or_null<ShapeAttr>(type.getEncoding())) return shapeOf(named);
  return Shape(type.getShape().begin(), type.getShape().end());
}

Shape shapeOf(ShapeAttr attribute) {
  Shape shape;
  for (unsigned axis = 0; axis < attribute.getMap().getNumResults(); ++axis)
    shape.push_back(Dim::ofShape(attribute, axis));
  return shape;
}

bool isNamed(RankedTensorType type) {
  auto named = dyn_cast_or_null<ShapeAttr>(type.getEncoding());
  if (!named) return type.hasStaticShape() && !type.getEncoding();
  if (named.getMap().getNumResults() != unsigned(type.getRank())) return false;
  for (auto [size, dim] : llvm::zip(type.getShape(), shapeOf(named)))
    if (dim.staticValue() != size) return false;
  return true;
}

ShapeAttr shapeAttr(MLIRContext *context, ArrayRef<Dim> shape) {
  SmallVector<DimAttr> all;
  for (const Dim &dim : shape)
    for (DimAttr symbol : dim.symbols())
      if (!llvm::is_contained(all, symbol)) all.push_back(symbol);
  llvm::sort(all, [](DimAttr a, DimAttr b) { return a.getName() < b.getName(); });
  SmallVector<AffineExpr> axes;
  for (const Dim &dim : shape) {
    if (dim.isStatic()) {
      axes.push_back(getAffineConstantExpr(dim.staticValue(), context));
      continue;
    }
    SmallVector<AffineExpr> renamed;
    for (DimAttr symbol : dim.symbols())
      renamed.push_back(getAffineSymbolExpr(llvm::find(all, symbol) - all.begin(), context));
    axes.push_back(dim.affine().replaceSymbols(renamed));
  }
  return ShapeAttr::get(context, AffineMap::get(0, all.size(), axes, context), all);
}

RankedTensorType tensorType(ArrayRef<Dim> shape, Type element) {
  SmallVector<int64_t> sizes;
  for (const Dim &dim : shape) sizes.push_back(dim.staticValue());
  if (llvm::none_of(sizes, ShapedType::isDynamic)) return RankedTensorType::get(sizes, element);
  return RankedTensorType::get(sizes, element, shapeAttr(element.getContext(), shape));
}

Dim elementCount(ArrayRef<Dim> shape) {
  Dim count(1);
  for (const Dim &dim : shape) count = count * dim;
  return count;
}

std::string shapeText(ArrayRef<Dim> shape) {
  std::string text = "[";
  for (const Dim &dim : shape) text += (text.size() > 1 ? ", " : "") + dim.text();
  return text + "]";
}

Type substituteDims(Type type, llvm::function_ref<std::optional<Dim>(DimAttr)> replacement) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !isa_and_nonnull<ShapeAttr>(tensor.getEncoding())) return type;
  Shape shape = shapeOf(tensor);
  for (Dim &dim : shape) dim = dim.substitute(replacement);
  return tensorType(shape, tensor.getElementType());
}

} // namespace graphc::graph
