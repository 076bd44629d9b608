// import_graph.h. Model-local functions are expanded in place; their depth and the number of nodes that result are
// bounded, so a file of functions that call one another ten times each is refused. Nodes with regions:
// import_control.cpp.
#include "compiler/onnx/import_graph.h"
#include "compiler/onnx/node_builder.h"
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using support::printable;

static constexpr int64_t firstOpset = 6, lastOpset = 28;
static constexpr int maxDepth = 64; // of functions and branches in one another

static std::string quoted(llvm::StringRef name) { return "'" + printable(name.take_front(200)) + "'"; }

/// "ai.onnx" is another spelling of "".
static llvm::StringRef domainOf(llvm::StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

static std::string functionKey(llvm::StringRef domain, llvm::StringRef name) {
  return (domainOf(domain) + llvm::Twine(' ') + name).str();
}

template <typename Imports> static Opsets readImports(const Imports &imports) {
  Opsets opsets;
  for (const ::onnx::OperatorSetIdProto &import : imports) opsets[domainOf(import.domain())] = import.version();
  return opsets;
}

GraphImporter::GraphImporter(ModelBuilder &builder, const ::onnx::ModelProto &model) : builder(builder), model(model) {
  opsets = readImports(model.opset_import());
  for (const ::onnx::FunctionProto &function : model.functions())
    functions[functionKey(function.domain(), function.name())] = &function;
}

void GraphImporter::error(llvm::StringRef code, const llvm::Twine &message) {
  builder.diagnostics.error(code, support::Span(), message);
}

bool GraphImporter::readOpsets() {
  auto found = opsets.find("");
  if (found == opsets.end() && model.opset_import_size()) return true; // all nodes are of other domains
  int64_t version = found == opsets.end() ? 1 : found->second;
  if (version >= firstOpset && version <= lastOpset) return true;
  error("G0206", "the model is written for opset " + llvm::Twine(version) + " of ONNX, expected " +
                     llvm::Twine(firstOpset) + " to " + llvm::Twine(lastOpset));
  return false;
}

void GraphImporter::importInitializers(const ::onnx::GraphProto &graph, Scope &scope) {
  for (const ::onnx::TensorProto &tensor : graph.initializer()) {
    std::string reason;
    ConstantRef constant = builder.tensors.read(tensor, reason);
    if (!constant) error("G0207", "initializer " + quoted(tensor.name()) + " cannot be read: " + reason);
    if (tensor.name().empty())
      error("G0202", "an initializer has no name");
    else if (!scope.values.try_emplace(tensor.name(), constant ? Value(constant) : Value()).second)
      error("G0202", "two initializers are called " + quoted(tensor.name()));
  }
  for (const ::onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    error("G0204", "initializer " + quoted(tensor.values().name()) + " is sparse, which is not supported");
}

bool GraphImporter::readInputs(const ::onnx::NodeProto &node, const Scope &scope, Values &inputs, bool &poisoned) {
  for (const std::string &name : node.input()) {
    if (name.empty()) { // an optional input that was left out
      inputs.push_back({});
      continue;
    }
    const Value *value = scope.find(name);
    if (!value) {
      NodeBuilder shown(builder, node, 0, {});
      shown.error("G0202", "it reads " + quoted(name) + ", which no input, initializer or earlier node is called");
      return false;
    }
    poisoned |= !*value;
    inputs.push_back(*value);
  }
  return true;
}

void GraphImporter::define(const ::onnx::NodeProto &node, llvm::ArrayRef<Value> results, Scope &scope) {
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    Value value = static_cast<size_t>(i) < results.size() ? results[i] : Value();
    if (!scope.values.try_emplace(node.output(i), value).second)
      error("G0202", "two values are called " + quoted(node.output(i)));
  }
}

void GraphImporter::importNodes(const NodeList &nodes, Scope &scope, const Opsets &versions, int depth) {
  for (const ::onnx::NodeProto &node : nodes) {
    if (builder.nodesLeft-- <= 0) {
      if (builder.nodesLeft == -1) error("G0202", "the model expands to more than " + llvm::Twine(maxNodes) + " nodes");
      return;
    }
    importNode(node, scope, versions, depth);
  }
}

void GraphImporter::importNode(const ::onnx::NodeProto &node, Scope &scope, const Opsets &versions, int depth) {
  Values inputs;
  bool poisoned = false;
  if (!readInputs(node, scope, inputs, poisoned) || poisoned) return define(node, {}, scope);
  llvm::StringRef domain = domainOf(node.domain());
  NodeBuilder at(builder, node, versions.lookup(domain), inputs);
  auto function = functions.find(functionKey(node.domain(), node.op_type()));
  if (function != functions.end()) {
    importCall(at, *function->second, inputs, depth);
  } else if (!domain.empty()) {
    at.error("G0203", "operators of the domain " + quoted(domain) + " are not supported");
  } else if (node.op_type() == "If") {
    importIf(at, {scope, versions, depth});
  } else if (node.op_type() == "Loop") {
    importLoop(at, {scope, versions, depth});
  } else if (node.op_type() == "Scan") {
    importScan(at, {scope, versions, depth});
  } else if (Mapping mapping = findMapping(node.op_type())) {
    mapping(at);
  } else {
    at.error("G0203", "this operator is not supported by this version of graphc" +
                          support::didYouMean(node.op_type(), mappedOperators()));
  }
  for (size_t i = 0; i < at.allResults().size() && !at.failed(); ++i)
    if (at.wants(i) && !at.allResults()[i]) at.unsupported("its output " + llvm::Twine(i));
  define(node, at.failed() ? llvm::ArrayRef<Value>() : at.allResults(), scope);
}

/// A node of a function body with the attributes that it takes from the call put in their place.
static ::onnx::NodeProto withAttributes(const ::onnx::NodeProto &body, const ::onnx::NodeProto &call) {
  ::onnx::NodeProto node = body;
  node.clear_attribute();
  for (const ::onnx::AttributeProto &attribute : body.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      *node.add_attribute() = attribute;
      continue;
    }
    for (const ::onnx::AttributeProto &given : call.attribute()) {
      if (given.name() != attribute.ref_attr_name()) continue;
      ::onnx::AttributeProto *added = node.add_attribute();
      *added = given;
      added->set_name(attribute.name());
    }
  }
  return node;
}

bool GraphImporter::importCall(NodeBuilder &node, const ::onnx::FunctionProto &function, llvm::ArrayRef<Value> inputs,
                               int depth) {
  if (depth >= maxDepth) return node.error("G0202", "functions call one another too deeply"), false;
  Scope inner;
  for (int i = 0; i < function.input_size(); ++i)
    inner.values[function.input(i)] = static_cast<size_t>(i) < inputs.size() ? inputs[i] : Value();
  Opsets versions = readImports(function.opset_import());
  size_t before = builder.diagnostics.errorCount();
  NodeList nodes;
  for (const ::onnx::NodeProto &body : function.node()) *nodes.Add() = withAttributes(body, node.node);
  importNodes(nodes, inner, versions, depth + 1);
  if (builder.diagnostics.errorCount() != before) return node.failSilently(), false;
  for (int i = 0; i < function.output_size(); ++i) {
    const Value *value = inner.find(function.output(i));
    if (!value && node.wants(i))
      return node.error("G0202", "its function defines no " + quoted(function.output(i))), false;
    if (value) node.result(i, *value);
  }
  return true;
}

Values GraphImporter::outputs(const ::onnx::GraphProto &graph, const Scope &scope) {
  Values results;
  for (const ::onnx::ValueInfoProto &output : graph.output()) {
    const Value *value = scope.find(output.name());
    if (!value) error("G0202", "output " + quoted(output.name()) + " is defined by no node");
    results.push_back(value ? *value : Value());
  }
  return results;
}

} // namespace graphc::onnx
