// The interfaces through which stages and passes know graph ops (op_facts.td). Names no op.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "dialects/graph/lowering.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

namespace graphc::graph {
struct JvpState; // both come with the autodiff stage
struct VjpState;
} // namespace graphc::graph

#include "dialects/graph/op_facts.h.inc"
