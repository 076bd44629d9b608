// size_value: a size as a number.
include "dialects/graph/graph_attributes.td"
include "dialects/graph/graph_dialect.td"

def Graph_SizeValueOp : Graph_Op<"size_value", [Graph_NoDerivative<"is constant">]> {
  let summary = "A size that is known only when called, as a scalar";
  let description = [{
    Made by the front end from dims in formulas (`x / B`, `x * (2*T + 1)`); no node can name it. Floats are rounded.

    Constraints:
    - (C1) `size` is one size
    - (C2) `dtype` is a number
    - (C3) an integer dtype holds every value that callers may give

    ```mlir
    %y = graph.size_value {size = #graph.shape<()[s0] -> (s0 * 2 + 1), <"T", 1, 64, 1>>, dtype = f32}
    ```
  }];
  let arguments = (ins Graph_ShapeAttr:$size, TypeAttr:$dtype);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "attr-dict";
  let role = "dim_as_number";
  let callable = 0;
}
