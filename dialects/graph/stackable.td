// The interface of ops that a loop's body can leave to the loop's surroundings. Attached to ops from their own files (stackable.h).
#ifndef GRAPHC_DIALECTS_GRAPH_STACKABLE_TD
#define GRAPHC_DIALECTS_GRAPH_STACKABLE_TD
include "mlir/IR/OpBase.td"

def Stackable : OpInterface<"Stackable"> {
  let cppNamespace = "::graphc::graph";
  let description = [{Ops of a loop's body that can be done for all turns at once, so that a loop of small products becomes one large one
    outside (optimize/scan_body.h). Operands that are stacked have the turns along one more axis, in front of theirs. Owed only by ops
    that have it.}];
  let methods = [
    InterfaceMethod<"The op on `operands`, some of them stacked: its results, which are stacked then. None: it cannot.",
      "::llvm::SmallVector<::mlir::Value>", "createStacked",
      (ins "::graphc::graph::RuleBuilder &":$builder, "::mlir::ValueRange":$operands, "::llvm::ArrayRef<bool>":$stacked)>,
    InterfaceMethod<[{The sum over all turns of its one result, where that is one op again. All `operands` are stacked. Of 16-bit floats it may
      come as f32. Null: it is not.}],
      "::mlir::Value", "createSummed", (ins "::graphc::graph::RuleBuilder &":$builder, "::mlir::ValueRange":$operands), "", "return {};">];
}
#endif
