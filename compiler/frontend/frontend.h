// frontend: JSON text -> `graph` dialect. Knows the language, no single op by name, and infers no shape itself: it asks
// each op as it builds it (InferTypeOpInterface). Every op carries the place in the JSON it came from.
//
// The module it makes:
//   module attributes   graph.name, graph.doc (StringAttr)
//   graph.parameter @"net.h.weight"   one per param, in path order of first use; see dialects/graph/structure.td
//   func.func @net / @predict         one per function of the language that an entry reaches; tensors in and out; calls
//   are
//                                     func.call; argument and result attributes graph.name and graph.doc; function
//                                     attributes graph.doc and, on entries, graph.entry = <position in "entries"> :
//                                     i64; non-entries are private
//   locations: NameLoc of the node's path in its function, around the place: FileLineColLoc of the node; an op of a
//   layer: CallSiteLoc(callee = place in the layer, caller = place of the use)
#pragma once
#include "compiler/support/diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace graphc::frontend {

/// Reads the graph file `path` (registered into `sources` here). Null after at least one error was reported. `path` is
/// shown and stored in locations as given. `libraryName`, if not empty, stands for the file's own "name".
mlir::OwningOpRef<mlir::ModuleOp> readGraph(mlir::MLIRContext &context, support::Sources &sources,
                                            support::Diagnostics &diagnostics, llvm::StringRef path,
                                            llvm::StringRef libraryName = "");

} // namespace graphc::frontend
