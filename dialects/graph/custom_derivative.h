// Functions whose derivative their author gives (graph-format R29). Such a function carries an attribute that names
// rule functions of one standard signature, which the frontend made around the user's own; whoever derives it calls
// those instead of deriving its body. Rules are ordinary functions, so they are derived for second derivatives as any
// other.
//
//   jvp      (arguments, results, a tangent for each argument of floats) -> a tangent for each result of floats
//   forward  (arguments) -> (results, further values for vjp): runs in the function's place before a reverse pass
//   vjp      (arguments, results, those further values, a cotangent for each result of floats)
//            -> a cotangent for each argument of floats
//
// The attribute goes with expand-derivatives; nothing behind it knows of rules.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"

namespace graphc::graph {

inline constexpr llvm::StringLiteral customDerivativeAttr = "graph.custom_derivative";

struct CustomDerivative {
  mlir::FlatSymbolRefAttr jvp, vjp, forward; // null: not given; at least one of jvp and vjp is
  bool derivesItself = false;                // "jvp": true: forward mode passes the function's own body
  bool differs = false;                      // on purpose, from the function's own derivative ("allow": G8014)
  explicit operator bool() const { return jvp || vjp; }
  /// Forward mode passes the function.
  bool hasForward() const { return jvp || derivesItself; }
  llvm::SmallVector<llvm::StringRef> rules() const;
};

/// These functions, and all that they call, derive, or have as rules; each once, callers first.
llvm::SetVector<mlir::Operation *> functionsBelow(llvm::ArrayRef<mlir::func::FuncOp> roots, mlir::SymbolTable &symbols);
/// Of a function without the attribute: none.
CustomDerivative customDerivativeOf(mlir::func::FuncOp function);
void setCustomDerivative(mlir::func::FuncOp function, const CustomDerivative &custom);

} // namespace graphc::graph
