// Ops of the graph dialect that are structure, like func.func, so that passes may name them: the model's parameters, calls, control
// flow, and graph.loops, in which ops' lowerings write what is no linalg.
#ifndef GRAPHC_DIALECTS_GRAPH_STRUCTURE_TD
#define GRAPHC_DIALECTS_GRAPH_STRUCTURE_TD
include "dialects/graph/calling.td"
include "dialects/graph/control_op.td"
include "dialects/graph/graph_attributes.td"
include "dialects/graph/graph_dialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Graph_ParameterOp : Op<Graph_Dialect, "parameter", [Symbol]> {
  let summary = "A trained tensor of the model, named by its path";
  let description = [{
    Lives in the model block; every function of the module that reads it sees the same memory. `init` is one of "none",
    "constant" (a), "uniform" (low a, high b), "normal" (standard deviation a), "truncated_normal" (a), "orthogonal", "identity"
    (matrices), "values" (the attribute `values`), "seed" and "calls" (i64 scalars, the state of random numbers); fans and named schemes are resolved by the frontend. `state`: entries write it
    (graph.write_parameter) and training does not. `frozen`: training leaves it alone.

    ```mlir
    graph.parameter @"net.h.weight" : tensor<64x128xf32> init "uniform" (-0.17, 0.17)
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$type, StrAttr:$init, F64Attr:$a, F64Attr:$b,
                       OptionalAttr<StrAttr>:$doc, OptionalAttr<ElementsAttr>:$values, UnitAttr:$state, UnitAttr:$frozen);
  let assemblyFormat = "$sym_name `:` $type `init` $init `(` $a `,` $b `)` attr-dict";
  let hasVerifier = 1;
}

def Graph_ReadParameterOp : Op<Graph_Dialect, "read_parameter", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The value of a parameter when the entry was called; with `state`, at this place among the writes";
  let description = [{
    States are read so, and params that the entry reads again after it has written them (order-reads).
  }];
  let arguments = (ins FlatSymbolRefAttr:$parameter, UnitAttr:$state);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$parameter attr-dict `:` type($value)";
}

def Graph_WriteParameterOp : Op<Graph_Dialect, "write_parameter", [MemoryEffects<[MemWrite]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The next value of a state, or of a param that is trained";
  let description = [{
    Reads before it in program order saw the old value, reads after it see this one.

    ```mlir
    graph.write_parameter @"net.n1.mean", %m : tensor<16xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$parameter, AnyRankedTensor:$value);
  let assemblyFormat = "$parameter `,` $value attr-dict `:` type($value)";
}

def Graph_UnwrittenOp : Op<Graph_Dialect, "unwritten"> {
  let summary = "A tensor of which nothing is written yet";
  let description = [{
    Who reads an element before it is written gets anything (the reference evaluation: NaN). Each is one of its own, so that
    what begins with it can be made in place: the tape of a recursion.

    ```mlir
    %tape = graph.unwritten : tensor<255x150xf32>
    ```
  }];
  let results = (outs Res<AnyRankedTensor, "", [MemAlloc]>:$value);
  let assemblyFormat = "attr-dict `:` type($value)";
}

def Graph_CallOp : Op<Graph_Dialect, "call", [DeclareOpInterfaceMethods<SymbolUserOpInterface>, DeclareOpInterfaceMethods<Calling>]> {
  let summary = "A call of a function of the graph";
  let description = [{
    The callee's dims are bound by the operands' sizes (call_dims.h); the results' types are the callee's with those sizes.

    ```mlir
    %y = graph.call @net(%x) : (tensor<8x64xf32>) -> tensor<8x10xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyRankedTensor>:$operands);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = "$callee `(` $operands `)` attr-dict `:` functional-type($operands, $results)";
}

def Graph_DerivativeOp : Op<Graph_Dialect, "derivative", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<Calling>]> {
  let summary = "A derivative of a function of the graph, at a point; the autodiff stage puts calls in its place";
  let description = [{
    `kind` "vjp": the operands are those of the function, then a cotangent for each result that `of` names (by position); the results are
    the function's, then a gradient for each operand in `wrt`, then one for each parameter in `params` (by path).
    `kind` "jvp": behind the function's operands a tangent for each in `wrt`, then for each of `params`; the results are the function's,
    then a tangent for each result in `of`.
    `kind` "jacobian": no further operands; behind the function's results, for each of `of`, one tensor for each of `wrt`, then of `params`:
    the axes of the result, then those of the operand.
    Gradients and tangents are of floats and have the types of what they belong to.

    ```mlir
    %y, %dx = graph.derivative "vjp" @net(%x, %ct) wrt [0] of [0] params [] : (tensor<8xf32>, tensor<f32>) -> (tensor<f32>, tensor<8xf32>)
    ```
  }];
  let arguments = (ins StrAttr:$kind, FlatSymbolRefAttr:$callee, Variadic<AnyRankedTensor>:$operands, DenseI64ArrayAttr:$wrt,
                       DenseI64ArrayAttr:$of, StrArrayAttr:$params);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kind $callee `(` $operands `)` `wrt` $wrt `of` $of `params` $params attr-dict `:` functional-type($operands, $results)
  }];
}

def Graph_IfOp : Graph_ControlOp<"if"> {
  let summary = "One of two functions, by a condition";
  let description = [{
    Both take the captures and give the op's results; the one that is not chosen does not run.

    ```mlir
    %y = graph.if @f.then @f.else(%c, %x) : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$then_function, FlatSymbolRefAttr:$else_function, AnyRankedTensor:$condition,
                       Variadic<AnyRankedTensor>:$captures, UnitAttr:$touches_state);
  let assemblyFormat = "$then_function $else_function `(` operands `)` attr-dict `:` functional-type(operands, results)";
}

def Graph_WhileOp : Graph_ControlOp<"while", [AttrSizedOperandSegments]> {
  let summary = "A function again and again, as long as a condition holds";
  let description = [{
    `condition` and `body` take the carries and the captures, in front of them, with `index`, the number of turns so far (i64). The
    condition gives a bool, the body the next carries, of the same types. Results: the carries, then the number of turns (i64).
    `limit`: the most turns. If the condition holds after them still, the entry's call fails with GRAPHC_ERR_ITER or, with `stop`, the
    loop ends. With it the body may give further values, which are collected as those of graph.scan are: one more result for each,
    with `limit` rows, of which those of turns that did not come hold nothing that means anything.
    `grad`: how the way back finds the turns (graph-format.md section 5); none: "auto".
    With the attribute `graph.checkpoints` it keeps rows of its carries in place of such values (reverse_while.h).

    ```mlir
    %y, %turns = graph.while @f.condition @f.body carry(%x) captures(%a) limit <() -> (50)> : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<i64>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$condition, FlatSymbolRefAttr:$body, Variadic<AnyRankedTensor>:$inits,
                       Variadic<AnyRankedTensor>:$captures, OptionalAttr<Graph_ShapeAttr>:$limit, UnitAttr:$stop, UnitAttr:$index,
                       UnitAttr:$touches_state, OptionalAttr<StrAttr>:$grad);
  let assemblyFormat = [{
    $condition $body `carry` `(` $inits `)` `captures` `(` $captures `)` (`limit` $limit^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Types of what the body gives behind the next carries.
    ::llvm::SmallVector<::mlir::Type> collectedTypes();
  }];
}

def Graph_ScanOp : Graph_ControlOp<"scan", [AttrSizedOperandSegments]> {
  let summary = "A function for every slice of sequences, or a number of times, from carry to carry";
  let description = [{
    Turn i of `length` passes to `body`: with `index` its number i (i64), the carries, slice i along axis 0 of each of `over`, the captures.
    It gives the next carries, of the same types, and values that are collected: the op's results are the last carries, then one tensor
    for each of those, with the turns along a new axis 0. `reverse`: the last turn comes first; what it collects lies at its number all
    the same. Other axes than 0 are transposes around the op. `count`, an i64 scalar: only turns 0 to count - 1 come, `length` at
    most; rows of turns that do not come hold nothing that means anything. `grad`: as for graph.while.

    ```mlir
    %h, %hs = graph.scan @f.body carry(%h0) over(%xs) captures(%a) length <() -> (7)> : (tensor<4xf32>, tensor<7x4xf32>, tensor<f32>)
        -> (tensor<4xf32>, tensor<7x4xf32>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$body, Variadic<AnyRankedTensor>:$inits, Variadic<AnyRankedTensor>:$over,
                       Variadic<AnyRankedTensor>:$captures, Optional<AnyRankedTensor>:$count, Graph_ShapeAttr:$length,
                       UnitAttr:$reverse, UnitAttr:$index, UnitAttr:$touches_state, OptionalAttr<StrAttr>:$grad);
  let assemblyFormat = [{
    $body `carry` `(` $inits `)` `over` `(` $over `)` `captures` `(` $captures `)` (`count` `(` $count^ `)`)? `length` $length attr-dict `:`
    functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The number of turns, over the function's dims.
    ::graphc::graph::Dim turns();
  }];
}

def Graph_LoopsOp : Op<Graph_Dialect, "loops", [Pure, AttrSizedOperandSegments, IsolatedFromAbove,
    SingleBlockImplicitTerminator<"EndLoopsOp">, DestinationStyleOpInterface]> {
  let summary = "Scalar loops over flat buffers: data movement and sequential work, after an op's `lower`";
  let description = [{
    Reads `ins`, fills `outs` (each a tensor.empty of its own, whole: no element stays unwritten) and returns them. The body sees
    memory: one flat buffer per in, one index per size, one flat buffer per out, all row-major from element 0; it is scf, arith, math,
    memref.load and memref.store on these alone (isolated from above), and whether two begin at the same byte; so equal bodies become one
    kernel, whatever the shapes: pass sizes as `sizes`, not as constants of the body. It must not read or write outside its tensors,
    whatever the data says: clamp.

    `may_fail`: the body has one more argument, the status cell, a flat buffer of i32. Where the data are wrong (an index outside its
    tensor) it stores 1 to element 0 and nothing otherwise; the call of the entry then returns GRAPHC_ERR_INDEX.
    `inplace`: flat pairs i, j: ins[i] may be the same memory as outs[j] (the body reads an element of the in before it writes the same
    bytes of the out).

    ```mlir
    %y = graph.loops ins(%x : tensor<4xf32>) sizes(%n) outs(%e : tensor<4xf32>) {
    ^bb0(%from: memref<1099511627776xf32>, %size: index, %to: memref<1099511627776xf32>):
      ...
    } -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$ins, Variadic<Index>:$sizes, Variadic<AnyRankedTensor>:$outs, UnitAttr:$may_fail,
                       OptionalAttr<DenseI64ArrayAttr>:$inplace);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `ins` `(` ($ins^ `:` type($ins))? `)` `sizes` `(` $sizes `)` `outs` `(` ($outs^ `:` type($outs))? `)` attr-dict-with-keyword $body
    (`->` type($results)^)?
  }];
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$ins, "::mlir::ValueRange":$sizes, "::mlir::ValueRange":$outs,
                                 CArg<"bool", "false">:$mayFail, CArg<"::llvm::ArrayRef<int64_t>", "{}">:$inplace)>];
  let extraClassDeclaration = [{
    /// Types of the body's arguments, in order.
    ::llvm::SmallVector<::mlir::Type> bodyTypes();
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }
  }];
  let hasVerifier = 1;
}

def Graph_EndLoopsOp : Op<Graph_Dialect, "end_loops", [Pure, Terminator, ReturnLike, HasParent<"LoopsOp">]> {
  let summary = "Ends the body of graph.loops";
  let assemblyFormat = "attr-dict";
}
#endif
