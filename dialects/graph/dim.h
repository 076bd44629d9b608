// A size: a number, or an expression over the file's named dims (graph-format.md R4). Sums and products of dims and
// numbers have one normal form, so two sizes are equal if and only if == says so; what rounds (floorDiv) is kept as an
// opaque term of its operand's normal form. A dim that is promised to be a multiple of m is m times a symbol, so that
// dividing it by m stays exact. Numbers saturate at int64: what is that large fits no memory and is refused there.
#pragma once
#include "dialects/graph/graph_attributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace graphc::graph {
class Dim {
public:
  Dim(int64_t value = 0) : number(value) {} // implicit: sizes mix with numbers
  static Dim named(DimAttr dim);
  /// Axis `axis` of a shape.
  static Dim ofShape(ShapeAttr shape, unsigned axis);

  bool isStatic() const { return !expression; }
  bool is(int64_t value) const { return isStatic() && number == value; }
  /// The number, or ShapedType::kDynamic.
  int64_t staticValue() const { return isStatic() ? number : mlir::ShapedType::kDynamic; }

  friend Dim operator+(const Dim &a, const Dim &b);
  friend Dim operator-(const Dim &a, const Dim &b) { return a + b * Dim(-1); }
  friend Dim operator*(const Dim &a, const Dim &b);
  /// Rounded down; divisor >= 1.
  Dim floorDiv(int64_t divisor) const;
  Dim ceilDiv(int64_t divisor) const { return (*this + Dim(divisor - 1)).floorDiv(divisor); }
  /// The quotient if it is exact for every value of the dims.
  std::optional<Dim> exactDiv(int64_t divisor) const;
  /// The quotient of two products if each factor of the divisor cancels.
  static std::optional<Dim> exactDiv(const Dim &dividend, const Dim &divisor);
  /// A size that is at least as large as both for every value of the dims: of each product of dims the larger
  /// coefficient. nullopt where that is not certain, because a term may be negative.
  static std::optional<Dim> cover(const Dim &a, const Dim &b);
  friend bool operator==(const Dim &a, const Dim &b);
  friend bool operator!=(const Dim &a, const Dim &b) { return !(a == b); }

  /// Bounds that hold for every value that callers may give.
  int64_t low() const;
  int64_t high() const;
  /// As the user would write it: "2*T + 1".
  std::string text() const;

  /// Its value where every dim has one.
  int64_t evaluate(llvm::function_ref<int64_t(DimAttr)> valueOf) const;
  /// The size with other sizes in place of its dims; where `replacement` gives none, the dim stays.
  Dim substitute(llvm::function_ref<std::optional<Dim>(DimAttr)> replacement) const;

  /// Symbol i of the expression is symbols()[i] / multipleOf. Null for numbers.
  mlir::AffineExpr affine() const { return expression; }
  llvm::ArrayRef<DimAttr> symbols() const { return dims; }

private:
  friend ShapeAttr shapeAttr(mlir::MLIRContext *context, llvm::ArrayRef<Dim> shape);
  static Dim normalized(mlir::AffineExpr expression, llvm::SmallVector<DimAttr, 2> dims);
  /// Both expressions over one list of symbols.
  static llvm::SmallVector<DimAttr, 2> unite(const Dim &a, const Dim &b, mlir::AffineExpr &left,
                                             mlir::AffineExpr &right);

  int64_t number = 0;
  mlir::AffineExpr expression; // null: the number
  llvm::SmallVector<DimAttr, 2> dims;
};

using Shape = llvm::SmallVector<Dim>;

/// The sizes of a tensor type. A dynamic size without a name (in hand-written IR only) is no size: ask isNamed first.
Shape shapeOf(mlir::RankedTensorType type);
/// True unless the type has a dynamic size that no encoding names.
bool isNamed(mlir::RankedTensorType type);
/// The tensor type of a shape; named dims go to its encoding.
mlir::RankedTensorType tensorType(llvm::ArrayRef<Dim> shape, mlir::Type element);
/// The same, of numbers or dims, as an attribute.
ShapeAttr shapeAttr(mlir::MLIRContext *context, llvm::ArrayRef<Dim> shape);
Shape shapeOf(ShapeAttr attribute);
/// Product of all sizes.
Dim elementCount(llvm::ArrayRef<Dim> shape);
/// "[B, 10]"
std::string shapeText(llvm::ArrayRef<Dim> shape);
/// A type with other sizes in place of its dims.
mlir::Type substituteDims(mlir::Type type, llvm::function_ref<std::optional<Dim>(DimAttr)> replacement);

} // namespace graphc::graph
