// The way back of a loop that kept checkpoints (reverse_while.h): structure, as the other ops of control flow are, but in a file of its own,
// because few need it.
#ifndef GRAPHC_DIALECTS_GRAPH_REVERSE_WHILE_TD
#define GRAPHC_DIALECTS_GRAPH_REVERSE_WHILE_TD
include "dialects/graph/control_op.td"

def Graph_ReverseWhileOp : Graph_ControlOp<"reverse_while", [AttrSizedOperandSegments]> {
  let summary = "The way back through the turns of a loop that kept checkpoints, last turn first";
  let description = [{
    `forward` is one turn of the loop: with `index` the turn's number (i64), carries, captures -> next carries, residuals, of the types
    `residuals`. `backward` takes one back: with `index` the number, the carries before the turn, those after it, the residuals, `inits`, the
    captures -> next values of `inits`. The op's results: what `inits` are after `turns` calls of `backward`. `checkpoints`: those of the loop
    (reverse_while.h); turns are run again from them, `tape` are recorded at once, and `slots` more states are held on the way
    (graphc/checkpoints.h). So it runs in bounded memory, whatever the number of turns.

    ```mlir
    %gx, %ga = graph.reverse_while @f.forward @f.backward turns(%n) checkpoints(%xs) captures(%a) carry(%g, %zero) residuals [tensor<f64>] slots 16 tape 64
        : (tensor<i64>, tensor<48xf64>, tensor<f64>, tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$forward, FlatSymbolRefAttr:$backward, AnyRankedTensor:$turns,
                       Variadic<AnyRankedTensor>:$checkpoints, Variadic<AnyRankedTensor>:$captures, Variadic<AnyRankedTensor>:$inits,
                       TypeArrayAttr:$residuals, I64Attr:$slots, I64Attr:$tape, UnitAttr:$index, UnitAttr:$touches_state);
  let assemblyFormat = [{
    $forward $backward `turns` `(` $turns `)` `checkpoints` `(` $checkpoints `)` `captures` `(` $captures `)` `carry` `(` $inits `)` `residuals`
    $residuals `slots` $slots `tape` $tape attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The loop's carries.
    ::llvm::SmallVector<::mlir::Type> carryTypes();
  }];
}
#endif
