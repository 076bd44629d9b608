// RUN: graphc-opt %s --verify-no-alloc-no-copy --split-input-file --verify-diagnostics

func.func @alloc() {
  // expected-error @below {{an entry must not allocate or copy}}
  %a = memref.alloc() : memref<4xf32>
  return
}

// -----

func.func @copy(%a: memref<4xf32>, %b: memref<4xf32>) {
  // expected-error @below {{an entry must not allocate or copy}}
  memref.copy %a, %b : memref<4xf32> to memref<4xf32>
  return
}
