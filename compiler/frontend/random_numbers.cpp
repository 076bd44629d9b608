// Random numbers are functions of a key, the path of the drawing node and the element's position (R21). Paths are known
// only where a function is called, so a function that draws takes two arguments behind its inputs, as far as it needs
// them: the path of the call, and the key of the entry's call for draws without a key of their own. All are i64
// scalars:
//
//   path of an entry       hash(its name)
//   path of a call         fold(path of the caller, hash(path of the node in the caller))
//   in a loop              fold(path of the function, number of the turn) stands for the path of the function
//   key of a draw          fold(its key, fold(path of the function, hash(path of the node in the function)))
//   key of an entry's call fold(rng.seed, rng.calls), then rng.calls is raised by one
//
// fold is the op with that role, hash FNV-1a of 64 bits. A path in a function is "block.0.keep": names of nodes, layers
// and turns of "repeat"; "#2" follows where a node has several calls or draws. So the ops are pure functions of their
// operands, and what is computed again draws the same.
#include "compiler/frontend/random_numbers.h"
#include "compiler/frontend/body_builder.h"
#include "compiler/support/library_description.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/recursion.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::frontend {
using support::Span;

static mlir::RankedTensorType keyType(mlir::Builder &builder) {
  return mlir::RankedTensorType::get({}, builder.getI64Type());
}

/// Another argument of the function, behind its inputs.
static mlir::Value addArgument(mlir::Block *body, mlir::OpBuilder &builder, llvm::StringRef name) {
  auto function = mlir::cast<mlir::func::FuncOp>(body->getParentOp());
  unsigned index = function.getNumArguments();
  auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("graph.name", builder.getStringAttr(name)));
  function.insertArgument(index, keyType(builder), attributes, function.getLoc());
  return function.getArgument(index);
}

void BodyBuilder::takeKeys(bool path, bool key) {
  if (path) pathArgument = addArgument(body, builder, "rng path");
  if (key) keyArgument = addArgument(body, builder, "rng key");
}

/// Of the next call or draw of the node at work.
std::string BodyBuilder::nextDrawPath(Frame &frame) const {
  std::string path = frame.drawPath + frame.drawNode;
  if (frame.drawCount++) path += "#" + std::to_string(frame.drawCount);
  return path;
}

mlir::Value BodyBuilder::entryKey() {
  if (!keyArgument) keyArgument = addArgument(body, builder, "rng key");
  return keyArgument;
}

mlir::Value BodyBuilder::foldedPath(Frame &frame, const std::string &path, Span span) {
  if (!drawPaths.insert(path).second) { // "shares" alone allows two nodes that use layers one name
    error(frame, "G1005", span,
          "two nodes that draw random numbers have the path '" + path + "', give one another 'name'");
    return nullptr;
  }
  if (!pathArgument) pathArgument = addArgument(body, builder, "rng path");
  mlir::Value hash =
      constant(keyType(builder), StaticValue::of(static_cast<int64_t>(support::stableHash(path))), span, frame);
  const graph::OpSignature &fold = *graph::findRole("fold_key");
  mlir::Value folded = pathArgument;
  llvm::SmallVector<mlir::Value> parts(frame.turns.begin(), frame.turns.end());
  parts.push_back(hash);
  for (mlir::Value part : parts) {
    auto next = buildOp(frame, fold, {{folded, {}, span}, {part, {}, span}}, {}, {}, span);
    if (next.empty()) return nullptr;
    folded = next[0];
  }
  return folded;
}

/// The key that the op is built with, in place of the one that the graph gives or leaves out.
bool BodyBuilder::giveKey(Frame &frame, const graph::OpSignature &op, llvm::SmallVectorImpl<OperandValue> &operands,
                          Span opSpan) {
  mlir::Value path = foldedPath(frame, nextDrawPath(frame), opSpan);
  if (!path) return false;
  if (operands.size() < op.operands.size()) operands.push_back({entryKey(), std::nullopt, opSpan});
  OperandValue &key = operands.back();
  auto folded = buildOp(frame, *graph::findRole("fold_key"), {key, {path, std::nullopt, opSpan}}, {}, {}, opSpan);
  if (folded.empty()) return false;
  key.value = folded[0];
  key.number.reset();
  return true;
}

/// The arguments that a callee which draws takes behind its inputs.
bool BodyBuilder::passKeys(Frame &frame, const BuiltFunction &callee, const std::string &path,
                           llvm::SmallVectorImpl<mlir::Value> &arguments, Span callSpan) {
  if (!callee.takesPath) return true;
  arguments.push_back(foldedPath(frame, path, callSpan));
  if (callee.takesKey) arguments.push_back(entryKey());
  return bool(arguments[arguments.size() - (callee.takesKey ? 2 : 1)]);
}

static mlir::Value keyOf(mlir::OpBuilder &builder, mlir::Location location, int64_t value) {
  auto elements = mlir::DenseElementsAttr::get(keyType(builder), value);
  return builder.getContext()
      ->getLoadedDialect<graph::GraphDialect>()
      ->materializeConstant(builder, elements, elements.getType(), location)
      ->getResult(0);
}
static mlir::Value keyOp(mlir::OpBuilder &builder, mlir::Location location, llvm::StringRef mnemonic,
                         mlir::ValueRange operands) {
  mlir::OperationState state(location, ("graph." + mnemonic).str(), operands, keyType(builder), {});
  return builder.create(state)->getResult(0);
}

mlir::Value foldKey(mlir::OpBuilder &builder, mlir::Location location, mlir::Value key, int64_t number) {
  return keyOp(builder, location, graph::findRole("fold_key")->mnemonic, {key, keyOf(builder, location, number)});
}

namespace {
/// The entry that C calls, before a function that draws.
class KeyedEntry {
public:
  KeyedEntry(Program &program, mlir::func::FuncOp drawing)
      : program(program), drawing(drawing), builder(drawing), location(drawing.getLoc()) {}

  void make(const BuiltFunction &built) {
    size_t inputs = drawing.getNumArguments() - built.takesPath - built.takesKey;
    std::string name = drawing.getSymName().str();
    (void)mlir::SymbolTable::replaceAllSymbolUses(drawing, builder.getStringAttr(name + "#drawing"), program.module);
    drawing.setSymName(name + "#drawing");
    auto entry = builder.create<mlir::func::FuncOp>(
        location, name,
        builder.getFunctionType(drawing.getArgumentTypes().take_front(inputs), drawing.getResultTypes()));
    for (mlir::NamedAttribute attribute : llvm::to_vector(drawing->getDiscardableAttrs())) {
      if (llvm::is_contained(graph::recursionAttrs, attribute.getName())) continue;
      entry->setAttr(attribute.getName(), attribute.getValue());
      drawing->removeAttr(attribute.getName());
    }
    drawing.setPrivate();
    for (size_t i = 0; i < inputs; ++i) entry.setArgAttrs(i, drawing.getArgAttrDict(i));
    entry.setResAttrsAttr(drawing.getResAttrsAttr());
    mlir::Block *block = entry.addEntryBlock();
    builder.setInsertionPointToEnd(block);
    llvm::SmallVector<mlir::Value> arguments(block->args_begin(), block->args_end());
    arguments.push_back(number(static_cast<int64_t>(support::stableHash(name))));
    if (built.takesKey) arguments.push_back(nextKey());
    auto call = builder.create<graph::CallOp>(location, drawing.getResultTypes(),
                                              mlir::FlatSymbolRefAttr::get(drawing.getSymNameAttr()), arguments);
    builder.create<mlir::func::ReturnOp>(location, call.getResults());
  }

private:
  Program &program;
  mlir::func::FuncOp drawing;
  mlir::OpBuilder builder;
  mlir::Location location;

  mlir::Value number(int64_t value) { return keyOf(builder, location, value); }
  mlir::Value op(llvm::StringRef mnemonic, mlir::ValueRange operands) {
    return keyOp(builder, location, mnemonic, operands);
  }
  mlir::Value read(llvm::StringRef path) {
    return builder.create<graph::ReadParameterOp>(location, keyType(builder), path, /*state=*/true);
  }
  mlir::Value nextKey() {
    mlir::Value seed = read(rngSeed), calls = read(rngCalls);
    builder.create<graph::WriteParameterOp>(location, rngCalls,
                                            op(graph::findInfix("+")->mnemonic, {calls, number(1)}));
    return op(graph::findRole("fold_key")->mnemonic, {seed, calls});
  }
};
} // namespace

void giveEntriesKeys(Program &program) {
  bool needsState = false;
  for (auto function : llvm::to_vector(program.module.getOps<mlir::func::FuncOp>())) {
    if (!function->hasAttr("graph.entry")) continue;
    const BuiltFunction &built = program.functions.find(function.getSymName())->second;
    if (!built.takesPath) continue;
    KeyedEntry(program, function).make(built);
    needsState |= built.takesKey;
  }
  if (!needsState) return;
  mlir::Builder builder(program.context);
  auto makeState = [&](llvm::StringRef path, llvm::StringRef init, llvm::StringRef doc) {
    createParameter(program, program.module.getLoc(), path, keyType(builder), /*isState=*/true, init)
        ->setAttr("doc", builder.getStringAttr(doc));
  };
  makeState(rngSeed, "seed", "seed of random numbers");
  makeState(rngCalls, "calls", "calls that drew random numbers since");
}
} // namespace graphc::frontend
