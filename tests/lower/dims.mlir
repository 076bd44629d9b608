// Named dims: one body for all their values, bit for bit what a body made for the numbers gives, at -O0 too (the oracle of the
// bufferization trap). The arena has exactly the bytes that net.body.arena_bytes asks for, and an unreadable page behind it.
// RUN: python3 %S/dims.py | graphc-opt --lower-to-llvm="level=x86-64-v3" -o %t.2
// RUN: python3 %S/dims.py | graphc-opt --lower-to-llvm="level=x86-64-v3 opt-level=0" -o %t.0
// RUN: FileCheck %s < %t.2
// DEFINE: %{b} = 0
// DEFINE: %{t} = 1
// DEFINE: %{e} = 8
// DEFINE: %{sizes} = f32~$((%{b}*%{t}*%{e})) f32~$((%{e}*7)) f32~%{t} f32:$((%{b}*%{t}*7)) i32:$((%{b}*%{t})) f32:$((%{b}*%{t}*%{e})) params:0 arena
// DEFINE: %{compare} = python3 %S/dims.py %{b} %{t} %{e} | graphc-opt --lower-to-llvm="level=x86-64-v3" | python3 %S/run_lowered.py net.body %{sizes} > %t.out && \
// DEFINE:   for o in 2 0; do python3 %S/run_lowered.py net.body %{sizes} dim:%{b} dim:%{t} dim:%{e} < %t.$o > %t.out.$o; diff %t.out %t.out.$o || exit 1; done
// RUN: %{compare}
// REDEFINE: %{b} = 1
// RUN: %{compare}
// REDEFINE: %{b} = 7
// REDEFINE: %{t} = 13
// REDEFINE: %{e} = 24
// RUN: %{compare}
// REDEFINE: %{b} = 64
// REDEFINE: %{t} = 16
// REDEFINE: %{e} = 64
// RUN: %{compare}

// Inputs, outputs, params, arena, then the dims in their order, the team.
// CHECK: llvm.func @net.body(%arg0: !llvm.ptr {{.*}}, %arg7: !llvm.ptr, %arg8: i64, %arg9: i64, %arg10: i64, %arg11: !llvm.ptr)
// CHECK: llvm.func @net.body.arena_bytes(%arg0: i64, %arg1: i64, %arg2: i64) -> i64
