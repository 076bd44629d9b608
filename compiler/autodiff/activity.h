// Which values of a function depend on what is derived by (varied) and reach what is derived (useful). Only floats do;
// ops that say why they have no derivative cut the way. Calls count through their functions.
#pragma once
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

namespace graphc::autodiff {

using Mask = std::vector<bool>;
/// Paths of parameters, in the order of their gradients.
using Paths = std::vector<std::string>;

bool isReal(mlir::Value value);
/// True for an op that derivatives pass: not for one that has no rules, or says why it has no derivative.
bool passesDerivatives(mlir::Operation *op);

class Activity {
public:
  explicit Activity(mlir::SymbolTable &symbols) : symbols(symbols) {}

  mlir::func::FuncOp calleeOf(graph::CallOp call) { return symbols.lookup<mlir::func::FuncOp>(call.getCallee()); }
  /// Those of `among` that the function or what it calls reads, in the order of `among`. States are not among them.
  Paths paramsRead(mlir::func::FuncOp function, const Paths &among);
  /// The values of the function that depend on these arguments and parameters.
  llvm::DenseSet<mlir::Value> varied(mlir::func::FuncOp function, const Mask &arguments, const Paths &params);
  /// Which of its results do.
  Mask variedResults(mlir::func::FuncOp function, const Mask &arguments, const Paths &params);
  /// Those of the varied values that the varied ones of these results depend on.
  llvm::DenseSet<mlir::Value> useful(mlir::func::FuncOp function, const llvm::DenseSet<mlir::Value> &varied,
                                     const Mask &results);

private:
  const std::set<std::string> &allParamsRead(mlir::func::FuncOp function);

  mlir::SymbolTable &symbols;
  std::map<mlir::Operation *, std::set<std::string>> reads;
  std::map<std::string, Mask> known; // by key()
};

/// One function derived in one way: its name, masks and paths.
std::string key(mlir::func::FuncOp function, const Mask &arguments, const Paths &params, const Mask &results = {});

} // namespace graphc::autodiff
