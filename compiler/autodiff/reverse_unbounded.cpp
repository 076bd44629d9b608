// reverse_control.h: `while` that is reversed by online checkpoints (graph.reverse_while), the way for a loop without
// max_iterations. In @f.fwd the loop runs as it is and keeps rows of checkpoints; nothing that rules read is stored
// there. In @f.bwd each turn is run again by @body.fwd and then taken back by @body.bwd. Gradients of captures and
// params are sums over the turns, carried along with the cotangents of the carries.
#include "compiler/autodiff/reverse_unbounded.h"
#include "dialects/graph/control_flow.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace graphc::autodiff {

namespace {
class ReverseUnbounded : public ReverseControl {
public:
  ReverseUnbounded(DerivedFunctions &derived, OpBuilder &b, graph::WhileOp op, ValueRange primals, const Mask &varied,
                   const Mask &useful, const Paths &params)
      : derived(derived), online(graph::onlineOf(op)), inits(primals.take_front(op.getInits().size())),
        captures(primals.drop_front(op.getInits().size())), index(op.getIndex()), body(derived.find(op.getBodyAttr())),
        read(derived.activities().paramsRead(body, params)) {
    Activity &activity = derived.activities();
    graph::ControlActivity found = graph::controlActivity(activity, op, varied, params);
    const Mask &arguments = found.regions.front().second;
    for (size_t i = 0; i < inits.size(); ++i) wanted.push_back(useful[i] && found.carries[i]);
    wanted = addCarried(activity, body, arguments, read, index, inits.size(), wanted);
    uint64_t around = derived.timesKept;
    derived.timesKept = llvm::SaturatingMultiply(around, uint64_t(online.tape));
    functions = &derived.reverse(body, arguments, params, wanted);
    derived.timesKept = around;
    SmallVector<Type> types(op.getResultTypes());
    for (Value init : inits) types.push_back(graph::rowsOf(init.getType(), online.rows));
    loop = b.create<graph::WhileOp>(op.getLoc(), types, op.getConditionAttr(), op.getBodyAttr(), inits, captures,
                                    op.getLimitAttr(), op.getStopAttr(), op.getIndexAttr(), op.getTouchesStateAttr(),
                                    op.getGradAttr());
    loop->setAttr(graph::checkpointsAttr, b.getI64IntegerAttr(online.rows));
    made = loop;
  }

  Cotangents backward(OpBuilder &b, ArrayRef<Value> given) override {
    Cotangents all;
    all.operands.resize(inits.size() + captures.size());
    graph::RuleBuilder rules(made->getLoc(), b);
    bool any = false;
    SmallVector<Value> sums; // cotangents of carries, then gradients of captures and params
    for (size_t i = 0; i < inits.size(); ++i) {
      if (!wanted[i]) continue;
      any |= bool(given[i]);
      sums.push_back(given[i] ? given[i] : rules.zeros(made->getResult(i)));
    }
    if (!any) return all; // without a @body.bwd a cotangent is that of the result still, if no turn came
    for (RankedTensorType type : gradientSums(ValueRange(captures).getTypes())) sums.push_back(rules.filled(type, 0));

    size_t count = inits.size();
    func::FuncOp forward = functions->forward;
    SmallVector<Type> residuals = DerivedFunctions::resultTypes(forward, loop.calls().back().operands);
    residuals.erase(residuals.begin(), residuals.begin() + count);
    noteMemory(residuals);
    auto back = b.create<graph::ReverseWhileOp>(
        made->getLoc(), ValueRange(sums).getTypes(), SymbolRefAttr::get(forward), SymbolRefAttr::get(backwardTurn()),
        made->getResult(count), made->getResults().drop_front(count + 1), captures, sums, b.getTypeArrayAttr(residuals),
        b.getI64IntegerAttr(online.slots), b.getI64IntegerAttr(online.tape), loop.getIndexAttr(),
        loop.getTouchesStateAttr());
    unsigned next = 0;
    for (size_t i = 0; i < count; ++i)
      if (wanted[i]) all.operands[i] = back.getResult(next++);
    for (size_t i = 0; i < captures.size(); ++i)
      if (hasGradient(i))
        all.operands[count + i] = rules.cast(back.getResult(next++), getElementTypeOrSelf(captures[i]));
    for (auto [path, has] : llvm::zip_equal(read, functions->params))
      if (has)
        all.params.push_back({path, rules.cast(back.getResult(next++), getElementTypeOrSelf(derived.typeOf(path)))});
    return all;
  }

private:
  bool hasGradient(size_t capture) { return functions->arguments[index + inits.size() + capture]; }
  /// Of the sums behind the cotangents of carries: gradients of captures and params. `types`: of the captures.
  SmallVector<RankedTensorType> gradientSums(TypeRange types) {
    SmallVector<RankedTensorType> sums;
    for (auto [i, type] : llvm::enumerate(types))
      if (hasGradient(i)) sums.push_back(sumType(type));
    for (auto [path, has] : llvm::zip_equal(read, functions->params))
      if (has) sums.push_back(sumType(derived.typeOf(path)));
    return sums;
  }

  /// For the report: what the loop holds, whatever the number of turns.
  void noteMemory(ArrayRef<Type> residuals) {
    uint64_t state = 0, turn = 0;
    for (Value init : inits) state = llvm::SaturatingAdd(state, mostBytes(init.getType()));
    for (Type residual : residuals) turn = llvm::SaturatingAdd(turn, mostBytes(residual));
    turn = llvm::SaturatingAdd(turn, state);
    uint64_t bytes = llvm::SaturatingMultiplyAdd(uint64_t(online.rows + online.slots), state,
                                                 llvm::SaturatingMultiply(uint64_t(online.tape), turn));
    Builder b(loop.getContext());
    derived.noteMemory(loop.getLoc(), "online", bytes, online.rows * online.tape,
                       b.getNamedAttr("millionth", b.getF64FloatAttr(evaluationsPerTurn(1'000'000))));
  }

  /// How often a turn of so many is evaluated: forward, to be recorded and, in a segment longer than the tape, to come
  /// to the pieces that are. With s slots a segment of n pieces takes t n - C(s + t, s + 1) replays of a piece, t the
  /// least for which C(s + t, s) >= n (Griewank and Walther).
  double evaluationsPerTurn(int64_t turns) {
    int64_t stride = 1;
    while (stride * online.rows < turns) stride *= 2;
    double pieces = double(llvm::divideCeil(stride, online.tape)), reach = 1, replays = 0;
    if (pieces == 1) return 2;
    double s = double(online.slots), t = 0; // reach: C(s + t, s)
    while (reach < pieces) ++t, reach = reach * (s + t) / t;
    replays = t * pieces - reach * t / (s + 1); // C(s + t, s + 1) = C(s + t, s) t / (s + 1)
    return 2 + replays / pieces;
  }

  /// @body.bwd as graph.reverse_while calls it, with what it gives added to the sums.
  func::FuncOp backwardTurn() {
    func::FuncOp turn = derived.createBeside(body, ".bwd"), forward = functions->forward;
    Block &block = turn.getBody().front();
    Location location = body.getLoc();
    OpBuilder b = OpBuilder::atBlockEnd(&block);
    graph::RuleBuilder rules(location, b);
    auto add = [&](TypeRange types) {
      SmallVector<Value> arguments;
      for (Type type : types) arguments.push_back(block.addArgument(type, location));
      return arguments;
    };
    size_t count = inits.size();
    TypeRange own = body.getArgumentTypes(), carries = own.drop_front(index).take_front(count);
    SmallVector<Value> arguments = add(own.take_front(index + count)); // with the turn's number, as the body has it
    SmallVector<Value> given = add(carries);
    llvm::append_range(given, add(forward.getResultTypes().drop_front(count)));
    SmallVector<Type> sumTypes;
    for (size_t i = 0; i < count; ++i)
      if (wanted[i]) sumTypes.push_back(carries[i]);
    TypeRange seen = own.drop_front(index + count);
    llvm::append_range(sumTypes, gradientSums(seen));
    SmallVector<Value> now = add(sumTypes);
    llvm::append_range(arguments, add(seen));

    SmallVector<Value> operands = functions->residualsOf(arguments, given), results;
    unsigned place = 0;
    for (size_t i = 0; i < count; ++i) {
      if (functions->results[i]) operands.push_back(now[place]);
      place += wanted[i];
    }
    auto [ofArguments, ofParams] = functions->callBackward(b, location, operands);
    for (size_t i = 0; i < count; ++i) {
      if (!wanted[i]) continue;
      Value cotangent = ofArguments[index + i];
      results.push_back(cotangent ? cotangent : rules.zeros(now[results.size()]));
    }
    auto addTo = [&](Value gradient) {
      if (!gradient) return;
      Value sum = now[results.size()];
      results.push_back(rules.add(sum, rules.cast(gradient, getElementTypeOrSelf(sum))));
    };
    llvm::for_each(ArrayRef(ofArguments).drop_front(index + count), addTo);
    llvm::for_each(ofParams, addTo);
    DerivedFunctions::finish(turn, results);
    return turn;
  }

  DerivedFunctions &derived;
  graph::Online online;
  SmallVector<Value> inits, captures; // in @f.fwd
  bool index;
  func::FuncOp body;
  Paths read;  // params, by the body
  Mask wanted; // carries with a cotangent
  const ReverseFunctions *functions;
  graph::WhileOp loop;
};
} // namespace

std::unique_ptr<ReverseControl> reverseOfUnbounded(DerivedFunctions &derived, OpBuilder &b, graph::WhileOp op,
                                                   ValueRange primals, const Mask &varied, const Mask &useful,
                                                   const Paths &params) {
  return std::make_unique<ReverseUnbounded>(derived, b, op, primals, varied, useful, params);
}

} // namespace graphc::autodiff
