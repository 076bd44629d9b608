// resize: images of another size, by nearest element, linear or cubic interpolation.
include "dialects/graph/graph_dialect.td"

def Graph_ResizeOp : Graph_Op<"resize", [Graph_Linear]> {
  let summary = "Interpolates along axes, to other sizes";
  let description = [{
    Each axis of `axis` in turn gets the size that `size` says, or its size times `scale`, rounded down. Position j of the new axis
    stands for a coordinate of the old one, with `s` = `scale` or new size / old size:
    `"half_pixel"` `(j + 0.5) / s - 0.5`; `"pytorch_half_pixel"` the same, but 0 if the new size is 1; `"asymmetric"` `j / s`;
    `"align_corners"` `j * (old - 1) / (new - 1)`, 0 if the new size is 1; `"half_pixel_symmetric"` half_pixel, moved so that the centers
    agree where `s` did not divide evenly. `mode` `"nearest"` takes the element there, rounded as `nearest` says
    (`"round_prefer_floor"`, `"round_prefer_ceil"`, `"floor"`, `"ceil"`); `"linear"` weighs 2 and `"cubic"` 4 elements around it (Keys'
    kernel with `cubic_coeff`). Positions outside repeat the border, or with `exclude_outside` get no weight. f16 and bf16 are computed in
    f32 and rounded once.

    Constraints:
    - (C1) `axis` names axes of `x`, each once
    - (C2) either `size` or `scale`, with one entry for each of `axis`, sizes at least 1, scales positive
    - (C3) `mode`, `coordinates` and `nearest` are words of those above
    - (C4) each of these axes of `x` has at least one element
    - (C5) `"linear"` and `"cubic"` need floats
    - (C6) the scale of a named dim is a whole number, or one over a whole number
    - (C7) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.resize %x {axis = array<i64: 1, 2>, scale = array<f64: 2.0, 2.0>, mode = "linear"} : tensor<1x8x8x4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$axis, OptionalAttr<DenseI64ArrayAttr>:$size,
                       OptionalAttr<DenseF64ArrayAttr>:$scale, DefaultValuedAttr<StrAttr, "\"nearest\"">:$mode,
                       DefaultValuedAttr<StrAttr, "\"half_pixel\"">:$coordinates,
                       DefaultValuedAttr<StrAttr, "\"round_prefer_floor\"">:$nearest, DefaultValuedAttr<F64Attr, "-0.75">:$cubic_coeff,
                       DefaultValuedAttr<BoolAttr, "false">:$exclude_outside);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
