// The functions that derivatives are made of, each made once per set of active arguments, params and results (D8 of the
// design: a layer that is used 48 times is derived once). Functions must hold no graph.derivative any more. Where the
// author of a function gives its derivative (custom_derivative.h), they are made of those rules.
#pragma once
#include "dialects/graph/activity.h"
#include "dialects/graph/derivative_rule.h"

namespace graphc::autodiff {

using graph::Activity;
using graph::isReal;
using graph::Mask;
using graph::passesDerivatives;
using graph::Paths;

/// @f.jvp: the arguments, a tangent for each active one, a tangent for each of the params that f reads; gives the
/// results and a tangent for each result in `tangents`.
struct ForwardFunction {
  mlir::func::FuncOp function;
  Mask tangents; // by result: not zero
};

/// @f.fwd: as f, with residuals behind its results. @f.bwd: residuals, then a cotangent for each active result; gives a
/// cotangent for each argument and param in `arguments` and `params`.
struct ReverseFunctions {
  mlir::func::FuncOp forward, backward; // backward: null if nothing depends on what is derived by
  std::vector<int> residuals; // operands of backward before the cotangents: result of forward, or ~argument of f
  Mask results, arguments;    // by position in f
  Mask params;                // by position in `paths`
  Paths paths;                // of params that f reads
  bool accumulates = false;   // backward adds gradients of params to sums instead (thread_values.h), or calls what does

  /// The residuals, of a call of `forward`.
  llvm::SmallVector<mlir::Value> residualsOf(mlir::ValueRange given, mlir::ValueRange made) const;
  struct Gradients {
    llvm::SmallVector<mlir::Value> arguments, params; // by position as above; null: zero
  };
  /// A call of `backward`, taken apart. All zero where there is none.
  Gradients callBackward(mlir::OpBuilder &b, mlir::Location location, mlir::ValueRange operands) const;
};

/// Of a value of @f.fwd: whoever calls it has that anyway when it calls @f.bwd. `results`: what @f.fwd gives.
using IsThere = llvm::function_ref<bool(mlir::Value value, llvm::ArrayRef<mlir::Value> results)>;

class DerivedFunctions {
public:
  /// `keepAll`: nothing that the reverse pass reads is made again. `memoryLimit`: of what one loop keeps, 0: none.
  DerivedFunctions(mlir::ModuleOp module, mlir::SymbolTable &symbols, bool keepAll, uint64_t memoryLimit)
      : keepAll(keepAll), memoryLimit(memoryLimit), module(module), symbols(symbols), activity(symbols) {}

  /// Not empty while a recursion is derived whose functions accumulate: belongs to the keys of what is made for it.
  std::string recursionKey;
  unsigned recursions = 0;                  // so far: tells their keys apart
  llvm::DenseSet<mlir::Operation *> circle; // the functions by which it calls itself
  bool mayTape = true;                      // what is derived is not derived once more

  const bool keepAll;
  const uint64_t memoryLimit;
  /// How many times what the function that is being derived keeps is kept at once: the turns of loops around it that
  /// must keep it.
  uint64_t timesKept = 1;
  llvm::SmallVector<mlir::Attribute> loopMemory; // autodiff.h

  Activity &activities() { return activity; }
  const ForwardFunction &forward(mlir::func::FuncOp function, const Mask &arguments, const Paths &params);
  /// `results`: those that have a cotangent; only those that depend on something active count.
  /// `isThere`: of the body of a loop, whose carries are another turn's by then; null: arguments and results are there.
  const ReverseFunctions &reverse(mlir::func::FuncOp function, const Mask &arguments, const Paths &params,
                                  const Mask &results, IsThere isThere = nullptr);

  // What both modes need (derived_functions.cpp).
  /// A private function without body beside f, called f's name + suffix.
  mlir::func::FuncOp createBeside(mlir::func::FuncOp function, llvm::StringRef suffix);
  /// What the callee gives for operands of these types.
  static llvm::SmallVector<mlir::Type> resultTypes(mlir::func::FuncOp callee, mlir::TypeRange operands);
  static graph::CallOp createCall(mlir::OpBuilder &b, mlir::Location location, mlir::func::FuncOp callee,
                                  mlir::ValueRange operands);
  /// Ends a function whose body is written, and gives it its type.
  static void finish(mlir::func::FuncOp function, mlir::ValueRange results);
  /// All functions that an op calls, control flow included.
  llvm::SmallVector<mlir::func::FuncOp> calleesOf(mlir::Operation *op);
  /// For the report of the build (loopMemoryAttr): what the way back of `node` keeps; `more` belongs to the mode.
  void noteMemory(mlir::Location node, llvm::StringRef mode, uint64_t bytes, int64_t turns,
                  llvm::ArrayRef<mlir::NamedAttribute> more);
  mlir::func::FuncOp find(mlir::FlatSymbolRefAttr name) { return symbols.lookup<mlir::func::FuncOp>(name.getValue()); }
  /// Of a param, by its path.
  mlir::Type typeOf(const std::string &path) { return symbols.lookup<graph::ParameterOp>(path).getType(); }

private:
  const ForwardFunction &forwardOfRecursion(mlir::func::FuncOp function, const Mask &arguments, const Paths &read,
                                            const std::string &name);

  mlir::ModuleOp module;
  mlir::SymbolTable &symbols;
  Activity activity;
  std::map<std::string, ForwardFunction> forwards;
  std::map<std::string, ReverseFunctions> reverses;
  struct OpenRecursion {
    mlir::func::FuncOp function;
    Mask arguments, results;
    Paths params;
    const ReverseFunctions *functions;
  };
  std::vector<OpenRecursion> openRecursions; // that are being derived
};

/// `declared`: the function without its body, and the tangents that it gives; null: not settled yet.
ForwardFunction makeForward(DerivedFunctions &derived, mlir::func::FuncOp function, const Mask &arguments,
                            const Paths &params, const ForwardFunction *declared = nullptr);
/// By the function's own rule.
ForwardFunction makeForwardByRule(DerivedFunctions &derived, mlir::func::FuncOp function, mlir::func::FuncOp rule,
                                  const Mask &arguments);
/// Of an op of control flow (forward_control.cpp): its results, and a tangent for each, null for zero. `params`: those
/// that its regions read.
std::pair<llvm::SmallVector<mlir::Value>, llvm::SmallVector<mlir::Value>>
forwardOfControl(DerivedFunctions &derived, mlir::OpBuilder &b, mlir::Operation *op, mlir::ValueRange primals,
                 llvm::ArrayRef<mlir::Value> tangents, const Paths &params, mlir::ValueRange paramTangents);
/// Of a function that calls itself (reverse_recursion.cpp). `made` is what its own calls see until its bodies are
/// written, then what others call.
void makeReverseOfRecursion(DerivedFunctions &derived, ReverseFunctions &made, mlir::func::FuncOp function,
                            const Mask &arguments, const Paths &params, const Mask &results);
/// The masks as the function's own calls widen them: what is active and has cotangents in one of them is so in all.
void widenOfRecursion(DerivedFunctions &derived, mlir::func::FuncOp function, const Paths &params, Mask &arguments,
                      Mask &results);
ReverseFunctions makeReverse(DerivedFunctions &derived, mlir::func::FuncOp function, const Mask &arguments,
                             const Paths &params, const Mask &results, IsThere isThere);

} // namespace graphc::autodiff
