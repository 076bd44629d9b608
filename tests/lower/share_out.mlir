// RUN: graphc-opt %s --share-out | FileCheck %s
// A kernel's three functions become code: all at once without a team or where there is one piece, else pieces by the team.
// RUN: not graphc-opt %s --share-out --share-out 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: error: 'llvm.func' op does not fit its part or is not called once

// Entry and kernel hand the team on; what needs none is left alone.
// CHECK: llvm.func @entry(%[[X:arg0]]: !llvm.ptr, %[[N:arg1]]: i64, %[[TEAM:arg2]]: !llvm.ptr)
// CHECK: llvm.call @k(%{{.*}}, %{{.*}}, %{{.*}}, %arg2)
// CHECK: llvm.call @other(%arg0) : (!llvm.ptr) -> ()
// CHECK: llvm.func @k(%arg0: !llvm.ptr, %arg1: i64, %arg2: i64, %arg3: !llvm.ptr)
// CHECK: llvm.call @k.shared({{.*}}, %arg3)

// What a chunk reads: not the 64, which is the same in every call.
// CHECK: llvm.func @k.chunk(%arg0: !llvm.ptr, %arg1: i64, %arg2: i64)
// CHECK: %[[XSLOT:.*]] = llvm.getelementptr %arg0[0]
// CHECK: %[[XIN:.*]] = llvm.load %[[XSLOT]]
// CHECK: %[[N:.*]] = llvm.load
// CHECK: %[[WIDTH:.*]] = llvm.mlir.constant(64 : i64)
// CHECK: %[[UNITS:.*]] = llvm.load
// CHECK: %[[SIZE:.*]] = llvm.mlir.constant(4 : i64)
// CHECK: %[[FROM:.*]] = llvm.mul %arg1, %[[SIZE]]
// CHECK: %[[END:.*]] = llvm.mul %arg2, %[[SIZE]]
// CHECK: %[[TO:.*]] = llvm.intr.smin(%[[END]], %[[UNITS]])
// CHECK: llvm.call @k.part(%[[XIN]], %[[N]], %[[WIDTH]], %[[FROM]], %[[TO]])

// CHECK: llvm.func @k.shared(
// CHECK-SAME: passthrough = ["noinline", "nounwind"]
// CHECK: llvm.cond_br %{{.*}}, ^[[TOGETHER:.*]], ^[[ALONE:.*]]
// CHECK: ^[[ALONE]]:
// CHECK: llvm.call @k.part(
// CHECK: ^[[TOGETHER]]:
// CHECK-COUNT-5: llvm.store
// CHECK: llvm.mlir.addressof @k.chunk
// CHECK: llvm.call %{{.*}}(%{{.*}}) : !llvm.ptr, (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> ()
llvm.func @entry(%x: !llvm.ptr, %n: i64) attributes {graph.entry = 0 : i64} {
  %width = llvm.mlir.constant(64 : i64) : i64
  %seven = llvm.mlir.constant(7 : i64) : i64
  llvm.call @k(%x, %n, %width) : (!llvm.ptr, i64, i64) -> ()
  llvm.call @k(%x, %seven, %width) : (!llvm.ptr, i64, i64) -> ()
  llvm.call @other(%x) : (!llvm.ptr) -> ()
  llvm.return
}
llvm.func @k(%x: !llvm.ptr, %n: i64, %width: i64) {
  %four = llvm.mlir.constant(4 : i64) : i64
  llvm.call @k.shared(%x, %n, %width, %n, %four) : (!llvm.ptr, i64, i64, i64, i64) -> ()
  llvm.return
}
llvm.func @k.shared(!llvm.ptr, i64, i64, i64, i64) attributes {graph.share_out = @k.part}
llvm.func @k.part(%x: !llvm.ptr, %n: i64, %width: i64, %from: i64, %to: i64) {
  llvm.return
}
llvm.func @other(%x: !llvm.ptr) {
  llvm.return
}
