// The time of every MLIR pass, verification behind it included.
#pragma once
#include "compiler/support/step_times.h"
#include "mlir/Pass/PassInstrumentation.h"

namespace graphc::driver {

class PassTimes : public mlir::PassInstrumentation {
public:
  PassTimes(std::string stage, support::StepTimes &times) : stage(std::move(stage)), times(times) {}
  void runBeforePass(mlir::Pass *, mlir::Operation *) override { open.push_back(support::StepTimes::Clock::now()); }
  void runAfterPass(mlir::Pass *pass, mlir::Operation *) override { end(pass); }
  void runAfterPassFailed(mlir::Pass *pass, mlir::Operation *) override { end(pass); }

private:
  void end(mlir::Pass *pass);

  std::string stage;
  support::StepTimes &times;
  std::vector<support::StepTimes::Clock::time_point> open; // pipelines for nested ops are passes too
};

} // namespace graphc::driver
