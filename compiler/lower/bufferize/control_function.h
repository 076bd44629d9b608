// What make-borders needs to write a function that is one op of control flow over memory: its arguments, the places of
// tensors, buffers, and runs of what it calls. Which loops and branches stand around them, a subclass says
// (control_borders.h).
#pragma once
#include "compiler/lower/bufferize/borders.h"
#include "compiler/lower/fuse/kernel_table.h"
#include "compiler/support/library_description.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace graphc::lower {

/// A tensor's place: a buffer as it stands at borders, and what lies in it.
struct Place {
  mlir::Value buffer;
  graph::Shape shape;
  mlir::Type element;
};

/// Slices along axis 0 of a tensor.
struct Sequence {
  mlir::Value bytes;
  Place slice;
  mlir::Value sliceBytes;
};

class ControlFunction {
public:
  /// `op`: the one op of control flow in the function.
  ControlFunction(mlir::func::FuncOp function, mlir::Operation *op, KernelTable &table,
                  support::LibraryDescription &library)
      : function(function), op(op), table(table), library(library), sizes(function),
        b(function.getLoc(), mlir::OpBuilder::atBlockBegin(&function.getBody().front())) {}
  virtual ~ControlFunction() = default;

  /// Callees have their borders already. What may pass a limit is noted in the library's description.
  mlir::LogicalResult make();

protected:
  /// Writes the code where `b` stands, at the op's place.
  virtual void write() = 0;

  static mlir::RankedTensorType tensorOf(const Place &place) { return plainTensor(place.shape, place.element); }
  static mlir::MemRefType bufferType(const Place &place) { return argumentType(tensorOf(place)); }
  mlir::Value constant(int64_t value);
  mlir::Value value(const graph::Dim &size);
  /// One more buffer for what lies at `like`.
  Place another(const Place &like);
  /// The buffer without its shape: one pointer in the end.
  mlir::Value flatOf(mlir::Value buffer);
  Sequence sequence(const Place &whole);
  mlir::Value sliceAt(const Sequence &of, mlir::Value turn);
  llvm::SmallVector<Place> placesOf(mlir::ValueRange tensors);
  static llvm::SmallVector<mlir::Value> buffersOf(llvm::ArrayRef<Place> of);
  /// A byte, or a number of turns, that a callee gives or takes.
  mlir::Value cell(mlir::Type element);
  void storeTurn(mlir::Value into, mlir::Value turn);

  void run(mlir::FlatSymbolRefAttr callee, llvm::ArrayRef<mlir::Value> ins, mlir::ValueRange calleeSizes,
           llvm::ArrayRef<mlir::Value> outs);
  void copy(const Place &from, mlir::Value source, mlir::Value to);
  /// The status of a limit that was passed, which names this node (graphc_body).
  int64_t limitStatus(llvm::StringRef what, int status);

  mlir::func::FuncOp function;
  mlir::Operation *op;
  KernelTable &table;
  support::LibraryDescription &library;
  TensorSizes sizes;
  mlir::ImplicitLocOpBuilder b;
  llvm::SmallVector<Place> inputs, outputs;
  llvm::DenseMap<mlir::Value, Place> placeOf;
  mlir::Value params, status; // null: nothing may fail

private:
  mlir::LogicalResult describeArguments();
  mlir::LogicalResult describeResults();
  mlir::BlockArgument addArgument(mlir::Type type);
  void addArguments();
  mlir::LogicalResult setSignature();
  /// The bytes that begin where the buffer does.
  mlir::Value bytesOf(mlir::Value buffer);

  llvm::SmallVector<std::pair<mlir::BlockArgument, Place>> places;
};

} // namespace graphc::lower
