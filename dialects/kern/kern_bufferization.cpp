// One-shot bufferization of kern.run: it stays one op, its tensors become memrefs, its results its outs
// (values_to_buffers).
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace graphc::kern;

namespace {
struct RunModel : bufferization::DstBufferizableOpInterfaceExternalModel<RunModel, RunOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const bufferization::AnalysisState &) const {
    auto run = cast<RunOp>(op);
    return run.getReadsOuts() || !run.isDpsInit(&operand);
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const bufferization::BufferizationOptions &options) const {
    auto run = cast<RunOp>(op);
    SmallVector<Value> ins, outs;
    auto toBuffers = [&](OperandRange values, SmallVector<Value> &buffers) -> LogicalResult {
      for (Value value : values) {
        if (!isa<TensorType>(value.getType())) {
          buffers.push_back(value);
          continue;
        }
        FailureOr<Value> buffer = bufferization::getBuffer(rewriter, value, options);
        if (failed(buffer)) return failure();
        buffers.push_back(*buffer);
      }
      return success();
    };
    if (failed(toBuffers(run.getIns(), ins)) || failed(toBuffers(run.getOuts(), outs))) return failure();
    auto onBuffers = rewriter.create<RunOp>(run.getLoc(), TypeRange(), run.getKernelAttr(), ins, outs,
                                            run.getReadsOutsAttr(), run.getInplaceAttr());
    onBuffers->setDiscardableAttrs(run->getDiscardableAttrDictionary());
    bufferization::replaceOpWithBufferizedValues(rewriter, op, outs);
    return success();
  }
};
} // namespace

void graphc::kern::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, KernDialect *) { RunOp::attachInterface<RunModel>(*context); });
}
