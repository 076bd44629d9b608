// The way back of a loop: a scan over what ReverseLoop found, the other way round. It carries the cotangents of the
// carries and the sums of those of captures and params, and collects those of the sequences.
#include "compiler/autodiff/reverse_loop.h"
#include "dialects/graph/control_flow.h"

using namespace mlir;

namespace graphc::autodiff {

namespace {
class Turns {
public:
  Turns(ReverseLoop &loop, OpBuilder &b, ArrayRef<Value> given, ReverseLoop::Sums *running)
      : loop(loop), functions(*loop.functions), b(b), rules(loop.op->getLoc(), b), given(given), running(running),
        function(loop.derived.createBeside(loop.region, ".bwd")), body(function.getBody().front()),
        inner(OpBuilder::atBlockEnd(&body)), rulesInside(loop.region.getLoc(), inner) {}

  ReverseControl::Cotangents make() {
    addArguments();
    callBackward();
    SmallVector<Value> next, collected;
    for (unsigned i = 0; i < loop.carries; ++i)
      if (loop.carried[i]) {
        Value cotangent = ofTurn.arguments[loop.index() + i];
        next.push_back(cotangent ? cotangent : rulesInside.zeros(carriedInside[i]));
      }
    unsigned firstSequence = loop.index() + loop.carries, firstCapture = loop.firstCapture();
    for (auto [sum, argument] : sums) addTo(next, sum, ofTurn.arguments[argument]);
    for (auto [sum, param] : paramSums) addTo(next, sum, ofTurn.params[param]);
    for (unsigned i = 0; i < loop.sequences; ++i)
      if (Value cotangent = ofTurn.arguments[firstSequence + i]) collected.push_back(cotangent);
    SmallVector<Type> types(ValueRange(next).getTypes());
    for (Value one : collected) types.push_back(graph::rowsOf(one.getType(), loop.turns()));
    next.append(collected);
    DerivedFunctions::finish(function, next);
    ReverseControl::Cotangents all;
    all.operands.resize(loop.primals.size());
    if (types.empty() && !functions.accumulates) return all; // the rules give zeros alone
    auto unit = [&](bool set) { return set ? b.getUnitAttr() : UnitAttr(); };
    auto scan = b.create<graph::ScanOp>(loop.op->getLoc(), types, FlatSymbolRefAttr::get(function.getSymNameAttr()),
                                        inits, slices.getArrayRef(), captures.getArrayRef(), loop.count(),
                                        loop.length(), unit(loop.loop || !loop.scan.getReverse()), unit(bool(number)),
                                        UnitAttr(), StringAttr());
    unsigned place = 0;
    for (unsigned i = 0; i < loop.carries; ++i)
      if (loop.carried[i]) all.operands[i] = scan.getResult(place++);
    for (auto [sum, argument] : sums) {
      unsigned operand = argument - loop.index();
      Value made = scan.getResult(place++);
      if (running)
        running->captures[argument - firstCapture] = made;
      else
        all.operands[operand] = rules.cast(made, getElementTypeOrSelf(loop.primals[operand]));
    }
    for (auto [sum, param] : paramSums) {
      Value made = scan.getResult(place++);
      if (running)
        running->params[param] = made;
      else
        all.params.push_back(
            {loop.read[param], rules.cast(made, getElementTypeOrSelf(loop.derived.typeOf(loop.read[param])))});
    }
    for (unsigned i = firstSequence; i < firstCapture; ++i)
      if (ofTurn.arguments[i]) all.operands[i - loop.index()] = scan.getResult(place++);
    return all;
  }

private:
  ReverseLoop &loop;
  const ReverseFunctions &functions;
  OpBuilder &b;
  graph::RuleBuilder rules;
  ArrayRef<Value> given;
  ReverseLoop::Sums *running; // null: sums begin here
  func::FuncOp function;      // of a turn
  Block &body;
  OpBuilder inner;
  graph::RuleBuilder rulesInside;
  SmallVector<Value> inits;
  llvm::SetVector<Value> slices, captures; // of the scan, values of @f.fwd and @f.bwd
  Value number;                            // null: not read
  DenseMap<Value, Value> sliceInside, captureInside;
  DenseMap<unsigned, Value> carriedInside;                 // cotangents of carries
  SmallVector<std::pair<Value, unsigned>> sums, paramSums; // with the body's argument, or the param's place
  ReverseFunctions::Gradients ofTurn;

  Value addInside(Type type) { return body.addArgument(type, loop.region.getLoc()); }

  void addArguments() {
    bool reads = functions.backward;
    for (const ReverseLoop::Source &source : loop.sources)
      if (reads && source.kind == ReverseLoop::Source::Number && !number)
        number = addInside(graph::turnType(b.getContext()));
    for (unsigned i = 0; i < loop.carries; ++i) {
      if (!loop.carried[i]) continue;
      Type type = loop.primals[i].getType();
      inits.push_back(given[i] ? given[i] : rules.filled(cast<RankedTensorType>(type), 0));
      carriedInside[i] = addInside(type);
    }
    auto addSum = [&](Type type, Value now) {
      RankedTensorType kept = sumType(type);
      inits.push_back(now ? now : rules.filled(kept, 0));
      return addInside(kept);
    };
    if (reads) {
      for (unsigned first = loop.firstCapture(), i = first; i < functions.arguments.size(); ++i)
        if (functions.arguments[i])
          sums.push_back(
              {addSum(loop.primals[i - loop.index()].getType(), running ? running->captures[i - first] : Value()), i});
      for (unsigned i = 0; i < loop.read.size(); ++i)
        if (functions.params[i])
          paramSums.push_back({addSum(loop.derived.typeOf(loop.read[i]), running ? running->params[i] : Value()), i});
    }
    for (const ReverseLoop::Source &source : loop.sources)
      if (Value value = reads ? loop.valueOf(source) : Value()) (source.perTurn ? slices : captures).insert(value);
    for (unsigned i = loop.carries; i < loop.region.getNumResults(); ++i)
      if (Value cotangent = given[loop.resultOf(i)]; reads && functions.results[i] && cotangent)
        slices.insert(cotangent);
    for (Value value : slices) sliceInside[value] = addInside(graph::rowOf(value.getType()));
    for (Value value : captures) captureInside[value] = addInside(value.getType());
  }

  void callBackward() {
    ofTurn.arguments.resize(loop.region.getNumArguments());
    ofTurn.params.resize(loop.read.size());
    if (!functions.backward) return;
    SmallVector<Value> operands;
    for (const ReverseLoop::Source &source : loop.sources) {
      Value value = loop.valueOf(source);
      operands.push_back(!value ? number : source.perTurn ? sliceInside[value] : captureInside[value]);
    }
    if (loop.runsAgain) operands = runAgain(operands);
    for (unsigned i = 0; i < loop.region.getNumResults(); ++i) {
      if (!functions.results[i]) continue;
      unsigned result = loop.resultOf(i);
      if (i < loop.carries)
        operands.push_back(carriedInside[i]);
      else if (given[result])
        operands.push_back(sliceInside[given[result]]);
      else
        operands.push_back(rulesInside.filled(graph::rowOf(loop.forward()->getResult(result).getType()), 0));
    }
    ofTurn = functions.callBackward(inner, loop.region.getLoc(), operands);
  }

  /// What the turn keeps for its way back, of its arguments.
  SmallVector<Value> runAgain(ArrayRef<Value> arguments) {
    auto call = DerivedFunctions::createCall(inner, loop.region.getLoc(), functions.forward, arguments);
    return functions.residualsOf(arguments, call.getResults());
  }

  void addTo(SmallVectorImpl<Value> &next, Value sum, Value term) {
    next.push_back(rulesInside.add(sum, rulesInside.cast(term, getElementTypeOrSelf(sum))));
  }
};
} // namespace

ReverseControl::Cotangents reverseTurns(ReverseLoop &loop, OpBuilder &b, ArrayRef<Value> given,
                                        ReverseLoop::Sums *sums) {
  return Turns(loop, b, given, sums).make();
}

} // namespace graphc::autodiff
