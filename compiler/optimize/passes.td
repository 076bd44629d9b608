// The passes of the optimize stage that are our own; canonicalize, cse and symbol-dce are MLIR's.
#ifndef GRAPHC_COMPILER_OPTIMIZE_PASSES_TD
#define GRAPHC_COMPILER_OPTIMIZE_PASSES_TD
include "mlir/Pass/PassBase.td"

def InlineCalls : Pass<"inline-calls", "::mlir::ModuleOp"> {
  let summary = "Replaces a call by the body of its function if that is called once or small";
  let description = [{
    Fusion and the memory plan then work across those functions; the others are compiled once, however often they are called.
    Functions are flattened callee first, each once. Ops keep their own place: the line in the function that
    the user wrote, not the line of the call.

    ```mlir
    %y = graph.call @net(%x) : (tensor<4xf32>) -> tensor<4xf32>   // becomes the ops of @net on %x
    ```
  }];
  let options = [Option<"everything", "everything", "bool", "false", "Inline every call that has the function's types">];
}

def OrderReads : Pass<"order-reads", "::mlir::ModuleOp"> {
  let summary = "Reads params that are written in the middle of a function at their place among the writes";
  let description = [{
    A read that may be used after the param was written becomes one with `state`: it takes the value at its place. Such reads of
    one param between which nothing writes it are one.

    ```mlir
    %w = graph.read_parameter @"net.w" : tensor<4xf32>   // becomes ... @"net.w" {state}, if the function goes on behind a write of net.w
    ```
  }];
}

def ChannelsLast : Pass<"channels-last", "::mlir::func::FuncOp"> {
  let summary = "Keeps images with their channels last from one convolution to the next";
  let description = [{
    Ops that want another order of axes get it (Permutable), with transposes around them; those are then carried through the ops behind
    them, as far as these can go along, so that between convolutions they meet and cancel.

    ```mlir
    %y = graph.conv %x, %w {layout = "nchw"} : ...   // becomes transpose, conv with layout "nhwc", transpose back
    ```
  }];
}

def LiftFromScans : Pass<"lift-from-scans", "::mlir::ModuleOp"> {
  let summary = "Makes small products of sequences' slices for all turns at once, before the loop";
  let description = [{
    Through Stackable. A body that several scans name is copied for the one that changes.

    ```mlir
    %hs = graph.scan @body carry(%h) over(%xs) ...   // with graph.matmul %x, %w in @body: becomes
    %z = graph.matmul %xs, %w : tensor<64x16x256xf32>, tensor<256x1024xf32>
    %hs = graph.scan @body carry(%h) over(%z) ...
    ```
  }];
}

def SumAfterScans : Pass<"sum-after-scans", "::mlir::ModuleOp"> {
  let summary = "Makes the sum over turns of products one product behind the loop";
  let description = [{
    Through Stackable, for carries to which each turn adds; the turns collect what the products are made of.

    ```mlir
    %g = graph.scan @body carry(%zero) over(%h, %d) ...   // with %g + graph.matmul %h, %d {transpose_a = true} in @body: becomes
    %g = graph.matmul %h, %d {transpose_a = true} : tensor<1024x256xf32>, tensor<1024x1024xf32>   // of all turns' rows
    ```
  }];
}

def FoldConstants : Pass<"fold-constants", "::mlir::func::FuncOp"> {
  let summary = "Evaluates ops whose operands are all constants";
  let description = [{
    Through Evaluable, so no op needs code for it. Nothing is folded whose result is over 1 MiB or over 16 times its operands (a
    broadcast constant would only make the library larger), or that takes over 2^24 operations to compute.

    ```mlir
    %c = graph.add %a, %b : tensor<f32>, tensor<f32>   // of constants 1 and 2: becomes graph.constant dense<3.0> : tensor<f32>
    ```
  }];
}

def SpecializeDims : Pass<"specialize-dims", "::mlir::ModuleOp"> {
  let summary = "Clones entries, and the functions they call, for listed sizes of their dims";
  let description = [{
    For every combination of the sizes in the module's graph.specialize, each dim also left open, an entry that depends on those dims
    gets a variant with the numbers in the dims' place. A combination that the entry's graph.requires refuses gets none. Variants
    follow their entry, the most specific first, and carry its graph.entry.

    ```mlir
    func.func @f(%x: tensor<?x4xf32, #graph.shape<...>>) attributes {graph.entry = 0}      // with graph.specialize = {B = [8]}: also
    func.func @"f[B=8]"(%x: tensor<8x4xf32>) attributes {graph.entry = 0, graph.specialized = {B = 8}}
    ```
  }];
}
#endif
