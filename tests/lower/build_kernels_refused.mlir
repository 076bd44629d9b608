// What no builder can do is refused, never built wrong.
// RUN: graphc-opt %s --split-input-file --verify-diagnostics --clone-levels=levels=x86-64-v4 --build-kernels

// expected-error@+1 {{cannot be built: an output's map is not the identity}}
kern.kernel @transposed "elementwise" [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (b, a)>] {
^bb0(%x: f32):
  kern.yield %x : f32
}

// -----
// expected-error@+1 {{cannot be built: an element type has no vectors in memory}}
kern.kernel @bits "elementwise" [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>] {
^bb0(%x: i1):
  kern.yield %x : i1
}

// -----
// expected-error@+1 {{cannot be built: a map is no projection}}
kern.kernel @shifted "elementwise" [affine_map<(a) -> (a + 1)>, affine_map<(a) -> (a)>] {
^bb0(%x: f32):
  kern.yield %x : f32
}

// -----

// expected-error@+1 {{cannot be built: 'window' needs five numbers per axis}}
kern.kernel @axes "windows" [] attributes {window_rank = 2 : i64, window = array<i64: 3, 1, 1, 0, 0>, inits = [0.0 : f32, 0.0 : f32]} {
^bb0(%sum: f32, %x: f32):
  kern.yield %sum, %sum : f32, f32
}

// -----

// expected-error@+1 {{cannot be built: 'inits' needs two values}}
kern.kernel @outside "windows" [] attributes {window_rank = 1 : i64, window = array<i64: 3, 1, 1, 0, 0>, inits = [0.0 : f32]} {
^bb0(%sum: f32, %x: f32):
  kern.yield %sum, %sum : f32, f32
}

// -----

// expected-error@+1 {{cannot be built: maps and body do not fit}}
kern.kernel @result "windows" [] attributes {window_rank = 1 : i64, window = array<i64: 3, 1, 1, 0, 0>, inits = [0.0 : f32, 0.0 : f32]} {
^bb0(%sum: f32, %x: f32):
  kern.yield %sum : f32
}

// -----

// expected-error@+1 {{cannot be built: its columns have no such parts}}
kern.kernel @parts "contraction" [] attributes {batched = array<i1: false, false>, known = array<i64: 1, 3, 40, 5>, parts = 2 : i64} {
^bb0(%a: f32, %b: f32):
  kern.yield %a : f32
}

// -----

// expected-error@+1 {{cannot be built: no operand is such a row}}
kern.kernel @row "contraction" [] attributes {batched = array<i1: false, false>, known = array<i64: 1, 3, 32, 5>, turn_row = array<i64: 2, 128>} {
^bb0(%a: f32):
  kern.yield %a : f32
}
