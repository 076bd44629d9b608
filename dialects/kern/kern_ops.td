// kern: fused groups. A group is one destination-style op, kern.run, from fusion until its kernel is called; what the kernel computes
// is one kern.kernel, a specification that a builder (compiler/lower/kernels) turns into vector code once per ISA level. Kernels take
// sizes as index operands at run time, so equal specifications are one kernel, whatever the shapes.
#ifndef GRAPHC_DIALECTS_KERN_KERN_OPS_TD
#define GRAPHC_DIALECTS_KERN_KERN_OPS_TD
include "dialects/kern/kern_dialect.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kern_RunOp : Op<Kern_Dialect, "run", [AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "One fused group: runs a kernel from its ins into its outs";
  let description = [{
    Tensors before bufferization (results replace outs), memrefs after it (no results). `ins` are the kernel's buffers and then its
    sizes (index). Every buffer is dense and row-major; after place-parts it may begin inside another. `reads_outs`: the kernel also
    reads its outs.
    `inplace`: flat pairs i, j: ins[i] may be the same memory as outs[j]. The attribute kern.touches_state: it runs a function that
    reads or writes state of the model, so it stays even where nothing reads its results, and in its place.

    ```mlir
    %y = kern.run @k0 ins(%x, %w, %b, %g, %m, %n, %k : tensor<36x64xf32>, tensor<8x64x16xf32>, tensor<128xf32>, index, index, index, index)
           outs(%e : tensor<36x128xf32>) -> tensor<36x128xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyType>:$ins, Variadic<AnyType>:$outs, UnitAttr:$reads_outs,
                       OptionalAttr<DenseI64ArrayAttr>:$inplace);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{
    $kernel `ins` `(` ($ins^ `:` type($ins))? `)` `outs` `(` ($outs^ `:` type($outs))? `)` attr-dict (`->` type($results)^)?
  }];
  let builders = [OpBuilder<(ins "::mlir::FlatSymbolRefAttr":$kernel, "::mlir::ValueRange":$ins, "::mlir::ValueRange":$outs), [{
    build($_builder, $_state, ::mlir::TypeRange(), kernel, ins, outs, ::mlir::UnitAttr(), ::mlir::DenseI64ArrayAttr());
  }]>]; // on memory, nothing in place
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }
    /// What `inplace` says: positions of an in and an out.
    ::llvm::SmallVector<std::pair<unsigned, unsigned>> inplacePairs();
  }];
  let hasVerifier = 1;
}

// Control flow between lower-graph-ops and make-borders, where it becomes loops over memory (control_borders.cpp). Each op stands alone
// in a function of its own and calls functions that were lowered before it: `...sizes` are what these take for their dims.
def Kern_IfOp : Op<Kern_Dialect, "if", [AttrSizedOperandSegments]> {
  let summary = "graph.if on plain tensors";
  let arguments = (ins FlatSymbolRefAttr:$then_function, FlatSymbolRefAttr:$else_function, AnyRankedTensor:$condition,
                       Variadic<AnyRankedTensor>:$captures, Variadic<Index>:$then_sizes, Variadic<Index>:$else_sizes);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $then_function `(` $then_sizes `)` $else_function `(` $else_sizes `)` `on` $condition `captures` `(` $captures `)` attr-dict `:`
    type($condition) `(` type($captures) `)` `->` `(` type($results) `)`
  }];
}
def Kern_WhileOp : Op<Kern_Dialect, "while", [AttrSizedOperandSegments]> {
  let summary = "graph.while on plain tensors; with kern.checkpoints (checkpoint_ops.h) it keeps those";
  let arguments = (ins FlatSymbolRefAttr:$condition, FlatSymbolRefAttr:$body, Variadic<AnyRankedTensor>:$inits,
                       Variadic<AnyRankedTensor>:$captures, Optional<Index>:$limit, Variadic<Index>:$condition_sizes,
                       Variadic<Index>:$body_sizes, UnitAttr:$stop, UnitAttr:$index);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $condition `(` $condition_sizes `)` $body `(` $body_sizes `)` `carry` `(` $inits `)` `captures` `(` $captures `)` (`limit` $limit^)?
    attr-dict `:` `(` type($inits) `)` `(` type($captures) `)` `->` `(` type($results) `)`
  }];
  let extraClassDeclaration = [{
    /// More turns than `limit` are a failure of the call, not just the last.
    bool failsAtLimit() { return getLimit() && !getStop(); }
  }];
}
def Kern_ScanOp : Op<Kern_Dialect, "scan", [AttrSizedOperandSegments]> {
  let summary = "graph.scan on plain tensors";
  let arguments = (ins FlatSymbolRefAttr:$body, Variadic<AnyRankedTensor>:$inits, Variadic<AnyRankedTensor>:$over,
                       Variadic<AnyRankedTensor>:$captures, Optional<AnyRankedTensor>:$count, Index:$length,
                       Variadic<Index>:$body_sizes, UnitAttr:$reverse, UnitAttr:$index);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $body `(` $body_sizes `)` `length` $length `carry` `(` $inits `)` `over` `(` $over `)` `captures` `(` $captures `)`
    (`count` $count^ `:` type($count))? attr-dict `:` `(` type($inits) `)` `(` type($over) `)` `(` type($captures) `)` `->` `(` type($results) `)`
  }];
}

// Memory whose place is kept as a number while other frames of a recursion run (recursion_machine.h).
def Kern_AddressOfOp : Op<Kern_Dialect, "address_of", [Pure]> {
  let summary = "Where a buffer begins: dense, with offset 0";
  let arguments = (ins AnyMemRef:$buffer);
  let results = (outs Index:$address);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer)";
}
def Kern_BufferAtOp : Op<Kern_Dialect, "buffer_at", [Pure]> {
  let summary = "The buffer that begins there; its type is static";
  let arguments = (ins Index:$address);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$address attr-dict `:` type($buffer)";
}

def Kern_KernelOp : Op<Kern_Dialect, "kernel", [Symbol, IsolatedFromAbove]> {
  let summary = "What a kernel computes: a builder and a scalar body";
  let description = [{
    The body works on scalars with arith and math ops; the builder repeats it on vectors. Operands of kern.run, in order, per builder
    (all sizes are `index`; maps are projections of the loop dims, a constant 0 where a size-1 dim is stretched):

    - "elementwise": ins x0..xk-1, sizes d0..dr-1; outs y0.. . maps: one per in, then one per out (identity), over d0..dr-1.
      Body: (one scalar per in) -> one scalar per out. r = 0 is a single element.
    - "contraction": ins A, B, e0..ek-1, sizes G, M, N, K; outs C... C[g,m,n] = body(sum_k A[g,m,k] B[g,k,n], e...). A is
      [G?][M][K] rows, B is [G?][ceil(N/16)][ceil(K/q)][16][q] panels of q = 4 / bytes of an `element` (f32 if none is said, bf16, i8);
      the sums are f32, of i8 i32; `batched` = [a, b] says whether A and B have the G dim. maps: one per e
      over (g, m, n). Body: (acc, one scalar per e) -> one scalar per C. K = 0 gives body(0, e...). `transposed`: A is [G?][K][M], of f32.
      `parts` = P, of f32: a row of sums is P parts of N / P columns, whole panels; the body takes one acc per part, the maps and C see
      N / P columns. `turn_row` = [i, bytes]: operand i is a row of so many bytes of a sequence that a loop goes along, row by row.
      An e in panels has the map (g, m, n) -> (n floordiv 16, m, n mod 16); one map more per C, all that one: they lie so, too. Then G is 1.
      `window_rank` = r: A is an image whose windows are the rows; then these sizes follow: r - 1 outer output sizes (g counts through
      them, the batch outermost), r outer strides (the batch's, then theirs), the stride from row to row, r kernel sizes, r kernel strides
      and the run, the number of consecutive elements per kernel position, a multiple of q: K = product of the kernel sizes * run. Strides in elements.
      `known`: the sizes that are the same number in every call (others: the sign of a dynamic size), from the first on.
    - "rows": ins x0.., sizes d0..dr-1; outs y0... maps: one per in, then one per out, their dims in increasing order; `reduced` = [the dim
      along which rows lie]. Body: (one scalar per in) -> one scalar per out, once per element; what depends on no element along the
      reduced dim exists once per row. kern.fold goes over a row. An out whose map lacks the reduced dim is one scalar per row.
    - "windows": ins image, filter?, e0..ek-1, sizes N, out..., C, in...; outs y. Per channel the body's first value is folded over the
      window at each output: the image is [N][in...][C], the filter [kernel...][C]. `window_rank` = r; `window`: r kernel sizes, strides,
      dilations, paddings in front of the image and the most that windows reach behind it; `inits`: the fold's first value and what stands
      outside the image. maps: one per e over (g, m, n) = (N and all outputs but the last, the last, C).
      Body: (fold, element, filter's element?, one scalar per e) -> (next fold, result; the result reads fold and e alone). `known`.
    - "winograd_input": ins image [N][H][W][C], sizes N, H, W, C, OH, OW; outs V [36][T][C], T = N ceil(OH/4) ceil(OW/4): B^T d B of F(4x4, 3x3) for
      each tile's 6x6 elements d. `window`: the zeros above the image and left of it; what else lies outside is zero, too. `known`. No body.
    - "winograd_output": ins M [36][T][F], e0..ek-1, sizes N, OH, OW, F; outs y [N][OH][OW][F] = body(A^T M A, e...). maps: one per e over (g, m, n) =
      (N and OH, OW, F). Body as of a contraction. `known`.
    - "reduction": ins x0.., sizes d0..dr-1; outs: the accumulators in `stored`. maps: one per in, then one per stored out;
      `reduced` = the dims reduced; `inits`: one typed constant per accumulator. Body: (one scalar per in, accumulators, one index
      per dim) -> accumulators. In order of increasing index.
    - "pack_panels": ins B, sizes G, K, N; outs P: row-major [G][K][N] of `element` to panels as a contraction reads them, columns past N
      and k past K zero. `transposed`: B, of f32, is [G][N][K], or with one map, as above, in panels itself. No body.
    - "loops": operands as its body takes them (graph.loops): flat buffers in, sizes, flat buffers out and, with `may_fail`, the status
      cell, a memref among the outs. Body: the function itself, scf and memref code, ended by kern.yield of nothing. No maps.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$builder, AffineMapArrayAttr:$maps,
                       OptionalAttr<TypeAttr>:$element, OptionalAttr<DenseBoolArrayAttr>:$batched, UnitAttr:$transposed, UnitAttr:$may_fail,
                       OptionalAttr<I64Attr>:$parts, OptionalAttr<DenseI64ArrayAttr>:$turn_row,
                       OptionalAttr<DenseI64ArrayAttr>:$known, OptionalAttr<I64Attr>:$window_rank,
                       OptionalAttr<DenseI64ArrayAttr>:$window,
                       OptionalAttr<DenseI64ArrayAttr>:$reduced, OptionalAttr<DenseI64ArrayAttr>:$stored,
                       OptionalAttr<ArrayAttr>:$inits);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = "$sym_name $builder $maps attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Kern_FoldOp : Op<Kern_Dialect, "fold", [Pure, HasParent<"KernelOp">, IsolatedFromAbove, SingleBlock]> {
  let summary = "A row's elements as one, in a body of the builder \"rows\"";
  let description = [{
    Body: (accumulator, element) -> accumulator, from `init` on. Its order does not count (reduction_combine.h), and `init` may be taken
    more than once.
  }];
  let arguments = (ins AnyType:$element, TypedAttrInterface:$init);
  let results = (outs AnyType:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$element `from` $init $body attr-dict `:` type($element)  `->` type($result)";
  let hasVerifier = 1;
}

def Kern_YieldOp : Op<Kern_Dialect, "yield", [Pure, Terminator, ReturnLike, ParentOneOf<["KernelOp", "FoldOp"]>]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Kern_ParameterOp : Op<Kern_Dialect, "parameter", [Symbol]> {
  let summary = "A parameter with the layout its readers want";
  let description = [{ `type` is the logical tensor (graph.parameter), `stored` the packed one; layout "rows", "panels" or "winograd". Offset and
    bytes are planned when the params block is laid out. }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type, TypeAttr:$stored, StrAttr:$layout, StrAttr:$init, F64Attr:$a,
                       F64Attr:$b, OptionalAttr<StrAttr>:$doc, OptionalAttr<ElementsAttr>:$values);
  let assemblyFormat = "$sym_name `:` $type `stored` $stored `layout` $layout `init` $init `(` $a `,` $b `)` attr-dict";
}

def Kern_ReadParameterOp : Op<Kern_Dialect, "read_parameter", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "A parameter's value in its stored layout (or, before fusion, its logical one); of a state, its value at this place";
  let arguments = (ins FlatSymbolRefAttr:$parameter, UnitAttr:$state);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$parameter attr-dict `:` type($value)";
}

def Kern_WriteParameterOp : Op<Kern_Dialect, "write_parameter", [MemoryEffects<[MemWrite]>]> {
  let summary = "The next value of a state (graph.write_parameter), which lies in the model block as rows";
  let arguments = (ins FlatSymbolRefAttr:$parameter, AnyRankedTensor:$value);
  let assemblyFormat = "$parameter `,` $value attr-dict `:` type($value)";
}
#endif
