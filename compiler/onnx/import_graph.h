// Walks a graph's nodes in their order. ONNX demands that every node stands after what it reads, so one pass is enough
// and a cycle shows as a name that nothing above defines.
#pragma once
#include "compiler/onnx/model_builder.h"
#include "compiler/onnx/op_arguments.h"
#include "llvm/ADT/StringMap.h"

namespace graphc::onnx {

using Values = llvm::SmallVector<Value>;
using NodeList = google::protobuf::RepeatedPtrField<::onnx::NodeProto>;
using Opsets = llvm::StringMap<int64_t>; // by domain; "" is ai.onnx

/// The names of one graph or function body. A name whose value could not be built maps to a null value: it was
/// reported, and what reads it is skipped in silence.
struct Scope {
  const Scope *outer = nullptr; // of a branch: the graph around it
  llvm::StringMap<Value> values;
  const Value *find(llvm::StringRef name) const {
    for (const Scope *scope = this; scope; scope = scope->outer)
      if (auto it = scope->values.find(name); it != scope->values.end()) return &it->second;
    return nullptr;
  }
};

class GraphImporter {
public:
  GraphImporter(ModelBuilder &builder, const ::onnx::ModelProto &model);
  /// Reads the model's opsets; false after reporting one that is not supported.
  bool readOpsets();
  /// Initializers become constants of the scope.
  void importInitializers(const ::onnx::GraphProto &graph, Scope &scope);
  void importNodes(const NodeList &nodes, Scope &scope, const Opsets &opsets, int depth);
  /// The values of names; an unknown one is an error.
  Values outputs(const ::onnx::GraphProto &graph, const Scope &scope);
  const Opsets &modelOpsets() const { return opsets; }

private:
  void importNode(const ::onnx::NodeProto &node, Scope &scope, const Opsets &opsets, int depth);
  bool readInputs(const ::onnx::NodeProto &node, const Scope &scope, Values &inputs, bool &poisoned);
  /// Where a node with regions stands (import_control.cpp).
  struct Surroundings {
    Scope &scope;
    const Opsets &opsets;
    int depth;
  };
  struct ScanParts {
    Values inits, over;
    Ints inputReversed, inputAxes, outputReversed, outputAxes;
  };
  void importIf(class NodeBuilder &node, Surroundings around);
  void importLoop(class NodeBuilder &node, Surroundings around);
  void importScan(class NodeBuilder &node, Surroundings around);
  Values scanOnce(class NodeBuilder &node, const ::onnx::GraphProto &body, const ScanParts &parts, Surroundings around);
  Values importRegion(class NodeBuilder &node, const ::onnx::GraphProto &graph, llvm::ArrayRef<Value> arguments,
                      Surroundings around);
  bool importCall(class NodeBuilder &node, const ::onnx::FunctionProto &function, llvm::ArrayRef<Value> inputs,
                  int depth);
  void define(const ::onnx::NodeProto &node, llvm::ArrayRef<Value> results, Scope &scope);
  void error(llvm::StringRef code, const llvm::Twine &message);

  ModelBuilder &builder;
  const ::onnx::ModelProto &model;
  Opsets opsets;
  llvm::StringMap<const ::onnx::FunctionProto *> functions; // by "domain name"
};

} // namespace graphc::onnx
