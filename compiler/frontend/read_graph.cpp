// A graph file from text to module, top to bottom: read and check the file, collect the definitions, resolve names,
// order by calls, build every function (so that one run shows as many mistakes as it can), keep what the entries reach.
#include "compiler/components/components.h"
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/call_graph.h"
#include "compiler/frontend/control.h"
#include "compiler/frontend/custom_derivative.h"
#include "compiler/frontend/derive_function.h"
#include "compiler/frontend/file_dims.h"
#include "compiler/frontend/frontend.h"
#include "compiler/frontend/include_files.h"
#include "compiler/frontend/random_numbers.h"
#include "compiler/frontend/resolve_names.h"
#include "compiler/frontend/weight_files.h"
#include "compiler/support/files.h"
#include "compiler/support/public_names.h"
#include "dialects/graph/custom_derivative.h"
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

namespace {
constexpr uint64_t maxFileBytes = uint64_t(256) << 20;

class GraphReader {
public:
  GraphReader(Program &program, llvm::StringRef libraryName)
      : program(program), diagnostics(program.diagnostics), root(program.main.root), libraryName(libraryName) {}

  void read() {
    if (!checkKind(root, anObject, "the file", diagnostics)) return;
    bool complete = readIncludes(program);
    for (FileScope &file : program.otherFiles)
      if (file.isStandard) addDefinitions(file);
    addDefinitions(program.main);
    for (FileScope &file : program.otherFiles)
      if (!file.isStandard) addDefinitions(file);
    bool dimsAreKnown = readDims(program.main, program);
    for (FileScope &file : program.otherFiles)
      if (!file.isStandard) dimsAreKnown &= readDims(file, program);
    if (!complete) return; // every name of the missing file would be unknown
    checkDefaults(program.main);
    for (FileScope &file : program.otherFiles) checkDefaults(file);
    for (auto &entry : program.definitions) adoptOutputs(entry.second);
    std::set<std::string> used = usedLayers([](const Definition &definition) { return !definition.isStandard; });
    for (auto &entry : program.definitions)
      if (entry.second.isStandard && !used.count(entry.first))
        continue; // nobody asks for it
      else if (entry.second.valid || (entry.second.hasNames && !entry.second.layerUse))
        resolveNames(entry.second, program);
    refuseUnsupportedLayers();
    checkEntries();
    for (auto &[name, definition] : program.definitions)
      if (definition.customDerivative) program.withRules.push_back(&definition);
    CallOrder order = callOrder(program);
    if (!dimsAreKnown) return; // every type would be wrong
    for (const std::string &name : order.calleesFirst) {
      Definition &definition = program.definitions.find(name)->second;
      if (definition.isLayer || !definition.valid) continue;
      buildDefinition(definition, definition.train.value_or(false), program);
      if (!definition.train && order.trained.count(name)) buildDefinition(definition, /*train=*/true, program);
      attachCustomDerivatives(program); // before what derives them
    }
    if (diagnostics.hasErrors()) return;
    describeModule();
    keepReached();
    giveEntriesKeys(program);
  }

private:
  Program &program;
  support::Diagnostics &diagnostics;
  JsonValue root;
  llvm::StringRef libraryName;
  llvm::StringSet<> refused; // names that were defined but may not be: reported once

  void checkVersion(const FileScope &file) {
    JsonValue version = file.root.find("graphc");
    if (!version || !version.isNumber()) return;
    std::optional<int64_t> number = version.integer();
    if (!number || *number != 1)
      diagnostics.error("G0013", version.span(),
                        "this file is of version " + version.numberText() +
                            " of the language, this graphc reads version 1");
  }

  void addDefinitions(FileScope &file) {
    if (!checkKind(file.root, anObject, "the file", diagnostics)) return;
    checkKeys(file.root, fileKeys(), "the file", diagnostics);
    checkVersion(file);
    file.defaults = file.object("defaults");
    addDefinitions(file, file.object("functions"), /*isLayer=*/false);
    addDefinitions(file, file.object("layers"), /*isLayer=*/true);
  }

  void addDefinitions(const FileScope &file, JsonValue container, bool isLayer) {
    for (JsonValue json = container ? container.firstChild() : JsonValue(); json; json = json.next()) {
      llvm::StringRef name = json.key();
      auto old = program.definitions.find(file.prefix + name.str());
      const Definition *taken = program.find(file, name);
      if (graph::findOp(name) || isControlWord(name) || (taken && taken->isStandard && !file.isStandard)) {
        diagnostics.error("G1014", json.keySpan(),
                          "'" + name + "' is " + (taken && taken->isStandard ? "a standard layer" : "an op") +
                              ", choose another name");
        refused.insert(name);
        continue;
      }
      if (old != program.definitions.end()) {
        support::Diagnostic d;
        d.code = "G1005";
        d.message = "'" + name.str() + "' is both a function and a layer";
        d.span = json.keySpan();
        d.notes.push_back({old->second.json.keySpan(), "the function is defined here"});
        diagnostics.report(std::move(d));
        continue;
      }
      support::Diagnostics found(program.sources);
      Definition definition = readDefinition(json, isLayer, file, found);
      program.report(definition, found);
      std::string full = definition.name;
      program.definitions.emplace(std::move(full), std::move(definition));
    }
  }

  /// Layers that the definitions for which `begins` holds may name, directly or through others.
  std::set<std::string> usedLayers(llvm::function_ref<bool(const Definition &)> begins) const {
    std::set<std::string> used;
    std::vector<const Definition *> open;
    for (auto &entry : program.definitions)
      if (begins(entry.second)) open.push_back(&entry.second);
    auto useName = [&](const Definition &by, llvm::StringRef name) {
      const Definition *layer = program.find(*by.scope, name);
      if (layer && layer->isLayer && used.insert(layer->name).second) open.push_back(layer);
    };
    auto use = [&](const Definition &by, JsonValue name) {
      if (name && name.isString()) useName(by, name.string());
    };
    auto useNode = [&](const Definition &by, const NodeDefinition &node) {
      use(by, node.callee);
      for (JsonValue attribute : node.attributes) use(by, attribute); // "activation": a layer
    };
    for (size_t i = 0; i < open.size(); ++i) {
      const Definition &definition = *open[i];
      forEachNode(definition, [&](const NodeDefinition &node) { useNode(definition, node); });
      if (definition.layerUse) useNode(definition, *definition.layerUse);
      if (const TrainStepDefinition *step = trainStepOf(definition)) {
        use(definition, step->optimizer.op);
        for (llvm::StringRef layer : trainStepLayers) useName(definition, layer);
      }
      forEachOperand(definition, [&](const Operand &operand) {
        for (const ExpressionNode &node :
             operand.expression ? llvm::ArrayRef(operand.expression->nodes) : llvm::ArrayRef<ExpressionNode>())
          if (node.kind == ExpressionKind::Call && !node.isStatic) useName(definition, node.text);
      });
      for (const AttributeDefinition &attribute : definition.attributes)
        if (attribute.kind == "op" && attribute.fallback)
          useName(definition, attribute.json.string().drop_front(*attribute.fallback).trim());
      for (JsonValue forOp = definition.scope->defaults ? definition.scope->defaults.firstChild() : JsonValue(); forOp;
           forOp = forOp.next())
        for (JsonValue value = forOp.isObject() ? forOp.firstChild() : JsonValue(); value; value = value.next())
          use(definition, value);
    }
    return used;
  }

  /// What the language has and this version does not build is a mistake only where a function uses it.
  void refuseUnsupportedLayers() {
    for (const std::string &name : usedLayers([](const Definition &definition) { return !definition.isLayer; }))
      for (const support::Diagnostic &diagnostic : program.findFull(name)->notSupported) diagnostics.report(diagnostic);
  }

  /// A function that is one use of a layer has the outputs of the layer (R11).
  void adoptOutputs(Definition &definition) {
    if (!definition.layerUse) return;
    JsonValue token = definition.layerUse->callee;
    const Definition *layer = program.find(*definition.scope, token.string());
    if (layer && layer->isLayer) {
      definition.valid &= layer->valid;
      for (const OutputDefinition &output : layer->outputs) {
        OutputDefinition adopted;
        adopted.json = output.json;
        adopted.name = output.name;
        adopted.doc = output.doc;
        definition.outputs.push_back(std::move(adopted));
      }
      return;
    }
    definition.valid = false;
    if (layer || Program::findOp(token.string()))
      diagnostics.error("G1001", token.span(), "'" + token.string() + "' is no layer");
    else
      program.unknownCallee(*definition.scope, token.string(), token.span(), /*formula=*/false, diagnostics);
  }

  void checkDefaults(const FileScope &file) {
    if (!file.defaults) return;
    for (JsonValue forOp = file.defaults.firstChild(); forOp; forOp = forOp.next()) {
      if (!checkKind(forOp, anObject, "the defaults of an op", diagnostics)) continue;
      llvm::SmallVector<llvm::StringRef> names;
      const Definition *definition = program.find(file, forOp.key());
      if (const graph::OpSignature *op = Program::findOp(forOp.key())) {
        for (const graph::AttributeSignature &a : op->attributes) names.push_back(a.name);
      } else if (definition && definition->isLayer) {
        for (const AttributeDefinition &a : definition->attributes) names.push_back(a.name);
      } else {
        program.unknownCallee(file, forOp.key(), forOp.keySpan(), /*formula=*/false, diagnostics);
        continue;
      }
      for (JsonValue attribute = forOp.firstChild(); attribute; attribute = attribute.next())
        if (!llvm::is_contained(names, attribute.key()))
          diagnostics.error("G0011", attribute.keySpan(),
                            "'" + support::printable(attribute.key()) + "' is no attribute of '" + forOp.key().str() +
                                "'" + support::didYouMean(attribute.key(), names));
    }
  }

  JsonValue entries() const {
    JsonValue list = root.find("entries");
    return list && list.isArray() ? list : JsonValue();
  }

  void checkEntries() {
    if (!entries()) return;
    if (entries().size() == 0)
      diagnostics.error("G1008", entries().span(), "'entries' is empty, the library would offer nothing");
    llvm::SmallVector<llvm::StringRef> names;
    for (auto &definition : program.definitions)
      if (!definition.second.isLayer && definition.second.scope->isMain()) names.push_back(definition.first);
    llvm::StringSet<> seen;
    for (JsonValue entry = entries().firstChild(); entry; entry = entry.next()) {
      if (!checkKind(entry, aString, "an entry", diagnostics)) continue;
      const Definition *definition = program.find(program.main, entry.string());
      if (definition && definition->isLayer)
        diagnostics.error("G1012", entry.span(), "'" + entry.string() + "' is a layer, an entry must be a function");
      else if (!definition && !refused.contains(entry.string()))
        diagnostics.error("G1012", entry.span(),
                          "no function '" + support::printable(entry.string()) + "'" +
                              support::didYouMean(entry.string(), names));
      else if (definition && !seen.insert(entry.string()).second)
        diagnostics.error("G1005", entry.span(), "'" + entry.string() + "' is an entry already");
    }
  }

  void describeModule() {
    mlir::Builder builder(program.context);
    JsonValue name = root.find("name"), doc = root.find("doc"), weights = root.find("weights");
    llvm::StringRef stem = llvm::sys::path::stem(program.main.path);
    Span nameSpan = name ? name.span() : Span{root.span().file, root.span().begin, root.span().begin + 1};
    if (name)
      checkName(name.string(), nameSpan, diagnostics);
    else if (libraryName.empty() && !isName(stem))
      diagnostics.error("G0015", nameSpan,
                        "the file's stem '" + support::printable(stem) +
                            "' is no name for a library, give the file a 'name'");
    if (libraryName.empty() && support::isSharedPrefix(name ? name.string() : stem))
      diagnostics.error("G0015", nameSpan,
                        "a library cannot be called '" + (name ? name.string() : stem).str() +
                            "': 'graphc' begins the names that all libraries share",
                        "give the file another 'name'");
    program.module->setAttr("graph.name", builder.getStringAttr(!libraryName.empty() ? libraryName
                                                                : name               ? name.string()
                                                                                     : stem));
    if (doc) program.module->setAttr("graph.doc", builder.getStringAttr(doc.string()));
    if (weights) describeWeights(weights, program);
    llvm::SmallVector<mlir::Attribute> files; // for whoever decides whether a library must be built again
    for (const FileScope &file : program.otherFiles)
      if (!file.isStandard) files.push_back(builder.getStringAttr(file.path));
    if (!files.empty()) program.module->setAttr("graph.included", builder.getArrayAttr(files));
  }

  /// Marks the entries and erases functions that none of them reaches, and params that no function left reads.
  void keepReached() {
    if (!entries()) return; // a library file: all of it was checked
    std::vector<mlir::func::FuncOp> roots;
    int64_t position = 0;
    graph::FunctionDims dims;
    for (JsonValue entry = entries().firstChild(); entry; entry = entry.next()) {
      const Definition &definition = *program.find(program.main, entry.string());
      if (definition.derive) packParameterDerivatives(definition, program);
      auto function = mlir::cast<mlir::func::FuncOp>(program.functions[functionKey(definition, false)].op);
      function.setPublic();
      function->setAttr("graph.entry", mlir::Builder(program.context).getI64IntegerAttr(position++));
      checkVariants(function, dims, program);
      roots.push_back(function);
    }
    mlir::SymbolTable symbols(program.module);
    llvm::SetVector<mlir::Operation *> reached = graph::functionsBelow(roots, symbols);
    llvm::StringSet<> read;
    for (mlir::Operation *function : reached)
      function->walk([&](mlir::Operation *op) {
        if (auto parameter = mlir::dyn_cast<graph::ReadParameterOp>(op)) read.insert(parameter.getParameter());
        if (auto state = mlir::dyn_cast<graph::WriteParameterOp>(op)) read.insert(state.getParameter());
      });
    for (mlir::Operation &op : llvm::make_early_inc_range(*program.module.getBody())) {
      auto function = mlir::dyn_cast<mlir::func::FuncOp>(op);
      auto parameter = mlir::dyn_cast<graph::ParameterOp>(op);
      if ((function && !reached.contains(function)) || (parameter && !read.contains(parameter.getSymName())))
        op.erase();
    }
  }
};
} // namespace

mlir::OwningOpRef<mlir::ModuleOp> readGraph(mlir::MLIRContext &context, support::Sources &sources,
                                            support::Diagnostics &diagnostics, llvm::StringRef path,
                                            llvm::StringRef libraryName) {
  context.loadDialect<graph::GraphDialect, mlir::func::FuncDialect>();
  support::DataFile data = support::openData(path, maxFileBytes);
  if (!data) {
    diagnostics.error("G5004", Span(), data.error);
    return nullptr;
  }
  uint32_t file = sources.add(path.str(), data.bytes->getBuffer().str());
  support::JsonDocument document;
  if (!support::readJson(sources, file, diagnostics, document)) return nullptr;
  auto location = mlir::FileLineColLoc::get(&context, path, 1, 1);
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(location);
  Program program{&context, sources, diagnostics, *module, {}, {}, {}, {}, {}, {}, {}};
  program.main.path = path.str();
  program.main.root = document.root();
  for (const components::Component &component : components::standardLayers()) {
    uint32_t id = sources.add(("std:" + component.name).str(), component.text.str());
    program.documents.emplace_back();
    if (!support::readJson(sources, id, diagnostics, program.documents.back())) return nullptr;
    program.otherFiles.emplace_back();
    program.otherFiles.back().path = ("std:" + component.name).str();
    program.otherFiles.back().root = program.documents.back().root();
    program.otherFiles.back().isStandard = true;
  }
  GraphReader(program, libraryName).read();
  if (diagnostics.hasErrors()) return nullptr;
  if (mlir::failed(mlir::verify(*module))) {
    diagnostics.error("G9900", document.root().span(), "internal error: the graph that was read is not well formed");
    return nullptr;
  }
  return module;
}
} // namespace graphc::frontend
