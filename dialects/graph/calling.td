// The interface of ops that name functions of the graph: calls, derivatives and control flow. Whoever follows calls (which dims a
// function has, what is reached, what is lowered first) asks it and names none of them.
#ifndef GRAPHC_DIALECTS_GRAPH_CALLING_TD
#define GRAPHC_DIALECTS_GRAPH_CALLING_TD
include "mlir/IR/OpBase.td"

def Calling : OpInterface<"Calling"> {
  let cppNamespace = "::graphc::graph";
  let methods = [InterfaceMethod<"The functions that the op calls, in order, and the types of what it passes to each.",
      "::llvm::SmallVector<::graphc::graph::CalledFunction>", "calls", (ins)>];
}
#endif
