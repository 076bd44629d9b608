// Named dims as attributes: what a type says of sizes that are known only at the call. dim.h has the arithmetic.
#ifndef GRAPHC_DIALECTS_GRAPH_GRAPH_ATTRIBUTES_TD
#define GRAPHC_DIALECTS_GRAPH_GRAPH_ATTRIBUTES_TD
include "dialects/graph/graph_dialect.td"
include "mlir/IR/AttrTypeBase.td"

def Graph_DimAttr : AttrDef<Graph_Dialect, "Dim"> {
  let mnemonic = "dim";
  let summary = "A dim of the file: its name and what callers promise of it";
  let parameters = (ins StringRefParameter<"as the file writes it">:$name, "int64_t":$min, "int64_t":$max, "int64_t":$multipleOf);
  let assemblyFormat = "`<` $name `,` $min `,` $max `,` $multipleOf `>`";
}

def Graph_ShapeAttr : AttrDef<Graph_Dialect, "Shape"> {
  let mnemonic = "shape";
  let summary = "One expression per axis over named dims";
  let description = [{
    The encoding of a tensor type with named dims, and the value of attributes that are shapes. Symbol i of `map` is dims[i] divided by
    its `multipleOf`. Dims are sorted by name, each is used, expressions are simplified: equal shapes are equal attributes.

    ```mlir
    tensor<?x64xf32, #graph.shape<()[s0] -> (s0, 64), <"B", 1, 512, 1>>>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map, OptionalArrayRefParameter<"::graphc::graph::DimAttr">:$dims);
  let assemblyFormat = "`<` $map (`,` $dims^)? `>`";
}
#endif
