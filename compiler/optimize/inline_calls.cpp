// inline-calls: puts the body of the called function in place of each call; the last call of a private function takes
// the body itself, so that a deep chain of calls costs no more than its length. Works on functions of one block, which
// is all the front end makes; it also guarantees that no function calls itself and that the inlined size is bounded, so
// a cycle here is a broken module. MLIR's own inliner would wrap every location in the call's, and hide the user's line
// behind it.
#include "compiler/optimize/passes.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_INLINECALLS
#include "compiler/optimize/passes.h.inc"

namespace {

struct InlineCalls : impl::InlineCallsBase<InlineCalls> {
  enum class State { Open, Flat };

  llvm::StringMap<size_t> openCalls; // by callee, in the whole module; inlined bodies hold none
  SmallVector<func::FuncOp> emptied; // their bodies are elsewhere

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    DenseMap<Operation *, State> states;
    openCalls.clear();
    emptied.clear();
    getOperation().walk([&](graph::CallOp call) { ++openCalls[call.getCallee()]; });
    for (auto root : getOperation().getOps<func::FuncOp>())
      if (failed(flattenFrom(root, symbols, states))) return signalPassFailure();
    for (func::FuncOp function : emptied) function.erase();
  }

  /// Depth-first over the call graph with a stack of our own: a function is flattened once all it calls are.
  LogicalResult flattenFrom(func::FuncOp root, SymbolTable &symbols, DenseMap<Operation *, State> &states) {
    SmallVector<func::FuncOp> stack = {root};
    while (!stack.empty()) {
      func::FuncOp function = stack.back();
      if (states.lookup(function) == State::Flat) {
        stack.pop_back();
        continue;
      }
      bool opened = !states.try_emplace(function, State::Open).second;
      SmallVector<graph::CallOp> calls;
      function.walk([&](graph::CallOp call) { calls.push_back(call); });
      bool waits = false;
      for (graph::CallOp call : calls) {
        auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
        if (!callee || !callee.getBody().hasOneBlock())
          return call.emitOpError("cannot be inlined: its function is not one block");
        auto state = states.find(callee);
        if (state != states.end() && state->second == State::Flat) continue;
        if (opened || state != states.end()) return call.emitOpError("cannot be inlined: its function calls itself");
        stack.push_back(callee);
        waits = true;
      }
      if (waits) continue;
      for (graph::CallOp call : calls) replaceByBody(call, symbols.lookup<func::FuncOp>(call.getCallee()));
      states[function] = State::Flat;
      stack.pop_back();
    }
    return success();
  }

  void replaceByBody(graph::CallOp call, func::FuncOp callee) {
    Block &body = callee.getBody().front();
    Operation *terminator = body.getTerminator();
    bool isLast = --openCalls[call.getCallee()] == 0 && callee.isPrivate();
    IRMapping mapping;
    if (isLast) {
      for (auto [argument, operand] : llvm::zip(body.getArguments(), call.getOperands()))
        argument.replaceAllUsesWith(operand);
      call->getBlock()->getOperations().splice(call->getIterator(), body.getOperations(), body.begin(),
                                               terminator->getIterator());
      emptied.push_back(callee);
    } else {
      OpBuilder builder(call);
      mapping.map(body.getArguments(), call.getOperands());
      for (Operation &op : body.without_terminator()) builder.clone(op, mapping);
    }
    for (auto [result, returned] : llvm::zip(call.getResults(), terminator->getOperands()))
      result.replaceAllUsesWith(mapping.lookupOrDefault(returned));
    call.erase();
  }
};

} // namespace
} // namespace graphc::optimize
