// A graph file from text to module, top to bottom: read and check the file, collect the definitions, resolve names,
// order by calls, build every function (so that one run shows as many mistakes as it can), keep what the entries reach.
#include "compiler/components/components.h"
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/call_graph.h"
#include "compiler/frontend/file_dims.h"
#include "compiler/frontend/frontend.h"
#include "compiler/frontend/resolve_names.h"
#include "compiler/support/files.h"
#include "compiler/support/public_names.h"
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
  GraphReader(Program &program, JsonValue root, llvm::StringRef path, llvm::StringRef libraryName)
      : program(program), diagnostics(program.diagnostics), root(root), path(path), libraryName(libraryName) {}

  void read(llvm::ArrayRef<support::JsonDocument> components) {
    if (!checkKind(root, anObject, "the file", diagnostics)) return;
    checkKeys(root, fileKeys(), "the file", diagnostics);
    checkVersion();
    for (const support::JsonDocument &component : components)
      addDefinitions(component.root().find("layers"), /*isLayer=*/true, /*isStandard=*/true);
    addDefinitions(object("functions"), /*isLayer=*/false, /*isStandard=*/false);
    addDefinitions(object("layers"), /*isLayer=*/true, /*isStandard=*/false);
    program.defaults = object("defaults");
    checkDefaults();
    bool dimsAreKnown = readDims(object("dims"), program);
    for (auto &entry : program.definitions)
      if (entry.second.valid) resolveNames(entry.second, program);
    checkEntries();
    std::vector<std::string> order = callOrder(program);
    if (!dimsAreKnown) return; // every type would be wrong
    for (const std::string &name : order) {
      const Definition &definition = program.definitions.find(name)->second;
      if (!definition.isLayer && definition.valid) buildFunction(definition, program);
    }
    if (diagnostics.hasErrors()) return;
    describeModule();
    keepReached();
  }

private:
  Program &program;
  support::Diagnostics &diagnostics;
  JsonValue root;
  llvm::StringRef path, libraryName;
  llvm::StringSet<> refused; // names that were defined but may not be: reported once

  /// A member that checkKeys() found to be an object, else absent.
  JsonValue object(llvm::StringRef key) const {
    JsonValue value = root.find(key);
    return value && value.isObject() ? value : JsonValue();
  }

  void checkVersion() {
    JsonValue version = root.find("graphc");
    if (!version || !version.isNumber()) return;
    std::optional<int64_t> number = version.integer();
    if (!number || *number != 1)
      diagnostics.error("G0013", version.span(),
                        "this file is of version " + version.numberText() +
                            " of the language, this graphc reads version 1");
  }

  void addDefinitions(JsonValue container, bool isLayer, bool isStandard) {
    if (!container) return;
    for (JsonValue json = container.firstChild(); json; json = json.next()) {
      llvm::StringRef name = json.key();
      auto old = program.definitions.find(name);
      if (graph::findOp(name) || (old != program.definitions.end() && old->second.isStandard)) {
        diagnostics.error("G1014", json.keySpan(),
                          "'" + name + "' is " + (graph::findOp(name) ? "an op" : "a standard layer") +
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
      Definition definition = readDefinition(json, isLayer, diagnostics);
      definition.isStandard = isStandard;
      program.definitions.emplace(name.str(), std::move(definition));
    }
  }

  void checkDefaults() {
    if (!program.defaults) return;
    for (JsonValue forOp = program.defaults.firstChild(); forOp; forOp = forOp.next()) {
      if (!checkKind(forOp, anObject, "the defaults of an op", diagnostics)) continue;
      llvm::SmallVector<llvm::StringRef> names;
      const Definition *definition = program.find(forOp.key());
      if (const graph::OpSignature *op = Program::findOp(forOp.key())) {
        for (const graph::AttributeSignature &a : op->attributes) names.push_back(a.name);
      } else if (definition && definition->isLayer) {
        for (const AttributeDefinition &a : definition->attributes) names.push_back(a.name);
      } else {
        program.unknownCallee(forOp.key(), forOp.keySpan(), /*formula=*/false);
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
      if (!definition.second.isLayer) names.push_back(definition.first);
    llvm::StringSet<> seen;
    for (JsonValue entry = entries().firstChild(); entry; entry = entry.next()) {
      if (!checkKind(entry, aString, "an entry", diagnostics)) continue;
      const Definition *definition = program.find(entry.string());
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

  /// A graph from a stranger names only files beside it. Links that lead out are refused when the file is opened.
  void checkInFolder(JsonValue file) {
    llvm::StringRef name = file.string();
    bool leaves = llvm::sys::path::is_absolute(name);
    for (llvm::StringRef part : llvm::make_range(llvm::sys::path::begin(name), llvm::sys::path::end(name)))
      leaves |= part == "..";
    if (leaves)
      diagnostics.error("G5005", file.span(), "'" + support::printable(name) + "' leaves the folder of the graph file",
                        "put the file beside the graph, or name it on the command line with --weights");
  }

  void describeModule() {
    mlir::Builder builder(program.context);
    JsonValue name = root.find("name"), doc = root.find("doc"), weights = root.find("weights");
    llvm::StringRef stem = llvm::sys::path::stem(path);
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
    if (!weights) return;
    llvm::SmallVector<mlir::Attribute> paths;
    auto add = [&](JsonValue file) {
      checkInFolder(file);
      paths.push_back(builder.getStringAttr(file.string()));
    };
    if (weights.isString()) add(weights);
    for (JsonValue file = weights.isArray() ? weights.firstChild() : JsonValue(); file; file = file.next())
      if (checkKind(file, anObject, "an element of 'weights'", diagnostics) &&
          checkKeys(file, weightKeys(), "a weight file", diagnostics))
        add(file.find("file"));
    program.module->setAttr("graph.weights", builder.getArrayAttr(paths));
  }

  /// Marks the entries and erases functions that none of them reaches, and params that no function left reads.
  void keepReached() {
    if (!entries()) return; // a library file: all of it was checked
    std::vector<mlir::func::FuncOp> pending;
    llvm::StringSet<> reached;
    int64_t position = 0;
    for (JsonValue entry = entries().firstChild(); entry; entry = entry.next()) {
      auto function = mlir::cast<mlir::func::FuncOp>(program.functions[entry.string().str()].op);
      function.setPublic();
      function->setAttr("graph.entry", mlir::Builder(program.context).getI64IntegerAttr(position++));
      reached.insert(entry.string());
      pending.push_back(function);
    }
    llvm::StringSet<> read;
    while (!pending.empty()) {
      mlir::func::FuncOp function = pending.back();
      pending.pop_back();
      for (mlir::Operation &op : function.getBody().front()) {
        if (auto parameter = mlir::dyn_cast<graph::ReadParameterOp>(op)) read.insert(parameter.getParameter());
        auto call = mlir::dyn_cast<graph::CallOp>(op);
        if (!call || !reached.insert(call.getCallee()).second) continue;
        pending.push_back(mlir::cast<mlir::func::FuncOp>(program.functions[call.getCallee().str()].op));
      }
    }
    for (mlir::Operation &op : llvm::make_early_inc_range(*program.module.getBody())) {
      auto function = mlir::dyn_cast<mlir::func::FuncOp>(op);
      auto parameter = mlir::dyn_cast<graph::ParameterOp>(op);
      if ((function && !reached.contains(function.getName())) || (parameter && !read.contains(parameter.getSymName())))
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
  std::vector<support::JsonDocument> components(components::standardLayers().size());
  for (auto [i, component] : llvm::enumerate(components::standardLayers())) {
    uint32_t id = sources.add(("std:" + component.name).str(), component.text.str());
    if (!support::readJson(sources, id, diagnostics, components[i])) return nullptr;
  }
  auto location = mlir::FileLineColLoc::get(&context, path, 1, 1);
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(location);
  Program program{&context, sources, diagnostics, *module, {}, {}, {}, {}, {}};
  GraphReader(program, document.root(), path, libraryName).read(components);
  if (diagnostics.hasErrors()) return nullptr;
  if (mlir::failed(mlir::verify(*module))) {
    diagnostics.error("G9900", document.root().span(), "internal error: the graph that was read is not well formed");
    return nullptr;
  }
  return module;
}
} // namespace graphc::frontend
