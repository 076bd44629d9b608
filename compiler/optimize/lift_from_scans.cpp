// lift-from-scans: what a turn of a scan makes of slices of the sequences alone, and of what no turn changes, can be
// made for all turns at once. Where that holds a product which is small in each turn, and so spends its time reading
// the matrix again (x_t W of a recurrent layer), the product and what leads to it move before the loop, and what the
// turn still needs of it becomes a sequence. Elementwise work behind it goes along, as its epilogue. No value changes:
// the sums keep their order.
//
// Ops are asked (Stackable); each is built outside as soon as it can be, and what is not chosen is dead code there.
#include "compiler/optimize/passes.h"
#include "compiler/optimize/scan_body.h"
#include "dialects/graph/activity.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/stackable.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_LIFTFROMSCANS
#include "compiler/optimize/passes.h.inc"

namespace {

class Lift {
public:
  Lift(ScanBody &body) : body(body), b(body.scan.getLoc(), body.scan) {}

  /// True if something moved.
  bool run() {
    for (Operation &op : body.block().without_terminator()) make(op);
    choose();
    bool moves = !chosen.empty();
    if (moves) {
      replace();
      body.finish();
      body.scan.erase();
    }
    for (Operation *op : llvm::reverse(made))
      if (op->use_empty()) op->erase();
    return moves;
  }

private:
  /// Of a value of the body: the same outside, for all turns alike; null if it is not.
  Value invariantOf(Value value) {
    if (Value capture = body.captureOf(value)) return capture;
    return invariants.lookupOrNull(value);
  }
  /// Of a value of the body: that of all turns; null if it is not there.
  Value stackOf(Value value) {
    if (Value sequence = body.sequenceOf(value)) return sequence;
    return stacks.lookupOrNull(value);
  }

  void make(Operation &op) {
    if (!isMemoryEffectFree(&op) || op.getNumRegions()) return;
    // What takes an index may fail, and then must not be made if no turn comes.
    bool comes = body.scan.turns().low() > 0;
    auto isInvariant = [&](Value operand) { return invariantOf(operand) && (comes || graph::isReal(operand)); };
    b.setLoc(op.getLoc());
    Operation *before = body.scan->getPrevNode();
    if (llvm::all_of(op.getOperands(), isInvariant)) {
      if (isa<graph::Calling>(op)) return;
      IRMapping map;
      for (Value operand : op.getOperands()) map.map(operand, invariantOf(operand));
      Operation *outside = b.clone(op, map);
      for (auto [inside, result] : llvm::zip(op.getResults(), outside->getResults())) invariants.map(inside, result);
    } else if (auto stackable = dyn_cast<graph::Stackable>(op)) {
      SmallVector<Value> operands;
      SmallVector<bool> stacked;
      for (Value operand : op.getOperands()) {
        Value same = invariantOf(operand), all = same ? same : stackOf(operand);
        if (!all) return;
        operands.push_back(all);
        stacked.push_back(!same);
      }
      if (!llvm::is_contained(stacked, true)) return;
      SmallVector<Value> results = stackable.createStacked(b, operands, stacked);
      for (auto [inside, result] : llvm::zip(op.getResults(), results)) stacks.map(inside, result);
    }
    // What was made stands between.
    for (Operation *one = before ? before->getNextNode() : &body.scan->getBlock()->front();
         one != body.scan.getOperation(); one = one->getNextNode())
      made.push_back(one);
  }

  bool isStacked(Operation *op) { return op->getNumResults() && stacks.contains(op->getResult(0)); }
  bool fits(Operation *op) {
    return llvm::all_of(op->getResults(),
                        [&](Value result) { return mostBytes(stacks.lookup(result).getType()) <= mostBytesOfAll; });
  }

  /// A product that the bytes it reads hold up: below some operations per byte.
  bool isSmallProduct(Operation *op) {
    constexpr int64_t fewPerByte = 32, manyPerElement = 8;
    auto costed = dyn_cast<graph::Costed>(op);
    if (!costed || !isStacked(op) || !fits(op) || op->getNumResults() != 1) return false;
    int64_t flops = costed.flops().low(), bytes = 0;
    auto result = cast<RankedTensorType>(op->getResult(0).getType());
    int64_t elements = graph::elementCount(graph::shapeOf(result)).low();
    for (Value value : op->getOperands()) bytes += std::min(mostBytes(value.getType()), mostBytesOfAll);
    bytes += std::min(mostBytes(result), mostBytesOfAll);
    return flops / manyPerElement >= elements && elements > 0 && flops / fewPerByte <= bytes;
  }

  void choose() {
    for (Operation &op : llvm::reverse(body.block().without_terminator())) {
      bool isNeeded =
          isStacked(&op) && llvm::any_of(op.getUsers(), [&](Operation *user) { return chosen.contains(user); });
      if (isNeeded || isSmallProduct(&op)) chosen.insert(&op);
    }
    for (Operation &op : body.block().without_terminator()) { // behind a product, where nothing more is to be kept
      auto costed = dyn_cast<graph::Costed>(op);
      if (!costed || chosen.contains(&op) || op.getNumResults() != 1 || !isStacked(&op) || !fits(&op)) continue;
      if (costed.flops().high() == 0) continue; // moves elements: for its reader
      auto replaces = [&](Value operand) {
        Operation *maker = operand.getDefiningOp();
        return maker && chosen.contains(maker) && operand.hasOneUse() &&
               mostBytes(op.getResult(0).getType()) <= mostBytes(operand.getType());
      };
      if (llvm::any_of(op.getOperands(), replaces)) chosen.insert(&op);
    }
  }

  void replace() {
    for (size_t i = body.terminator()->getNumOperands(); i-- > body.carries();) { // collected as it is
      Value value = body.terminator()->getOperand(i);
      if (!value.getDefiningOp() || !chosen.contains(value.getDefiningOp())) continue;
      body.scan.getResult(i).replaceAllUsesWith(stacks.lookup(value));
      body.dropResult(i);
    }
    for (Operation &op : body.block().without_terminator()) {
      if (!chosen.contains(&op)) continue;
      for (Value result : op.getResults()) {
        bool isRead = llvm::any_of(result.getUsers(), [&](Operation *user) { return !chosen.contains(user); });
        if (isRead) result.replaceAllUsesWith(body.addSequence(stacks.lookup(result)));
      }
    }
    body.dropDeadOps();
    body.dropUnreadSequences();
  }

  ScanBody &body;
  graph::RuleBuilder b;
  IRMapping invariants, stacks;
  SmallVector<Operation *> made;
  llvm::SetVector<Operation *> chosen;
};

struct LiftFromScans : impl::LiftFromScansBase<LiftFromScans> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    forEachScan(getOperation(), symbols, [&](graph::ScanOp scan) {
      std::optional<ScanBody> body = ScanBody::of(scan, symbols);
      if (body && !Lift(*body).run()) body->leave(symbols);
    });
  }
};

} // namespace
} // namespace graphc::optimize
