// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v4" | FileCheck %s
// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v2" | FileCheck %s
// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v3 opt-level=0" | FileCheck %s --check-prefix=ZERO
// A whole network: four kernels, outputs in place, nothing allocated or copied, softmax in the output's memory. At -O0 the outputs
// are copied by kernels of their own.

// CHECK-LABEL: llvm.func @predict.body(
// CHECK-SAME: graph.arena_buffers = 2 : i64
// CHECK: llvm.call @k0.contraction(%arg0, %arg3,
// CHECK: llvm.call @k1.contraction(
// CHECK: llvm.call @k2.rows({{.*}}, %arg1, %arg5)
// CHECK: llvm.call @k3.reduction(%arg1, {{.*}}, %arg2, %arg5)
// CHECK-NEXT: llvm.return
// CHECK-NOT: @malloc
// CHECK-NOT: @memrefCopy
// CHECK-NOT: llvm.call @exp
// ZERO-LABEL: llvm.func @predict.body(
// ZERO: llvm.call @{{.*}}.elementwise({{.*}}, %arg1, %arg5)
// ZERO: llvm.call @{{.*}}.elementwise({{.*}}, %arg2, %arg5)
// ZERO-NEXT: llvm.return
module attributes {graph.name = "mlp"} {
  graph.parameter @"h.weight" : tensor<64x128xf32> init "uniform" (-0.17, 0.17)
  graph.parameter @"h.bias" : tensor<128xf32> init "constant" (0.0, 0.0)
  graph.parameter @"o.weight" : tensor<128x10xf32> init "uniform" (-0.17, 0.17)
  graph.parameter @"o.bias" : tensor<10xf32> init "constant" (0.0, 0.0)
  func.func @predict(%x: tensor<36x64xf32> {graph.name = "x"}) -> (tensor<36x10xf32> {graph.name = "p"}, tensor<36xi32> {graph.name = "digit"}) attributes {graph.entry = 0 : i64} {
    %w = graph.read_parameter @"h.weight" : tensor<64x128xf32>
    %b = graph.read_parameter @"h.bias" : tensor<128xf32>
    %v = graph.read_parameter @"o.weight" : tensor<128x10xf32>
    %c = graph.read_parameter @"o.bias" : tensor<10xf32>
    %0 = "graph.matmul"(%x, %w) : (tensor<36x64xf32>, tensor<64x128xf32>) -> tensor<36x128xf32>
    %1 = "graph.add"(%0, %b) : (tensor<36x128xf32>, tensor<128xf32>) -> tensor<36x128xf32>
    %2 = "graph.relu"(%1) : (tensor<36x128xf32>) -> tensor<36x128xf32>
    %3 = "graph.matmul"(%2, %v) : (tensor<36x128xf32>, tensor<128x10xf32>) -> tensor<36x10xf32>
    %4 = "graph.add"(%3, %c) : (tensor<36x10xf32>, tensor<10xf32>) -> tensor<36x10xf32>
    %5 = "graph.softmax"(%4) : (tensor<36x10xf32>) -> tensor<36x10xf32>
    %6 = "graph.argmax"(%5) : (tensor<36x10xf32>) -> tensor<36xi32>
    return %5, %6 : tensor<36x10xf32>, tensor<36xi32>
  }
}
