// The model's shell: signature of the entry, initializers, nodes, results.
#include "compiler/onnx/import_graph.h"
#include "compiler/onnx/node_builder.h"
#include "compiler/onnx/onnx.h"
#include "compiler/support/public_names.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Path.h"

namespace graphc::onnx {
using support::printable;

static constexpr size_t maxNameBytes = 512;
static constexpr llvm::StringLiteral entryName = "predict";

namespace {

class ModelImporter {
public:
  ModelImporter(mlir::ModuleOp module, support::Diagnostics &diagnostics, const ::onnx::ModelProto &model,
                llvm::StringRef folder)
      : diagnostics(diagnostics), graph(model.graph()),
        builder(module, mlir::OpBuilder::atBlockEnd(module.getBody()), diagnostics, folder), importer(builder, model) {}
  bool run();
  ModelBuilder &state() { return builder; }

private:
  bool readSignature();
  mlir::RankedTensorType inputType(const ::onnx::ValueInfoProto &input);
  bool checkName(llvm::StringRef kind, llvm::StringRef name);
  bool finish();
  mlir::DictionaryAttr named(llvm::StringRef name);
  void error(llvm::StringRef code, const llvm::Twine &message) { diagnostics.error(code, support::Span(), message); }

  support::Diagnostics &diagnostics;
  const ::onnx::GraphProto &graph;
  ModelBuilder builder;
  GraphImporter importer;
  Scope scope;
  llvm::SmallVector<const ::onnx::ValueInfoProto *> inputs; // that are no initializers
  llvm::SmallVector<mlir::Type> types;
  mlir::func::FuncOp function;
};

} // namespace

/// Names of inputs and outputs reach C strings, file names and JSON.
bool ModelImporter::checkName(llvm::StringRef kind, llvm::StringRef name) {
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(name.data());
  bool isText = llvm::isLegalUTF8String(&begin, begin + name.size()) && !name.contains('\0');
  if (isText && !name.empty() && name.size() <= maxNameBytes) return true;
  error("G0202",
        "the name of an " + kind + ", '" + printable(name.take_front(64)) + "', must be UTF-8 text of 1 to 512 bytes");
  return false;
}

mlir::RankedTensorType ModelImporter::inputType(const ::onnx::ValueInfoProto &input) {
  std::string shown = "input '" + printable(input.name()) + "'", reason;
  if (!input.type().has_tensor_type()) {
    error("G0204", shown + " is no tensor, other kinds of values are not supported");
    return {};
  }
  const ::onnx::TypeProto::Tensor &tensor = input.type().tensor_type();
  std::optional<graph::Dtype> dtype = dtypeOfNumber(tensor.elem_type(), reason);
  if (!dtype) {
    error("G0204", shown + ": " + reason);
    return {};
  }
  if (!tensor.has_shape()) {
    error("G0205", shown + " has no shape");
    return {};
  }
  Ints shape;
  for (const ::onnx::TensorShapeProto::Dimension &dim : tensor.shape().dim()) {
    if (!dim.has_dim_value()) {
      error("G0205", shown + " has an axis " + llvm::Twine(shape.size()) + " of unknown size" +
                         (dim.dim_param().empty() ? std::string() : " '" + printable(dim.dim_param()) + "'"));
      return {};
    }
    shape.push_back(dim.dim_value());
  }
  if (shape.size() <= 16 && checkedElements(shape))
    return mlir::RankedTensorType::get(shape, graph::elementType(builder.builder.getContext(), *dtype));
  error("G0202", shown + " has negative, too many or too large dims");
  return {};
}

bool ModelImporter::readSignature() {
  llvm::StringSet<> initialized, seen;
  for (const ::onnx::TensorProto &tensor : graph.initializer()) initialized.insert(tensor.name());
  bool good = true;
  for (const ::onnx::ValueInfoProto &input : graph.input()) {
    if (initialized.contains(input.name())) continue; // files before IR version 4 list initializers as inputs
    if (!checkName("input", input.name())) return false;
    if (!seen.insert(input.name()).second) {
      error("G0202", "two inputs are called '" + printable(input.name()) + "'");
      return false;
    }
    mlir::Type type = inputType(input);
    good &= static_cast<bool>(type);
    inputs.push_back(&input);
    types.push_back(type);
  }
  if (graph.output_size() == 0) error("G1008", "the graph has no outputs");
  for (const ::onnx::ValueInfoProto &output : graph.output()) good &= checkName("output", output.name());
  return good && graph.output_size() != 0;
}

mlir::DictionaryAttr ModelImporter::named(llvm::StringRef name) {
  mlir::Builder &b = builder.builder;
  return b.getDictionaryAttr(b.getNamedAttr("graph.name", b.getStringAttr(name)));
}

bool ModelImporter::run() {
  if (!importer.readOpsets() || !readSignature()) return false;
  mlir::OpBuilder &b = builder.builder;
  mlir::Location location = mlir::NameLoc::get(b.getStringAttr("the model"));
  function = b.create<mlir::func::FuncOp>(location, entryName, b.getFunctionType(types, {}));
  function->setAttr("graph.entry", b.getI64IntegerAttr(0));
  mlir::Block *block = function.addEntryBlock();
  b.setInsertionPointToEnd(block);
  importer.importInitializers(graph, scope);
  for (auto [i, input] : llvm::enumerate(inputs)) {
    function.setArgAttrs(i, named(input->name()));
    scope.values[input->name()] = Value(mlir::Value(block->getArgument(i)));
  }
  importer.importNodes(graph.node(), scope, importer.modelOpsets(), 0);
  return !diagnostics.hasErrors() && finish();
}

/// The results: a constant is put into the graph, which also checks its dtype.
bool ModelImporter::finish() {
  mlir::OpBuilder &b = builder.builder;
  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<mlir::Type> resultTypes;
  llvm::SmallVector<mlir::Attribute> names;
  llvm::StringSet<> seen;
  for (auto [i, value] : llvm::enumerate(importer.outputs(graph, scope))) {
    const std::string &name = graph.output(static_cast<int>(i)).name();
    if (!seen.insert(name).second) error("G0202", "two outputs are called '" + printable(name) + "'");
    if (!value) continue; // reported
    ::onnx::NodeProto shown;
    shown.set_op_type("output");
    shown.set_name(name);
    NodeBuilder at(builder, shown, 0, {});
    mlir::Value result = at.placed(value);
    if (!result) continue;
    results.push_back(result);
    resultTypes.push_back(result.getType());
    names.push_back(named(name));
  }
  if (diagnostics.hasErrors()) return false;
  b.create<mlir::func::ReturnOp>(function.getLoc(), results);
  function.setFunctionType(b.getFunctionType(types, resultTypes));
  function.setResAttrsAttr(b.getArrayAttr(names));
  return true;
}

/// The file's stem as an identifier that no library may not have.
static std::string libraryNameOf(llvm::StringRef path) {
  std::string name = support::identifier(llvm::sys::path::stem(path).take_front(64));
  return support::isSharedPrefix(name) ? "model_" + name : name;
}

ImportedModel importModel(mlir::MLIRContext &context, support::Diagnostics &diagnostics, llvm::StringRef path,
                          llvm::StringRef bytes, llvm::StringRef libraryName) {
  ImportedModel result;
  std::string reason;
  std::unique_ptr<::onnx::ModelProto> model = readModel(bytes, reason);
  if (!model) {
    diagnostics.error("G0201", support::Span(), "'" + printable(path) + "' cannot be read: " + reason);
    return result;
  }
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  module->getOperation()->setAttr(
      "graph.name", mlir::StringAttr::get(&context, !libraryName.empty() ? libraryName.str() : libraryNameOf(path)));
  ModelImporter importer(*module, diagnostics, *model, llvm::sys::path::parent_path(path));
  if (!importer.run()) return result;
  result.module = std::move(module);
  result.weights = importer.state().weights.safetensors();
  result.readFiles = importer.state().tensors.files();
  return result;
}

bool isModelPath(llvm::StringRef path) { return path.ends_with(".onnx"); }

} // namespace graphc::onnx
