// sum-after-scans: a carry to which each turn adds a product (the gradient of a weight that the turns share:
// g + h_t^T d_t) is read and written in every turn, and each product is small. Instead the turns collect what the
// product is made of, where that does not lie as a sequence already, and one product behind the loop sums over the
// turns too. Ops are asked (Stackable). The sum is made in another order: equal within rounding.
#include "compiler/optimize/passes.h"
#include "compiler/optimize/scan_body.h"
#include "dialects/graph/accumulation.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/stackable.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_SUMAFTERSCANS
#include "compiler/optimize/passes.h.inc"

namespace {

class Sums {
public:
  Sums(ScanBody &body) : body(body) {}

  /// True if a carry went.
  bool run() {
    for (size_t i = 0; i < body.carries(); ++i) {
      Sum sum{i, body.scan.getInits()[i], {}};
      if (isSum(sum)) sums.push_back(sum);
    }
    if (sums.empty()) return false;
    for (const Sum &sum : sums)
      for (Operation *term : sum.terms)
        for (Value operand : term->getOperands())
          if (!isStacked(operand)) body.addCollected(operand);
    for (const Sum &sum : llvm::reverse(sums)) body.dropResult(sum.carry);
    graph::ScanOp old = body.scan;
    made = body.finish();
    for (const Sum &sum : sums) old.getResult(sum.carry).replaceAllUsesWith(makeSum(sum));
    body.dropDeadOps();
    old.erase();
    return true;
  }

private:
  struct Sum {
    size_t carry; // of the old scan
    Value init;
    SmallVector<Operation *> terms; // of a turn
  };

  /// The carry's next value is the carry and terms that can be summed behind the loop.
  bool isSum(Sum &sum) {
    Value before = body.carry(sum.carry), next = body.terminator()->getOperand(sum.carry);
    auto added = graph::termsOf(next);
    if (!added || !next.hasOneUse() || !before.hasOneUse()) return false;
    Value term = added->first == before ? added->second : added->first;
    return (added->first == before) != (added->second == before) && takeApart(term, sum.terms);
  }

  /// Nothing but the sum may read it: else it would be made in the turns all the same.
  bool takeApart(Value term, SmallVectorImpl<Operation *> &terms) {
    if (!term.hasOneUse()) return false;
    if (Value source = graph::castSource(term)) return takeApart(source, terms);
    if (auto two = graph::termsOf(term)) return takeApart(two->first, terms) && takeApart(two->second, terms);
    auto op = term.getDefiningOp<graph::Stackable>();
    if (!op || !pays(op) || !canBeSummed(op)) return false;
    terms.push_back(op);
    return true;
  }

  /// What must be collected of each turn is less than the sum, which each turn would read and write.
  bool pays(Operation *op) {
    int64_t bytes = 0;
    for (Value operand : op->getOperands()) {
      if (body.captureOf(operand)) return false; // no turn changes it
      if (isStacked(operand)) continue;
      if (mostBytes(body.stackedType(operand.getType())) > mostBytesOfAll) return false;
      bytes += mostBytes(operand.getType());
    }
    return bytes <= mostBytes(op->getResult(0).getType());
  }

  /// Asked on stand-ins for the stacked operands.
  bool canBeSummed(graph::Stackable op) {
    graph::RuleBuilder b(op.getLoc(), body.scan);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      Type stacked = body.stackedType(operand.getType());
      operands.push_back(b.create<UnrealizedConversionCastOp>(stacked, ValueRange()).getResult(0));
    }
    Operation *first = operands.front().getDefiningOp();
    bool can = bool(op.createSummed(b, operands));
    while (body.scan->getPrevNode() != first) body.scan->getPrevNode()->erase();
    first->erase();
    return can;
  }

  /// Moves elements of one operand and does nothing else.
  static graph::Stackable viewOf(Value value) {
    Operation *maker = value.getDefiningOp();
    auto costed = dyn_cast_or_null<graph::Costed>(maker);
    bool isView = costed && maker->getNumOperands() == 1 && maker->getNumResults() == 1 && costed.flops().is(0) &&
                  mostBytes(maker->getOperand(0).getType()) == mostBytes(value.getType());
    return isView ? dyn_cast<graph::Stackable>(maker) : graph::Stackable();
  }

  /// That of all turns lies outside already.
  bool isStacked(Value value) {
    if (body.sequenceOf(value) || body.collectedAs(value)) return true;
    graph::Stackable view = viewOf(value);
    return view && isStacked(view->getOperand(0));
  }

  /// With the new scan there.
  Value stackOf(graph::RuleBuilder &b, Value value) {
    if (Value sequence = body.sequenceOf(value)) return sequence;
    if (std::optional<size_t> at = body.collectedAs(value)) return made.getResult(*at);
    graph::Stackable view = viewOf(value);
    return view.createStacked(b, stackOf(b, view->getOperand(0)), true).front();
  }

  Value makeSum(const Sum &sum) {
    graph::RuleBuilder b(body.scan.getLoc(), body.scan);
    Value total = graph::RuleBuilder::constantOf(sum.init) == 0.0 ? Value() : sum.init;
    for (Operation *term : sum.terms) {
      b.setLoc(term->getLoc());
      SmallVector<Value> operands;
      for (Value operand : term->getOperands()) operands.push_back(stackOf(b, operand));
      Value part = cast<graph::Stackable>(term).createSummed(b, operands);
      part = b.cast(part, graph::typeOf(sum.init).getElementType());
      total = total ? b.add(total, part) : part;
    }
    return total;
  }

  ScanBody &body;
  graph::ScanOp made;
  SmallVector<Sum> sums;
};

struct SumAfterScans : impl::SumAfterScansBase<SumAfterScans> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    forEachScan(getOperation(), symbols, [&](graph::ScanOp scan) {
      if (scan.getCount()) return; // of turns that do not come there are no rows
      std::optional<ScanBody> body = ScanBody::of(scan, symbols);
      if (body && !Sums(*body).run()) body->leave(symbols);
    });
  }
};

} // namespace
} // namespace graphc::optimize
