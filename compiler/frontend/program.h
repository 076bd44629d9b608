// What all parts of the frontend share while one graph is read: its files with their dims and defaults, the
// definitions, the module that is being made, and the params and functions made so far.
#pragma once
#include "compiler/frontend/definition.h"
#include "dialects/graph/op_signature.h"
#include "mlir/IR/BuiltinOps.h"
#include <deque>
#include <set>

namespace graphc::frontend {

/// One file: the graph itself, a file it includes, or the file of a standard layer.
struct FileScope {
  std::string path;   // as shown
  std::string prefix; // of its names among all definitions: "" for the graph itself and the standard layers, "my."
  support::JsonValue root;
  support::JsonValue defaults; // "defaults", or absent
  Environment dims;
  llvm::StringMap<FileScope *> includes; // "include": alias -> file
  bool isStandard = false;
  std::string variant; // of its functions' keys: "[B/8]" while they are built for parts of a batch (derive_step.cpp)
  bool isMain() const { return prefix.empty() && !isStandard; }
  /// A member of the root that is an object, else absent.
  support::JsonValue object(llvm::StringRef key) const {
    support::JsonValue value = root.isObject() ? root.find(key) : support::JsonValue();
    return value && value.isObject() ? value : support::JsonValue();
  }
};

struct Param { // one graph.parameter: a param or a state
  mlir::RankedTensorType type;
  support::Span declared;
  std::string owner;   // "param of 'dense'"
  std::string variant; // the key in Program::functions of the function that made it
  bool isState = false;
};

struct Effects { // on states and params, by path
  std::set<std::string> reads, writes;
  void add(const Effects &other) {
    reads.insert(other.reads.begin(), other.reads.end());
    writes.insert(other.writes.begin(), other.writes.end());
  }
};

struct BuiltFunction { // its func.func, or null if a mistake kept it from being built
  mlir::Operation *op = nullptr;
  Effects effects;
  uint64_t nodes = 0;                     // with those of what it calls
  std::vector<mlir::Attribute> sizesRead; // its dims that formulas read as numbers
  // Arguments behind its inputs (random_numbers.cpp): the path of the call if it draws, the entry call's key if it
  // needs that.
  bool takesPath = false, takesKey = false;
  std::vector<std::string> trained{}; // of a train_step: its params, in the order of their gradients
};

struct Program {
  mlir::MLIRContext *context;
  support::Sources &sources;
  support::Diagnostics &diagnostics;
  mlir::ModuleOp module;
  FileScope main;
  std::deque<FileScope> otherFiles; // stable addresses
  std::deque<support::JsonDocument> documents;
  Definitions definitions;
  std::map<std::string, Param, std::less<>> params;
  std::map<std::string, BuiltFunction, std::less<>> functions; // by functionKey()
  std::vector<Definition *> withRules;                         // "custom_derivative", in the order of their names
  bool guessing = false; // the functions at work call some whose results have no types yet (recursion.h)

  /// What `name`, written in a file, stands for: a definition of that file, of one it includes (my.block), or a
  /// standard layer.
  const Definition *find(const FileScope &scope, llvm::StringRef name) const;
  /// By its full name.
  const Definition *findFull(llvm::StringRef name) const;
  /// An op that a node may name; null for others.
  static const graph::OpSignature *findOp(llvm::StringRef name);
  /// G1001 with the nearest op, layer or function; G0014 for a word of the language that this version does not build.
  void unknownCallee(const FileScope &scope, llvm::StringRef name, support::Span span, bool formula,
                     support::Diagnostics &diagnostics) const;
  /// What was found in a definition. G0014 in a layer is kept until something uses the layer.
  void report(Definition &definition, const support::Diagnostics &found);
  /// The location of a place in a text.
  mlir::Location location(support::Span span) const;
};

/// Adds a graph.parameter, behind all that there are, with attributes "init", "a" and "b"; the caller adds its others.
mlir::Operation *createParameter(Program &program, mlir::Location location, llvm::StringRef path, mlir::Type type,
                                 bool isState, llvm::StringRef init, double a = 0, double b = 0);

/// Stands in the symbols of functions that are regions, and in no others: "net/y.body".
inline constexpr char regionMark = '/';

/// A function is built once per mode that it is used in (R17): the key of that build.
std::string functionKey(const Definition &function, bool train);

/// An attribute of an op or layer as a node gives it: the node's own value, or that of the "defaults" of its file;
/// absent if neither. `callee`: as the node calls it.
support::JsonValue givenAttribute(const Definition &caller, llvm::StringRef callee,
                                  llvm::ArrayRef<support::JsonValue> own, llvm::StringRef name);

} // namespace graphc::frontend
