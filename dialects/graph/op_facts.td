// The interfaces through which passes know graph ops: no pass and no stage names an op. Each op pays them all in its own file.
#ifndef GRAPHC_DIALECTS_GRAPH_OP_FACTS_TD
#define GRAPHC_DIALECTS_GRAPH_OP_FACTS_TD
include "mlir/IR/OpBase.td"

def Lowerable : OpInterface<"Lowerable"> {
  let cppNamespace = "::graphc::graph";
  let description = [{How one op becomes linalg on plain tensors (lowering.h): the only lowering a graph op has. The values returned
    replace the results and have their plain types. Contractions are linalg.matmul and batch_matmul, elementwise work is linalg.generic,
    reductions are linalg.generic with constant inits, views are tensor.collapse_shape and expand_shape, all else is graph.loops.}];
  let methods = [InterfaceMethod<"One plain tensor per result.",
      "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>>", "lower", (ins "::graphc::graph::Lowering &":$lowering)>];
}

def Evaluable : OpInterface<"Evaluable"> {
  let cppNamespace = "::graphc::graph";
  let description = [{Slow, obviously right evaluation on the host: the oracle of every test, and the constant folder. Elements are
    int64 or Jet (value, two tangents, second derivative). The results come with their dtypes and shapes, all zeros; who calls rounds
    and wraps them to their dtypes afterwards.}];
  let methods = [InterfaceMethod<"Fills the results. Fails only on what no checked graph contains, and on positions outside a tensor.",
      "::llvm::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<::graphc::graph::HostTensor>":$operands,
           "::llvm::MutableArrayRef<::graphc::graph::HostTensor>":$results)>];
}

def Costed : OpInterface<"Costed"> {
  let cppNamespace = "::graphc::graph";
  let description = [{What one evaluation costs: floating-point operations (a multiply-add counts 2, a transcendental 1).
    Bytes are counted once for all ops: operands read + results written.}];
  let methods = [InterfaceMethod<"Over the named dims; saturates.", "::graphc::graph::Dim", "flops", (ins)>];
}

def Advisable : OpInterface<"Advisable"> {
  let cppNamespace = "::graphc::graph";
  let description = [{What is legal and likely a mistake, seen from one op and what stands before it. Implemented by the ops that have
    something to say; the front end asks each op that it builds and warns the user, who may silence the code ("allow").}];
  let methods = [InterfaceMethod<"", "std::optional<::graphc::graph::Advice>", "advise", (ins)>];
}

def Permutable : OpInterface<"Permutable"> {
  let cppNamespace = "::graphc::graph";
  let description = [{Ops that can do the same with axes in another order, so that a whole network can keep the order that its costly ops
    want (permute_axes.h). Axis i of what is permuted is axis perm[i] of what was there. Owed only by ops that have it.}];
  let methods = [
    InterfaceMethod<"The operands whose axes go along; the others stay as they are. None: not by this perm.",
      "::llvm::SmallVector<unsigned>", "permutedOperands", (ins "::llvm::ArrayRef<int64_t>":$perm)>,
    InterfaceMethod<[{The op on `operands`, of which those have gone along. `resultPerm` becomes the order in which the axes of its one
      result then come.}],
      "::mlir::Operation *", "createPermuted",
      (ins "::mlir::OpBuilder &":$b, "::llvm::ArrayRef<int64_t>":$perm, "::mlir::ValueRange":$operands,
           "::llvm::SmallVectorImpl<int64_t> &":$resultPerm)>,
    InterfaceMethod<"The order it wants for its own sake, even where that costs copies; empty: as it stands.",
      "::llvm::SmallVector<int64_t>", "wantedPerm", (ins), "", "return {};">];
}

def Differentiable : OpInterface<"Differentiable"> {
  let cppNamespace = "::graphc::graph";
  let description = [{Derivative rules of both modes, side by side (derivative_rule.h), written in graph ops only, so that they lower,
    evaluate and differentiate again. Elementwise ops give v times a partial derivative and linear ops their transposes, each once for
    both modes (graph_dialect.td). Called only where a float result depends on a float operand that is derived by.}];
  let methods = [
    InterfaceMethod<"Sets the tangents of the results from those of the operands.",
      "void", "jvp", (ins "::graphc::graph::RuleBuilder &":$builder, "::graphc::graph::JvpState &":$state)>,
    InterfaceMethod<"Sets what the operands that are wanted get from the cotangents of the results.",
      "void", "vjp", (ins "::graphc::graph::RuleBuilder &":$builder, "::graphc::graph::VjpState &":$state)>,
    InterfaceMethod<"Why derivatives end here, as a clause about the op ('gives a position'); empty where they pass.",
      "::llvm::StringRef", "noDerivative", (ins), "", "return {};">];
}
#endif
