// Conventions: bounds and deviations as in Glorot 2010, He 2015, LeCun 1998; the *_normal schemes are plain normal
// distributions, as in PyTorch (Keras and JAX cut them at two deviations: write truncated_normal(std) for that).
#include "compiler/frontend/initial_values.h"
#include <cmath>

namespace graphc::frontend {
namespace {
struct Fans {
  double in = 1, out = 1;
};

/// out = last axis, in = second last, both times the product of the axes before; a vector counts as both.
Fans fansOf(llvm::ArrayRef<int64_t> shape) {
  Fans fans;
  if (shape.empty()) return fans;
  double before = 1;
  for (int64_t size : shape.drop_back(std::min<size_t>(2, shape.size()))) before *= static_cast<double>(size);
  fans.out = before * static_cast<double>(shape.back());
  fans.in = before * static_cast<double>(shape.size() > 1 ? shape[shape.size() - 2] : shape.back());
  fans.in = std::max(fans.in, 1.0); // of an empty tensor no value is drawn
  fans.out = std::max(fans.out, 1.0);
  return fans;
}

struct Scheme {
  llvm::StringRef name;
  bool uniform;
  double gain;  // variance = gain / fan
  bool average; // fan: mean of in and out, else in
};
constexpr Scheme schemes[] = {{"glorot_uniform", true, 1, true},
                              {"glorot_normal", false, 1, true},
                              {"he_uniform", true, 2, false},
                              {"he_normal", false, 2, false},
                              {"lecun_normal", false, 1, false}};
constexpr llvm::StringRef names[] = {"glorot_normal", "glorot_uniform", "he_normal",  "he_uniform",       "identity",
                                     "lecun_normal",  "normal",         "orthogonal", "truncated_normal", "uniform"};
} // namespace

std::optional<InitialValue> resolveInitialValue(const StaticValue &value, support::JsonValue origin,
                                                mlir::RankedTensorType type, support::Diagnostics &diagnostics) {
  auto fail = [&](llvm::StringRef code, const llvm::Twine &message) {
    diagnostics.error(code, origin.span(), message);
    return std::nullopt;
  };
  if (value.isNumber()) return InitialValue{"constant", value.asReal(), 0};
  if (value.kind == StaticValue::Boolean) return InitialValue{"constant", value.boolean ? 1.0 : 0.0, 0};
  if (value.kind != StaticValue::Text)
    return fail("G0010", "'init' must be a number or a text, this is " + value.kindName());
  llvm::StringRef text = llvm::StringRef(value.text).trim(), name = text, arguments;
  if (size_t open = text.find('('); open != llvm::StringRef::npos && text.ends_with(")")) {
    name = text.take_front(open).rtrim();
    arguments = text.slice(open + 1, text.size() - 1);
  }
  llvm::SmallVector<double> numbers;
  llvm::SmallVector<llvm::StringRef> pieces;
  if (!arguments.trim().empty()) arguments.split(pieces, ',');
  for (llvm::StringRef piece : pieces) {
    std::optional<double> number = parseReal(piece.trim());
    if (!number || !std::isfinite(*number))
      return fail("G2001", "'" + support::printable(piece.trim()) + "' is no number");
    numbers.push_back(*number);
  }
  if (name == "orthogonal" || name == "identity") {
    bool fits = type.getRank() == 2 && (name != "identity" || type.getDimSize(0) == type.getDimSize(1));
    if (!numbers.empty()) return fail("G2001", "'" + name + "' has no arguments");
    if (fits) return InitialValue{name.str(), 0, 0};
    return fail("G3008", "'" + name + "' is a way to begin " + (name == "identity" ? "square matrices" : "matrices") +
                             ", this is " + typeText(type));
  }
  if (std::optional<double> number = parseReal(text)) return InitialValue{"constant", *number, 0};
  if (name == "normal" || name == "truncated_normal") {
    if (numbers.size() != 1 || numbers[0] < 0)
      return fail("G2001", "write " + name + "(std) with a std that is not negative");
    return InitialValue{name.str(), numbers[0], 0};
  }
  if (name == "uniform") {
    if (numbers.size() != 2 || numbers[0] > numbers[1])
      return fail("G2001", "write uniform(low, high) with low <= high");
    return InitialValue{"uniform", numbers[0], numbers[1]};
  }
  for (const Scheme &scheme : schemes) {
    if (scheme.name != name) continue;
    if (!numbers.empty()) return fail("G2001", "'" + name + "' has no arguments");
    Fans fans = fansOf(type.getShape());
    double variance = scheme.gain / (scheme.average ? (fans.in + fans.out) / 2 : fans.in);
    if (scheme.uniform) return InitialValue{"uniform", -std::sqrt(3 * variance), std::sqrt(3 * variance)};
    return InitialValue{"normal", std::sqrt(variance), 0};
  }
  return fail("G2003",
              "no initial value '" + support::printable(text.take_front(64)) + "'" + support::didYouMean(name, names));
}
} // namespace graphc::frontend
