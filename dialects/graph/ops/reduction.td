// Reductions of one operand along any axes (R23): each is a function of the elements that become one.
include "dialects/graph/graph_dialect.td"

class Graph_Reduction<string mnemonic, string dtypes, int flopsPerElement, string wantsElements, list<Trait> traits = []>
    : Graph_Op<mnemonic, traits # [DeclareOpInterfaceMethods<Permutable>]> {
  let arguments = (ins AnyRankedTensor:$x, OptionalAttr<DenseI64ArrayAttr>:$axis, OptionalAttr<DenseI64ArrayAttr>:$keep_axis,
                       DefaultValuedAttr<BoolAttr, "false">:$keep_dims);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, std::optional<::mlir::Location> location,
                                                      Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::graphc::graph::inferReduction(location, "}] # mnemonic # [{", adaptor.getOperands(), }] # dtypes # [{, adaptor.getAxis(),
                                             adaptor.getKeepAxis(), adaptor.getKeepDims(), }] # wantsElements # [{, types);
    }
    ::llvm::SmallVector<unsigned> $cppClass::permutedOperands(::llvm::ArrayRef<int64_t> perm) {
      return ::llvm::SmallVector<unsigned>{0};
    }
    ::mlir::Operation *$cppClass::createPermuted(::mlir::OpBuilder &b, ::llvm::ArrayRef<int64_t> perm, ::mlir::ValueRange operands,
                                                 ::llvm::SmallVectorImpl<int64_t> &resultPerm) {
      auto gone = ::graphc::graph::permutedReduction(perm, getAxis(), getKeepAxis(), getKeepDims(), resultPerm);
      return ::graphc::graph::createLike(b, getOperation(), operands, b.getNamedAttr("axis", b.getDenseI64ArrayAttr(gone)),
                                         {"keep_axis"});
    }
    ::graphc::graph::Dim $cppClass::flops() {
      return }] # flopsPerElement # [{ * ::graphc::graph::elementCount(::graphc::graph::shapeOf(getX().getType()));
    }
  }];
}

def Graph_SumOp : Graph_Reduction<"sum", "numberDtypes", 1, "false", [Graph_Linear]> {
  let summary = "Sum along axes";
  let description = [{
    `y = sum of the x_i`; 0 of nothing. f16 and bf16 are summed in f32 and rounded once; integers wrap.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a number

    ```mlir
    %y = graph.sum %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_ProdOp : Graph_Reduction<"prod", "numberDtypes", 1, "false"> {
  let summary = "Product along axes";
  let description = [{
    `y = product of the x_i`; 1 of nothing. f16 and bf16 are multiplied in f32 and rounded once; integers wrap.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a number

    ```mlir
    %y = graph.prod %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_MeanOp : Graph_Reduction<"mean", "floatDtypes", 1, "false", [Graph_Linear]> {
  let summary = "Mean along axes";
  let description = [{
    `y = (sum of the x_i) / n`, where n elements are reduced; NaN of nothing. f16 and bf16 are summed in f32 and rounded once.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a float

    ```mlir
    %y = graph.mean %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_VarianceOp : Graph_Reduction<"variance", "floatDtypes", 3, "false", [DeclareOpInterfaceMethods<Advisable>]> {
  let summary = "Variance along axes";
  let description = [{
    `y = (sum of (x_i - m)^2) / n`, with m the mean of the n elements reduced, in two sweeps; NaN of nothing. f16 and bf16
    are computed in f32 and rounded once.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a float

    ```mlir
    %y = graph.variance %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_ReduceMaxOp : Graph_Reduction<"reduce_max", "numberDtypes", 1, "true"> {
  let summary = "Largest element along axes";
  let description = [{
    `y = the largest x_i`; NaN if one is NaN. -0 and +0 are equals.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a number
    - (C5) no axis that goes is empty

    ```mlir
    %y = graph.reduce_max %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_ReduceMinOp : Graph_Reduction<"reduce_min", "numberDtypes", 1, "true"> {
  let summary = "Least element along axes";
  let description = [{
    `y = the least x_i`; NaN if one is NaN. -0 and +0 are equals.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a number
    - (C5) no axis that goes is empty

    ```mlir
    %y = graph.reduce_min %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_LogsumexpOp : Graph_Reduction<"logsumexp", "floatDtypes", 4, "false"> {
  let summary = "Logarithm of the sum of exponentials along axes";
  let description = [{
    `y = log(sum of e^x_i)`, shifted by the largest x_i so that nothing overflows; -infinity of nothing, or of nothing but -infinity.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is a float

    ```mlir
    %y = graph.logsumexp %x {axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
}

def Graph_AllOp : Graph_Reduction<"all", "boolDtypes", 1, "false", [Graph_NoDerivative<"gives bools">]> {
  let summary = "True if all elements along axes are";
  let description = [{
    `y = x_0 and x_1 and ...`; true of nothing.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is bool

    ```mlir
    %y = graph.all %x {axis = array<i64: 1>} : tensor<4x8xi1>
    ```
  }];
}

def Graph_AnyOp : Graph_Reduction<"any", "boolDtypes", 1, "false", [Graph_NoDerivative<"gives bools">]> {
  let summary = "True if an element along axes is";
  let description = [{
    `y = x_0 or x_1 or ...`; false of nothing.

    `axis` names the axes that go, `keep_axis` those that stay; without either all go. `keep_dims` leaves axes of size 1.

    Constraints:
    - (C1) `axis` and `keep_axis` are not both given
    - (C2) each of their entries is an axis of `x`: `-rank <= axis < rank`
    - (C3) none is named twice
    - (C4) the dtype of `x` is bool

    ```mlir
    %y = graph.any %x {axis = array<i64: 1>} : tensor<4x8xi1>
    ```
  }];
}
