// A function that is called more than once stays one: its kernel is the function's body, its arena a buffer of the caller. Code
// stands once, and the values are those of the inlined form, bit for bit.
// RUN: graphc-opt %s --inline-calls --lower-graph-ops --canonicalize --fuse-elementwise --form-groups --canonicalize --make-borders | FileCheck %s
// RUN: graphc-opt %s --inline-calls --lower-to-llvm=level=x86-64-v3 -o %t
// RUN: mlir-translate --mlir-to-llvmir %t | llc -O2 -relocation-model=pic -filetype=obj -o %t.o
// RUN: llvm-nm %t.o | FileCheck %s --check-prefix=SYMBOLS
// RUN: llvm-objdump -dr %t.o | grep -c "R_X86.*block.body" | FileCheck %s --check-prefix=CALLS
// RUN: graphc-opt %s --inline-calls=everything --symbol-dce --lower-to-llvm=level=x86-64-v3 -o %t.inlined
// RUN: not grep block %t.inlined
// RUN: for form in %t %t.inlined; do python3 %S/run_lowered.py net.body f32~35 f32~35 f32:35 f32:35 f32~128 arena < $form > $form.out; done; diff %t.out %t.inlined.out
// RUN: graphc-opt %s --inline-calls --lower-to-llvm="level=x86-64-v3 opt-level=0" | python3 %S/run_lowered.py net.body f32~35 f32~35 f32:35 f32:35 f32~128 arena | diff - %t.out
// SYMBOLS: {{[tT]}} block.body
// SYMBOLS-NOT: block
// CALLS: {{^}}2{{$}}

module {
  graph.parameter @"w" : tensor<7x7xf32> init "constant" (0.5, 0.0)
  graph.parameter @"b" : tensor<7xf32> init "constant" (0.25, 0.0)

  // CHECK-LABEL: func.func @net.body(
  // CHECK-SAME: %arg4: memref<[[PARAMS:[0-9]+]]xi8>
  // CHECK: kern.run @block.body ins({{.*}}, %arg4 : tensor<5x7xf32>, memref<[[PARAMS]]xi8>)
  // CHECK: kern.run @block.body ins({{.*}}, %arg4 : tensor<5x7xf32>, memref<[[PARAMS]]xi8>)
  func.func @net(%x: tensor<5x7xf32>, %z: tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>) attributes {graph.entry = 0 : i64} {
    %a, %b = graph.call @block(%x) : (tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>)
    %c = graph.add %a, %z : tensor<5x7xf32>, tensor<5x7xf32>
    %d, %e = graph.call @block(%c) : (tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>)
    %f = graph.add %b, %e : tensor<5x7xf32>, tensor<5x7xf32>
    return %d, %f : tensor<5x7xf32>, tensor<5x7xf32>
  }
  // CHECK-LABEL: func.func private @block.body(
  // CHECK-SAME: %arg0: memref<5x7xf32> {{.*}}, %arg1: memref<[[PARAMS]]xi8>, %arg2: memref<5x7xf32> {{.*}}, %arg3: memref<5x7xf32> {{.*}}, %arg4: memref<1099511627776xi8>)
  func.func private @block(%x: tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>) {
    %w = graph.read_parameter @"w" : tensor<7x7xf32>
    %b = graph.read_parameter @"b" : tensor<7xf32>
    %0 = graph.matmul %x, %w : tensor<5x7xf32>, tensor<7x7xf32>
    %1 = graph.add %0, %b : tensor<5x7xf32>, tensor<7xf32>
    %2 = graph.softmax %1 : tensor<5x7xf32>
    %3 = graph.matmul %2, %w : tensor<5x7xf32>, tensor<7x7xf32>
    %4 = graph.tanh %3 : tensor<5x7xf32>
    return %4, %2 : tensor<5x7xf32>, tensor<5x7xf32>
  }
}
