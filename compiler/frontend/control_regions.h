// The regions of a node of control flow on their way to functions (structure.td says why in short, docs/decisions at
// length). Each is built in a frame that is a copy of the one around it, so every name around is seen; what it takes
// from there turns into arguments ("captures") once all regions of the node stand (region_functions.h).
#pragma once
#include "compiler/frontend/body_builder.h"
#include "compiler/frontend/control.h"
#include "dialects/graph/region_functions.h"
#include <deque>

namespace graphc::frontend {

class ControlRegions {
public:
  ControlRegions(BodyBuilder &body, Frame &frame, const NodeDefinition &node)
      : body(body), frame(frame), node(node), control(*node.control), builder(body.builder), around(body.builder) {}

protected:
  struct Region {
    const RegionDefinition *definition = nullptr;
    mlir::func::FuncOp function;
    mlir::Block *block = nullptr;
    Frame frame;
    std::vector<OperandValue> outputs;
  };

  /// Erases the regions that belong to no op.
  ~ControlRegions();

  BodyBuilder &body;
  Frame &frame;
  const NodeDefinition &node;
  const ControlDefinition &control;
  mlir::OpBuilder &builder, around; // around: where the op itself is built
  std::deque<Region> regions;
  llvm::SmallVector<mlir::Value> captures;

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
  /// Captures, and signatures, once arguments and results stand. False if no region reads the turn's number: it is no
  /// argument then.
  bool finishRegions(bool isLoop);
  mlir::FlatSymbolRefAttr symbol(size_t region) {
    return mlir::FlatSymbolRefAttr::get(regions[region].function.getSymNameAttr());
  }

  // ---- what every op of control flow has

  static mlir::RankedTensorType scalar(mlir::Type element) { return mlir::RankedTensorType::get({}, element); }
  static mlir::RankedTensorType typeOf(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  /// A condition is a bool scalar.
  bool checkCondition(mlir::Value value, support::Span span);
  template <class Op> void noteState(Op op) {
    bool touches = llvm::any_of(regions, [](const Region &region) {
      return !region.frame.effects.reads.empty() || !region.frame.effects.writes.empty();
    });
    if (touches) op.setTouchesState(true);
  }
  /// Names the node's results, and gives them.
  llvm::SmallVector<mlir::Value> finish(mlir::ValueRange results, llvm::ArrayRef<llvm::StringRef> names);
  /// Values of these types (null: poisoned) in place of the op's results: a region of it calls functions whose results
  /// have no types yet, so all that is built now is built again (recursion.h).
  llvm::SmallVector<mlir::Value> guess(llvm::ArrayRef<mlir::Type> types, llvm::ArrayRef<llvm::StringRef> names);

private:
  bool kept = false; // the regions belong to an op
};

} // namespace graphc::frontend
