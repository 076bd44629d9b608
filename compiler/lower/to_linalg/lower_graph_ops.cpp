// lower-graph-ops: every graph op of every function becomes linalg by its own `lower` (op_facts.td); params become
// kern.parameter with layout "rows". Element types become signless here, bool one byte: the language's dtype stays on
// the borders as graph.dtype. What the graph costs is counted first, while ops still know it.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/function_dims.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/structure.h"
#include "dialects/kern/checkpoint_ops.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace graphc;

namespace {
graph::Dim bytesOf(ValueRange values) {
  graph::Dim bytes;
  for (Value value : values)
    if (auto type = dyn_cast<RankedTensorType>(value.getType()))
      bytes = bytes + graph::elementCount(graph::shapeOf(type)) *
                          graph::Dim(llvm::divideCeil(type.getElementTypeBitWidth(), 8));
  return bytes;
}

/// True if something was found. A call of a function that reads what some entry writes has
/// its place among the writes.
bool recordState(func::FuncOp function, const llvm::StringSet<> &written) {
  bool touches = false, writes = false;
  function.walk([&](Operation *op) {
    auto read = dyn_cast<graph::ReadParameterOp>(op);
    writes |= isa<graph::WriteParameterOp>(op);
    touches |= writes || (read && (read.getState() || written.contains(read.getParameter())));
    for (func::FuncOp callee : lower::calledFunctions(op)) {
      writes |= callee->hasAttr(lower::writesStateAttr);
      touches |= writes || callee->hasAttr(lower::touchesStateAttr);
    }
  });
  auto unit = UnitAttr::get(function.getContext());
  bool isNew = (touches && !function->hasAttr(lower::touchesStateAttr)) ||
               (writes && !function->hasAttr(lower::writesStateAttr));
  if (touches) function->setAttr(lower::touchesStateAttr, unit);
  if (writes) function->setAttr(lower::writesStateAttr, unit);
  return isNew;
}

/// Plain types (dialects/graph/lowering.h): signless integers, one byte per bool, no named dims.
Type plain(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) return type;
  Type element = tensor.getElementType();
  if (auto integer = dyn_cast<IntegerType>(element))
    element = IntegerType::get(type.getContext(), std::max(8u, integer.getWidth()));
  return RankedTensorType::get(tensor.getShape(), element);
}

/// What callers must know of a function that is lowered before or after them: its parameters and results as the graph
/// said them, and its dims.
struct Signature {
  SmallVector<Type> parameters, results;
  SmallVector<graph::DimAttr> dims;
};
using Signatures = DenseMap<Operation *, Signature>;

struct Cost {
  graph::Dim flops, bytes;
};

/// Callees before callers: a call costs what its function does, with its sizes; a loop as much for each turn that is
/// known to happen, `while` for one; `if` the larger branch. A function that calls itself costs what one call does: how
/// many there are is not known.
void recordCost(func::FuncOp entry, Signatures &signatures) {
  Cost sum;
  auto costOf = [&](Operation *op, const graph::CalledFunction &call) {
    Cost cost;
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.callee);
    if (!callee) return cost;
    graph::BoundDims bound = graph::bindDims(signatures[callee].parameters, call.operands);
    auto read = [&](StringRef name) -> graph::Dim {
      auto said = callee->getAttrOfType<graph::ShapeAttr>(name);
      return said ? graph::shapeOf(said).front().substitute(bound) : graph::Dim(0);
    };
    return Cost{read(lower::flopsAttr), read(lower::memoryBytesAttr)};
  };
  entry.walk([&](graph::Calling op) {
    SmallVector<Cost> costs;
    for (const graph::CalledFunction &call : op.calls()) costs.push_back(costOf(op, call));
    if (isa<graph::IfOp>(op))
      costs.erase(costs[0].flops.high() < costs[1].flops.high() ? costs.begin() : costs.begin() + 1);
    auto scan = dyn_cast<graph::ScanOp>(op.getOperation());
    graph::Dim turns = scan ? scan.turns() : graph::Dim(1);
    for (const Cost &cost : costs) {
      sum.flops = sum.flops + turns * cost.flops;
      sum.bytes = sum.bytes + turns * cost.bytes;
    }
  });
  entry.walk([&](graph::Costed op) {
    sum.flops = sum.flops + op.flops();
    if (op->getNumOperands()) sum.bytes = sum.bytes + bytesOf(op->getOperands()) + bytesOf(op->getResults());
  });
  entry->setAttr(lower::flopsAttr, graph::shapeAttr(entry.getContext(), sum.flops));
  entry->setAttr(lower::memoryBytesAttr, graph::shapeAttr(entry.getContext(), sum.bytes));
}

/// Lowers the ops of one function beside the old ones, so that each op can still read its operands' dtypes and named
/// dims, and then drops the old ones.
class FunctionLowering {
public:
  FunctionLowering(func::FuncOp function, Signatures &signatures)
      : function(function), signatures(signatures), dims(signatures[function].dims) {}

  LogicalResult run() {
    recordBorders();
    Block &body = function.getBody().front();
    SmallVector<Operation *> old;
    for (Operation &op : body) old.push_back(&op);
    size_t arguments = body.getNumArguments();
    for (size_t i = 0; i < arguments; ++i)
      values.map(body.getArgument(i),
                 body.addArgument(plain(body.getArgument(i).getType()), body.getArgument(i).getLoc()));
    for (graph::DimAttr dim : dims)
      sizes[dim] = body.addArgument(IndexType::get(function.getContext()), function.getLoc());
    for (Operation *op : old)
      if (failed(lowerOp(op))) return failure();
    for (Operation *op : llvm::reverse(old)) op->erase();
    body.eraseArguments(0, arguments);
    setSignature();
    return success();
  }

private:
  /// The borders keep dtype and shape as attributes.
  void recordBorders() {
    MLIRContext *context = function.getContext();
    auto record = [&](Type type, auto set) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor) return;
      if (auto dtype = graph::dtypeOf(tensor.getElementType()))
        set(lower::dtypeAttr, IntegerAttr::get(IntegerType::get(context, 32), uint32_t(*dtype)));
      if (!tensor.hasStaticShape()) set(lower::shapeAttr, graph::shapeAttr(context, graph::shapeOf(tensor)));
    };
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      record(type, [&, i = i](StringRef name, Attribute value) { function.setArgAttr(i, name, value); });
    for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
      record(type, [&, i = i](StringRef name, Attribute value) { function.setResultAttr(i, name, value); });
    if (!dims.empty())
      function->setAttr(lower::dimsAttr, ArrayAttr::get(context, SmallVector<Attribute>(dims.begin(), dims.end())));
  }

  void setSignature() {
    SmallVector<Type> results;
    for (Type type : function.getResultTypes()) results.push_back(plain(type));
    SmallVector<DictionaryAttr> attributes;
    function.getAllArgAttrs(attributes);
    attributes.append(dims.size(), DictionaryAttr());
    for (DictionaryAttr &one : attributes)
      if (!one) one = DictionaryAttr::get(function.getContext());
    auto arguments = function.getBody().getArgumentTypes();
    function.setFunctionType(FunctionType::get(function.getContext(), arguments, results));
    function.setAllArgAttrs(attributes);
  }

  /// Lowered, the callee's arguments are the plain tensors and its dims, as this call binds them.
  LogicalResult lowerCall(graph::CallOp call, SmallVector<Value> operands) {
    func::FuncOp callee = lower::calledFunction(call);
    const Signature &signature = signatures[callee];
    graph::BoundDims bound = graph::bindDims(signature.parameters, call.getOperandTypes());
    auto valueOf = [&](graph::DimAttr dim) { return sizes.lookup(dim); };
    graph::Lowering sizeOf(call, operands, valueOf); // keeps a reference to it
    for (graph::DimAttr dim : signature.dims)
      operands.push_back(sizeOf.size(bound(dim).value_or(graph::Dim::named(dim))));
    OpBuilder b(call);
    auto cast = [&](Value value, Type type) -> Value { // a named dim of one side may be a number on the other
      if (value.getType() == type) return value;
      return b.create<tensor::CastOp>(call.getLoc(), type, value);
    };
    SmallVector<Value> fitted(operands);
    for (auto [operand, type] : llvm::zip(fitted, signature.parameters)) operand = cast(operand, plain(type));
    SmallVector<Type> results;
    for (Type type : signature.results) results.push_back(plain(type));
    auto lowered = b.create<func::CallOp>(call.getLoc(), callee.getSymNameAttr(), results, fitted);
    for (auto [result, value] : llvm::zip(call.getResults(), lowered.getResults()))
      values.map(result, cast(value, plain(result.getType())));
    return success();
  }

  /// Control flow stays one op, on plain tensors, with what its callees take for their dims.
  LogicalResult lowerControl(graph::Calling op, ValueRange operands) {
    auto valueOf = [&](graph::DimAttr dim) { return sizes.lookup(dim); };
    graph::Lowering sizeOf(op, operands, valueOf);
    SmallVector<SmallVector<Value>> passed;
    for (const graph::CalledFunction &call : op.calls()) {
      const Signature &signature = signatures[SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.callee)];
      graph::BoundDims bound = graph::bindDims(signature.parameters, call.operands);
      passed.emplace_back();
      for (graph::DimAttr dim : signature.dims)
        passed.back().push_back(sizeOf.size(bound(dim).value_or(graph::Dim::named(dim))));
    }
    SmallVector<Type> results;
    for (Type type : op->getResultTypes()) results.push_back(plain(type));
    OpBuilder b(op);
    Operation *lowered = nullptr;
    if (auto branch = dyn_cast<graph::IfOp>(op.getOperation())) {
      lowered = b.create<kern::IfOp>(op.getLoc(), results, branch.getThenFunctionAttr(), branch.getElseFunctionAttr(),
                                     operands[0], operands.drop_front(), passed[0], passed[1]);
    } else if (auto loop = dyn_cast<graph::WhileOp>(op.getOperation())) {
      size_t carries = loop.getInits().size();
      Value limit;
      if (loop.getLimit()) limit = sizeOf.size(graph::Dim::ofShape(*loop.getLimit(), 0));
      lowered = b.create<kern::WhileOp>(op.getLoc(), results, loop.getConditionAttr(), loop.getBodyAttr(),
                                        operands.take_front(carries), operands.drop_front(carries), limit, passed[0],
                                        passed[1], loop.getStopAttr(), loop.getIndexAttr());
      if (Attribute rows = loop->getAttr(graph::checkpointsAttr)) lowered->setAttr(kern::checkpointsAttr, rows);
    } else if (auto reverse = dyn_cast<graph::ReverseWhileOp>(op.getOperation())) {
      size_t checkpoints = reverse.getCheckpoints().size(), captures = reverse.getCaptures().size();
      SmallVector<Type> residuals; // make-borders must know their sizes
      for (Type type : reverse.getResiduals().getAsValueRange<TypeAttr>())
        residuals.push_back(graph::tensorType(graph::shapeOf(cast<RankedTensorType>(type)),
                                              cast<RankedTensorType>(plain(type)).getElementType()));
      lowered = b.create<kern::ReverseWhileOp>(
          op.getLoc(), results, reverse.getForwardAttr(), reverse.getBackwardAttr(), operands[0],
          operands.slice(1, checkpoints), operands.slice(1 + checkpoints, captures),
          operands.drop_front(1 + checkpoints + captures), passed[0], passed[1], b.getTypeArrayAttr(residuals),
          reverse.getSlotsAttr(), reverse.getTapeAttr(), reverse.getIndexAttr());
    } else {
      auto scan = cast<graph::ScanOp>(op.getOperation());
      size_t carries = scan.getInits().size(), over = scan.getOver().size();
      lowered = b.create<kern::ScanOp>(
          op.getLoc(), results, scan.getBodyAttr(), operands.take_front(carries), operands.slice(carries, over),
          operands.slice(carries + over, scan.getCaptures().size()), scan.getCount() ? operands.back() : Value(),
          sizeOf.size(scan.turns()), passed[0], scan.getReverseAttr(), scan.getIndexAttr());
    }
    for (auto [result, value] : llvm::zip(op->getResults(), lowered->getResults())) values.map(result, value);
    return success();
  }

  /// Code of its own shows nobody what it costs: the one loop nest that an op became, if it is nothing else, says it.
  static void noteLoopsCost(Operation *first, Operation *op) {
    auto costed = dyn_cast<graph::Costed>(op);
    if (!costed) return;
    SmallVector<Operation *> loops;
    for (Operation *made = first; made != op; made = made->getNextNode()) {
      if (isa<linalg::LinalgOp>(made) && !isa<linalg::FillOp>(made)) return;
      if (isa<graph::LoopsOp>(made)) loops.push_back(made);
    }
    if (loops.size() == 1) loops[0]->setAttr(lower::flopsAttr, graph::shapeAttr(op->getContext(), costed.flops()));
  }

  LogicalResult lowerOp(Operation *op) {
    OpBuilder b(op);
    if (auto read = dyn_cast<graph::ReadParameterOp>(op)) {
      values.map(read.getValue(), b.create<kern::ReadParameterOp>(read.getLoc(), plain(read.getValue().getType()),
                                                                  read.getParameterAttr(), read.getStateAttr())
                                      .getValue());
      return success();
    }
    if (auto write = dyn_cast<graph::WriteParameterOp>(op)) {
      b.create<kern::WriteParameterOp>(write.getLoc(), write.getParameterAttr(), values.lookup(write.getValue()));
      return success();
    }
    if (auto unwritten = dyn_cast<graph::UnwrittenOp>(op)) {
      auto valueOf = [&](graph::DimAttr dim) { return sizes.lookup(dim); };
      graph::Lowering sizeOf(op, {}, valueOf);
      auto type = cast<RankedTensorType>(plain(unwritten.getValue().getType()));
      SmallVector<Value> dynamic;
      for (const graph::Dim &dim : graph::shapeOf(cast<RankedTensorType>(unwritten.getValue().getType())))
        if (!dim.isStatic()) dynamic.push_back(sizeOf.size(dim));
      values.map(unwritten.getValue(), b.create<bufferization::AllocTensorOp>(op->getLoc(), type, dynamic).getResult());
      return success();
    }
    bool isLowered = op->getName().getDialectNamespace() != "graph" || isa<graph::LoopsOp>(op); // return; tests' IR
    if (isLowered) return b.clone(*op, values), success();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) operands.push_back(values.lookup(operand));
    if (auto call = dyn_cast<graph::CallOp>(op)) return lowerCall(call, operands);
    if (graph::isControl(op)) return lowerControl(cast<graph::Calling>(op), operands);
    auto lowerable = dyn_cast<graph::Lowerable>(op);
    if (!lowerable) return op->emitOpError("is left after lowering");
    auto valueOf = [&](graph::DimAttr dim) { return sizes.lookup(dim); };
    // What becomes of the op carries its place and, for profile-runs, its mnemonic.
    op->setLoc(FusedLoc::get({op->getLoc()}, b.getStringAttr(op->getName().stripDialect()), op->getContext()));
    graph::Lowering lowering(op, operands, valueOf);
    Operation *before = op->getPrevNode();
    FailureOr<SmallVector<Value>> results = lowerable.lower(lowering);
    if (failed(results)) return op->emitOpError("cannot be lowered");
    noteLoopsCost(before ? before->getNextNode() : &op->getBlock()->front(), op);
    if (results->size() != op->getNumResults()) return op->emitOpError("was lowered to another number of values");
    for (auto [result, value] : llvm::zip(op->getResults(), *results)) {
      if (plain(result.getType()) != value.getType())
        return op->emitOpError("was lowered to ") << value.getType() << " instead of " << plain(result.getType());
      values.map(result, value);
    }
    return success();
  }

  func::FuncOp function;
  Signatures &signatures;
  SmallVector<graph::DimAttr> dims;
  IRMapping values;
  DenseMap<graph::DimAttr, Value> sizes;
};

struct LowerGraphOps : PassWrapper<LowerGraphOps, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerGraphOps)
  StringRef getArgument() const final { return "lower-graph-ops"; }
  StringRef getDescription() const final { return "Lower each graph op of the entries to linalg on tensors"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, arith::ArithDialect, bufferization::BufferizationDialect, kern::KernDialect,
                    linalg::LinalgDialect, math::MathDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    lowerParameters();
    Signatures signatures;
    graph::FunctionDims dims;
    SmallVector<func::FuncOp> functions = lower::eraseUnreached(getOperation());
    for (func::FuncOp function : functions) // before any of them changes
      signatures[function] = {llvm::to_vector(function.getArgumentTypes()), llvm::to_vector(function.getResultTypes()),
                              llvm::to_vector(dims.of(function))};
    llvm::StringSet<> written;
    getOperation().walk([&](graph::WriteParameterOp write) { written.insert(write.getParameter()); });
    lower::untilNothingIsFound(functions, [&](func::FuncOp function) { return recordState(function, written); });
    for (func::FuncOp function : functions) {
      recordCost(function, signatures);
      if (failed(FunctionLowering(function, signatures).run())) return signalPassFailure();
    }
    verifyNothingLeft();
  }

  void lowerParameters() {
    for (auto parameter : llvm::make_early_inc_range(getOperation().getOps<graph::ParameterOp>())) {
      OpBuilder b(parameter);
      TypeAttr type = TypeAttr::get(plain(parameter.getType()));
      b.create<kern::ParameterOp>(parameter.getLoc(), parameter.getSymNameAttr(), type, type, b.getStringAttr("rows"),
                                  parameter.getInitAttr(), parameter.getAAttr(), parameter.getBAttr(),
                                  parameter.getDocAttr(), parameter.getValuesAttr());
      parameter.erase();
    }
  }

  void verifyNothingLeft() {
    getOperation().walk([&](Operation *op) {
      bool left = op->getName().getDialectNamespace() == "graph" && !isa<graph::LoopsOp, graph::EndLoopsOp>(op);
      if (!left) return;
      op->emitOpError("is left after lowering");
      signalPassFailure();
    });
  }
};
} // namespace

std::unique_ptr<Pass> lower::createLowerGraphOpsPass() { return std::make_unique<LowerGraphOps>(); }
