// What stands behind the gradients of a train_step (R28): the sum over calls, clipping, the learning rate, one use of
// the optimizer per param, and the writes. Params and state are written behind everything that reads them.
#pragma once
#include "compiler/frontend/program.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace graphc::frontend {

struct TrainStepPlace {
  const Definition &step; // whose optimizer and state
  std::string key;        // of the function that is built
  mlir::OpBuilder builder;
  llvm::SmallVector<mlir::Value> own; // the step's own inputs
  // Arguments of the function that it has for draws, or null: another draw adds them.
  mlir::Value pathArgument{}, keyArgument{};
  bool shares = false; // the step was built before: its state exists
};

struct TrainStepUpdate {
  std::vector<std::string> reports; // names
  llvm::SmallVector<mlir::Value> reported;
  Effects effects;
  bool takesPath = false, takesKey = false;
};

/// A gradient per path; of the loss times `scale`, an f32 scalar, if that is not null.
using GradientsOf = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value scale)>;

/// Builds it at the place. nullopt after reporting.
std::optional<TrainStepUpdate> buildTrainStepUpdate(TrainStepPlace place, llvm::ArrayRef<std::string> paths,
                                                    GradientsOf gradientsOf, Program &program);

} // namespace graphc::frontend
