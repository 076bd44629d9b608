// The graph ops that are structure, not computation: parameters, calls, control flow, graph.loops. Passes may name
// these.
#pragma once
#include "dialects/graph/calling.h"
#include "dialects/graph/dim.h"
#include "dialects/graph/graph_attributes.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace graphc::graph {
/// Elements of a flat buffer: memory whose size the type does not say, indexed by one index.
inline constexpr int64_t flatElements = int64_t(1) << 40;
inline mlir::MemRefType flatBuffer(mlir::Type element) { return mlir::MemRefType::get({flatElements}, element); }
} // namespace graphc::graph

#define GET_OP_CLASSES
#include "dialects/graph/structure.h.inc"
