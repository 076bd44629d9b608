// RUN: graphc-opt %s --verify-destinations --split-input-file --verify-diagnostics
// The trap of docs/decisions: bufferization would compile the first function to wrong code without a word.

func.func @restrict_destination_is_read(%a: memref<16xf32>, %b: memref<16xf32>) {
  %t = bufferization.to_tensor %a restrict : memref<16xf32>
  %e = tensor.empty() : tensor<16xf32>
  %r = linalg.exp ins(%t : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  %q = linalg.tanh ins(%t : tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  // expected-error @below {{has a restrict destination that the block reads}}
  bufferization.materialize_in_destination %r in restrict writable %a : (tensor<16xf32>, memref<16xf32>) -> ()
  bufferization.materialize_in_destination %q in restrict writable %b : (tensor<16xf32>, memref<16xf32>) -> ()
  return
}

// -----

func.func @same_bytes_twice(%a: memref<128xi8>) {
  %zero = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %v = memref.view %a[%zero][] : memref<128xi8> to memref<16xf32>
  %w = memref.view %a[%c4][] : memref<128xi8> to memref<16xf32>
  %t = bufferization.to_tensor %v restrict : memref<16xf32>
  // expected-error @below {{reads bytes that another to_tensor reads}}
  %u = bufferization.to_tensor %w restrict : memref<16xf32>
  return
}

// -----

func.func @written_twice(%a: memref<16xf32>, %b: memref<16xf32>) {
  %t = bufferization.to_tensor %a restrict : memref<16xf32>
  bufferization.materialize_in_destination %t in restrict writable %b : (tensor<16xf32>, memref<16xf32>) -> ()
  // expected-error @below {{has a destination that is written twice}}
  bufferization.materialize_in_destination %t in restrict writable %b : (tensor<16xf32>, memref<16xf32>) -> ()
  return
}

// -----

// Neighbours are fine.
func.func @apart(%a: memref<128xi8>, %b: memref<16xf32>) {
  %zero = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %v = memref.view %a[%zero][] : memref<128xi8> to memref<16xf32>
  %w = memref.view %a[%c64][] : memref<128xi8> to memref<16xf32>
  %t = bufferization.to_tensor %v restrict : memref<16xf32>
  %u = bufferization.to_tensor %w restrict : memref<16xf32>
  bufferization.materialize_in_destination %t in restrict writable %b : (tensor<16xf32>, memref<16xf32>) -> ()
  return
}
