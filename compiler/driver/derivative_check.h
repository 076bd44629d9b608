// The derivatives of one function at one point, compared with each other and with finite differences, by reference
// evaluation in f64. Functions that derive it are made first (before expand-derivatives), then evaluated.
//
//   dot product    <ct, J v> = <J^T ct, v>, and of second order <ct, (J v)' u> = <v, (J^T ct)' u>
//   first order    J v beside (f(x + h v) - f(x - h v)) / 2h
//   second order   (J v)' u beside (J(x + h u) v - J(x - h u) v) / 2h
//
// Where forward mode does not pass (custom_derivative.h), reverse mode is compared in its place: <J^T ct, v>.
#pragma once
#include "dialects/graph/activity.h"
#include "dialects/graph/host_tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include <random>

namespace graphc::driver {

using HostTensors = llvm::SmallVector<graph::HostTensor>;

/// Which tensors of a signature are floats.
llvm::SmallVector<int64_t> floatPlaces(mlir::TypeRange types);
double dot(const HostTensors &a, const HostTensors &b);
double length(const HostTensors &a);

/// Where derivatives are taken: the arguments of the function, and the values of params.
struct Point {
  HostTensors arguments;
  std::map<std::string, graph::HostTensor> params;
};

struct Comparison {
  std::string name; // "dot product"
  double error = 0; // relative to what is compared
  double limit = 0;
  bool unclear = false; // finite differences say nothing here: the point is a kink, or they drown in rounding
  bool good() const { return unclear || error <= limit; }
};

class DerivativeCheck {
public:
  /// Makes the functions, beside `f`. `params`: floats that it reads and that are derived by. Nothing to compare if it
  /// has no floats in or out. `exactLimit`: of dot products; rounding inside a whole graph may be magnified.
  DerivativeCheck(mlir::func::FuncOp f, graph::Paths params, double exactLimit = 1e-12);
  bool isEmpty() const { return wrt.size() + params.size() == 0 || of.empty(); }

  struct Result {
    std::vector<Comparison> comparisons;
    bool finite = true;  // all values were
    std::string problem; // why there are none: one sentence, or empty
  };
  /// After the functions were expanded. `differences`: false leaves finite differences out.
  Result run(const Point &point, unsigned seed, bool differences = true) const;

private:
  using Evaluated = std::optional<HostTensors>;
  mlir::func::FuncOp wrap(llvm::StringRef kind, mlir::func::FuncOp of, llvm::ArrayRef<int64_t> results);
  Evaluated evaluate(mlir::func::FuncOp function, const Point &at, const HostTensors &further = {}) const;
  HostTensors drawDirection(const Point &point, std::mt19937 &random) const;
  HostTensors drawLike(const HostTensors &tensors, std::mt19937 &random) const;
  Point moved(const Point &point, const HostTensors &direction, double step) const;
  /// The derivative of `value` at the point along a direction, as differences give it, beside `wanted`.
  Comparison compareDifferences(llvm::StringRef name, const Point &point, const HostTensors &direction,
                                const HostTensors &wanted, llvm::function_ref<Evaluated(const Point &)> value) const;

  double exactLimit;
  mlir::func::FuncOp f, jvp, vjp, jvpOfJvp, jvpOfVjp; // null: forward mode does not pass
  llvm::SmallVector<int64_t> wrt, of;                 // places of floats
  graph::Paths params;
  bool forwardAgain = true;
};

} // namespace graphc::driver
