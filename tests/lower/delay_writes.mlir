// Writes stand behind the last op that may fail; what reads them in between gets the value.
// RUN: graphc-opt %s --delay-writes --split-input-file | FileCheck %s

kern.parameter @s : tensor<i64> stored tensor<i64> layout "rows" init "constant"(0.0, 0.0)
kern.parameter @t : tensor<i64> stored tensor<i64> layout "rows" init "constant"(0.0, 0.0)
// CHECK-LABEL: func.func @entry(
// CHECK-SAME: %[[A:[^:]*]]: tensor<i64>, %[[B:[^:]*]]: tensor<i64>
// CHECK-NOT: kern.read_parameter @s
// CHECK-NOT: kern.write_parameter
// CHECK: %[[N:.*]] = graph.loops ins(%[[A]] :
// CHECK: graph.loops
// CHECK: } -> tensor<i64>
// CHECK-NEXT: kern.write_parameter @s, %[[B]]
// CHECK-NEXT: kern.write_parameter @t, %[[A]]
// CHECK: kern.write_parameter @t, %[[N]]
func.func @entry(%a: tensor<i64>, %b: tensor<i64>) -> tensor<i64> attributes {graph.entry = 0 : i64} {
  kern.write_parameter @s, %a : tensor<i64>
  %seen = kern.read_parameter @s {state} : tensor<i64>
  %e = tensor.empty() : tensor<i64>
  %n = graph.loops ins(%seen : tensor<i64>) sizes() outs(%e : tensor<i64>) attributes {may_fail} {
  ^bb0(%from: memref<1099511627776xi64>, %to: memref<1099511627776xi64>, %status: memref<1099511627776xi32>):
    graph.end_loops
  } -> tensor<i64>
  kern.write_parameter @s, %b : tensor<i64>
  kern.write_parameter @t, %a : tensor<i64>
  %e2 = tensor.empty() : tensor<i64>
  %m = graph.loops ins(%n : tensor<i64>) sizes() outs(%e2 : tensor<i64>) attributes {may_fail} {
  ^bb0(%from: memref<1099511627776xi64>, %to: memref<1099511627776xi64>, %status: memref<1099511627776xi32>):
    graph.end_loops
  } -> tensor<i64>
  kern.write_parameter @t, %n : tensor<i64>
  return %m : tensor<i64>
}

// -----

// A function that uses the state is called in between: the write must be there before.
kern.parameter @s : tensor<i64> stored tensor<i64> layout "rows" init "constant"(0.0, 0.0)
kern.parameter @t : tensor<i64> stored tensor<i64> layout "rows" init "constant"(0.0, 0.0)
// CHECK-LABEL: func.func @calls(
// CHECK-NEXT: kern.write_parameter @s
// CHECK-NEXT: call @reads
// CHECK-NEXT: kern.write_parameter @t
func.func @calls(%a: tensor<i64>) -> tensor<i64> attributes {graph.entry = 0 : i64} {
  kern.write_parameter @s, %a : tensor<i64>
  kern.write_parameter @t, %a : tensor<i64>
  %n = call @reads() : () -> tensor<i64>
  return %n : tensor<i64>
}
func.func private @reads() -> tensor<i64> {
  %s = kern.read_parameter @s {state} : tensor<i64>
  %e = tensor.empty() : tensor<i64>
  %n = graph.loops ins(%s : tensor<i64>) sizes() outs(%e : tensor<i64>) attributes {may_fail} {
  ^bb0(%from: memref<1099511627776xi64>, %to: memref<1099511627776xi64>, %status: memref<1099511627776xi32>):
    graph.end_loops
  } -> tensor<i64>
  return %n : tensor<i64>
}
