// quantize and dequantize: between floats and the small integers that stand for them.
include "dialects/graph/graph_dialect.td"

def Graph_QuantizeOp : Graph_Op<"quantize", [Graph_NoDerivative<"gives integers">]> {
  let summary = "Floats as small integers: x / scale, rounded, from zero on";
  let description = [{
    `y = saturate(round(x / scale) + zero)`: halves round to even, what lies outside `dtype` becomes its least or largest number, NaN
    becomes `zero`. Without `zero` it is 0. `scale` and `zero` are scalars, or with `axis` vectors with one element for each place of
    that axis.

    Constraints:
    - (C1) the dtype of `x` is a float
    - (C2) `scale` has the dtype of `x`
    - (C3) `dtype` is i8, i16, u8 or u16
    - (C4) `zero` has the dtype `dtype`
    - (C5) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C6) `scale` and `zero` are scalars without `axis`, and vectors of the size of that axis with it

    ```mlir
    %y = graph.quantize %x, %scale {dtype = i8} : tensor<4x8xf32>, tensor<f32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$scale, Optional<AnyRankedTensor>:$zero, TypeAttr:$dtype,
                       OptionalAttr<I64Attr>:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $scale (`,` $zero^)? attr-dict `:` type($x) `,` type($scale) (`,` type($zero)^)?";
}

def Graph_DequantizeOp : Graph_Op<"dequantize", [Graph_Linear]> {
  let summary = "Small integers as the floats they stand for: (x - zero) * scale";
  let description = [{
    `y = (x - zero) * scale`, of the dtype of `scale` unless `dtype` says another. Without `zero` it is 0. `scale` and `zero` are
    scalars, or with `axis` vectors with one element for each place of that axis.

    Constraints:
    - (C1) the dtype of `x` is i8, i16, i32, u8 or u16
    - (C2) the dtype of `scale` is a float
    - (C3) `dtype` is a float
    - (C4) `zero` has the dtype of `x`
    - (C5) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C6) `scale` and `zero` are scalars without `axis`, and vectors of the size of that axis with it

    ```mlir
    %y = graph.dequantize %x, %scale, %zero : tensor<4x8xi8>, tensor<f32>, tensor<i8>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$scale, Optional<AnyRankedTensor>:$zero, OptionalAttr<TypeAttr>:$dtype,
                       OptionalAttr<I64Attr>:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $scale (`,` $zero^)? attr-dict `:` type($x) `,` type($scale) (`,` type($zero)^)?";
}
