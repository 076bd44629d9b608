// Values known at build (R6): sizes, attributes, `when`, `requires`. Integers are exact int64: overflow is an error,
// never a wrap. Sizes known only when called take part as expressions (graph::Dim); a comparison of them holds or fails
// for all values that callers may give, or is an error (G2007). The environment is what a definition sees: its
// attributes, its bound dims and those of the file.
#pragma once
#include "compiler/frontend/expression.h"
#include "dialects/graph/dim.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

namespace graphc::frontend {

struct StaticValue {
  /// Size: an integer known when called. Object: an initial value such as {"file": ...}, kept as it is written.
  enum Kind { Integer, Real, Boolean, Text, List, Size, Object } kind = Integer;
  int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::string text;
  std::vector<StaticValue> list;
  graph::Dim size;
  support::JsonValue object;

  static StaticValue of(int64_t value);
  static StaticValue of(double value);
  static StaticValue of(const graph::Dim &value); // Integer or Size
  static StaticValue ofBoolean(bool value);
  static StaticValue ofText(llvm::StringRef value);
  bool isNumber() const { return kind == Integer || kind == Real; }
  bool isInteger() const { return kind == Integer || kind == Size; }
  graph::Dim asSize() const { return kind == Size ? size : graph::Dim(integer); }
  double asReal() const { return kind == Integer ? static_cast<double>(integer) : real; }
  /// "an integer", "a list", ...: for messages.
  llvm::StringRef kindName() const;
  /// As the user would write it.
  std::string toString() const;
};

class Environment {
public:
  llvm::StringMap<StaticValue> values;
  llvm::StringMap<std::string> dtypes; // ?t -> "f32"
  llvm::StringMap<graph::Shape> rests; // what `...` ("") and `...name` stand for, once bound
  const Environment *outer = nullptr;  // the file's dims
  bool train = false;                  // R17
  const StaticValue *find(llvm::StringRef name) const;
  std::vector<llvm::StringRef> names() const; // sorted
};

/// Size of a tensor's axis for size(x, axis), without an axis the number of them for rank(x); nullopt after reporting.
/// The span is that of the call.
using SizeOf = llvm::function_ref<std::optional<graph::Dim>(llvm::StringRef name, std::optional<int64_t> axis,
                                                            support::Span span)>;

/// Evaluates the subtree at `root`; nullopt after reporting G2007 (unknown names: G3012).
std::optional<StaticValue> evaluateStatic(const Expression &expression, uint32_t root, const Environment &environment,
                                          SizeOf sizeOf, support::Diagnostics &diagnostics);

/// True for the functions that static expressions know: len, min, ...
bool isStaticFunction(llvm::StringRef name);
/// True for size(x, axis) and rank(x), whose first operand is a tensor.
bool readsTensor(const ExpressionNode &node);

/// A number's text as a finite double, or "inf", "nan", "-inf" in words.
std::optional<double> parseReal(llvm::StringRef text);

} // namespace graphc::frontend
