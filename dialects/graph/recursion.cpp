// recursion.h.
#include "dialects/graph/recursion.h"
#include "dialects/graph/calling.h"
#include "dialects/graph/strongly_connected.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace graphc::graph {

void copyRecursion(func::FuncOp from, func::FuncOp to) {
  for (StringRef name : recursionAttrs)
    if (Attribute said = from->getAttr(name)) to->setAttr(name, said);
}

void untilNothingChanges(func::FuncOp root, function_ref<bool(func::FuncOp)> known,
                         function_ref<SmallVector<func::FuncOp>(func::FuncOp)> calleesOf,
                         function_ref<bool(func::FuncOp)> update) {
  SmallVector<func::FuncOp> stack{root}, order;
  DenseSet<Operation *> opened, closed;
  bool circles = false;
  while (!stack.empty()) { // depth first: calls may be nested as deep as the user likes
    func::FuncOp top = stack.back();
    if (closed.contains(top) || known(top)) {
      stack.pop_back();
    } else if (opened.insert(top).second) {
      for (func::FuncOp callee : calleesOf(top)) {
        circles |= opened.contains(callee) && !closed.contains(callee);
        if (!opened.contains(callee)) stack.push_back(callee);
      }
    } else {
      stack.pop_back();
      closed.insert(top);
      order.push_back(top);
    }
  }
  bool changed;
  do {
    changed = false;
    for (func::FuncOp function : order) changed |= update(function);
  } while (changed && circles);
}

DenseMap<Operation *, unsigned> cyclesOf(ModuleOp module) {
  SymbolTable symbols(module);
  std::vector<func::FuncOp> functions;
  DenseMap<Operation *, unsigned> number;
  for (auto function : module.getOps<func::FuncOp>()) {
    number[function] = functions.size();
    functions.push_back(function);
  }
  std::vector<std::vector<unsigned>> edges(functions.size());
  for (auto [i, function] : llvm::enumerate(functions))
    function.walk([&, i = i](Calling calling) {
      for (const CalledFunction &call : calling.calls())
        if (auto callee = symbols.lookup<func::FuncOp>(call.callee.getValue())) edges[i].push_back(number[callee]);
    });
  DenseMap<Operation *, unsigned> cycles;
  unsigned next = 0;
  for (const std::vector<unsigned> &component : stronglyConnected(edges)) {
    if (!isCircle(component, edges)) continue;
    for (unsigned member : component) cycles[functions[member]] = next;
    ++next;
  }
  return cycles;
}

} // namespace graphc::graph
