// Which values of a function depend on what is derived by (varied) and reach what is derived (useful). Only floats do;
// ops that say why they have no derivative cut the way. Calls count through their functions; where a function's author
// gives its derivative (custom_derivative.h), every float result depends on every float argument. The frontend asks it
// what cannot be derived, the autodiff stage what must be.
#pragma once
#include "dialects/graph/custom_derivative.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include <map>
#include <set>
#include <string>
#include <vector>

namespace graphc::graph {

using Mask = std::vector<bool>;
/// Paths of parameters, in the order of their gradients.
using Paths = std::vector<std::string>;

bool isReal(mlir::Value value);
/// True for an op that derivatives pass: not for one that has no rules, or says why it has no derivative.
bool passesDerivatives(mlir::Operation *op);
/// True for an op that has a derivative, for which there is no rule: what it says begins with this.
inline constexpr llvm::StringLiteral noRulePrefix = "has no rule ";
bool lacksRule(mlir::Operation *op);

class Activity {
public:
  /// `throughMissingRules`: ops that lack a rule pass derivatives all the same, so that they can be found.
  explicit Activity(mlir::SymbolTable &symbols, bool throughMissingRules = false)
      : symbols(symbols), throughMissingRules(throughMissingRules) {}

  /// Of a call or a derivative; null for other ops.
  mlir::func::FuncOp calleeOf(mlir::Operation *op);
  /// Those of `among` that the function or what it calls reads, in the order of `among`. States are not among them.
  Paths paramsRead(mlir::func::FuncOp function, const Paths &among);
  /// The values of the function that depend on these arguments and parameters.
  llvm::DenseSet<mlir::Value> varied(mlir::func::FuncOp function, const Mask &arguments, const Paths &params);
  /// Which of its results do.
  Mask variedResults(mlir::func::FuncOp function, const Mask &arguments, const Paths &params);
  /// Those of the varied values that the varied ones of these results depend on.
  llvm::DenseSet<mlir::Value> useful(mlir::func::FuncOp function, const llvm::DenseSet<mlir::Value> &varied,
                                     const Mask &results);

  /// What of these arguments and parameters the varied ones of these results depend on, inside calls too.
  struct Reached {
    Mask arguments;
    std::set<std::string> params;
    std::vector<mlir::Operation *> missingRules;    // on the way
    std::vector<mlir::func::FuncOp> withoutForward; // likewise: functions that only reverse mode passes
    std::set<mlir::Operation *> callees;            // likewise
    /// Adds what lies further on the way; `arguments` stay this function's.
    void add(const Reached &inside);
  };
  /// `derivedAgain`: the derivative of the function is derived, so that its rules are on the way, too.
  Reached reached(mlir::func::FuncOp function, const Mask &arguments, const Paths &params, const Mask &results,
                  bool derivedAgain = false);

private:
  bool passes(mlir::Operation *op) { return passesDerivatives(op) || (throughMissingRules && lacksRule(op)); }
  const std::set<std::string> &allParamsRead(mlir::func::FuncOp function);
  Reached reachedByRules(mlir::func::FuncOp function, const CustomDerivative &custom, const Mask &arguments,
                         const Mask &results, bool derivedAgain);

  mlir::SymbolTable &symbols;
  bool throughMissingRules;
  std::map<std::string, Reached> reachedKnown;
  // Of functions that call each other in circles: what is being asked, and what was found under assumptions about that.
  std::set<std::string> open, assumed;
  std::vector<std::string> underAssumptions;
  std::set<std::string> reachedOpen;
  std::vector<std::string> reachedInPart;
  bool metOpen = false;
  std::map<mlir::Operation *, std::set<std::string>> reads;
  std::map<std::string, Mask> known; // by activityKey()
};

/// One function derived in one way: its name, masks and paths.
std::string activityKey(mlir::func::FuncOp function, const Mask &arguments, const Paths &params,
                        const Mask &results = {});

} // namespace graphc::graph
