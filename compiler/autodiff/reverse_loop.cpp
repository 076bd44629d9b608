// reverse_loop.h. In @f.fwd the loop collects what its way back reads of each turn; in @f.bwd a scan goes over that the
// other way round. It carries the cotangents of the carries and the sums of those of captures and params, and collects
// those of the sequences.
//
// Only what changes from turn to turn and lies nowhere else is collected: a slice of a sequence is read from the
// sequence again, what is collected already is read there, and what depends on captures alone is made once, before the
// loop.
#include "compiler/autodiff/reverse_loop.h"
#include "dialects/graph/control_flow.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace graphc::autodiff {

namespace {
class ReverseLoop : public ReverseControl {
public:
  ReverseLoop(DerivedFunctions &derived, OpBuilder &b, graph::ScanOp op, ValueRange primals, const Mask &varied,
              const Mask &useful, const Paths &params)
      : derived(derived), op(op), region(derived.find(op.getBodyAttr())), carries(op.getInits().size()),
        sequences(op.getOver().size()), primals(llvm::to_vector(primals)),
        read(derived.activities().paramsRead(region, params)) {
    chooseCotangents(varied, useful, params);
    for (int residual : functions->residuals)
      sources.push_back(residual < 0 ? sourceOfArgument(~residual) : sourceOfResult(residual));
    makeForward(b);
  }

  Cotangents backward(OpBuilder &b, ArrayRef<Value> given) override {
    Cotangents all;
    all.operands.resize(primals.size());
    bool any = false;
    for (unsigned i = 0; i < region.getNumResults(); ++i) any |= wants(i) && given[i];
    if (!any) return all;
    return Backward(*this, b, given).make();
  }

private:
  /// Where the way back finds a value of a turn.
  struct Source {
    enum Kind { Number, Operand, Result, Before } kind; // Before: a result of what is made before the loop
    unsigned at;
    bool perTurn; // a slice of it
  };

  unsigned index() { return op.getIndex(); }
  graph::Dim turns() { return op.turns(); }
  Block &bodyOfForward() {
    func::FuncOp forward = functions->forward;
    return forward.getBody().front();
  }
  Value returned(unsigned i) { return bodyOfForward().getTerminator()->getOperand(i); }
  /// The body's result has a cotangent.
  bool wants(unsigned i) { return i < carries ? carried[i] : functions->results[i]; }

  /// A carry has a cotangent if its last value has one or a turn gives it one: turns are taken until nothing is added.
  void chooseCotangents(const Mask &varied, const Mask &useful, const Paths &params) {
    graph::Activity &activities = derived.activities();
    graph::ControlActivity activity = graph::controlActivity(activities, op, varied, params);
    const Mask &arguments = activity.regions[0].second;
    DenseSet<Value> variedInside = activities.varied(region, arguments, read);
    Mask results = useful;
    carried.assign(carries, false);
    for (size_t i = 0; i < carries; ++i) carried[i] = results[i] = useful[i] && activity.carries[i];
    for (bool added = true; added;) {
      added = false;
      DenseSet<Value> usefulInside = activities.useful(region, variedInside, results);
      for (size_t i = 0; i < carries; ++i)
        if (!carried[i] && activity.carries[i] && usefulInside.contains(region.getArgument(index() + i)))
          added = carried[i] = results[i] = true;
    }
    // A value that is the last carry's is collected like any other; what no turn changes lies before the loop.
    functions = &derived.reverse(region, arguments, params, results, [&](Value value, ArrayRef<Value> returned) {
      if (llvm::is_contained(returned.slice(carries, region.getNumResults() - carries), value)) return true;
      auto argument = dyn_cast<BlockArgument>(value);
      if (!argument) return isInvariant(value);
      unsigned place = argument.getArgNumber();
      return place < index() || place >= index() + carries || returned[place - index()] == value;
    });
  }

  // ---- the way forward

  /// Of a value that each turn collects anyway: what the loop collects.
  std::optional<unsigned> collected(Value value) {
    for (unsigned i = carries; i < region.getNumResults(); ++i)
      if (returned(i) == value) return i;
    return std::nullopt;
  }

  /// Of a value of @body.fwd that differs from turn to turn.
  Source stacked(Value value) {
    if (std::optional<unsigned> there = collected(value)) return {Source::Result, *there, true};
    unsigned place = std::distance(extras.begin(), llvm::find(extras, value));
    extras.insert(value);
    return {Source::Result, op->getNumResults() + place, true};
  }

  Source sourceOfArgument(unsigned argument) {
    if (argument < index()) return {Source::Number, 0, false};
    unsigned operand = argument - index();
    Value value = bodyOfForward().getArgument(argument);
    if (operand >= carries) return {Source::Operand, operand, operand < carries + sequences};
    if (returned(operand) == value) return {Source::Operand, operand, false}; // never changes
    return stacked(value);
  }

  Source sourceOfResult(unsigned result) {
    Value value = returned(result);
    if (result >= region.getNumResults() && isInvariant(value)) {
      unsigned place = std::distance(before.begin(), llvm::find(before, value));
      before.insert(value);
      return {Source::Before, place, false};
    }
    return stacked(value);
  }

  /// It depends on captures and params alone, and may be made even if no turn comes: what takes an index may fail.
  bool isInvariant(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) return argument.getArgNumber() >= index() + carries + sequences;
    auto [it, isNew] = invariant.try_emplace(value, false);
    if (!isNew) return it->second;
    Operation *maker = value.getDefiningOp();
    bool is =
        isMemoryEffectFree(maker) && !isa<graph::Calling>(maker) &&
        llvm::all_of(maker->getOperands(), [&](Value v) { return isInvariant(v) && (isReal(v) || turns().low() > 0); });
    return invariant[value] = is;
  }

  void makeForward(OpBuilder &b) {
    Location location = op.getLoc();
    func::FuncOp wrapper = derived.createBeside(region, ".fwd");
    Block &body = wrapper.getBody().front();
    SmallVector<graph::CalledFunction> calls = cast<graph::Calling>(op.getOperation()).calls();
    for (Type type : calls.back().operands) body.addArgument(type, region.getLoc());
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    auto call = DerivedFunctions::createCall(inner, region.getLoc(), functions->forward, body.getArguments());
    SmallVector<Value> results(call.getResults().take_front(region.getNumResults()));
    SmallVector<Type> types(op.getResultTypes());
    for (Value extra : extras) {
      auto argument = dyn_cast<BlockArgument>(extra);
      auto all = bodyOfForward().getTerminator()->getOperands();
      results.push_back(argument ? Value(body.getArgument(argument.getArgNumber()))
                                 : call.getResult(std::distance(all.begin(), llvm::find(all, extra))));
      types.push_back(stackOf(results.back().getType()));
    }
    DerivedFunctions::finish(wrapper, results);
    makeBefore(b);
    ValueRange operands(primals);
    made = b.create<graph::ScanOp>(location, types, FlatSymbolRefAttr::get(wrapper.getSymNameAttr()),
                                   operands.take_front(carries), operands.slice(carries, sequences),
                                   operands.drop_front(carries + sequences), op.getLengthAttr(), op.getReverseAttr(),
                                   op.getIndexAttr(), op.getTouchesStateAttr());
  }

  /// The type of a tensor for every turn.
  Type stackOf(Type type) {
    auto one = cast<RankedTensorType>(type);
    graph::Shape shape = graph::shapeOf(one);
    shape.insert(shape.begin(), turns());
    return graph::tensorType(shape, one.getElementType());
  }

  /// A call of a function that makes what no turn changes.
  void makeBefore(OpBuilder &b) {
    if (before.empty()) return;
    func::FuncOp function = derived.createBeside(region, ".before");
    Block &body = function.getBody().front();
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    IRMapping mapping;
    for (BlockArgument argument : bodyOfForward().getArguments().drop_front(index() + carries + sequences))
      mapping.map(argument, body.addArgument(argument.getType(), argument.getLoc()));
    DenseSet<Operation *> wanted;
    for (Value value : before) wanted.insert(value.getDefiningOp());
    for (Operation &maker : llvm::reverse(bodyOfForward()))
      if (wanted.contains(&maker))
        for (Value operand : maker.getOperands())
          if (Operation *further = operand.getDefiningOp()) wanted.insert(further);
    for (Operation &maker : bodyOfForward())
      if (wanted.contains(&maker)) inner.clone(maker, mapping);
    SmallVector<Value> results;
    for (Value value : before) results.push_back(mapping.lookup(value));
    DerivedFunctions::finish(function, results);
    auto call =
        DerivedFunctions::createCall(b, op.getLoc(), function, ValueRange(primals).drop_front(carries + sequences));
    madeBefore.assign(call.result_begin(), call.result_end());
  }

  Value valueOf(const Source &source) {
    switch (source.kind) {
    case Source::Number:
      return {};
    case Source::Operand:
      return primals[source.at];
    case Source::Result:
      return made->getResult(source.at);
    case Source::Before:
      return madeBefore[source.at];
    }
    return {};
  }

  // ---- the way back

  class Backward {
  public:
    Backward(ReverseLoop &loop, OpBuilder &b, ArrayRef<Value> given)
        : loop(loop), functions(*loop.functions), b(b), rules(loop.op.getLoc(), b), given(given),
          function(loop.derived.createBeside(loop.region, ".bwd")), body(function.getBody().front()),
          inner(OpBuilder::atBlockEnd(&body)), rulesInside(loop.region.getLoc(), inner) {}

    Cotangents make() {
      addArguments();
      callBackward();
      SmallVector<Value> next, collected;
      for (unsigned i = 0; i < loop.carries; ++i)
        if (loop.carried[i]) {
          Value cotangent = ofArguments[loop.index() + i];
          next.push_back(cotangent ? cotangent : rulesInside.zeros(carriedInside[i]));
        }
      unsigned firstSequence = loop.index() + loop.carries, firstCapture = firstSequence + loop.sequences;
      for (auto [sum, argument] : sums) addTo(next, sum, ofArguments[argument]);
      for (auto [sum, param] : paramSums) addTo(next, sum, ofParams[param]);
      for (unsigned i = 0; i < loop.sequences; ++i)
        if (Value cotangent = ofArguments[firstSequence + i]) collected.push_back(cotangent);
      SmallVector<Type> types(ValueRange(next).getTypes());
      for (Value one : collected) types.push_back(loop.stackOf(one.getType()));
      next.append(collected);
      DerivedFunctions::finish(function, next);
      auto unit = [&](bool set) { return set ? b.getUnitAttr() : UnitAttr(); };
      auto scan = b.create<graph::ScanOp>(loop.op.getLoc(), types, FlatSymbolRefAttr::get(function.getSymNameAttr()),
                                          inits, slices.getArrayRef(), captures.getArrayRef(), loop.op.getLengthAttr(),
                                          unit(!loop.op.getReverse()), unit(bool(number)), UnitAttr());
      Cotangents all;
      all.operands.resize(loop.primals.size());
      unsigned place = 0;
      for (unsigned i = 0; i < loop.carries; ++i)
        if (loop.carried[i]) all.operands[i] = scan.getResult(place++);
      auto like = [&](Value sum, Type type) {
        Type element = cast<RankedTensorType>(type).getElementType();
        return graph::typeOf(sum).getElementType() == element ? sum : rules.cast(sum, element);
      };
      for (auto [sum, argument] : sums) {
        unsigned operand = argument - loop.index();
        all.operands[operand] = like(scan.getResult(place++), loop.primals[operand].getType());
      }
      for (auto [sum, param] : paramSums)
        all.params.push_back({loop.read[param], like(scan.getResult(place++), loop.derived.typeOf(loop.read[param]))});
      for (unsigned i = firstSequence; i < firstCapture; ++i)
        if (ofArguments[i]) all.operands[i - loop.index()] = scan.getResult(place++);
      return all;
    }

  private:
    ReverseLoop &loop;
    const ReverseFunctions &functions;
    OpBuilder &b;
    graph::RuleBuilder rules;
    ArrayRef<Value> given;
    func::FuncOp function; // of a turn
    Block &body;
    OpBuilder inner;
    graph::RuleBuilder rulesInside;
    SmallVector<Value> inits;
    llvm::SetVector<Value> slices, captures; // of the scan, values of @f.fwd and @f.bwd
    Value number;                            // null: not read
    DenseMap<Value, Value> sliceInside, captureInside;
    DenseMap<unsigned, Value> carriedInside;                 // cotangents of carries
    SmallVector<std::pair<Value, unsigned>> sums, paramSums; // with the body's argument, or the param's place
    SmallVector<Value> ofArguments, ofParams;                // what a turn gives

    /// Sums of 16-bit floats are kept in f32: there may be many turns.
    static RankedTensorType sumType(Type type) {
      auto tensor = cast<RankedTensorType>(type);
      if (tensor.getElementTypeBitWidth() > 16) return tensor;
      return graph::tensorType(graph::shapeOf(tensor), Float32Type::get(type.getContext()));
    }

    Value addInside(Type type) { return body.addArgument(type, loop.region.getLoc()); }

    void addArguments() {
      bool reads = functions.backward;
      for (const Source &source : loop.sources)
        if (reads && source.kind == Source::Number && !number)
          number = addInside(RankedTensorType::get({}, b.getI64Type()));
      for (unsigned i = 0; i < loop.carries; ++i) {
        if (!loop.carried[i]) continue;
        Type type = loop.primals[i].getType();
        inits.push_back(given[i] ? given[i] : rules.filled(cast<RankedTensorType>(type), 0));
        carriedInside[i] = addInside(type);
      }
      auto addSum = [&](Type type) {
        RankedTensorType kept = sumType(type);
        inits.push_back(rules.filled(kept, 0));
        return addInside(kept);
      };
      if (reads) {
        for (unsigned i = loop.index() + loop.carries + loop.sequences; i < functions.arguments.size(); ++i)
          if (functions.arguments[i]) sums.push_back({addSum(loop.primals[i - loop.index()].getType()), i});
        for (unsigned i = 0; i < loop.read.size(); ++i)
          if (functions.params[i]) paramSums.push_back({addSum(loop.derived.typeOf(loop.read[i])), i});
      }
      for (const Source &source : loop.sources)
        if (Value value = reads ? loop.valueOf(source) : Value()) (source.perTurn ? slices : captures).insert(value);
      for (unsigned i = loop.carries; i < loop.region.getNumResults(); ++i)
        if (reads && functions.results[i] && given[i]) slices.insert(given[i]);
      for (Value value : slices) { sliceInside[value] = addInside(sliceOf(value.getType())); }
      for (Value value : captures) captureInside[value] = addInside(value.getType());
    }

    void callBackward() {
      ofArguments.resize(loop.region.getNumArguments());
      ofParams.resize(loop.read.size());
      if (!functions.backward) return;
      SmallVector<Value> operands;
      for (const Source &source : loop.sources) {
        Value value = loop.valueOf(source);
        operands.push_back(!value ? number : source.perTurn ? sliceInside[value] : captureInside[value]);
      }
      for (unsigned i = 0; i < loop.region.getNumResults(); ++i) {
        if (!functions.results[i]) continue;
        if (i < loop.carries)
          operands.push_back(carriedInside[i]);
        else if (given[i])
          operands.push_back(sliceInside[given[i]]);
        else
          operands.push_back(rulesInside.filled(sliceOf(loop.made->getResult(i).getType()), 0));
      }
      auto call = DerivedFunctions::createCall(inner, loop.region.getLoc(), functions.backward, operands);
      unsigned next = 0;
      for (size_t i = 0; i < ofArguments.size(); ++i)
        if (functions.arguments[i]) ofArguments[i] = call.getResult(next++);
      for (size_t i = 0; i < ofParams.size(); ++i)
        if (functions.params[i]) ofParams[i] = call.getResult(next++);
    }

    void addTo(SmallVectorImpl<Value> &next, Value sum, Value term) {
      Type element = graph::typeOf(sum).getElementType();
      if (graph::typeOf(term).getElementType() != element) term = rulesInside.cast(term, element);
      next.push_back(rulesInside.add(sum, term));
    }
  };

  static RankedTensorType sliceOf(Type type) {
    auto stack = cast<RankedTensorType>(type);
    return graph::tensorType(ArrayRef(graph::shapeOf(stack)).drop_front(), stack.getElementType());
  }

  DerivedFunctions &derived;
  graph::ScanOp op; // of f
  func::FuncOp region;
  unsigned carries, sequences;
  SmallVector<Value> primals; // its operands in @f.fwd
  Paths read;
  Mask carried;                                // carries that have a cotangent
  const ReverseFunctions *functions = nullptr; // of the body
  SmallVector<Source> sources;                 // by residual of the body
  llvm::SetVector<Value> extras, before;       // values of @body.fwd
  DenseMap<Value, bool> invariant;
  SmallVector<Value> madeBefore; // in @f.fwd
};
} // namespace

std::unique_ptr<ReverseControl> reverseOfLoop(DerivedFunctions &derived, OpBuilder &b, Operation *op,
                                              ValueRange primals, const Mask &varied, const Mask &useful,
                                              const Paths &params) {
  return std::make_unique<ReverseLoop>(derived, b, cast<graph::ScanOp>(op), primals, varied, useful, params);
}

} // namespace graphc::autodiff
