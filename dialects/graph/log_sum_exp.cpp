// log_sum_exp.h.
#include "dialects/graph/log_sum_exp.h"
#include <algorithm>
#include <cmath>

namespace graphc::graph {

Jet logSumExp(llvm::ArrayRef<Jet> x) {
  double shift = -INFINITY; // a constant: not differentiated
  for (const Jet &one : x) shift = std::max(shift, one.v);
  if (std::isinf(shift)) shift = 0;
  Jet sum;
  for (const Jet &one : x) sum = sum + exp(one - Jet(shift));
  double s = sum.v;
  return Jet(shift) + Jet(std::log(s), sum.d1 / s, sum.d2 / s, sum.d12 / s - sum.d1 * sum.d2 / (s * s));
}

} // namespace graphc::graph
