// Graphs as tests write them: text through the frontend, and tensors of their types in a call of given sizes.
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tests/models/element_values.h"

namespace graphc::test {

/// The module of a graph; null if the frontend refuses it, and then `messages` says why, a line for each.
mlir::OwningOpRef<mlir::ModuleOp> readText(mlir::MLIRContext &context, const std::string &text, std::string &messages);

/// What a named dim is in a call.
using SizeOf = llvm::function_ref<int64_t(graph::DimAttr)>;
graph::HostTensor zerosOf(mlir::Type type, SizeOf sizeOf);
graph::HostTensor drawTensor(mlir::Type type, SizeOf sizeOf, const ValueKind &kind, std::mt19937 &random);

/// For graph::evaluateFunction: the graph has no params.
mlir::FailureOr<graph::HostTensor> noParameter(llvm::StringRef path);

} // namespace graphc::test
