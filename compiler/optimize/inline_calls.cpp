// inline-calls: puts the body of the called function in place of a call where that costs no code: the function is
// called once or is small, or writes the model. Others stay functions of the library, compiled once, and so does what
// an entry shares with its callers: it moves into a function of its own. A call with other sizes than the function's
// own named dims stays too: only the call says what its dims are. The last call of a private function takes the body
// itself, so that a deep chain of calls costs no more than its length. Works on functions of one block, which is all
// the front end makes. A function that calls itself does so in a region, so calls alone form no circle: one here is a
// broken module. Such a function stays one, since its calls count. MLIR's own inliner would wrap every location in the
// call's, and hide the user's line behind it.
#include "compiler/optimize/passes.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/recursion.h"
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
  using InlineCallsBase::InlineCallsBase;
  enum class State { Open, Flat };

  llvm::StringMap<size_t> openCalls; // by callee, in the whole module; inlined bodies hold none
  SmallVector<func::FuncOp> emptied; // their bodies are elsewhere
  DenseSet<Operation *> writers;     // functions that write state or params, or call one that does
  size_t opsOfWriters = 0;           // taken in for that reason alone

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    shareCalledEntries(symbols);
    DenseMap<Operation *, State> states;
    openCalls.clear();
    emptied.clear();
    writers.clear();
    opsOfWriters = 0;
    countCalls(getOperation());
    for (auto root : getOperation().getOps<func::FuncOp>())
      if (failed(flattenFrom(root, symbols, states))) return signalPassFailure();
    for (func::FuncOp function : emptied) function.erase();
  }

  /// Control flow calls, too: what it names stays.
  void countCalls(Operation *inside) {
    inside->walk([&](graph::Calling op) {
      for (const graph::CalledFunction &call : op.calls()) ++openCalls[call.callee.getValue()];
    });
  }

  static bool isSmall(func::FuncOp function) {
    constexpr size_t smallBody = 4; // ops: about what a call and the memory between cost
    return llvm::range_size(function.getBody().front().without_terminator()) <= smallBody;
  }

  /// Public functions are entries, which callers in C reach in another way than the library's own functions.
  void shareCalledEntries(SymbolTable &symbols) {
    SmallVector<graph::CallOp> calls;
    getOperation().walk([&](graph::CallOp call) { calls.push_back(call); });
    DenseMap<Operation *, func::FuncOp> shared;
    for (graph::CallOp call : calls) {
      auto entry = symbols.lookup<func::FuncOp>(call.getCallee());
      if (!entry || entry.isPrivate() || !entry.getBody().hasOneBlock()) continue;
      if (isSmall(entry) && bindsOwnDims(call, entry) && !graph::isRecursive(entry)) continue; // will be inlined
      func::FuncOp &function = shared[entry];
      if (!function) function = moveBody(entry, symbols);
      call.setCallee(function.getSymName());
    }
  }

  static func::FuncOp moveBody(func::FuncOp entry, SymbolTable &symbols) {
    OpBuilder b(entry);
    auto function =
        b.create<func::FuncOp>(entry.getLoc(), (entry.getSymName() + ".shared").str(), entry.getFunctionType());
    function.setPrivate();
    graph::copyRecursion(entry, function);
    for (StringRef name : graph::recursionAttrs) entry->removeAttr(name);
    symbols.insert(function);
    function.getBody().takeBody(entry.getBody());
    b.setInsertionPointToStart(entry.addEntryBlock());
    auto call = b.create<graph::CallOp>(entry.getLoc(), entry.getResultTypes(),
                                        FlatSymbolRefAttr::get(function.getSymNameAttr()), entry.getArguments());
    b.create<func::ReturnOp>(entry.getLoc(), call.getResults());
    return function;
  }

  /// False if the call gives the callee's named dims other sizes than those dims: then only the call knows them.
  static bool bindsOwnDims(graph::CallOp call, func::FuncOp callee) {
    return call.getOperandTypes() == TypeRange(callee.getArgumentTypes()) &&
           call.getResultTypes() == TypeRange(callee.getResultTypes());
  }

  bool isWorthInlining(graph::CallOp call, func::FuncOp callee) {
    if (!bindsOwnDims(call, callee) || graph::isRecursive(callee)) return false;
    return everything || openCalls[call.getCallee()] == 1 || isSmall(callee) || takesWriter(callee);
  }

  /// What a caller writes itself it can write behind all that may fail (delay-writes), as far as that is no flood of
  /// code.
  bool takesWriter(func::FuncOp callee) {
    constexpr size_t most = 20000;
    size_t ops = llvm::range_size(callee.getBody().front());
    if (!writers.contains(callee) || opsOfWriters + ops > most) return false;
    opsOfWriters += ops;
    return true;
  }
  void noteWrites(func::FuncOp function, SymbolTable &symbols) {
    function.walk([&](Operation *op) {
      auto call = dyn_cast<graph::CallOp>(op);
      if (isa<graph::WriteParameterOp>(op) || (call && writers.contains(symbols.lookup(call.getCallee()))))
        writers.insert(function);
    });
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
      for (graph::CallOp call : calls) {
        auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
        if (isWorthInlining(call, callee)) replaceByBody(call, callee);
      }
      noteWrites(function, symbols);
      states[function] = State::Flat;
      stack.pop_back();
    }
    return success();
  }

  void replaceByBody(graph::CallOp call, func::FuncOp callee) {
    Block &body = callee.getBody().front();
    Operation *terminator = body.getTerminator();
    bool isLast = --openCalls[call.getCallee()] == 0 && callee.isPrivate();
    if (!isLast) countCalls(callee);
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
