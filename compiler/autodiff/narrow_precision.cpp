// narrow-precision (R31): a function that says "precision", and all that it calls or derives, contracts in 16 bits. Ops
// say themselves what may be done with them (dialects/graph/precision.h): contractions take 16-bit operands and make
// their sums in f32; what lies between two contractions, and reads nothing but what is narrow, params and constants,
// follows. All else computes in f32 as it is written, and so do the borders of every function, so a call needs to know
// nothing. Before the derivatives: the derivative of a cast is the cast back, so gradients by params come in f32.
//
// Others may call the same functions as they are, so what is called is cloned, once per dtype.
#include "compiler/autodiff/passes.h"
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/infer_op_types.h"
#include "dialects/graph/precision.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace graphc::autodiff {
#define GEN_PASS_DEF_NARROWPRECISION
#include "compiler/autodiff/passes.h.inc"

namespace {

bool isWide(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}
bool isFloat(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && isa<FloatType>(type.getElementType());
}

/// The ops of one function, whose callees are narrow already.
class Body {
public:
  Body(Block &block, Type narrow) : block(block), narrow(narrow) {}

  void run() {
    choose();
    dropWhatLeadsNowhere();
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      if (chosen.contains(&op)) ops.push_back(&op);
    for (Operation *op : ops) rewrite(op);
    for (Operation *op : llvm::reverse(ops))
      if (op->use_empty()) op->erase();
  }

private:
  Block &block;
  Type narrow;
  DenseSet<Operation *> chosen;      // to be computed in 16 bits
  DenseMap<Value, Value> narrowForm; // of a value that is f32
  DenseMap<Value, bool> freeKnown;

  static bool contracts(Operation *op) {
    return op->hasTrait<graph::ContractsNarrow>() && llvm::all_of(op->getOperands(), isWide) &&
           llvm::all_of(op->getResults(), isWide);
  }

  /// Made of params and constants alone: rounded once, it is as good as what was narrow from the start.
  bool isFree(Value value) {
    if (auto known = freeKnown.find(value); known != freeKnown.end()) return known->second;
    Operation *op = value.getDefiningOp();
    auto read = dyn_cast_or_null<graph::ReadParameterOp>(op);
    bool isFree = op && ((read && !read.getState()) || op->hasTrait<OpTrait::ConstantLike>() ||
                         (op->hasTrait<graph::FollowsNarrow>() &&
                          llvm::all_of(op->getOperands(), [&](Value x) { return freeKnown.lookup(x); })));
    return freeKnown[value] = isFree;
  }

  bool isNarrow(Value value) { return value.getDefiningOp() && chosen.contains(value.getDefiningOp()); }

  void choose() {
    for (Operation &op : block) {
      for (Value result : op.getResults()) (void)isFree(result); // in order: it asks the operands
      bool follows = op.hasTrait<graph::FollowsNarrow>() && !op.hasTrait<graph::StaysWide>() &&
                     op.getNumResults() > 0 && llvm::all_of(op.getResults(), isWide) &&
                     llvm::any_of(op.getOperands(), [&](Value x) { return isNarrow(x); }) &&
                     llvm::all_of(op.getOperands(),
                                  [&](Value x) { return !isFloat(x) || (isWide(x) && (isNarrow(x) || isFree(x))); });
      if (contracts(&op) || follows) chosen.insert(&op);
    }
  }

  /// What follows a contraction and reaches no other is no work between two.
  void dropWhatLeadsNowhere() {
    for (Operation &op : llvm::reverse(block)) {
      if (!chosen.contains(&op) || contracts(&op)) continue;
      if (llvm::none_of(op.getUsers(), [&](Operation *user) { return chosen.contains(user); })) chosen.erase(&op);
    }
  }

  Value narrowed(Value value, Operation *before) {
    if (!isWide(value)) return value;
    Value &form = narrowForm[value];
    if (form) return form;
    OpBuilder b(before);
    if (Operation *op = value.getDefiningOp())
      b.setInsertionPointAfter(op);
    else
      b.setInsertionPointToStart(&block);
    return form = graph::RuleBuilder(value.getLoc(), b).cast(value, narrow);
  }

  void rewrite(Operation *op) {
    OpBuilder b(op);
    OperationState state(op->getLoc(), op->getName());
    for (Value operand : op->getOperands()) state.addOperands(narrowed(operand, op));
    state.addAttributes(op->getAttrs());
    if (failed(graph::inferOpTypes(state, op->getAttrDictionary())))
      return; // of the operands' shapes alone, so it does
    Operation *made = b.create(state);
    for (auto [old, result] : llvm::zip_equal(op->getResults(), made->getResults())) {
      if (isWide(result)) { // an op that was told the dtype of its sums
        old.replaceAllUsesWith(result);
        continue;
      }
      narrowForm[old] = result;
      if (llvm::all_of(old.getUsers(), [&](Operation *user) { return chosen.contains(user); })) continue;
      Value wide = graph::RuleBuilder(op->getLoc(), b).cast(result, b.getF32Type());
      old.replaceUsesWithIf(wide, [&](OpOperand &use) { return !chosen.contains(use.getOwner()); });
    }
  }
};

struct NarrowPrecision : impl::NarrowPrecisionBase<NarrowPrecision> {
  using NarrowPrecisionBase::NarrowPrecisionBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (auto precision = function->getAttrOfType<StringAttr>(graph::precisionAttr))
        open.push_back({function, precision});
    while (!open.empty()) {
      auto [function, precision] = open.pop_back_val();
      narrow(function, precision, symbols);
    }
    getOperation().walk([](func::FuncOp function) { function->removeAttr(graph::precisionAttr); });
  }

private:
  SmallVector<std::pair<func::FuncOp, StringAttr>> open;
  DenseMap<std::pair<Operation *, StringAttr>, func::FuncOp> clones;

  /// The optimizer of a step is no part of what it derives: functions that hold a derivative keep their own ops.
  void narrow(func::FuncOp function, StringAttr precision, SymbolTable &symbols) {
    bool derives = false;
    function.walk([&](Operation *op) {
      if (auto call = dyn_cast<graph::CallOp>(op)) {
        call.setCallee(cloneOf(call.getCallee(), precision, symbols));
      } else if (auto derivative = dyn_cast<graph::DerivativeOp>(op)) {
        derivative.setCallee(cloneOf(derivative.getCallee(), precision, symbols));
        derives = true;
      }
    });
    Builder b(&getContext());
    Type element = precision.getValue() == "f16" ? b.getF16Type() : Type(b.getBF16Type());
    if (!derives) Body(function.getBody().front(), element).run();
  }

  /// Where the callee has a precision of its own, that holds.
  StringRef cloneOf(StringRef name, StringAttr precision, SymbolTable &symbols) {
    auto callee = symbols.lookup<func::FuncOp>(name);
    if (callee->hasAttr(graph::precisionAttr)) return callee.getSymName();
    func::FuncOp &clone = clones[{callee, precision}];
    if (!clone) {
      clone = callee.clone();
      clone.setPrivate();
      clone->removeAttr("graph.entry");
      clone.setSymName((name + "." + precision.getValue()).str());
      symbols.insert(clone, std::next(callee->getIterator())); // renames it where there is one
      clone->setAttr(graph::precisionAttr, precision);
      clones[{clone, precision}] = clone;
      open.push_back({clone, precision});
    }
    return clone.getSymName();
  }
};

} // namespace
} // namespace graphc::autodiff
