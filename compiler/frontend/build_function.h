// One function of the language as func.func.
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
class BodyBuilder;
struct Frame;

/// Builds it, in mode train or predict, into program.module and records it in program.functions; functions it calls
/// were built before. After a mistake nothing of it stays in the module.
void buildFunction(const Definition &definition, bool train, Program &program);

/// The two steps of that: functions that call each other are all declared before the first body.
class FunctionBuilder {
public:
  FunctionBuilder(const Definition &definition, bool train, Program &program);
  ~FunctionBuilder();
  /// Its func.func with inputs, and with the further arguments that it is assumed to take. False after reporting.
  bool declare(const BuiltFunction &assumed);
  /// False if not all results were built; `facts` and `resultTypes` say as much as was.
  bool fill();

  mlir::Operation *made = nullptr;
  BuiltFunction facts;
  llvm::SmallVector<mlir::Type> resultTypes; // null: not built

private:
  const Definition &definition;
  bool train;
  Program &program;
  std::unique_ptr<Frame> frame;
  std::unique_ptr<BodyBuilder> body;
};

/// That, or a derived function, or all functions that it calls in a circle.
void buildDefinition(Definition &definition, bool train, Program &program);

// For functions that are not built from nodes.
/// nullopt after reporting.
std::optional<llvm::SmallVector<mlir::Type>> inputTypes(llvm::ArrayRef<InputDefinition> inputs,
                                                        const Environment &environment, Program &program);
/// Where a function's params live: under its own name, or that of the function it shares with, which may share itself.
std::string paramRoot(const Definition &definition, const Program &program);
/// graph.name and graph.doc of an argument or result.
mlir::DictionaryAttr nameAndDoc(mlir::Builder &builder, llvm::StringRef name, llvm::StringRef doc);
} // namespace graphc::frontend
