// What a derivative rule works with (Differentiable in op_facts.td): the tangents or cotangents of one op, and a
// builder of graph ops with the few forms that rules share. A null Value is a symbolic zero: it is never made into a
// tensor unless something needs one. Rules build graph ops only, so what they make lowers, evaluates and differentiates
// again.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/element_type.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OpDefinition.h"

namespace graphc::graph {

/// Forward mode, one op: the rule sets the tangents of the results from those of the operands.
struct JvpState {
  llvm::SmallVector<mlir::Value> tangents; // of the operands; null: zero
  llvm::SmallVector<mlir::Value> results;  // of the results; null: zero. Set by the rule
  mlir::Value in(unsigned operand) const { return tangents[operand]; }
  void set(unsigned result, mlir::Value tangent) { results[result] = tangent; }
};

/// Reverse mode, one op: the rule adds to the cotangents of the operands that somebody wants.
struct VjpState {
  llvm::SmallVector<mlir::Value> cotangents; // of the results; null: zero, but not all are
  llvm::SmallVector<bool> wanted;            // by operand: it is a float that depends on what is derived by
  llvm::SmallVector<mlir::Value> sums;       // of the operands; null: zero. Set by the rule
  mlir::Value ct(unsigned result = 0) const { return cotangents[result]; }
  bool wants(unsigned operand) const { return wanted[operand]; }
};

mlir::RankedTensorType typeOf(mlir::Value value);
inline Shape shapeOf(mlir::Value value) { return shapeOf(typeOf(value)); }

class RuleBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  /// Any op; attributes left out have their defaults.
  template <class Op> Op op(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return create<Op>(operands, attributes);
  }
  mlir::NamedAttribute ints(llvm::StringRef name, llvm::ArrayRef<int64_t> list) {
    return getNamedAttr(name, getDenseI64ArrayAttr(list));
  }
  mlir::NamedAttribute integer(llvm::StringRef name, int64_t value) {
    return getNamedAttr(name, getI64IntegerAttr(value));
  }
  mlir::NamedAttribute word(llvm::StringRef name, llvm::StringRef text) {
    return getNamedAttr(name, getStringAttr(text));
  }
  mlir::NamedAttribute flag(llvm::StringRef name) { return getNamedAttr(name, getBoolAttr(true)); }

  // Tensors of equal elements, of the dtype of `like` or of the type.
  Value number(Value like, double value) { return scalar(typeOf(like).getElementType(), value); }
  Value scalar(mlir::Type element, double value);
  Value filled(mlir::RankedTensorType type, double value);
  Value zeros(Value like) { return filled(typeOf(like), 0); }
  Value ones(Value like) { return filled(typeOf(like), 1); }
  Value zeros(llvm::ArrayRef<Dim> shape, Value like);
  /// The size as a scalar of the element type.
  Value size(const Dim &dim, mlir::Type element);
  /// 0, 1, 2 ... along one axis of a shape.
  Value positions(llvm::ArrayRef<Dim> shape, mlir::Type element, int64_t axis = 0);
  /// An integer type that holds positions below `count`.
  mlir::Type indexType(const Dim &count);

  // Elementwise, with broadcasting. A number stands for a scalar of the other's dtype.
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value neg(Value x);
  Value add(Value a, double b) { return add(a, number(a, b)); }
  Value sub(double a, Value b) { return sub(number(b, a), b); }
  Value mul(Value a, double b) { return mul(a, number(a, b)); }
  Value exp(Value x);
  Value square(Value x) { return mul(x, x); }
  Value sigmoid(Value x);
  Value rsqrt(Value x);
  Value select(Value condition, Value yes, Value no);
  /// x where the condition holds, else 0.
  Value only(Value condition, Value x) { return select(condition, x, number(x, 0)); }
  /// 0 where the condition holds, else x.
  Value without(Value condition, Value x) { return select(condition, number(x, 0), x); }
  Value less(Value a, Value b);
  Value lessEqual(Value a, Value b);
  Value equal(Value a, Value b);
  Value less(Value a, double b) { return less(a, number(a, b)); }
  Value less(double a, Value b) { return less(number(b, a), b); }
  Value lessEqual(Value a, double b) { return lessEqual(a, number(a, b)); }
  Value equal(Value a, double b) { return equal(a, number(a, b)); }
  Value both(Value a, Value b); // bools
  /// The terms added up from the first to the last; of 16-bit floats in f32, rounded once, where there are more than
  /// two.
  Value sumOf(mlir::ValueRange terms);
  Value cast(Value x, mlir::Type element);

  // Shapes.
  Value reshape(Value x, llvm::ArrayRef<Dim> shape);
  Value broadcast(Value x, llvm::ArrayRef<Dim> shape);
  /// The transpose of broadcasting: x summed along the axes where `shape`, aligned at the right, has 1 or none.
  Value sumTo(Value x, llvm::ArrayRef<Dim> shape);
  Value sum(Value x, llvm::ArrayRef<int64_t> axes, bool keepDims = false);
  /// Put side by side along a new first axis.
  Value stack(mlir::ValueRange x);
  Value permute(Value x, llvm::ArrayRef<int64_t> perm);
  /// One pair [low, high] per axis.
  Value pad(Value x, llvm::ArrayRef<int64_t> pairs, double value = 0);
  /// One behind the other along axis 0.
  Value joined(mlir::ValueRange x);

  /// count elements along an axis: start, start + step, ...; step > 0.
  Value strided(Value x, int64_t axis, int64_t start, const Dim &count, int64_t step);
  /// count elements along an axis from `start` on.
  Value part(Value x, int64_t axis, const Dim &start, const Dim &count);
  /// The first `size` elements along an axis, with zeros behind where there are fewer. `spare`: how many there may be
  /// too few.
  Value fitted(Value x, int64_t axis, const Dim &size, int64_t spare);
  /// The transpose of taking positions along an axis: zeros of this size along the axis, with x added where `index`, a
  /// vector, says.
  Value addedAt(Value x, int64_t axis, Value index, const Dim &size);
  /// The number that x is everywhere, if it is a constant or the broadcast of one.
  static std::optional<double> constantOf(Value x);
};

// The rules that op classes share.
using TimesPartial = llvm::function_ref<mlir::Value(unsigned operand, mlir::Value v)>;
/// Elementwise ops: v times the partial derivative is both modes; only what broadcasting does differs.
void jvpOfElementwise(mlir::Operation *op, RuleBuilder &b, JvpState &state, TimesPartial timesPartial);
void vjpOfElementwise(mlir::Operation *op, RuleBuilder &b, VjpState &state, TimesPartial timesPartial);
/// Ops that are linear in all their float operands together: the op itself, on the tangents.
void jvpOfLinear(mlir::Operation *op, RuleBuilder &b, JvpState &state);
/// Ops that are linear in each of their float operands: the sum of the op on one tangent each.
void jvpOfMultilinear(mlir::Operation *op, RuleBuilder &b, JvpState &state);
/// Both: one transpose for each operand that is wanted.
void vjpByTranspose(mlir::Operation *op, RuleBuilder &b, VjpState &state,
                    llvm::function_ref<mlir::Value(unsigned operand, mlir::ValueRange cotangents)> transpose);

// Traits that give an op its rules (graph_dialect.td).
template <class Op> class LinearRule : public mlir::OpTrait::TraitBase<Op, LinearRule> {};
template <class Op> class MultilinearRule : public mlir::OpTrait::TraitBase<Op, MultilinearRule> {};
template <class Op> class WithoutDerivative : public mlir::OpTrait::TraitBase<Op, WithoutDerivative> {};

} // namespace graphc::graph
