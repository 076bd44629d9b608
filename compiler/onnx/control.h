// Control flow for the mappings: an op of the graph dialect whose regions are written by callbacks that build nodes as
// everywhere. Regions are functions (structure.td); what one reads of the values around becomes an argument of all
// regions of its op, and constants and weights are placed in the region that reads them.
#pragma once
#include "compiler/onnx/node_builder.h"

namespace graphc::onnx {

using BuildRegion = llvm::function_ref<Values(llvm::ArrayRef<Value> arguments)>;

/// Results of both branches, which must agree in type. Empty after a mistake, as below.
Values buildIf(NodeBuilder &n, Value condition, BuildRegion yes, BuildRegion no);

/// `body` gets the turn (i64), the carries and a slice along axis 0 of each of `over`; it gives the next carries, then
/// what is collected. The results are the last carries, then the collections with the turns as axis 0.
Values buildScan(NodeBuilder &n, llvm::ArrayRef<Value> inits, llvm::ArrayRef<Value> over, int64_t length, bool reverse,
                 BuildRegion body);

/// Both regions get the turn (i64) and the carries. At most `limit` turns, if it is there. The results are the carries.
Values buildWhile(NodeBuilder &n, llvm::ArrayRef<Value> inits, std::optional<int64_t> limit, BuildRegion condition,
                  BuildRegion body);

} // namespace graphc::onnx
