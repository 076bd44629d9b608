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
  return Jet(shift) + log(sum);
}

} // namespace graphc::graph
