// graph_text.h.
#include "tests/models/graph_text.h"
#include "compiler/frontend/frontend.h"
#include "dialects/graph/element_type.h"
#include "llvm/Support/FileSystem.h"

namespace graphc::test {
using graph::HostTensor;

mlir::OwningOpRef<mlir::ModuleOp> readText(mlir::MLIRContext &context, const std::string &text, std::string &messages) {
  llvm::SmallString<64> path;
  if (llvm::sys::fs::createTemporaryFile("graphc-test", "json", path)) return messages = "no temporary file", nullptr;
  std::error_code error;
  llvm::raw_fd_ostream(path, error) << text;
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  mlir::OwningOpRef<mlir::ModuleOp> module = frontend::readGraph(context, sources, diagnostics, path);
  llvm::sys::fs::remove(path);
  for (const support::Diagnostic &d : diagnostics.all()) messages += d.message + "\n";
  return module;
}

HostTensor zerosOf(mlir::Type type, SizeOf sizeOf) {
  auto tensor = mlir::cast<mlir::RankedTensorType>(type);
  llvm::SmallVector<int64_t> shape;
  for (const graph::Dim &dim : graph::shapeOf(tensor)) shape.push_back(dim.evaluate(sizeOf));
  return HostTensor(*graph::dtypeOf(tensor.getElementType()), shape);
}

HostTensor drawTensor(mlir::Type type, SizeOf sizeOf, const ValueKind &kind, std::mt19937 &random) {
  HostTensor zeros = zerosOf(type, sizeOf);
  return drawTensor(zeros.dtype, zeros.shape, kind, random);
}

mlir::FailureOr<HostTensor> noParameter(llvm::StringRef) { return mlir::failure(); }

} // namespace graphc::test
