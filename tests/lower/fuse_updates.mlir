// RUN: graphc-opt %s --fuse-updates --split-input-file | FileCheck %s
// RUN: graphc-opt %s --fuse-updates --form-groups --make-borders --verify-destinations --split-input-file | FileCheck %s --check-prefix=MEMORY
// RUN: graphc-opt %s --fuse-updates --form-groups --make-borders --eliminate-empty-tensors --one-shot-bufferize --canonicalize --cse --canonicalize --plan-arena --verify-no-alloc-no-copy --split-input-file | FileCheck %s --check-prefix=BUFFERS

// Momentum and param are one generic with two results, whose gradient is read once; its run works in the model's memory.
#id = affine_map<(d0) -> (d0)>
kern.parameter @p : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @m : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
// CHECK-LABEL: func.func @step(
// CHECK-DAG: %[[P:.*]] = kern.read_parameter @p
// CHECK-DAG: %[[M:.*]] = kern.read_parameter @m
// CHECK: %[[BOTH:.*]]:2 = linalg.generic {{.*}} ins(%[[M]], %{{.*}}, %[[P]] :
// CHECK-DAG: kern.write_parameter @m, %[[BOTH]]#0
// CHECK-DAG: kern.write_parameter @p, %[[BOTH]]#1
// MEMORY-LABEL: func.func @step.body(
// MEMORY: kern.run @k0.elementwise ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<5xf32>, tensor<5xf32>, tensor<5xf32>, index) outs(%{{.*}}, %{{.*}} : memref<5xf32>, memref<5xf32>)
// MEMORY-NOT: kern.run
// BUFFERS-LABEL: func.func @step.body(
// BUFFERS-SAME: graph.arena_bytes = 0
func.func @step(%g: tensor<5xf32>) attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<5xf32>
  %m = kern.read_parameter @m {state} : tensor<5xf32>
  %e = tensor.empty() : tensor<5xf32>
  %m2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%m, %g : tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<5xf32>
  kern.write_parameter @m, %m2 : tensor<5xf32>
  %p2 = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]} ins(%p, %m2, %g : tensor<5xf32>, tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %s = arith.mulf %b, %c : f32
    %d = arith.subf %a, %s : f32
    linalg.yield %d : f32
  } -> tensor<5xf32>
  kern.write_parameter @p, %p2 : tensor<5xf32>
  return
}

// -----

// What is also read elsewhere stays a value of its own, and its write a copy; so does a state that is read again between
// its write and its consumer.
#id = affine_map<(d0) -> (d0)>
kern.parameter @p : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @m : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
// CHECK-LABEL: func.func @read_again(
// CHECK-COUNT-2: linalg.generic
// MEMORY-LABEL: func.func @read_again.body(
// MEMORY: kern.run @[[COPY:[^ ]*]] ins(%{{.*}} : memref<5xf32>, index) outs(%{{.*}} : tensor<5xf32>)
// MEMORY: kern.run @{{.*}} -> tensor<5xf32>
// MEMORY: kern.run @[[COPY]] ins(%{{.*}} : tensor<5xf32>, index) outs(%{{.*}} : memref<5xf32>)
// MEMORY: kern.run @[[COPY]] ins(%{{.*}} : memref<5xf32>, index) outs(%{{.*}} : tensor<5xf32>)
// MEMORY: kern.run @{{.*}} outs(%{{.*}} : memref<5xf32>)
func.func @read_again(%g: tensor<5xf32>) -> tensor<5xf32> attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<5xf32>
  %m = kern.read_parameter @m {state} : tensor<5xf32>
  %e = tensor.empty() : tensor<5xf32>
  %m2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%m, %g : tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<5xf32>
  kern.write_parameter @m, %m2 : tensor<5xf32>
  %m3 = kern.read_parameter @m {state} : tensor<5xf32>
  %p2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%p, %m2 : tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.subf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<5xf32>
  kern.write_parameter @p, %p2 : tensor<5xf32>
  return %m3 : tensor<5xf32>
}

// -----

// A step that is made or not: momentum is chosen between old and new for the model and read as it is by the param. All of it is one generic,
// which reads each state once; what is only read in between is no result.
#id = affine_map<(d0) -> (d0)>
#scalar = affine_map<(d0) -> ()>
kern.parameter @p : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @m : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
// CHECK-LABEL: func.func @chosen(
// CHECK-DAG: %[[P:.*]] = kern.read_parameter @p
// CHECK-DAG: %[[M:.*]] = kern.read_parameter @m
// CHECK: %[[BOTH:.*]]:2 = linalg.generic {{.*}} ins(%[[M]], %{{.*}}, %{{.*}}, %[[P]] : tensor<5xf32>, tensor<5xf32>, tensor<f32>, tensor<5xf32>)
// CHECK-NOT: linalg.generic
// CHECK-DAG: kern.write_parameter @m, %[[BOTH]]#0
// CHECK-DAG: kern.write_parameter @p, %[[BOTH]]#1
// MEMORY-LABEL: func.func @chosen.body(
// MEMORY: kern.run @k0.elementwise ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<5xf32>, {{.*}}) outs(%{{.*}}, %{{.*}} : memref<5xf32>, memref<5xf32>)
// MEMORY-NOT: kern.run
func.func @chosen(%g: tensor<5xf32>, %c: tensor<f32>) attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<5xf32>
  %m = kern.read_parameter @m {state} : tensor<5xf32>
  %e = tensor.empty() : tensor<5xf32>
  %m2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%m, %g : tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<5xf32>
  %m3 = linalg.generic {indexing_maps = [#scalar, #id, #id, #id], iterator_types = ["parallel"]} ins(%c, %m2, %m : tensor<f32>, tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%w: f32, %a: f32, %b: f32, %o: f32):
    %k = arith.cmpf ogt, %w, %a : f32
    %s = arith.select %k, %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<5xf32>
  kern.write_parameter @m, %m3 : tensor<5xf32>
  %p2 = linalg.generic {indexing_maps = [#scalar, #id, #id, #id, #id], iterator_types = ["parallel"]} ins(%c, %p, %m2, %g : tensor<f32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%w: f32, %a: f32, %b: f32, %d: f32, %o: f32):
    %s = arith.mulf %b, %d : f32
    %t = arith.subf %a, %s : f32
    %k = arith.cmpf ogt, %w, %a : f32
    %u = arith.select %k, %t, %a : f32
    linalg.yield %u : f32
  } -> tensor<5xf32>
  kern.write_parameter @p, %p2 : tensor<5xf32>
  return
}
