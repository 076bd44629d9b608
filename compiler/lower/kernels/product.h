// What a contraction multiplies: the element types of its operands, and how a register of products is made at each ISA
// level. Elements of k lie side by side in groups of 4 bytes, in A's rows and in the panels (graphc/abi.h), so that one
// layout serves every level: an instruction that takes a whole group (vpdpbusd, vdpbf16ps) where there is one, else the
// group's halves one after the other. Sums of integers are exact, so they are equal at every level.
#pragma once
#include "compiler/lower/kernels/kernel_builder.h"

namespace graphc::lower {

/// The type of the sums of products of these elements, null if no contraction multiplies them.
mlir::Type sumOfProducts(mlir::Type element);
/// Elements of k in a group of 4 bytes.
int64_t elementsOfGroup(mlir::Type element);
/// True if the level multiplies a group in one instruction.
bool multipliesGroups(const support::IsaLevel &level, mlir::Type element);

class Product {
public:
  using Values = KernelBuilder::Values;
  Product(KernelBuilder &b, mlir::Type element);

  mlir::Type element, sum; // i8: i32, bf16: f32, f32: f32
  int64_t group;
  bool whole; // an instruction takes a group as it is, else its halves

  bool isInteger() const { return sum.isInteger(32); }
  mlir::Value zero();
  /// The lanes of a panel from flat element `at` on, one group each.
  mlir::Value loadColumns(mlir::Value panels, mlir::Value at);
  /// A row's group from element `at` on, in every lane. Past `rest` elements, where that is given, are zeros.
  mlir::Value loadRow(mlir::Value rows, mlir::Value at, mlir::Value rest = {});
  using Load = llvm::function_ref<mlir::Value(size_t)>;
  /// Each of the sums of a tile, row by row, gets the products of its row's group and its column's. Groups are loaded
  /// where they are used, so that no tile holds more of them than it has registers for.
  Values multiply(size_t rows, size_t columns, Load row, Load column, mlir::ValueRange sums);
  mlir::Value join(mlir::Value a, mlir::Value b);

  /// vpdpbusd takes one side without a sign: columns are read 128 too high, and a sum of 128 times its row's elements
  /// too large. True where sums have to start so much lower.
  bool startsBelowZero() const { return whole && isInteger(); }
  /// Partial sums of the `size` elements from `at` on, on top of others.
  mlir::Value addElements(mlir::Value rows, mlir::Value at, mlir::Value size, mlir::Value sums);
  /// What a row's sums start from, in every lane, given its partial sums.
  mlir::Value startOf(mlir::Value partialSums);

private:
  mlir::Value bits(mlir::Value vector, mlir::Type element);
  mlir::Value number(int64_t value, mlir::Type element);
  mlir::Value half(mlir::Value group, bool upper);
  mlir::Value add(mlir::Value sum, mlir::Value row, mlir::Value column);
  mlir::Value call(llvm::StringRef intrinsic, mlir::Type result, mlir::ValueRange operands);

  KernelBuilder &b;
};

} // namespace graphc::lower
