// What the language needs to know of an op to read a node: names and kinds of operands, attributes and results, and how
// a formula writes it. Generated from the .td files by tools/dev/op_signatures.py, so the frontend, `graphc ops` and
// the docs name no op.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace graphc::graph {

struct OperandSignature {
  llvm::StringRef name;
  bool optional, variadic;
};

/// kind: "int" (I64Attr), "bool", "float" (F64Attr), "ints" (DenseI64ArrayAttr; one integer stands for a list of one),
/// "floats" (DenseF64ArrayAttr), "string", "dtype" (TypeAttr of an element type), "dims" (ShapeAttr: sizes, which may
/// be named dims or -1), "type" (Graph_TypeAttr: TypeAttr of a tensor type), "padding" (Graph_PaddingAttr: a
/// StringAttr, or DenseI64ArrayAttr with one integer per spatial axis or [low0, high0, low1, high1, ...]), "tensor"
/// (ElementsAttr; in ops that are not callable only).
struct AttributeSignature {
  llvm::StringRef name, kind;
  bool required;            // no default and not optional
  llvm::StringRef fallback; // the default as C++/MLIR text, "" if none
};

struct OpSignature {
  llvm::StringRef mnemonic; // "matmul": "op" in JSON, graph.matmul in IR
  llvm::StringRef summary, description;
  llvm::StringRef infix;  // "+" if formulas write it as an operator between two operands, else ""
  llvm::StringRef prefix; // "-" or "not" if written before its operand
  llvm::StringRef role;   // what the language itself needs the op for, or "": findRole()
  bool callable;          // may stand in "op": false for constants and the like
  llvm::ArrayRef<OperandSignature> operands;
  llvm::ArrayRef<AttributeSignature> attributes;
  llvm::ArrayRef<llvm::StringRef> results;

  /// It draws random numbers: its last operand is their key, which a graph may leave out.
  bool takesKey() const { return role == "draw"; }
};

/// Sorted by mnemonic.
llvm::ArrayRef<OpSignature> opSignatures();
const OpSignature *findOp(llvm::StringRef mnemonic);
const OpSignature *findInfix(llvm::StringRef spelling);
const OpSignature *findPrefix(llvm::StringRef spelling);
/// The op with this role: "take_apart" (x; axis -> its slices along an axis), "put_together" (x...; axis: the reverse),
/// "fill" (scalar; shape dims: a tensor of equal elements), "dim_as_number" (size dims, dtype: a scalar), "fold_key"
/// (key, i: a key that depends on both), "choose" (condition, a, b: a where the condition holds, else b).
const OpSignature *findRole(llvm::StringRef role);

} // namespace graphc::graph
