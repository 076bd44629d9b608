// What steps inside a stage take (--time-report): MLIR passes, parts of codegen. Not kept apart by occurrence: a pass
// that runs five times is one row.
#pragma once
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace graphc::support {

class StepTimes {
public:
  using Clock = std::chrono::steady_clock;
  struct Step {
    std::string stage, name;
    double seconds = 0;
    unsigned times = 0;
  };

  void add(const std::string &stage, const std::string &name, double seconds) {
    for (Step &step : steps)
      if (step.stage == stage && step.name == name) {
        step.seconds += seconds;
        ++step.times;
        return;
      }
    steps.push_back({stage, name, seconds, 1});
  }
  /// Runs `work` as a step; gives what it gives.
  template <class Work> auto measure(const std::string &stage, const std::string &name, Work work) {
    struct Ending { // whatever `work` returns
      StepTimes &times;
      const std::string &stage, &name;
      Clock::time_point start = Clock::now();
      ~Ending() { times.add(stage, name, std::chrono::duration<double>(Clock::now() - start).count()); }
    } ending{*this, stage, name};
    return work();
  }
  /// In order of first appearance.
  const std::vector<Step> &all() const { return steps; }

private:
  std::vector<Step> steps;
};

} // namespace graphc::support
