// specialize-dims: an entry gets a variant per combination of listed sizes, and so do the functions it calls, once per sizes.
// RUN: graphc-opt %s -split-input-file -specialize-dims | FileCheck %s

#x = #graph.shape<()[s0] -> (s0, 4), <"B", 1, 64, 1>>
#twice = #graph.shape<()[s0] -> (s0 * 2, 4), <"B", 1, 64, 1>>
#flat = #graph.shape<()[s0] -> (s0 * 4), <"B", 1, 64, 1>>
#n = #graph.shape<()[s0] -> (s0, 4), <"N", 1, 128, 1>>

// Types, attributes and demands; the entry itself keeps its name and its dim. Callees: by the operands' sizes.
// CHECK-LABEL: func.func @f(%{{.*}}: tensor<?x4xf32, #{{.*}}>) -> {{.*}} attributes {graph.entry = 0 : i64, graph.requires = {{.*}}} {
// CHECK: graph.call @g(
// CHECK-LABEL: func.func @"f[B=8]"(%{{.*}}: tensor<8x4xf32>) -> (tensor<32xf32>, tensor<16x4xf32>)
// CHECK-SAME: attributes {graph.entry = 0 : i64, graph.specialized = {B = 8 : i64}} {
// CHECK: graph.reshape %{{.*}} {shape = #graph.shape<() -> (32)>} : tensor<8x4xf32>
// CHECK: graph.call @"g[N=16]"(%{{.*}}) : (tensor<16x4xf32>) -> tensor<16x4xf32>
// CHECK: graph.call @"g[N=16]"(
// CHECK: graph.call @"g[N=8]"(
// CHECK-LABEL: func.func @"f[B=1]"(%{{.*}}: tensor<1x4xf32>)
// CHECK-LABEL: func.func private @g(
// CHECK: graph.call @h(
// Of B = 8 and of B = 1.
// CHECK-DAG: func.func private @"g[N=16]"(%{{.*}}: tensor<16x4xf32>) -> tensor<16x4xf32>
// CHECK-DAG: func.func private @"g[N=8]"(
// CHECK-DAG: func.func private @"g[N=2]"(
// CHECK-DAG: func.func private @"g[N=1]"(
// A function called by a clone, of a clone's size.
// CHECK-DAG: func.func private @"h[N=16]"(
// CHECK-NOT: "g[N=64]"
module attributes {graph.dims = [#graph.dim<"B", 1, 64, 1>, #graph.dim<"N", 1, 128, 1>], graph.specialize = {B = [8, 1, 64]}} {
  func.func @f(%x: tensor<?x4xf32, #x>) -> (tensor<?xf32, #flat>, tensor<?x4xf32, #twice>)
      attributes {graph.entry = 0 : i64, graph.requires = [{text = "B < 64", relation = "<", left = #graph.shape<()[s0] -> (s0), <"B", 1, 64, 1>>,
                                                            right = #graph.shape<() -> (64)>}]} {
    %0 = graph.reshape %x {shape = #flat} : tensor<?x4xf32, #x>
    %1 = graph.concat %x, %x {axis = 0 : i64} : tensor<?x4xf32, #x>, tensor<?x4xf32, #x>
    %2 = graph.call @g(%1) : (tensor<?x4xf32, #twice>) -> tensor<?x4xf32, #twice>
    %3 = graph.call @g(%2) : (tensor<?x4xf32, #twice>) -> tensor<?x4xf32, #twice>
    %4 = graph.call @g(%x) : (tensor<?x4xf32, #x>) -> tensor<?x4xf32, #x>
    return %0, %3 : tensor<?xf32, #flat>, tensor<?x4xf32, #twice>
  }
  func.func private @g(%x: tensor<?x4xf32, #n>) -> tensor<?x4xf32, #n> {
    %0 = graph.call @h(%x) : (tensor<?x4xf32, #n>) -> tensor<?x4xf32, #n>
    return %0 : tensor<?x4xf32, #n>
  }
  func.func private @h(%x: tensor<?x4xf32, #n>) -> tensor<?x4xf32, #n> {
    %0 = graph.exp %x : tensor<?x4xf32, #n>
    return %0 : tensor<?x4xf32, #n>
  }
}

// -----

// Two dims, the most specific first; a dim that no input carries; an entry without such dims stays alone.
#b = #graph.shape<()[s0] -> (s0), <"B", 1, 64, 1>>
#t = #graph.shape<()[s0] -> (s0 * 8), <"T", 8, 64, 8>>

// CHECK-LABEL: func.func @f(
// CHECK: func.func @"f[B=2,T=16]"() -> tensor<2x16xf32>
// CHECK-SAME: graph.specialized = {B = 2 : i64, T = 16 : i64}
// CHECK: graph.iota {type = tensor<2xf32>}
// CHECK: func.func @"f[B=3,T=16]"
// CHECK: func.func @"f[B=2]"() -> tensor<2x?xf32, #graph.shape<()[s0] -> (2, s0 * 8), <"T", 8, 64, 8>>>
// CHECK: func.func @"f[B=3]"
// CHECK: func.func @"f[T=16]"
// CHECK-NOT: func.func @"
// CHECK: func.func @alone
// CHECK-NOT: func.func @"
module attributes {graph.dims = [#graph.dim<"B", 1, 64, 1>, #graph.dim<"T", 8, 64, 8>], graph.specialize = {B = [2, 3], T = [16]}} {
  func.func @f() -> tensor<?x?xf32, #graph.shape<()[s0, s1] -> (s0, s1 * 8), <"B", 1, 64, 1>, <"T", 8, 64, 8>>> attributes {graph.entry = 0 : i64} {
    %0 = graph.iota {type = tensor<?xf32, #b>, axis = 0 : i64}
    %1 = graph.iota {type = tensor<?xf32, #t>, axis = 0 : i64}
    %2 = graph.einsum %0, %1 {equation = "b,t->bt"} : tensor<?xf32, #b>, tensor<?xf32, #t>
    return %2 : tensor<?x?xf32, #graph.shape<()[s0, s1] -> (s0, s1 * 8), <"B", 1, 64, 1>, <"T", 8, 64, 8>>>
  }
  func.func @alone(%x: tensor<4xf32>) -> tensor<4xf32> attributes {graph.entry = 1 : i64} {
    return %x : tensor<4xf32>
  }
}
