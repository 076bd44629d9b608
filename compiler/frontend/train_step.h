// What stands behind the gradients of a train_step (R28): clipping, the learning rate, one use of the optimizer per
// param, and the writes. Params and state are written behind everything that reads them.
#pragma once
#include "compiler/frontend/program.h"
#include "mlir/IR/Builders.h"

namespace graphc::frontend {

struct TrainStepUpdate {
  std::vector<std::string> reports; // names
  llvm::SmallVector<mlir::Value> reported;
  Effects effects;
};

/// Builds it at the builder's place. `own`: the step's own inputs; a gradient per path. nullopt after reporting.
std::optional<TrainStepUpdate> buildTrainStepUpdate(const Definition &definition, const std::string &key,
                                                    mlir::OpBuilder builder, mlir::ValueRange own,
                                                    llvm::ArrayRef<std::string> paths, mlir::ValueRange gradients,
                                                    Program &program);

} // namespace graphc::frontend
