// One function of the language as func.func.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
/// Builds it, in mode train or predict, into program.module and records it in program.functions; functions it calls
/// were built before. After a mistake nothing of it stays in the module.
void buildFunction(const Definition &definition, bool train, Program &program);

// For functions that are not built from nodes.
/// nullopt after reporting.
std::optional<llvm::SmallVector<mlir::Type>> inputTypes(llvm::ArrayRef<InputDefinition> inputs,
                                                        const Environment &environment, Program &program);
/// graph.name and graph.doc of an argument or result.
mlir::DictionaryAttr nameAndDoc(mlir::Builder &builder, llvm::StringRef name, llvm::StringRef doc);
} // namespace graphc::frontend
