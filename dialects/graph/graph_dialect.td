// The graph dialect: what a JSON graph may say. Values are immutable ranked tensors; an op is a pure function of them. The base
// classes make each op owe all its facts (op_facts.td): a forgotten one is a link error that names the op and the fact.
#ifndef GRAPHC_DIALECTS_GRAPH_GRAPH_DIALECT_TD
#define GRAPHC_DIALECTS_GRAPH_GRAPH_DIALECT_TD
include "dialects/graph/op_facts.td"
include "dialects/graph/precision.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Graph_Dialect : Dialect {
  let name = "graph";
  let cppNamespace = "::graphc::graph";
  let summary = "Ops that a JSON graph may name, and its parameters";
  // What the ops' `lower` builds, so that a pass that lowers needs to name no op to know.
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
}

/// InferTypeOpInterface through the op's Adaptor, like ODS's InferTypeOpAdaptor, but with the properties completed first: MLIR's
/// parser infers from the attribute dictionary alone, with null properties that the Adaptor's accessors would read.
def Graph_InferWithDefaults : TraitList<[DeclareOpInterfaceMethods<InferTypeOpInterface>, NativeOpTrait<"InferTypeOpAdaptor", [], [{
  static ::llvm::LogicalResult inferReturnTypes(::mlir::MLIRContext *context, std::optional<::mlir::Location> location,
                                                Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types);
}], [{
  ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *context, std::optional<::mlir::Location> location,
      ::mlir::ValueRange operands, ::mlir::DictionaryAttr attributes, ::mlir::OpaqueProperties properties,
      ::mlir::RegionRange regions, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
    InferredProperties<$cppClass> filled;
    if constexpr (!std::is_same_v<decltype(filled), ::mlir::EmptyProperties>) {
      ::mlir::OperationName name(getOperationName(), context);
      auto malformed = [&] { return ::mlir::emitError(location ? *location : ::mlir::UnknownLoc::get(context)); };
      if (properties) filled = *properties.as<decltype(filled) *>();
      if (attributes && failed(name.setOpPropertiesFromAttribute(name, &filled, attributes, malformed))) return ::mlir::failure();
      populateDefaultProperties(name, filled);
    }
    return inferReturnTypes(context, location, Adaptor(operands, attributes, filled, regions), types);
  }
}]>]>;

/// Every op of the language. Shape and dtype rules live in inferReturnTypes, which the verifier runs again on each op: there is no
/// second place for them. An operand is any ranked tensor to ODS; what each op takes of them is said by inferReturnTypes, with a code
/// and a place.
class Graph_Op<string mnemonic, list<Trait> traits = []>
    : Op<Graph_Dialect, mnemonic, traits # [Pure, Graph_InferWithDefaults, DeclareOpInterfaceMethods<Lowerable>,
                                            DeclareOpInterfaceMethods<Evaluable>, DeclareOpInterfaceMethods<Costed>,
                                            DeclareOpInterfaceMethods<Differentiable>]> {
  string infix = "";  // how a formula writes it between two operands: "+"
  string prefix = ""; // or before its one operand
  string role = "";   // what the language itself needs the op for (op_signature.h, findRole)
  bit callable = 1;   // may stand in "op" of a node
}

// Where the rules of Differentiable are not written out. An op that is linear in all its float operands together (concat), or in each of
// them (matmul): it owes the transpose, what operand i gets from the cotangents of the results.
defvar transposeDeclaration = [{
    ::mlir::Value transpose(::graphc::graph::RuleBuilder &b, unsigned operand, ::mlir::ValueRange cotangents);
}];
defvar vjpByTranspose = [{
    void $cppClass::vjp(::graphc::graph::RuleBuilder &b, ::graphc::graph::VjpState &state) {
      ::graphc::graph::vjpByTranspose(getOperation(), b, state,
                                      [&](unsigned i, ::mlir::ValueRange cotangents) { return transpose(b, i, cotangents); });
    }
}];
def Graph_Linear : NativeOpTrait<"LinearRule", [], transposeDeclaration, !strconcat([{
    void $cppClass::jvp(::graphc::graph::RuleBuilder &b, ::graphc::graph::JvpState &state) {
      ::graphc::graph::jvpOfLinear(getOperation(), b, state);
    }
}], vjpByTranspose)> {
  let cppNamespace = "::graphc::graph";
}
def Graph_Multilinear : NativeOpTrait<"MultilinearRule", [], transposeDeclaration, !strconcat([{
    void $cppClass::jvp(::graphc::graph::RuleBuilder &b, ::graphc::graph::JvpState &state) {
      ::graphc::graph::jvpOfMultilinear(getOperation(), b, state);
    }
}], vjpByTranspose)> {
  let cppNamespace = "::graphc::graph";
}
/// Derivatives end here; `reason` continues "'argmax' ...".
class Graph_NoDerivative<string reason> : NativeOpTrait<"WithoutDerivative", [], [{
    ::llvm::StringRef noDerivative() { return "}] # reason # [{"; }
}], [{
    void $cppClass::jvp(::graphc::graph::RuleBuilder &, ::graphc::graph::JvpState &) {}
    void $cppClass::vjp(::graphc::graph::RuleBuilder &, ::graphc::graph::VjpState &) {}
}]> {
  let cppNamespace = "::graphc::graph";
}

/// "padding" of convolutions and pools: a word, one integer per spatial axis, or [low0, high0, low1, high1, ...].
def Graph_PaddingAttr : Attr<CPred<"::llvm::isa<::mlir::StringAttr, ::mlir::DenseI64ArrayAttr>($_self)">, "a word or integers"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}
/// Permutable of ops over an image, operand 0, whose `layout` says where its channels are: first can become last.
defvar imagePermutable = [{
    ::llvm::SmallVector<unsigned> $cppClass::permutedOperands(::llvm::ArrayRef<int64_t> perm) {
      auto rank = ::llvm::cast<::mlir::RankedTensorType>(getX().getType()).getRank();
      bool fits = getLayout() == "nchw" && perm == ::llvm::ArrayRef(::graphc::graph::channelsLastPerm(rank));
      return fits ? ::llvm::SmallVector<unsigned>{0} : ::llvm::SmallVector<unsigned>();
    }
    ::mlir::Operation *$cppClass::createPermuted(::mlir::OpBuilder &b, ::llvm::ArrayRef<int64_t> perm, ::mlir::ValueRange operands,
                                                 ::llvm::SmallVectorImpl<int64_t> &resultPerm) {
      resultPerm.assign(perm.begin(), perm.end());
      return ::graphc::graph::createLike(b, getOperation(), operands, b.getNamedAttr("layout", b.getStringAttr("nhwc")));
    }
}];
/// A tensor type: what "type" of an op without operands says.
def Graph_TypeAttr : Attr<CPred<"::llvm::isa<::mlir::TypeAttr>($_self) && "
                                "::llvm::isa<::mlir::RankedTensorType>(::llvm::cast<::mlir::TypeAttr>($_self).getValue())">, "a tensor type"> {
  let storageType = "::mlir::TypeAttr";
  let returnType = "::mlir::RankedTensorType";
  let convertFromStorage = "::llvm::cast<::mlir::RankedTensorType>($_self.getValue())";
}

/// One scalar function, applied to each element of operands that are broadcast against each other (C1, C2). Owes only that scalar
/// function, once for code and once for evaluation. `dtypes`: a list of element_type.h, what the operands may be. `conditions` leading
/// operands are bool instead. `result`: the result's Dtype where it is not the operands'. Its derivatives are one function too,
/// `timesPartial`: v (a tangent of operand i, or the cotangent of the result) times the partial derivative by operand i, null for 0;
/// or it says why there are none in `noDerivative`.
class Graph_Elementwise<string mnemonic, string dtypes, int flopsPerElement, string result = "std::nullopt", int conditions = 0,
                        list<Trait> traits = []> : Graph_Op<mnemonic, traits # [DeclareOpInterfaceMethods<Permutable>, Graph_FollowsNarrow]> {
  string noDerivative = "";
  code scalarFacts = !if(!empty(noDerivative), [{
    ::mlir::Value timesPartial(::graphc::graph::RuleBuilder &b, unsigned operand, ::mlir::Value v);
  }], [{
    ::mlir::Value timesPartial(::graphc::graph::RuleBuilder &, unsigned, ::mlir::Value) { return {}; }
    ::llvm::StringRef noDerivative() { return "}] # noDerivative # [{"; }
  }]) # [{
    /// Operands and result are of compute type (lowering.h).
    ::mlir::Value lowerScalar(::graphc::graph::ScalarBuilder &b, ::mlir::ValueRange x);
    ::graphc::graph::Number evaluateScalar(::llvm::ArrayRef<::graphc::graph::Number> x);
  }];
  let extraClassDeclaration = scalarFacts;
  code elementwiseShape = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, std::optional<::mlir::Location> location,
                                                      Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::graphc::graph::inferElementwise(location, "}] # mnemonic # [{", adaptor.getOperands(), }] # dtypes # ", " # result # ", " # conditions # [{, types);
    }
  }];
  code elementwiseFacts = [{
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::lower(::graphc::graph::Lowering &lowering) {
      auto scalar = [&](::graphc::graph::ScalarBuilder &b, ::mlir::ValueRange x) { return lowerScalar(b, x); };
      return ::llvm::SmallVector<::mlir::Value>{::graphc::graph::lowerElementwise(lowering, scalar)};
    }
    ::llvm::LogicalResult $cppClass::evaluate(::llvm::ArrayRef<::graphc::graph::HostTensor> operands,
                                              ::llvm::MutableArrayRef<::graphc::graph::HostTensor> results) {
      auto scalar = [&](::llvm::ArrayRef<::graphc::graph::Number> x) { return evaluateScalar(x); };
      return ::graphc::graph::evaluateElementwise(operands, scalar, results[0]);
    }
    ::llvm::SmallVector<unsigned> $cppClass::permutedOperands(::llvm::ArrayRef<int64_t> perm) {
      return ::graphc::graph::permutedElementwise(getOperation(), perm);
    }
    ::mlir::Operation *$cppClass::createPermuted(::mlir::OpBuilder &b, ::llvm::ArrayRef<int64_t> perm, ::mlir::ValueRange operands,
                                                 ::llvm::SmallVectorImpl<int64_t> &resultPerm) {
      resultPerm.assign(perm.begin(), perm.end());
      return ::graphc::graph::createLike(b, getOperation(), operands);
    }
    void $cppClass::jvp(::graphc::graph::RuleBuilder &b, ::graphc::graph::JvpState &state) {
      ::graphc::graph::jvpOfElementwise(getOperation(), b, state,
                                        [&](unsigned i, ::mlir::Value v) { return timesPartial(b, i, v); });
    }
    void $cppClass::vjp(::graphc::graph::RuleBuilder &b, ::graphc::graph::VjpState &state) {
      ::graphc::graph::vjpOfElementwise(getOperation(), b, state,
                                        [&](unsigned i, ::mlir::Value v) { return timesPartial(b, i, v); });
    }
    ::graphc::graph::Dim $cppClass::flops() {
      return }] # flopsPerElement # [{ * ::graphc::graph::elementCount(::graphc::graph::shapeOf(getType()));
    }
  }];
  let extraClassDefinition = elementwiseShape # elementwiseFacts;
}

/// An elementwise op of another result dtype or with attributes to check: writes inferReturnTypes itself.
class Graph_ElementwiseWithOwnShape<string mnemonic, int flopsPerElement, list<Trait> traits = []>
    : Graph_Elementwise<mnemonic, "{}", flopsPerElement, "std::nullopt", 0, traits> {
  let extraClassDefinition = elementwiseFacts;
}

/// The usual elementwise ops of one and two operands.
class Graph_Unary<string mnemonic, string dtypes, int flopsPerElement, string result = "std::nullopt", list<Trait> traits = []>
    : Graph_Elementwise<mnemonic, dtypes, flopsPerElement, result, 0, traits> {
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
class Graph_Binary<string mnemonic, string dtypes, string spelling = "", string result = "std::nullopt", int flopsPerElement = 1,
                   list<Trait> traits = []> : Graph_Elementwise<mnemonic, dtypes, flopsPerElement, result, 0, traits> {
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a) `,` type($b)";
  let infix = spelling;
}
#endif
