// Passes without an argument (adaptors of nested pipelines) hold others, which are counted themselves.
#include "compiler/driver/pass_times.h"
#include "mlir/Pass/Pass.h"

using namespace graphc;

void driver::PassTimes::end(mlir::Pass *pass) {
  using Clock = support::StepTimes::Clock;
  double seconds = std::chrono::duration<double>(Clock::now() - open.back()).count();
  open.pop_back();
  if (!pass->getArgument().empty()) times.add(stage, pass->getArgument().str(), seconds);
}
