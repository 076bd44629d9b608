// Entries in written order, functions in calling order, and checked byte arithmetic: sizes come from the user.
#include "compiler/lower/entries.h"
#include "compiler/lower/lower.h"
#include "dialects/graph/recursion.h"
#include "dialects/graph/strongly_connected.h"
#include "dialects/kern/checkpoint_ops.h"
#include "dialects/kern/kern_dialect.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

llvm::SmallVector<func::FuncOp> graphc::lower::entriesOf(ModuleOp module) {
  SmallVector<std::tuple<int64_t, size_t, func::FuncOp>> keyed; // position, then module order
  for (auto function : module.getOps<func::FuncOp>())
    if (auto position = function->getAttrOfType<IntegerAttr>(entryAttr))
      keyed.push_back({position.getInt(), keyed.size(), function});
  llvm::sort(keyed, [](auto &a, auto &b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  SmallVector<func::FuncOp> entries;
  for (auto &[position, order, function] : keyed) entries.push_back(function);
  return entries;
}

bool graphc::lower::isEntry(func::FuncOp function) { return function->hasAttr(entryAttr); }

func::FuncOp graphc::lower::calledFunction(Operation *op) {
  FlatSymbolRefAttr symbol;
  if (auto call = dyn_cast<graph::CallOp>(op)) symbol = call.getCalleeAttr();
  if (auto call = dyn_cast<func::CallOp>(op)) symbol = call.getCalleeAttr();
  if (auto run = dyn_cast<kern::RunOp>(op)) symbol = run.getKernelAttr();
  return symbol ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol) : func::FuncOp();
}

SmallVector<func::FuncOp> graphc::lower::calledFunctions(Operation *op) {
  SmallVector<FlatSymbolRefAttr> symbols;
  if (auto calling = dyn_cast<graph::Calling>(op))
    for (const graph::CalledFunction &call : calling.calls()) symbols.push_back(call.callee);
  else if (auto branch = dyn_cast<kern::IfOp>(op))
    symbols = {branch.getThenFunctionAttr(), branch.getElseFunctionAttr()};
  else if (auto loop = dyn_cast<kern::WhileOp>(op))
    symbols = {loop.getConditionAttr(), loop.getBodyAttr()};
  else if (auto reverse = dyn_cast<kern::ReverseWhileOp>(op))
    symbols = {reverse.getForwardAttr(), reverse.getBackwardAttr()};
  else if (auto scan = dyn_cast<kern::ScanOp>(op))
    symbols = {scan.getBodyAttr()};
  else if (func::FuncOp callee = calledFunction(op))
    return {callee};
  SmallVector<func::FuncOp> functions;
  for (FlatSymbolRefAttr symbol : symbols)
    functions.push_back(SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol));
  return functions;
}

SmallVector<func::FuncOp> graphc::lower::functionsOf(ModuleOp module) {
  SmallVector<func::FuncOp> done;
  DenseSet<Operation *> opened, closed;
  for (func::FuncOp entry : entriesOf(module)) { // depth first, with a stack of our own
    SmallVector<func::FuncOp> stack{entry};
    while (!stack.empty()) {
      func::FuncOp function = stack.back();
      bool first = opened.insert(function).second;
      if (first)
        function.walk([&](Operation *op) {
          for (func::FuncOp callee : calledFunctions(op))
            if (!opened.contains(callee)) stack.push_back(callee);
        });
      if (stack.back() != function) continue;
      stack.pop_back();
      if (closed.insert(function).second) done.push_back(function);
    }
  }
  return done;
}

DenseMap<Operation *, SmallVector<Operation *>> graphc::lower::callersIn(ModuleOp module) {
  DenseMap<Operation *, SmallVector<Operation *>> callers;
  module.walk([&](Operation *op) {
    for (func::FuncOp callee : calledFunctions(op)) callers[callee].push_back(op);
  });
  return callers;
}

SmallVector<func::FuncOp> graphc::lower::eraseUnreached(ModuleOp module) {
  SmallVector<func::FuncOp> functions = functionsOf(module);
  DenseSet<Operation *> reached(functions.begin(), functions.end());
  for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
    if (function.isPrivate() && !reached.contains(function)) function.erase();
  return functions;
}

void graphc::lower::untilNothingIsFound(ArrayRef<func::FuncOp> functions, function_ref<bool(func::FuncOp)> find) {
  bool circles = llvm::any_of(functions, graph::isRecursive), found;
  do {
    found = false;
    for (func::FuncOp function : functions) found |= find(function);
  } while (found && circles);
}

std::vector<SmallVector<func::FuncOp>> graphc::lower::cyclesOf(ArrayRef<func::FuncOp> functions) {
  DenseMap<Operation *, unsigned> number;
  for (auto [i, function] : llvm::enumerate(functions)) number[function] = i;
  std::vector<std::vector<unsigned>> edges(functions.size());
  for (auto [i, function] : llvm::enumerate(functions))
    func::FuncOp(function).walk([&, i = i](Operation *op) {
      for (func::FuncOp callee : calledFunctions(op)) edges[i].push_back(number.lookup(callee));
    });
  std::vector<SmallVector<func::FuncOp>> cycles;
  for (const std::vector<unsigned> &component : graph::stronglyConnected(edges)) {
    if (!graph::isCircle(component, edges)) continue;
    SmallVector<func::FuncOp> &cycle = cycles.emplace_back();
    for (unsigned member : component) cycle.push_back(functions[member]);
  }
  return cycles;
}

std::optional<uint64_t> graphc::lower::byteSize(ShapedType type) {
  uint64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  if (llvm::is_contained(type.getShape(), 0)) return 0; // a zero dim wins over an overflow of the others
  for (int64_t dim : type.getShape())
    if (dim < 0 || __builtin_mul_overflow(bytes, uint64_t(dim), &bytes) || bytes >> 62) return std::nullopt;
  return bytes;
}

BlockArgument graphc::lower::arenaArgument(func::FuncOp function) {
  auto dims = isEntry(function) ? function->getAttrOfType<ArrayAttr>(dimsAttr) : ArrayAttr(); // behind it
  size_t behind = (dims ? dims.size() : 0) + function->hasAttr(mayFailAttr);
  return function.getArgument(function.getNumArguments() - 1 - behind);
}

uint64_t graphc::lower::alignBytes(uint64_t bytes) { return llvm::alignTo(bytes, bufferAlignment); }

LogicalResult graphc::lower::sizeLimitError(Operation *op, const Twine &message) {
  return op->emitError() << sizeLimitPrefix << message;
}
