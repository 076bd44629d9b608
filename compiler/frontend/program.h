// What all parts of the frontend share while one file is read: the definitions, the file's dims and defaults, the
// module that is being made, and the params made so far.
#pragma once
#include "compiler/frontend/definition.h"
#include "dialects/graph/op_signature.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphc::frontend {

struct Param { // one graph.parameter
  mlir::RankedTensorType type;
  support::Span declared;
  std::string owner; // "param of 'dense'"
};

struct BuiltFunction { // its func.func, or null if a mistake kept it from being built
  mlir::Operation *op = nullptr;
};

struct Program {
  mlir::MLIRContext *context;
  support::Sources &sources;
  support::Diagnostics &diagnostics;
  mlir::ModuleOp module;
  Definitions definitions;
  Environment dims;
  support::JsonValue defaults; // "defaults" of the file, or absent
  std::map<std::string, Param, std::less<>> params;
  std::map<std::string, BuiltFunction, std::less<>> functions;

  const Definition *find(llvm::StringRef name) const;
  /// An op that a node may name; null for others.
  static const graph::OpSignature *findOp(llvm::StringRef name);
  /// G1001 with the nearest op, layer or function.
  void unknownCallee(llvm::StringRef name, support::Span span, bool formula);
  /// The location of a place in a text.
  mlir::Location location(support::Span span) const;
};

/// An attribute of an op or layer as a node gives it: the node's own value, or that of the file's "defaults"; absent if
/// neither.
support::JsonValue givenAttribute(const Program &program, const Definition &caller, llvm::StringRef callee,
                                  llvm::ArrayRef<support::JsonValue> own, llvm::StringRef name);

} // namespace graphc::frontend
