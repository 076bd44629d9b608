// The regions of a node of control flow on their way to functions (structure.td says why in short, docs/decisions at
// length). Each is built in a frame that is a copy of the one around it, so every name around is seen; what it takes
// from there turns into arguments ("captures") once all regions of the node stand. What needs no operand (constants,
// params, sizes) is made again inside.
#pragma once
#include "compiler/frontend/body_builder.h"
#include "compiler/frontend/control.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"
#include <deque>

namespace graphc::frontend {

class ControlRegions {
protected:
  struct Region {
    const RegionDefinition *definition = nullptr;
    mlir::func::FuncOp function;
    mlir::Block *block = nullptr;
    Frame frame;
    std::vector<OperandValue> outputs;
  };

  ControlRegions(BodyBuilder &body, Frame &frame, const NodeDefinition &node)
      : body(body), frame(frame), node(node), control(*node.control), builder(body.builder), around(body.builder) {}
  /// Erases the regions that belong to no op.
  ~ControlRegions();

  BodyBuilder &body;
  Frame &frame;
  const NodeDefinition &node;
  const ControlDefinition &control;
  mlir::OpBuilder &builder, around; // around: where the op itself is built
  std::deque<Region> regions;
  llvm::SetVector<mlir::Value> captures;

  support::Span callee() const { return node.callee.span(); }
  mlir::Location location() const { return body.location(frame, callee()); }
  void fail(llvm::StringRef code, support::Span span, const llvm::Twine &message, mlir::Value about = nullptr) {
    body.error(frame, code, span, message, about);
  }

  size_t errorCount() const { return body.program.diagnostics.errorCount() + frame.diagnostics->errorCount(); }

  /// Builds the nodes of a region; its outputs are values or numbers. Null after a mistake. `isLoop`: the first
  /// argument is the number of the turn.
  Region *buildRegion(const RegionDefinition &definition, llvm::ArrayRef<mlir::Type> arguments, bool isLoop);
  /// The number as a constant of the region.
  bool settle(Region &region, OperandValue &output, mlir::RankedTensorType type);
  void returnFrom(Region &region, llvm::ArrayRef<mlir::Value> results);
  /// Captures, and signatures, once arguments and results stand. Erases the turn's number where no region reads it;
  /// false then.
  bool finishRegions(bool isLoop);
  mlir::FlatSymbolRefAttr symbol(size_t region) {
    return mlir::FlatSymbolRefAttr::get(regions[region].function.getSymNameAttr());
  }

private:
  void capture();

  bool kept = false; // the regions belong to an op
};

} // namespace graphc::frontend
