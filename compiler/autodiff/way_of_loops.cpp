// reverse_segments.h: the way back of a loop with a bound. A tape keeps what every turn made: no turn runs again.
// Carries of all turns, or those at which segments begin and the tape of one segment: every turn runs twice. So a limit
// on memory changes to carries where a tape is too large, and to segments where carries are, too.
//
// What a loop inside another keeps is among what each turn around it makes, so the outer loop compares the product, and
// may choose to run its turns again. Where it cannot, because it is told to keep a tape or its turns have effects, the
// loop inside compares with the outer one's turns (`timesKept`).
#include "compiler/autodiff/choose_residuals.h"
#include "compiler/autodiff/reverse_segments.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/reverse_while.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

namespace graphc::autodiff {

namespace {
struct Way {
  StringRef mode;     // tape, carries, segments
  uint64_t bytes;     // in all, at the largest sizes
  int64_t length = 0; // of a segment
};

class Chooser {
public:
  Chooser(ReverseLoop &loop, StringRef wanted, bool mayRunAgain)
      : loop(loop), wanted(wanted), mayRunAgain(mayRunAgain), turns(loop.mostTurns()), tape(loop.bytesOfTurn()),
        usualTape(loop.usualBytesOfTurn()) {
    loop.runTurnsAgain();
    carries = loop.bytesOfTurn();
    usualCarries = loop.usualBytesOfTurn();
  }

  Way choose() {
    Way keepAll{"tape", times(turns, tape)}, keepCarries{"carries", times(turns, carries)};
    if (!mayRunAgain || wanted == "tape") return keepAll;
    if (wanted == "carries") return keepCarries;
    if (wanted == "segments") return mayBeDivided() ? inSegments() : keepCarries;
    Way undivided = isTooLarge(keepAll.bytes) && carries < tape ? keepCarries : keepAll;
    if (!isTooLarge(undivided.bytes) || !mayBeDivided()) return undivided;
    Way divided = inSegments();
    return divided.bytes < undivided.bytes ? divided : undivided;
  }

private:
  ReverseLoop &loop;
  StringRef wanted;
  bool mayRunAgain;
  uint64_t turns, tape, carries = 0, usualTape, usualCarries = 0; // bytes of a turn

  static uint64_t times(uint64_t a, uint64_t b) { return llvm::SaturatingMultiply(a, b); }
  bool isTooLarge(uint64_t bytes) {
    uint64_t limit = loop.derived.memoryLimit;
    return limit && times(bytes, loop.derived.timesKept) > limit;
  }
  /// A loop that autodiff made is not: it collects rows of turns that may not have come.
  bool mayBeDivided() { return loop.loop ? loop.region.getNumResults() == loop.carries : !loop.scan.getCount(); }

  /// Segments of k of n turns keep n/k times the carries and k times the tape: least at k = sqrt(n carries / tape).
  Way inSegments() {
    int64_t usual = std::max<int64_t>(1, usualValue(loop.turns())), length;
    if (auto count = loop.op->getAttrOfType<IntegerAttr>(graph::segmentsAttr))
      length = int64_t(llvm::divideCeil(uint64_t(usual), uint64_t(count.getInt())));
    else
      length = std::llround(std::sqrt(double(usual) * double(std::max<uint64_t>(1, usualCarries)) /
                                      double(std::max<uint64_t>(1, usualTape))));
    length = evenly(std::clamp<int64_t>(length, 1, usual));
    uint64_t segments = turns / uint64_t(length) + (turns % uint64_t(length) != 0);
    return {"segments", llvm::SaturatingAdd(times(segments, carries), times(uint64_t(length), tape)), length};
  }
  /// A length near this one that leaves no rest.
  int64_t evenly(int64_t length) {
    if (!loop.turns().isStatic() || loop.op->hasAttr(graph::segmentsAttr)) return length;
    int64_t count = loop.turns().staticValue();
    for (int64_t apart = 0; apart <= length / 4; ++apart)
      for (int64_t near : {length - apart, length + apart})
        if (near <= count && count % near == 0) return near;
    return length;
  }
};

void noteMemory(ReverseLoop &loop, const Way &way) {
  Builder b(loop.op->getContext());
  loop.derived.noteMemory(loop.op->getLoc(), way.mode, way.bytes, int64_t(loop.mostTurns()),
                          b.getNamedAttr("length", b.getI64IntegerAttr(way.length)));
}
} // namespace

std::unique_ptr<ReverseControl> reverseOfBounded(DerivedFunctions &derived, OpBuilder &b, Operation *op,
                                                 ValueRange primals, const Mask &varied, const Mask &useful,
                                                 const Paths &params) {
  auto loop = dyn_cast<graph::WhileOp>(op);
  auto scan = dyn_cast<graph::ScanOp>(op);
  StringAttr said = loop ? loop.getGradAttr() : scan.getGradAttr();
  StringRef wanted = said ? said.getValue() : "";
  bool mayRunAgain = derived.recursionKey.empty() && // turns that go around a recursion would call again
                     graph::mayRunAgain(derived.find(loop ? loop.getBodyAttr() : scan.getBodyAttr()));
  uint64_t around = derived.timesKept;
  if (!mayRunAgain || wanted == "tape") {
    graph::Dim turns = loop ? graph::Dim::ofShape(*loop.getLimit(), 0) : scan.turns();
    derived.timesKept = llvm::SaturatingMultiply(around, uint64_t(std::max<int64_t>(1, turns.high())));
  }
  auto reverse = std::make_unique<ReverseLoop>(derived, op, primals, varied, useful, params);
  derived.timesKept = around;
  Way way = Chooser(*reverse, wanted, mayRunAgain).choose();
  noteMemory(*reverse, way);
  if (way.mode == "segments") return reverseInSegments(b, std::move(reverse), params, way.length);
  if (way.mode == "tape") reverse->keepTape();
  reverse->build(b);
  return reverse;
}

} // namespace graphc::autodiff
