// Ops of the graph dialect that are not computations: the model's parameters. Passes may name these (they are structure, like
// func.func); no JSON node can.
#ifndef GRAPHC_DIALECTS_GRAPH_STRUCTURE_TD
#define GRAPHC_DIALECTS_GRAPH_STRUCTURE_TD
include "dialects/graph/graph_dialect.td"
include "mlir/IR/SymbolInterfaces.td"

def Graph_ParameterOp : Op<Graph_Dialect, "parameter", [Symbol]> {
  let summary = "A trained tensor of the model, named by its path";
  let description = [{
    Lives in the model block; every function of the module that reads it sees the same memory. `init` is one of "none",
    "constant" (a), "uniform" (low a, high b), "normal" (standard deviation a), "truncated_normal" (a), "orthogonal", "identity"
    (matrices), "values" (the attribute `values`); fans and named schemes are resolved by the frontend. `state`: entries write it
    (graph.write_parameter) and training does not. `frozen`: training leaves it alone.

    ```mlir
    graph.parameter @"net.h.weight" : tensor<64x128xf32> init "uniform" (-0.17, 0.17)
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$type, StrAttr:$init, F64Attr:$a, F64Attr:$b,
                       OptionalAttr<StrAttr>:$doc, OptionalAttr<ElementsAttr>:$values, UnitAttr:$state, UnitAttr:$frozen);
  let assemblyFormat = "$sym_name `:` $type `init` $init `(` $a `,` $b `)` attr-dict";
  let hasVerifier = 1;
}

def Graph_ReadParameterOp : Op<Graph_Dialect, "read_parameter", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The value of a parameter when the entry was called; of a state, at this place among the writes";
  let arguments = (ins FlatSymbolRefAttr:$parameter, UnitAttr:$state);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$parameter attr-dict `:` type($value)";
}

def Graph_WriteParameterOp : Op<Graph_Dialect, "write_parameter", [MemoryEffects<[MemWrite]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The next value of a state";
  let description = [{
    Reads before it in program order saw the old value, reads after it see this one. The parameter has the attribute `state`.

    ```mlir
    graph.write_parameter @"net.n1.mean", %m : tensor<16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$parameter, AnyRankedTensor:$value);
  let assemblyFormat = "$parameter `,` $value attr-dict `:` type($value)";
}
#endif
