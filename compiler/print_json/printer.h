// The state of one graphText (print_json.h): the text so far and the names of values in it.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"
#include <optional>

namespace graphc::print_json {

/// As a JSON string.
std::string quoted(llvm::StringRef name);

class Printer {
public:
  explicit Printer(mlir::ModuleOp module) : module(module), out(text) {}
  std::optional<std::string> run(llvm::StringRef weights);

private:
  bool printFunction(mlir::func::FuncOp function);
  void printInputs(mlir::func::FuncOp function);
  void printParams();
  bool printNode(mlir::Operation *op);
  /// And the bracket that ends the list.
  bool printNodes(mlir::Block &block, llvm::StringRef indent);
  void printResults(mlir::Operation *op, size_t count);
  bool printAttribute(mlir::Attribute attribute, llvm::StringRef kind);
  bool printOperand(mlir::Value value);
  bool printLiteral(mlir::Attribute value);
  void printElements(const graph::HostTensor &tensor, size_t axis, size_t &next);
  void printNumber(const graph::HostTensor &tensor, size_t index);
  void printList(llvm::ArrayRef<int64_t> list);
  std::string typeText(mlir::Type type);
  std::string freshName(llvm::StringRef wanted);
  void nameResults(mlir::func::FuncOp function);
  void nameNodes(mlir::Block &block);

  // print_control.cpp
  bool printControl(mlir::Operation *op);
  bool printIf(graph::IfOp op);
  bool printWhile(graph::WhileOp op);
  bool printScan(graph::ScanOp op);
  /// Names a region's arguments, of which the last are what it captures, and what is computed in it.
  mlir::Block *openRegion(mlir::Operation *op, mlir::FlatSymbolRefAttr function, llvm::ArrayRef<std::string> own,
                          mlir::ValueRange captures);
  /// `outputs`: the key of each, none where they go by position; the last `collected` of them are put together. `turn`:
  /// a carry that counts the turns.
  bool printRegion(mlir::Block &block, llvm::ArrayRef<std::string> outputs, size_t collected,
                   llvm::StringRef turn = "");
  bool printNamed(llvm::StringRef key, llvm::ArrayRef<std::string> given, mlir::ValueRange values,
                  llvm::StringRef further = "");
  std::vector<std::string> freshNames(llvm::StringRef wanted, size_t count);

  mlir::ModuleOp module;
  std::string text;
  llvm::raw_string_ostream out;
  llvm::StringSet<> taken;
  llvm::DenseMap<mlir::Value, std::string> names;
  std::vector<std::string> outputNames;
  llvm::StringMap<std::string> params; // path -> name in the function
  unsigned depth = 0;                  // of regions
};

} // namespace graphc::print_json
