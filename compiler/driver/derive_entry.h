// A derivative of one entry as the only entry of a module: what `graphc vjp` and `graphc jvp` call, for JSON and ONNX.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include <functional>
#include <string>
#include <vector>

namespace graphc::driver {

struct DerivativeRequest {
  std::string kind;             // "vjp", "jvp"; empty: none is asked for
  std::string entry;            // empty: the only one
  std::vector<std::string> wrt; // names of inputs; empty: all of floats (vjp), those with a seed (jvp)
  /// Whether there is a cotangent for the output, or a tangent for the input, of this name.
  std::function<bool(llvm::StringRef)> hasSeed;
};

/// Arguments of the made entry are those of the entry, then seeds; its results are derivatives alone. They are called
/// as what they belong to with these before the name.
inline constexpr llvm::StringLiteral seedPrefix = "seed.", derivativePrefix = "derivative.";

/// Why reverse mode cannot pass the loop that graph::findDerivedControl has found, to be put into a sentence.
std::string whyNoWayBack(mlir::Operation *loop);

/// "" or a sentence for the user.
std::string deriveEntry(mlir::ModuleOp module, const DerivativeRequest &request);

} // namespace graphc::driver
