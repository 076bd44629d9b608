// graphc gradcheck: are the derivatives of a graph right? Of its entries as a whole, of every op alone at the values
// that it meets there, and of the user's rules (custom_derivative) beside each other and beside their functions. All
// floats become f64 and everything is evaluated by reference, so what is left is rounding and the rules.
#pragma once
#include "compiler/driver/derivative_check.h"
#include "compiler/support/diagnostics.h"
#include "llvm/Support/JSON.h"

namespace graphc::driver {

struct GradientRequest {
  std::string entry;                   // empty: all
  std::map<std::string, int64_t> dims; // values of named dims; others: the least allowed, but not 1
  unsigned seed = 1;                   // of inputs that are not given, params without values, and directions
  /// The value of an input; nullopt: drawn. A sentence in `error` where it cannot be read.
  std::function<std::optional<graph::HostTensor>(llvm::StringRef name, std::string &error)> input;
};

struct CheckedThing {            // an op at its node, a function with rules, or an entry
  std::string name, kind, place; // "h", "matmul", "net.json:12:7" (or "")
  std::vector<Comparison> comparisons;
  std::string remark;
  double error() const; // the largest beside its limit, in limits; kinks do not count
  bool good() const;
};

struct GradientReport {
  struct Entry {
    CheckedThing whole;
    std::vector<CheckedThing> ops, rules; // in the order in which they were met
    unsigned skipped = 0;                 // ops that could not be checked alone
    bool good = true;
  };
  std::vector<Entry> entries;
  bool good() const;
  void print(llvm::raw_ostream &os) const;
  void printJson(llvm::json::OStream &out) const;
};

/// The value of a param as f64 or integers.
using ParamValue = llvm::function_ref<graph::HostTensor(graph::ParameterOp)>;

/// Leaves the module as it is. Errors are reported where the user can act; "" or a sentence if nothing could be
/// checked.
std::string checkGradients(mlir::ModuleOp module, const GradientRequest &request, ParamValue value,
                           const support::Sources &sources, support::Diagnostics &diagnostics, GradientReport &report);

} // namespace graphc::driver
