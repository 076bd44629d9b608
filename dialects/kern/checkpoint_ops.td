// Loops that go back in bounded memory, between lower-graph-ops and lower-groups. A file of its own, because few need it.
#ifndef GRAPHC_DIALECTS_KERN_CHECKPOINT_OPS_TD
#define GRAPHC_DIALECTS_KERN_CHECKPOINT_OPS_TD
include "dialects/kern/kern_dialect.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"

def Kern_ReverseWhileOp : Op<Kern_Dialect, "reverse_while", [AttrSizedOperandSegments]> {
  let summary = "graph.reverse_while on plain tensors; the residuals' types keep their named dims";
  let arguments = (ins FlatSymbolRefAttr:$forward, FlatSymbolRefAttr:$backward, AnyRankedTensor:$turns,
                       Variadic<AnyRankedTensor>:$checkpoints, Variadic<AnyRankedTensor>:$captures, Variadic<AnyRankedTensor>:$inits,
                       Variadic<Index>:$forward_sizes, Variadic<Index>:$backward_sizes, TypeArrayAttr:$residuals, I64Attr:$slots,
                       I64Attr:$tape, UnitAttr:$index);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $forward `(` $forward_sizes `)` $backward `(` $backward_sizes `)` `turns` $turns `checkpoints` `(` $checkpoints `)` `captures` `(` $captures `)`
    `carry` `(` $inits `)` `residuals` $residuals `slots` $slots `tape` $tape attr-dict `:` type($turns) `(` type($checkpoints) `)` `(` type($captures) `)`
    `(` type($inits) `)` `->` `(` type($results) `)`
  }];
}

def Kern_CallRuntimeOp : Op<Kern_Dialect, "call_runtime"> {
  let summary = "A function of the runtime that generated bodies call: a rule, on numbers and words in memory";
  let description = [{
    By the function's name in the runtime; lower-groups declares it.

    ```mlir
    %more = kern.call_runtime "graphc_replay_next"(%replay) : (memref<1099511627776xi64>) -> index
    ```
  }];
  let arguments = (ins StrAttr:$function, Variadic<AnyType>:$operands);
  let results = (outs Optional<Index>:$result);
  let assemblyFormat = "$function `(` $operands `)` attr-dict `:` functional-type($operands, results)";
}
#endif
