// What random_graph.cpp and random_control.cpp share: a block grows by ops on the values that it holds so far.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/element_type.h"
#include "mlir/IR/Builders.h"
#include "tests/models/random_graph.h"

namespace graphc::test {

class Generator {
public:
  /// `name`: what the names of further functions begin with.
  Generator(mlir::ModuleOp module, llvm::StringRef name, const RandomGraph &kind, std::mt19937 &random);

  using Values = llvm::SmallVector<mlir::Value>;
  unsigned below(unsigned n) { return unsigned(random() % n); }
  mlir::RankedTensorType inputType();
  /// Up to `nodes` ops behind those of the block, whose results become `values`. `depth`: of control flow around it.
  void grow(mlir::OpBuilder &b, Values &values, unsigned nodes, unsigned depth);
  /// What no result needs, the compiler drops, and with it a wrong index that the reference would find.
  static void dropUnused(mlir::Block &block);

private:
  mlir::ModuleOp module;
  mlir::MLIRContext *context;
  std::string name;
  RandomGraph kind;
  std::mt19937 &random;
  graph::Dtype favourite;
  llvm::SmallVector<graph::Dim> likely; // the last input's shape

  // random_graph.cpp
  mlir::Attribute attribute(llvm::StringRef kind, mlir::ValueRange operands);
  graph::Dim drawSize();
  graph::Dtype drawDtype();
  static bool isSmall(mlir::Type type);
  mlir::Value draw(llvm::ArrayRef<mlir::Value> values);
  /// One op on some of the values; null if the draw was none that the op takes.
  mlir::Operation *tryOp(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values);

  // random_control.cpp
  mlir::Operation *tryControl(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values, unsigned depth);
  mlir::Operation *tryIf(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values, unsigned depth);
  mlir::Operation *tryWhile(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values, unsigned depth);
  mlir::Operation *tryScan(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values, unsigned depth);
  mlir::Operation *tryRecursion(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values, unsigned depth);
  mlir::Operation *tryCall(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values, unsigned depth);
  struct Region {
    mlir::func::FuncOp function;
    Values values; // arguments, then what it computes
    mlir::OpBuilder b;
  };
  /// How a loop goes back; of segments, how many. `isBounded`: a while that has a limit.
  template <class Op> Op withMode(Op loop, bool isBounded);
  unsigned regions = 0;
  llvm::SmallVector<mlir::func::FuncOp> callees;
  Region begin(mlir::TypeRange arguments, unsigned depth);
  mlir::FlatSymbolRefAttr finish(Region &region, mlir::ValueRange results);
  Values drawSome(llvm::ArrayRef<mlir::Value> values, unsigned least, unsigned most);
  /// One of these types among the values, rather a late one; null if there is none.
  mlir::Value ofType(mlir::Type type, llvm::ArrayRef<mlir::Value> values);
  /// A bool scalar that depends on the values.
  mlir::Value condition(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> values);
  /// An op of the table by its mnemonic; null if it takes no such operands.
  mlir::Value make(mlir::OpBuilder &b, llvm::StringRef mnemonic, mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  mlir::Value number(mlir::OpBuilder &b, mlir::Type element, int64_t value);
};

} // namespace graphc::test
