// lower-graph-ops: every graph op of every entry becomes linalg by its own `lower` (op_facts.td); params become
// kern.parameter with layout "rows". Element types become signless here, bool one byte: the language's dtype stays on
// the borders as graph.dtype. What the graph costs is counted first, while ops still know it.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/structure.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphc;

namespace {
uint64_t addSaturated(uint64_t a, uint64_t b) { return a + b < a ? UINT64_MAX : a + b; }

uint64_t bytesOf(ValueRange values) {
  uint64_t bytes = 0;
  for (Value value : values)
    if (auto type = dyn_cast<RankedTensorType>(value.getType()))
      bytes = addSaturated(bytes, lower::byteSize(type).value_or(UINT64_MAX));
  return bytes;
}

void recordCost(func::FuncOp entry) {
  uint64_t flops = 0, bytes = 0;
  entry.walk([&](graph::Costed op) {
    flops = addSaturated(flops, op.flops());
    if (op->getNumOperands())
      bytes = addSaturated(bytes, addSaturated(bytesOf(op->getOperands()), bytesOf(op->getResults())));
  });
  OpBuilder b(entry.getContext());
  entry->setAttr(lower::flopsAttr, b.getI64IntegerAttr(int64_t(std::min<uint64_t>(flops, INT64_MAX))));
  entry->setAttr(lower::memoryBytesAttr, b.getI64IntegerAttr(int64_t(std::min<uint64_t>(bytes, INT64_MAX))));
}

Type signless(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) return type;
  auto integer = dyn_cast<IntegerType>(tensor.getElementType());
  if (!integer || (integer.isSignless() && integer.getWidth() != 1)) return type;
  return tensor.clone(IntegerType::get(type.getContext(), std::max(8u, integer.getWidth())));
}

/// Changes the types of all values in place; the borders keep the dtype as an attribute.
void makeSignless(func::FuncOp entry) {
  auto dtype = [&](Type type) -> Attribute {
    auto found = graph::dtypeOf(getElementTypeOrSelf(type));
    return found ? IntegerAttr::get(IntegerType::get(entry.getContext(), 32), uint32_t(*found)) : IntegerAttr();
  };
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes()))
    if (Attribute known = dtype(type)) entry.setArgAttr(i, lower::dtypeAttr, known);
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes()))
    if (Attribute known = dtype(type)) entry.setResultAttr(i, lower::dtypeAttr, known);
  SmallVector<Type> inputs, results;
  for (Type type : entry.getArgumentTypes()) inputs.push_back(signless(type));
  for (Type type : entry.getResultTypes()) results.push_back(signless(type));
  entry.setFunctionType(FunctionType::get(entry.getContext(), inputs, results));
  for (BlockArgument argument : entry.getBody().getArguments()) argument.setType(signless(argument.getType()));
  entry.getBody().walk([](Operation *op) {
    for (Value result : op->getResults()) result.setType(signless(result.getType()));
  });
}

struct LowerGraphOps : PassWrapper<LowerGraphOps, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerGraphOps)
  StringRef getArgument() const final { return "lower-graph-ops"; }
  StringRef getDescription() const final { return "Lower each graph op of the entries to linalg on tensors"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, kern::KernDialect, linalg::LinalgDialect, math::MathDialect,
                    tensor::TensorDialect>();
  }

  void runOnOperation() override {
    lowerParameters();
    for (func::FuncOp entry : lower::entriesOf(getOperation())) {
      recordCost(entry);
      makeSignless(entry);
      if (failed(lowerOps(entry))) return signalPassFailure();
    }
    verifyNothingLeft();
  }

  void lowerParameters() {
    for (auto parameter : llvm::make_early_inc_range(getOperation().getOps<graph::ParameterOp>())) {
      OpBuilder b(parameter);
      TypeAttr type = TypeAttr::get(signless(parameter.getType()));
      b.create<kern::ParameterOp>(parameter.getLoc(), parameter.getSymNameAttr(), type, type, b.getStringAttr("rows"),
                                  parameter.getInitAttr(), parameter.getAAttr(), parameter.getBAttr(),
                                  parameter.getDocAttr());
      parameter.erase();
    }
  }

  LogicalResult lowerOps(func::FuncOp entry) {
    SmallVector<Operation *> ops;
    entry.getBody().walk([&](Operation *op) {
      if (isa<graph::ReadParameterOp, graph::Lowerable>(op)) ops.push_back(op);
    });
    for (Operation *op : ops) {
      OpBuilder b(op);
      if (auto read = dyn_cast<graph::ReadParameterOp>(op)) {
        Type type = read.getValue().getType();
        read.getValue().replaceAllUsesWith(
            b.create<kern::ReadParameterOp>(read.getLoc(), type, read.getParameterAttr()).getValue());
        read.erase();
        continue;
      }
      FailureOr<SmallVector<Value>> values = cast<graph::Lowerable>(op).lower(b);
      if (failed(values)) return op->emitOpError("cannot be lowered");
      if (ValueRange(*values).getTypes() != op->getResultTypes())
        return op->emitOpError("was lowered to values of other types than its results");
      op->replaceAllUsesWith(*values);
      op->erase();
    }
    return success();
  }

  void verifyNothingLeft() {
    getOperation().walk([&](Operation *op) {
      bool left = op->getName().getDialectNamespace() == "graph" && !isa<graph::LoopsOp, graph::EndLoopsOp>(op);
      auto function = op->getParentOfType<func::FuncOp>();
      if (isa<func::CallOp>(op) && function && function->hasAttr(lower::entryAttr)) left = true;
      if (!left) return;
      op->emitOpError("is left after lowering");
      signalPassFailure();
    });
  }
};
} // namespace

std::unique_ptr<Pass> lower::createLowerGraphOpsPass() { return std::make_unique<LowerGraphOps>(); }
