// einsum: sums of products over axes named by letters.
include "dialects/graph/graph_dialect.td"

def Graph_EinsumOp : Graph_Op<"einsum", [Graph_Multilinear, Graph_ContractsNarrow]> {
  let summary = "Sum of products of elements, by an equation over axes";
  let description = [{
    In `equation` each operand's axes are letters, operands apart by commas; the letters behind `->` are the axes of the result. y is the
    sum, over all letters that the result does not name, of the products of the operands' elements there. A letter twice in one operand
    takes its diagonal. `...` stands for any further axes, which broadcast among the operands. Without `->` the result has the axes of
    `...`, then the letters that stand once, sorted. f16 and bf16 are computed in f32 and rounded once; integers wrap.

    Constraints:
    - (C1) `equation` has one part for each operand and a letter for each axis, made of letters, spaces and one `...`
    - (C2) the result names letters of the operands, each once
    - (C3) all axes of one letter have one size; those of `...` broadcast
    - (C4) the operands have one dtype, a number
    - (C5) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.einsum %a, %b {equation = "bij,bjk->bik"} : tensor<2x3x4xf32>, tensor<2x4x5xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$operands, StrAttr:$equation);
  let results = (outs AnyRankedTensor:$y);
  let extraClassDeclaration = [{
    ::llvm::StringRef noDerivative();
  }];
  let assemblyFormat = "$operands attr-dict `:` type($operands)";
}
