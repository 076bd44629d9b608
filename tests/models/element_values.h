// Values of test inputs, how host tensors lie in a library's memory, and when two results agree. All 13 dtypes.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "llvm/ADT/StringRef.h"
#include <map>
#include <random>
#include <string>

namespace graphc::test {

/// How the values of one input are drawn. Of the words a case file uses (case_file.h) `parse` knows all.
struct ValueKind {
  enum Kind { Normal, Special, Positive, Small, Unit, Between, Sorted, Distinct, Listed } kind = Normal;
  int64_t low = 0, high = 0; // Between: both may occur
  std::vector<double> listed;
  /// "normal", "special", "positive", "small ints", "unit", "sorted", "distinct", "index below 7", "between -3 and 3".
  static bool parse(llvm::StringRef text, ValueKind &kind);
};

/// Values that are exact in the dtype.
graph::HostTensor drawTensor(graph::Dtype dtype, llvm::ArrayRef<int64_t> shape, const ValueKind &kind,
                             std::mt19937 &random);

/// Row-major elements as a library reads them (bool: one byte, 0 or 1), and back.
std::vector<char> toMemory(const graph::HostTensor &tensor);
graph::HostTensor fromMemory(graph::Dtype dtype, llvm::ArrayRef<int64_t> shape, const char *bytes);

/// |got - want| <= ulp * spacing(want) + relativeToMax * max |want|; integers, bools, NaN, infinities and (if
/// relativeToMax is 0) the sign of 0 are exact. spacing is that of the dtype; relativeToMax is meant for f32, an f64
/// gets 2^-29 of it.
struct Tolerance {
  std::map<std::string, double> ulp; // by dtype; "" for the others
  double relativeToMax = 0;
  double ulpOf(graph::Dtype dtype) const;
};

/// "" if the two agree, else which element differs and how.
std::string compareTensors(const graph::HostTensor &got, const graph::HostTensor &want, const Tolerance &tolerance);

} // namespace graphc::test
