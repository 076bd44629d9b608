// The interfaces through which stages and passes know graph ops (op_facts.td). Names no op.
#pragma once
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/host_tensor.h"
#include "dialects/graph/lowering.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include <optional>

namespace graphc::graph {
struct Advice { // a warning
  llvm::StringRef code;
  std::string message;
  bool ofSizes = false; // caused by the operands' sizes: then the message goes on behind the op's name
};
} // namespace graphc::graph

#include "dialects/graph/op_facts.h.inc"
