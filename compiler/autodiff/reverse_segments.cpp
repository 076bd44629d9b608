// reverse_segments.h: the turns are divided into segments of equal length. In @f.fwd a loop over segments, whose turn
// is the loop itself over the turns of one, collects the carries before each segment. In @f.bwd a scan goes back over
// the segments: a turn of it runs one segment again with a tape (ReverseLoop) and goes back over that. Gradients of
// captures and params are sums that go through all segments, so they have the bits that one tape gives them.
//
// `while`: segments come as long as the condition holds, and one that it ends is shorter; so the count of turns is a
// carry. A length that does not divide the limit is no matter: turns of the last segment ask for the limit, too.
// `scan`: sequences are taken apart into rows of rows. What a length leaves over is a loop of its own, the turns with
// the highest numbers: behind the segments, or before them where the scan begins with these. The ops made here are
// ordinary loops: a derivative of this derivative keeps their carries and runs them again.
#include "compiler/autodiff/reverse_segments.h"
#include "dialects/graph/control_flow.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace graphc::autodiff {

namespace {
class ReverseSegments : public ReverseControl {
public:
  ReverseSegments(OpBuilder &b, std::unique_ptr<ReverseLoop> divided, const Paths &params, int64_t length)
      : whole(std::move(divided)), derived(whole->derived), params(params), length(length),
        count(whole->loop ? whole->turns().ceilDiv(length) : whole->turns().floorDiv(length)),
        left(whole->loop ? graph::Dim(0) : whole->turns() - count * graph::Dim(length)),
        asksLimit(whole->loop && whole->turns() != count * graph::Dim(length)),
        readsNumber(whole->index() || asksLimit) {
    for (unsigned i = 0; i < whole->carries; ++i)
      if (!whole->isFixed(i)) kept.push_back(i);
    body = shifted(whole->region, /*isCondition=*/false);
    if (whole->loop) condition = shifted(derived.find(whole->loop.getConditionAttr()), /*isCondition=*/true);
    makeSegment();
    if (whole->loop)
      forwardOfWhile(b);
    else
      forwardOfScan(b);
    made = &b.getInsertionBlock()->back();
  }

  SmallVector<Value> operands() const override { return whole->primals; }
  SmallVector<Value> results() const override { return values; }

  Cotangents backward(OpBuilder &b, ArrayRef<Value> given) override {
    Cotangents all;
    all.operands.resize(whole->primals.size());
    graph::RuleBuilder rules(made->getLoc(), b);
    if (!whole->anyGiven(given)) return all;
    SmallVector<Value> carried(given.take_front(whole->carries));
    for (unsigned i = 0; i < whole->carries; ++i)
      if (whole->wants(i) && !carried[i]) carried[i] = rules.zeros(values[i]);
    ReverseLoop::Sums sums = beginSums(rules);
    SmallVector<Value> ofRest; // by sequence
    bool restIsFirst = rest && !whole->scan.getReverse();
    if (restIsFirst) ofRest = backOverRest(b, given, carried, sums);
    SmallVector<Value> ofSegments = backOverSegments(b, given, carried, sums);
    if (rest && !restIsFirst) ofRest = backOverRest(b, given, carried, sums);

    for (unsigned i = 0; i < whole->carries; ++i)
      if (whole->wants(i)) all.operands[i] = carried[i];
    for (unsigned i = 0; i < whole->sequences; ++i) {
      if (!ofSegments[i]) continue;
      unsigned operand = whole->carries + i;
      Value cotangent = rows(rules, ofSegments[i]);
      if (rest) {
        auto parts = cast<RankedTensorType>(rest->primals[operand].getType());
        cotangent = rules.joined({cotangent, ofRest[i] ? ofRest[i] : rules.filled(parts, 0)});
      }
      all.operands[operand] = cotangent;
    }
    for (auto [i, sum] : llvm::enumerate(sums.captures))
      if (sum)
        all.operands[whole->carries + whole->sequences + i] =
            rules.cast(sum, getElementTypeOrSelf(whole->captures()[i]));
    for (auto [path, sum] : llvm::zip_equal(whole->read, sums.params))
      if (sum) all.params.push_back({path, rules.cast(sum, getElementTypeOrSelf(derived.typeOf(path)))});
    return all;
  }

private:
  std::unique_ptr<ReverseLoop> whole; // never built
  DerivedFunctions &derived;
  Paths params;
  graph::Dim length, count, left; // of a segment; segments; turns behind them
  bool asksLimit, readsNumber;    // a turn asks for the limit; it is told its number
  SmallVector<unsigned> kept;     // carries that lie in rows, one for each segment
  func::FuncOp body, condition, segment;
  Operation *part = nullptr;         // the loop in `segment`
  Operation *outer = nullptr;        // in @f.fwd, over segments
  Value limit;                       // in @f.fwd, where it is no number
  SmallVector<Value> slices;         // in @f.fwd, sequences as rows of rows
  std::unique_ptr<ReverseLoop> rest; // null: nothing is left
  SmallVector<Value> values;         // in @f.fwd, the results of the op

  Type turnType() { return graph::turnType(whole->op->getContext()); }
  UnitAttr unit(bool set) { return set ? UnitAttr::get(whole->op->getContext()) : UnitAttr(); }
  static FlatSymbolRefAttr nameOf(func::FuncOp function) { return FlatSymbolRefAttr::get(function.getSymNameAttr()); }
  bool limitIsNumber() { return whole->turns().isStatic(); }

  /// Rows of rows as rows.
  Value rows(graph::RuleBuilder &rules, Value x) {
    graph::Shape shape = graph::shapeOf(x);
    shape.erase(shape.begin());
    shape[0] = count * length;
    return rules.reshape(x, shape);
  }
  Value rowsOfRows(graph::RuleBuilder &rules, Value x) {
    graph::Shape shape = graph::shapeOf(x);
    shape[0] = length;
    shape.insert(shape.begin(), count);
    return rules.reshape(rules.part(x, 0, 0, count * length), shape);
  }

  /// A copy of a region, for turns that count from one that stands behind the captures, and the limit behind that.
  func::FuncOp shifted(func::FuncOp region, bool isCondition) {
    if (!readsNumber) return region;
    func::FuncOp copy = derived.createBeside(region, ".from");
    Block &block = copy.getBody().front();
    OpBuilder b = OpBuilder::atBlockEnd(&block);
    graph::RuleBuilder rules(region.getLoc(), b);
    IRMapping mapping;
    Value turn = block.addArgument(turnType(), region.getLoc());
    copyArguments(region.getArguments().drop_front(whole->index()), block, mapping);
    Value number = rules.add(turn, block.addArgument(turnType(), region.getLoc()));
    if (whole->index()) mapping.map(region.getArgument(0), number);
    Value most = limitIn(block, rules);
    SmallVector<Value> results = copyBody(region, b, mapping);
    if (isCondition && asksLimit) results[0] = rules.both(rules.less(number, most), results[0]);
    DerivedFunctions::finish(copy, results);
    return copy;
  }
  static void copyArguments(ArrayRef<BlockArgument> arguments, Block &block, IRMapping &mapping) {
    for (BlockArgument one : arguments) mapping.map(one, block.addArgument(one.getType(), one.getLoc()));
  }
  static SmallVector<Value> copyBody(func::FuncOp region, OpBuilder &b, IRMapping &mapping) {
    SmallVector<Value> results;
    for (Operation &op : region.getBody().front().without_terminator()) b.clone(op, mapping);
    for (Value result : region.getBody().front().getTerminator()->getOperands())
      results.push_back(mapping.lookup(result));
    return results;
  }
  /// The limit in a region: a constant of it or its last argument. Null: nobody asks.
  Value limitIn(Block &block, graph::RuleBuilder &rules) {
    if (!asksLimit) return {};
    if (limitIsNumber()) return rules.scalar(rules.getI64Type(), double(whole->turns().staticValue()));
    return block.addArgument(turnType(), whole->region.getLoc());
  }

  /// The op, over `turns` of its turns. `seen`: captures and what shifted() adds.
  Operation *makePart(OpBuilder &b, ValueRange inits, ValueRange over, ValueRange seen, const graph::Dim &turns) {
    SmallVector<Type> types(inits.getTypes());
    auto size = graph::shapeAttr(b.getContext(), turns);
    if (graph::WhileOp loop = whole->loop) {
      types.push_back(turnType());
      return b.create<graph::WhileOp>(loop.getLoc(), types, readsNumber ? nameOf(condition) : loop.getConditionAttr(),
                                      nameOf(body), inits, seen, size, unit(true), unit(readsNumber),
                                      loop.getTouchesStateAttr(), StringAttr());
    }
    for (Type collected : whole->scan.getResults().drop_front(whole->carries).getTypes())
      types.push_back(graph::rowsOf(graph::rowOf(collected), turns));
    return b.create<graph::ScanOp>(whole->scan.getLoc(), types, nameOf(body), inits, over, seen, Value(), size,
                                   whole->scan.getReverseAttr(), unit(readsNumber), whole->scan.getTouchesStateAttr(),
                                   StringAttr());
  }

  /// The turn of the loop over segments: `while` carries the number of turns behind its carries, `scan` has the number
  /// of the segment in front. Collects the carries in `kept`, and the number of turns.
  void makeSegment() {
    segment = derived.createBeside(whole->region, ".segment");
    Block &block = segment.getBody().front();
    OpBuilder b = OpBuilder::atBlockEnd(&block);
    graph::RuleBuilder rules(whole->region.getLoc(), b);
    auto add = [&](Type type) -> Value { return block.addArgument(type, whole->region.getLoc()); };
    SmallVector<Value> inits, over, seen;
    Value number = !whole->loop && readsNumber ? add(turnType()) : Value();
    for (Value one : ArrayRef(whole->primals).take_front(whole->carries)) inits.push_back(add(one.getType()));
    if (whole->loop) number = add(turnType());
    for (Value one : ArrayRef(whole->primals).slice(whole->carries, whole->sequences))
      over.push_back(add(graph::rowsOf(graph::rowOf(one.getType()), length)));
    for (Value one : whole->captures()) seen.push_back(add(one.getType()));
    if (readsNumber) seen.push_back(firstOf(rules, number));
    if (asksLimit && !limitIsNumber()) seen.push_back(add(turnType()));
    part = makePart(b, inits, over, seen, length);
    SmallVector<Value> results(part->getResults());
    if (whole->loop) results.back() = rules.add(number, results.back());
    for (unsigned carry : kept) results.push_back(inits[carry]);
    if (whole->loop && readsNumber) results.push_back(number);
    DerivedFunctions::finish(segment, results);
  }
  /// The first turn of a segment, by its number or, of `while`, by the turns before it.
  Value firstOf(graph::RuleBuilder &rules, Value number) {
    return whole->loop ? number : rules.mul(number, double(length.staticValue()));
  }

  // ---- the way forward

  void addKeptTypes(SmallVectorImpl<Type> &types) {
    for (unsigned carry : kept) types.push_back(graph::rowsOf(whole->primals[carry].getType(), count));
    if (whole->loop && readsNumber) types.push_back(graph::rowsOf(turnType(), count));
  }

  void forwardOfWhile(OpBuilder &b) {
    graph::WhileOp loop = whole->loop;
    graph::RuleBuilder rules(loop.getLoc(), b);
    func::FuncOp original = derived.find(loop.getConditionAttr());
    func::FuncOp goesOn = derived.createBeside(original, ".segments");
    Block &block = goesOn.getBody().front();
    OpBuilder inner = OpBuilder::atBlockEnd(&block);
    IRMapping mapping;
    ArrayRef<BlockArgument> own(original.getArguments());
    own = own.drop_front(whole->index());
    copyArguments(own.take_front(whole->carries), block, mapping);
    Value turns = block.addArgument(turnType(), loop.getLoc());
    if (whole->index()) mapping.map(original.getArgument(0), turns);
    copyArguments(own.drop_front(whole->carries), block, mapping);
    SmallVector<Value> inits(ArrayRef(whole->primals).take_front(whole->carries)), seen(whole->captures());
    inits.push_back(rules.scalar(rules.getI64Type(), 0));
    if (asksLimit && !limitIsNumber()) {
      seen.push_back(limit = rules.size(whole->turns(), rules.getI64Type()));
      block.addArgument(turnType(), loop.getLoc());
    }
    DerivedFunctions::finish(goesOn, copyBody(original, inner, mapping));
    SmallVector<Type> types(ValueRange(inits).getTypes());
    types.push_back(turnType());
    addKeptTypes(types);
    outer = b.create<graph::WhileOp>(loop.getLoc(), types, nameOf(goesOn), nameOf(segment), inits, seen,
                                     graph::shapeAttr(b.getContext(), count), loop.getStopAttr(), UnitAttr(),
                                     loop.getTouchesStateAttr(), b.getStringAttr("carries"));
    values.assign(outer->result_begin(), outer->result_begin() + whole->carries + 1);
  }

  void forwardOfScan(OpBuilder &b) {
    graph::ScanOp scan = whole->scan;
    graph::RuleBuilder rules(scan.getLoc(), b);
    unsigned carries = whole->carries;
    SmallVector<Value> inits(ArrayRef(whole->primals).take_front(carries)), collected;
    for (Value one : ArrayRef(whole->primals).slice(carries, whole->sequences))
      slices.push_back(rowsOfRows(rules, one));
    if (!left.is(0) && scan.getReverse()) forwardOfRest(b, rules, inits);
    SmallVector<Type> types(ValueRange(inits).getTypes());
    for (Type one : TypeRange(part->getResultTypes()).drop_front(carries)) types.push_back(graph::rowsOf(one, count));
    addKeptTypes(types);
    outer = b.create<graph::ScanOp>(scan.getLoc(), types, nameOf(segment), inits, slices, whole->captures(), Value(),
                                    graph::shapeAttr(b.getContext(), count), scan.getReverseAttr(), unit(readsNumber),
                                    scan.getTouchesStateAttr(), b.getStringAttr("carries"));
    inits.assign(outer->result_begin(), outer->result_begin() + carries);
    if (!left.is(0) && !scan.getReverse()) forwardOfRest(b, rules, inits);
    values = inits;
    for (unsigned i = carries; i < scan.getNumResults(); ++i) {
      Value one = rows(rules, outer->getResult(i));
      values.push_back(rest ? rules.joined({one, rest->forward()->getResult(i)}) : one);
    }
  }

  /// What is left, as an op of a function that nobody calls: ReverseLoop takes it from there. `carried` becomes what it
  /// gives.
  void forwardOfRest(OpBuilder &b, graph::RuleBuilder &rules, SmallVectorImpl<Value> &carried) {
    SmallVector<Value> primals(carried.begin(), carried.end());
    for (Value one : ArrayRef(whole->primals).slice(whole->carries, whole->sequences))
      primals.push_back(rules.part(one, 0, count * length, left));
    llvm::append_range(primals, whole->captures());
    if (readsNumber) primals.push_back(rules.size(count * length, rules.getI64Type()));
    func::FuncOp holder = derived.createBeside(whole->region, ".rest");
    Block &block = holder.getBody().front();
    for (Value one : primals) block.addArgument(one.getType(), whole->op->getLoc());
    ValueRange inside(block.getArguments());
    OpBuilder inner = OpBuilder::atBlockEnd(&block);
    Operation *op = makePart(inner, inside.take_front(whole->carries), inside.slice(whole->carries, whole->sequences),
                             inside.drop_front(whole->carries + whole->sequences), left);
    DerivedFunctions::finish(holder, op->getResults());
    rest = reverseOf(op, primals);
    rest->build(b);
    carried.assign(rest->forward()->result_begin(), rest->forward()->result_begin() + whole->carries);
  }

  /// Of a part of the turns.
  std::unique_ptr<ReverseLoop> reverseOf(Operation *op, ValueRange primals) {
    Mask varied(whole->active.begin() + whole->index(), whole->active.end()), useful(op->getNumResults(), false);
    varied.resize(op->getNumOperands(), false);
    for (unsigned i = 0; i < whole->region.getNumResults(); ++i) useful[whole->resultOf(i)] = whole->wants(i);
    return std::make_unique<ReverseLoop>(derived, op, primals, varied, useful, params);
  }

  // ---- the way back

  /// Zeros for what has a gradient.
  ReverseLoop::Sums beginSums(graph::RuleBuilder &rules) {
    ReverseLoop::Sums sums;
    const ReverseFunctions &functions = *whole->functions;
    for (auto [i, capture] : llvm::enumerate(whole->captures())) {
      bool has = functions.backward && functions.arguments[whole->firstCapture() + i];
      sums.captures.push_back(has ? rules.filled(sumType(capture.getType()), 0) : Value());
    }
    for (auto [path, has] : llvm::zip_equal(whole->read, functions.params))
      sums.params.push_back(functions.backward && has ? rules.filled(sumType(derived.typeOf(path)), 0) : Value());
    return sums;
  }

  /// Both give the cotangents of the sequences; `carried` becomes what goes to the turns before.
  SmallVector<Value> backOverRest(OpBuilder &b, ArrayRef<Value> given, MutableArrayRef<Value> carried,
                                  ReverseLoop::Sums &sums) {
    graph::RuleBuilder rules(made->getLoc(), b);
    SmallVector<Value> ofResults(carried);
    for (Value one : given.drop_front(whole->carries))
      ofResults.push_back(one ? rules.part(one, 0, count * length, left) : one);
    return back(*rest, b, ofResults, carried, sums);
  }
  SmallVector<Value> back(ReverseLoop &loop, OpBuilder &b, ArrayRef<Value> ofResults, MutableArrayRef<Value> carried,
                          ReverseLoop::Sums &sums) {
    graph::RuleBuilder rules(loop.op->getLoc(), b);
    size_t captures = sums.captures.size();
    sums.captures.resize(loop.captures().size()); // the numbers behind them have no gradient
    Cotangents made = loop.backward(b, ofResults, &sums);
    sums.captures.resize(captures);
    for (unsigned i = 0; i < whole->carries; ++i)
      if (whole->wants(i)) carried[i] = made.operands[i] ? made.operands[i] : rules.zeros(carried[i]);
    return SmallVector<Value>(ArrayRef(made.operands).slice(whole->carries, whole->sequences));
  }

  SmallVector<Value> backOverSegments(OpBuilder &b, ArrayRef<Value> given, MutableArrayRef<Value> carried,
                                      ReverseLoop::Sums &sums) {
    graph::RuleBuilder rules(made->getLoc(), b);
    func::FuncOp turn = derived.createBeside(segment, ".bwd");
    Block &block = turn.getBody().front();
    OpBuilder inner = OpBuilder::atBlockEnd(&block);
    graph::RuleBuilder rulesInside(whole->region.getLoc(), inner);
    // Operands of the scan, and their values inside.
    SmallVector<Value> inits, over, seen;
    auto add = [&](Type type) -> Value { return block.addArgument(type, whole->region.getLoc()); };
    auto carry = [&](Value outside) -> Value {
      inits.push_back(outside);
      return add(outside.getType());
    };
    auto slice = [&](Value outside) -> Value {
      over.push_back(outside);
      return add(graph::rowOf(outside.getType()));
    };
    auto capture = [&](Value outside) -> Value {
      seen.push_back(outside);
      return add(outside.getType());
    };
    Value number = !whole->loop && readsNumber ? add(turnType()) : Value();
    SmallVector<Value> carriedInside(whole->carries);
    for (unsigned i = 0; i < whole->carries; ++i)
      if (whole->wants(i)) carriedInside[i] = carry(carried[i]);
    ReverseLoop::Sums inside = sums;
    for (auto *group : {&inside.captures, &inside.params})
      for (Value &sum : *group)
        if (sum) sum = carry(sum);
    SmallVector<Value> primals(whole->carries), ofResults = carriedInside;
    unsigned place = outer->getNumResults() - kept.size() - (whole->loop && readsNumber);
    for (unsigned i : kept) primals[i] = slice(outer->getResult(place++));
    if (whole->loop && readsNumber) number = slice(outer->getResult(place));
    for (Value one : slices) primals.push_back(slice(one));
    if (whole->loop)
      ofResults.push_back({});
    else
      for (Value one : given.drop_front(whole->carries)) ofResults.push_back(one ? slice(rowsOfRows(rules, one)) : one);
    for (unsigned i = 0; i < whole->carries; ++i)
      if (!primals[i]) primals[i] = capture(whole->primals[i]);
    for (Value one : whole->captures()) primals.push_back(capture(one));
    if (readsNumber) primals.push_back(firstOf(rulesInside, number));
    if (limit) primals.push_back(capture(limit));

    auto again = reverseOf(part, primals);
    again->build(inner);
    SmallVector<Value> ofSequences = back(*again, inner, ofResults, carriedInside, inside), results;
    auto addResults = [&](ArrayRef<Value> all) {
      for (Value one : all)
        if (one) results.push_back(one);
    };
    for (const auto *all : {&carriedInside, &inside.captures, &inside.params}) addResults(*all);
    SmallVector<Type> types(ValueRange(results).getTypes());
    for (Value one : ofSequences)
      if (one) types.push_back(graph::rowsOf(one.getType(), count));
    addResults(ofSequences);
    DerivedFunctions::finish(turn, results);
    auto scan =
        b.create<graph::ScanOp>(made->getLoc(), types, nameOf(turn), inits, over, seen,
                                whole->loop ? outer->getResult(whole->carries + 1) : Value(),
                                graph::shapeAttr(b.getContext(), count), unit(whole->loop || !whole->scan.getReverse()),
                                unit(number && !whole->loop), UnitAttr(), b.getStringAttr("carries"));
    unsigned next = 0;
    for (unsigned i = 0; i < whole->carries; ++i)
      if (whole->wants(i)) carried[i] = scan.getResult(next++);
    for (auto *group : {&sums.captures, &sums.params})
      for (Value &sum : *group)
        if (sum) sum = scan.getResult(next++);
    for (Value &one : ofSequences)
      if (one) one = scan.getResult(next++);
    return ofSequences;
  }
};
} // namespace

std::unique_ptr<ReverseControl> reverseInSegments(OpBuilder &b, std::unique_ptr<ReverseLoop> loop, const Paths &params,
                                                  int64_t length) {
  return std::make_unique<ReverseSegments>(b, std::move(loop), params, length);
}

} // namespace graphc::autodiff
