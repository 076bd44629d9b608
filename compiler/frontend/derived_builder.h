// What all kinds of derived functions share: the function that is derived, what by and of, and the function that is
// made, with names for its inputs and results.
#pragma once
#include "compiler/frontend/derive_function.h"
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/Builders.h"

namespace graphc::frontend {

class DerivedBuilder {
public:
  DerivedBuilder(Definition &definition, bool train, Program &program)
      : definition(definition), derive(*definition.derive), train(train), program(program),
        diagnostics(program.diagnostics), kind(derive.kind.string()),
        location(program.location(definition.json.keySpan())), builder(program.context) {}

protected:
  Definition &definition;
  const DeriveDefinition &derive;
  bool train;
  Program &program;
  support::Diagnostics &diagnostics;
  llvm::StringRef kind;
  mlir::Location location;
  mlir::OpBuilder builder;
  const Definition *of = nullptr;
  BuiltFunction built; // of it
  mlir::func::FuncOp function;
  DeriveTargets targets;

  /// The function that "of" names, built before. False after reporting.
  bool findFunction();
  /// What is derived by and of, after it was found that there is a way.
  bool findDerivative();

  mlir::Type resultType(size_t i) { return function.getResultTypes()[i]; }
  mlir::Type inputType(size_t i) { return function.getArgumentTypes()[i]; }
  llvm::SmallVector<mlir::Type> wrtTypes();
  graph::DerivativeOp derivativeOf(mlir::func::FuncOp callee, llvm::StringRef how, mlir::ValueRange operands,
                                   mlir::TypeRange results, llvm::ArrayRef<int64_t> outputs);

  /// A private function with the arguments of f, further ones before those for draws, and no body yet.
  mlir::func::FuncOp create(const std::string &name, llvm::ArrayRef<mlir::Type> further);
  /// Its arguments as graph.derivative wants them: f's, with those for draws, then the further ones.
  llvm::SmallVector<mlir::Value> operandsOf(mlir::func::FuncOp made, size_t further);
  void finish(mlir::func::FuncOp made, mlir::ValueRange results);
  /// Inputs and outputs of the definition, as callers see them. Names must differ.
  bool completeDefinition(llvm::ArrayRef<std::string> further, llvm::ArrayRef<std::string> derivatives);
  void describe(mlir::func::FuncOp made);
};

/// Where a train_step with 'loss_scale' keeps the scale.
std::string lossScalePath(const Definition &step);
/// What the derivative of a loss times `scale`, an f32 scalar, begins with in place of `seed`.
mlir::Value scaled(graph::RuleBuilder &rules, mlir::Value seed, mlir::Value scale);

/// derive_step.cpp
void deriveTrainStep(Definition &definition, bool train, Program &program);
void deriveApply(Definition &definition, bool train, Program &program);
/// copy_function.cpp
void deriveCopy(Definition &definition, Program &program);

} // namespace graphc::frontend
