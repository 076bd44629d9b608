// Reference evaluation of a whole function through Evaluable: the oracle that compiled code is compared with.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace graphc::graph {

/// Value of the parameter with this path ("net.h.weight").
using ReadParameter = llvm::function_ref<mlir::FailureOr<HostTensor>(llvm::StringRef path)>;

/// One op that was evaluated: a graph op, or a call or control flow, after its functions. `dims`: what the named dims
/// are there. Who observes may change the results before others read them.
struct EvaluatedOp {
  mlir::Operation *op;
  llvm::ArrayRef<HostTensor> operands;
  llvm::MutableArrayRef<HostTensor> results;
  const llvm::DenseMap<mlir::Attribute, int64_t> &dims;
};
using ObserveOp = llvm::function_ref<void(const EvaluatedOp &)>;

/// Evaluates a function whose body is one block of graph ops and calls of such functions. Fails with a diagnostic on
/// anything else, on an argument that has not the shape and dtype of the signature, on recursion that passes its
/// max_depth, and on loops nested deeper than 200.
mlir::LogicalResult evaluateFunction(mlir::func::FuncOp function, llvm::ArrayRef<HostTensor> arguments,
                                     ReadParameter readParameter, llvm::SmallVectorImpl<HostTensor> &results,
                                     ObserveOp observe = nullptr);

} // namespace graphc::graph
