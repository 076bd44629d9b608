// inline-calls: functions that are called once or small disappear, callee first; a cycle is refused, not followed.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics -inline-calls | FileCheck %s

// CHECK-LABEL: func.func @entry
// CHECK-NOT: call
// CHECK-COUNT-4: graph.exp
// CHECK: return
func.func @entry(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = graph.call @twice(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = graph.call @twice(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %b : tensor<4xf32>
}
func.func private @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = graph.call @once(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = graph.call @once(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %b : tensor<4xf32>
}
func.func private @once(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = graph.exp %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @swapped
// CHECK-SAME: (%[[X:.*]]: tensor<f32>, %[[Y:.*]]: tensor<f32>)
// CHECK-NEXT: return %[[Y]], %[[X]]
func.func @swapped(%x: tensor<f32>, %y: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %a, %b = graph.call @swap(%x, %y) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %a, %b : tensor<f32>, tensor<f32>
}
func.func private @swap(%x: tensor<f32>, %y: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  return %y, %x : tensor<f32>, tensor<f32>
}

// -----

func.func @f(%x: tensor<f32>) -> tensor<f32> {
  %y = graph.call @g(%x) : (tensor<f32>) -> tensor<f32>
  return %y : tensor<f32>
}
func.func private @g(%x: tensor<f32>) -> tensor<f32> {
  // expected-error@+1 {{'graph.call' op cannot be inlined: its function calls itself}}
  %y = graph.call @f(%x) : (tensor<f32>) -> tensor<f32>
  return %y : tensor<f32>
}

// -----

// Called twice and not small: it stays, and so do calls with other sizes than the function's. What an entry shares with a caller
// moves out of it; a function that is called once is inlined, whatever its size.
// CHECK-LABEL: func.func @net
// CHECK: graph.call @shared.shared
// CHECK-NEXT: graph.call @large
// CHECK-COUNT-5: graph.exp
// CHECK-NEXT: graph.call @large
// CHECK-LABEL: func.func private @shared.shared
// CHECK-COUNT-5: graph.exp
// CHECK-LABEL: func.func @shared(
// CHECK-NEXT: graph.call @shared.shared(%arg0)
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @large
// CHECK-COUNT-5: graph.exp
// CHECK-NOT: @called_once
func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> attributes {graph.entry = 0 : i64} {
  %s = graph.call @shared(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %a = graph.call @large(%s) : (tensor<4xf32>) -> tensor<4xf32>
  %b = graph.call @called_once(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %c = graph.call @large(%b) : (tensor<4xf32>) -> tensor<4xf32>
  return %c : tensor<4xf32>
}
func.func @shared(%x: tensor<4xf32>) -> tensor<4xf32> attributes {graph.entry = 1 : i64} {
  %0 = graph.exp %x : tensor<4xf32>
  %1 = graph.exp %0 : tensor<4xf32>
  %2 = graph.exp %1 : tensor<4xf32>
  %3 = graph.exp %2 : tensor<4xf32>
  %4 = graph.exp %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}
func.func private @large(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = graph.exp %x : tensor<4xf32>
  %1 = graph.exp %0 : tensor<4xf32>
  %2 = graph.exp %1 : tensor<4xf32>
  %3 = graph.exp %2 : tensor<4xf32>
  %4 = graph.exp %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}
func.func private @called_once(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = graph.exp %x : tensor<4xf32>
  %1 = graph.exp %0 : tensor<4xf32>
  %2 = graph.exp %1 : tensor<4xf32>
  %3 = graph.exp %2 : tensor<4xf32>
  %4 = graph.exp %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

// What control flow names stays, also when a call of it is the last one that is inlined.
// CHECK-LABEL: func.func @chosen
// CHECK: graph.if @yes @no
// CHECK-LABEL: func.func @calls
// CHECK: graph.exp
// CHECK-LABEL: func.func private @yes
// CHECK-LABEL: func.func private @no
func.func @chosen(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %y = graph.if @yes @no(%c, %x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func @calls(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = graph.call @yes(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func private @yes(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = graph.exp %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func private @no(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
