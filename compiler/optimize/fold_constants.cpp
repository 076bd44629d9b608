// fold-constants: runs Evaluable on ops of constants, in program order, so that one pass folds whole trees. The limits
// keep the library small and the build quick; an op over a limit is simply computed at run time.
#include "compiler/optimize/passes.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/evaluate_op.h"
#include "dialects/graph/host_tensor_attr.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "compiler/optimize/passes.h.inc"

namespace {

constexpr uint64_t maxResultBytes = uint64_t(1) << 20;
constexpr uint64_t maxGrowth = 16;
constexpr int64_t maxFlops = int64_t(1) << 24;

/// Bytes of all values; every one was bounded by 2^47 when its op was built.
uint64_t bytesOf(TypeRange types) {
  uint64_t bytes = 0;
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    std::optional<graph::Dtype> dtype = graph::dtypeOf(tensor.getElementType());
    bytes += uint64_t(graph::elementCount(graph::shapeOf(tensor)).high()) * (dtype ? graph::dtypeBytes(*dtype) : 8);
  }
  return bytes;
}

bool isWorthFolding(Operation *op) {
  uint64_t bytes = bytesOf(op->getResultTypes());
  if (bytes > maxResultBytes || bytes > maxGrowth * bytesOf(op->getOperandTypes())) return false;
  auto costed = dyn_cast<graph::Costed>(op);
  return !costed || costed.flops().high() <= maxFlops;
}

struct FoldConstants : impl::FoldConstantsBase<FoldConstants> {
  void runOnOperation() override {
    SmallVector<graph::Evaluable> ops;
    getOperation().walk([&](graph::Evaluable op) { ops.push_back(op); });
    for (graph::Evaluable op : ops)
      if (op->getNumOperands() != 0) fold(op);
  }

  static void fold(graph::Evaluable op) {
    SmallVector<Attribute> constants;
    for (Value operand : op->getOperands()) {
      Attribute constant;
      if (!matchPattern(operand, m_Constant(&constant))) return;
      constants.push_back(constant);
    }
    if (!isWorthFolding(op)) return;
    SmallVector<graph::HostTensor> operands;
    for (Attribute constant : constants) {
      FailureOr<graph::HostTensor> tensor = graph::fromAttribute(constant);
      if (failed(tensor)) return;
      operands.push_back(std::move(*tensor));
    }
    auto results = graph::evaluateOp(op, operands);
    if (succeeded(results)) replace(op, *results);
  }

  static void replace(Operation *op, ArrayRef<graph::HostTensor> results) {
    OpBuilder builder(op);
    SmallVector<Value> values;
    for (auto [result, tensor] : llvm::zip(op->getResults(), results)) {
      DenseElementsAttr value = graph::toAttribute(op->getContext(), tensor);
      Operation *constant = op->getDialect()->materializeConstant(builder, value, result.getType(), op->getLoc());
      if (!constant) return;
      values.push_back(constant->getResult(0));
    }
    op->replaceAllUsesWith(values);
    op->erase();
  }
};

} // namespace
} // namespace graphc::optimize
