// The one table from ONNX operators to mappings. A mapping reads the node's inputs and attributes as its opset has
// them, builds graph ops and names the results; it returns nothing, since a mistake stays in the node (node_builder.h).
#pragma once
#include "compiler/onnx/node_builder.h"

namespace graphc::onnx {

using Mapping = void (*)(NodeBuilder &node);

struct OpRow {
  llvm::StringRef name; // op_type in the domain "ai.onnx"
  Mapping mapping;
};

/// The mapping of an operator, or null. Each family of operators has its rows in its own file.
Mapping findMapping(llvm::StringRef name);
/// All known operators, sorted: for did-you-mean.
std::vector<llvm::StringRef> mappedOperators();

llvm::ArrayRef<OpRow> elementwiseRows();
llvm::ArrayRef<OpRow> generateRows();
llvm::ArrayRef<OpRow> reshapeRows();
llvm::ArrayRef<OpRow> sliceRows();
llvm::ArrayRef<OpRow> gatherRows();
llvm::ArrayRef<OpRow> reductionRows();
llvm::ArrayRef<OpRow> matrixRows();
llvm::ArrayRef<OpRow> convolutionRows();
llvm::ArrayRef<OpRow> poolingRows();
llvm::ArrayRef<OpRow> normalizationRows();
llvm::ArrayRef<OpRow> attentionRows();
llvm::ArrayRef<OpRow> recurrentRows();
llvm::ArrayRef<OpRow> lossRows();
llvm::ArrayRef<OpRow> resizeRows();
llvm::ArrayRef<OpRow> quantizeRows();

} // namespace graphc::onnx
