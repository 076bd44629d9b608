// The graph dialect and all its ops. For the dialect's own files and for tests: passes and stages include op_facts.h
// and structure.h, which name no op; whoever registers the dialect needs GraphDialect from here.
#pragma once
#include "dialects/graph/elementwise.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/operand_type.h"
#include "dialects/graph/precision.h"
#include "dialects/graph/reduction.h"
#include "dialects/graph/structure.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/graph/graph_dialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/graph/graph_ops.h.inc"
