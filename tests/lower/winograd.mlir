// RUN: graphc-opt %s --form-groups --canonicalize | FileCheck %s
// A convolution with constant 3x3 filters is three groups: tiles as factors, which look past the image's border, 36 products, tiles of
// outputs with the epilogue. One whose filters come from the caller is a contraction over the padded image.

#id = affine_map<(n, h, w, f) -> (n, h, w, f)>
#channel = affine_map<(n, h, w, f) -> (f)>

// Rows to save and, read by code, 36 matrices of 2 panels.
// CHECK: kern.parameter @w : tensor<3x3x16x24xf32> stored tensor<36x2x16x16xf32> layout "winograd"
kern.parameter @w : tensor<3x3x16x24xf32> stored tensor<3x3x16x24xf32> layout "rows" init "none"(0.0, 0.0)
// What someone else reads, too, is no filter alone.
// CHECK: kern.parameter @both : tensor<3x3x16x24xf32> stored tensor<3x3x16x24xf32> layout "rows"
kern.parameter @both : tensor<3x3x16x24xf32> stored tensor<3x3x16x24xf32> layout "rows" init "none"(0.0, 0.0)

// CHECK-LABEL: func.func @constant_filters(
// CHECK-SAME: %[[X:[0-9a-z]+]]: tensor<1x12x13x16xf32>, %[[B:[0-9a-z]+]]: tensor<24xf32>
// CHECK-NOT: tensor.pad
// CHECK: %[[V:.*]] = kern.run @[[IN:.*winograd_input]] ins(%[[X]], {{.*}}) outs({{.*}}) -> tensor<36x12x16xf32>
// CHECK: %[[M:.*]] = kern.run @[[PRODUCTS:.*contraction]] ins(%[[V]], %{{.*}} : tensor<36x12x16xf32>, tensor<36x2x16x16xf32>, index, index, index, index) outs({{.*}}) -> tensor<36x12x24xf32>
// CHECK: kern.run @[[OUT:.*winograd_output]] ins(%[[M]], %[[B]], {{.*}}) outs({{.*}}) -> tensor<1x12x13x24xf32>
func.func @constant_filters(%x: tensor<1x12x13x16xf32>, %b: tensor<24xf32>) -> tensor<1x12x13x24xf32> attributes {graph.entry = 0 : i64} {
  %zero = arith.constant 0.0 : f32
  %w = kern.read_parameter @w : tensor<3x3x16x24xf32>
  %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x12x13x16xf32> to tensor<1x14x15x16xf32>
  %e = tensor.empty() : tensor<1x12x13x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x12x13x24xf32>) -> tensor<1x12x13x24xf32>
  %c = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%p, %w : tensor<1x14x15x16xf32>, tensor<3x3x16x24xf32>) outs(%f : tensor<1x12x13x24xf32>) -> tensor<1x12x13x24xf32>
  %y = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%c, %b : tensor<1x12x13x24xf32>, tensor<24xf32>) outs(%e : tensor<1x12x13x24xf32>) {
  ^bb0(%u: f32, %v: f32, %o: f32):
    %s = arith.addf %u, %v : f32
    linalg.yield %s : f32
  } -> tensor<1x12x13x24xf32>
  return %y : tensor<1x12x13x24xf32>
}

// CHECK-LABEL: func.func @filters_of_the_caller
// CHECK-NOT: kern.run @{{.*}}winograd
// CHECK: kern.run @{{.*}}loops
// CHECK: kern.run @{{.*}}contraction
func.func @filters_of_the_caller(%x: tensor<1x12x13x16xf32>, %w: tensor<3x3x16x24xf32>) -> tensor<1x12x13x24xf32> attributes {graph.entry = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x12x13x16xf32> to tensor<1x14x15x16xf32>
  %e = tensor.empty() : tensor<1x12x13x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x12x13x24xf32>) -> tensor<1x12x13x24xf32>
  %c = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%p, %w : tensor<1x14x15x16xf32>, tensor<3x3x16x24xf32>) outs(%f : tensor<1x12x13x24xf32>) -> tensor<1x12x13x24xf32>
  return %c : tensor<1x12x13x24xf32>
}

// CHECK-LABEL: func.func @filters_with_another_reader
// CHECK-NOT: kern.run @{{.*}}winograd
func.func @filters_with_another_reader(%x: tensor<1x14x15x16xf32>) -> (tensor<1x12x13x24xf32>, tensor<3x3x16x24xf32>) attributes {graph.entry = 2 : i64} {
  %zero = arith.constant 0.0 : f32
  %w = kern.read_parameter @both : tensor<3x3x16x24xf32>
  %e = tensor.empty() : tensor<1x12x13x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x12x13x24xf32>) -> tensor<1x12x13x24xf32>
  %c = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x14x15x16xf32>, tensor<3x3x16x24xf32>) outs(%f : tensor<1x12x13x24xf32>) -> tensor<1x12x13x24xf32>
  return %c, %w : tensor<1x12x13x24xf32>, tensor<3x3x16x24xf32>
}
