// order-reads: params that a function writes before it is done with them (a train_step or copy among other nodes) are
// read at their place, as states are. What a train_step alone writes last needs nothing: then reads stay views of the
// model's memory, which is what makes training fast. A view shows the new value once that is written, so a read needs
// its place if behind the first write anything is computed, or what was read itself is handed out.
//
// After inline-calls, since calls that are left have their places already, and before CSE, which merges equal reads
// without regard to writes.
#include "compiler/optimize/passes.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_ORDERREADS
#include "compiler/optimize/passes.h.inc"

namespace {

using Paths = llvm::StringSet<>;

struct OrderReads : impl::OrderReadsBase<OrderReads> {
  using OrderReadsBase::OrderReadsBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    findWrites(symbols);
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (written[function].empty()) continue;
      orderIn(function, symbols);
      mergeReads(function, symbols);
    }
  }

private:
  DenseMap<Operation *, Paths> written; // by the function and what it calls

  /// Callees may stand anywhere in the module: until nothing is added.
  void findWrites(SymbolTable &symbols) {
    for (bool changed = true; changed;) {
      changed = false;
      for (auto function : getOperation().getOps<func::FuncOp>()) {
        Paths &own = written[function];
        size_t before = own.size();
        function.walk([&](Operation *op) {
          for (StringRef path : writtenBy(op, symbols)) own.insert(path);
        });
        changed |= own.size() != before;
      }
    }
  }

  SmallVector<StringRef> writtenBy(Operation *op, SymbolTable &symbols) {
    if (auto write = dyn_cast<graph::WriteParameterOp>(op)) return {write.getParameter()};
    SmallVector<StringRef> paths;
    if (auto calling = dyn_cast<graph::Calling>(op))
      for (const graph::CalledFunction &call : calling.calls())
        if (auto known = written.find(symbols.lookup(call.callee.getValue())); known != written.end())
          for (auto &entry : known->second) paths.push_back(entry.getKey());
    return paths;
  }

  /// Adds what `value` may be, perhaps in another shape or order, of what was read.
  static void addOrigins(Value value, Paths &paths) {
    while (Operation *op = value.getDefiningOp()) {
      if (auto read = dyn_cast<graph::ReadParameterOp>(op)) paths.insert(read.getParameter());
      if (op->getNumOperands() != 1) return;
      value = op->getOperand(0);
    }
  }

  void orderIn(func::FuncOp function, SymbolTable &symbols) {
    Paths before, late; // written so far; used behind their first write
    bool isNew = false; // `before` has what no op has come behind yet
    for (Operation &op : function.getBody().front()) {
      bool computes = !isa<graph::WriteParameterOp, func::ReturnOp>(op);
      if (computes) {
        if (isNew)
          for (auto &entry : before) late.insert(entry.getKey());
        isNew = false;
      } else {
        Paths used;
        for (Value operand : op.getOperands()) addOrigins(operand, used);
        for (auto &entry : used)
          if (before.contains(entry.getKey())) late.insert(entry.getKey());
      }
      for (StringRef path : writtenBy(&op, symbols)) isNew |= before.insert(path).second;
    }
    function.walk([&](graph::ReadParameterOp read) {
      if (late.contains(read.getParameter())) read.setState(true);
    });
  }

  /// Reads at places are one if nothing writes their path between them. CSE would let the write of any other part them:
  /// what @f.bwd computes again of a param would be computed twice.
  void mergeReads(func::FuncOp function, SymbolTable &symbols) {
    llvm::StringMap<Value> known;
    for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
      for (StringRef path : writtenBy(&op, symbols)) known.erase(path);
      auto read = dyn_cast<graph::ReadParameterOp>(op);
      if (!read || !read.getState()) continue;
      Value &first = known[read.getParameter()];
      if (!first) {
        first = read.getValue();
        continue;
      }
      read.getValue().replaceAllUsesWith(first);
      read.erase();
    }
  }
};

} // namespace
} // namespace graphc::optimize
