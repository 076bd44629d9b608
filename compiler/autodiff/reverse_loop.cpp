// reverse_loop.h. In @f.fwd the loop collects what its way back reads of each turn; in @f.bwd a scan goes over that the
// other way round, as many turns as came. The condition of `while` is not derived and never asked again.
//
// Only what changes from turn to turn and lies nowhere else is collected: a slice of a sequence is read from the
// sequence again, what is collected already is read there, and what depends on captures alone is made once, before the
// loop. With "grad": "carries" only the carries before each turn are collected, and the way back runs the turn again.
#include "compiler/autodiff/reverse_loop.h"
#include "dialects/graph/control_flow.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace graphc::autodiff {

ReverseLoop::ReverseLoop(DerivedFunctions &derived, Operation *op, ValueRange primals, const Mask &varied,
                         const Mask &useful, const Paths &params)
    : derived(derived), op(op), loop(dyn_cast<graph::WhileOp>(op)), scan(dyn_cast<graph::ScanOp>(op)),
      region(derived.find(loop ? loop.getBodyAttr() : scan.getBodyAttr())),
      carries(loop ? loop.getInits().size() : scan.getInits().size()), sequences(loop ? 0 : scan.getOver().size()),
      primals(llvm::to_vector(primals)), read(derived.activities().paramsRead(region, params)) {
  chooseCotangents(varied, useful, params);
  findSources(/*again=*/false);
}

ReverseControl::Cotangents ReverseLoop::backward(OpBuilder &b, ArrayRef<Value> given, Sums *sums) {
  Cotangents all;
  all.operands.resize(primals.size());
  if (!anyGiven(given)) return all;
  accumulates = functions->accumulates;
  return reverseTurns(*this, b, given, sums);
}

bool ReverseLoop::anyGiven(ArrayRef<Value> cotangents) {
  for (unsigned i = 0; i < region.getNumResults(); ++i)
    if (wants(i) && cotangents[resultOf(i)]) return true;
  return false;
}

Block &ReverseLoop::bodyOfForward() {
  func::FuncOp forward = functions->forward;
  return forward.getBody().front();
}
Value ReverseLoop::returned(unsigned i) { return bodyOfForward().getTerminator()->getOperand(i); }

void ReverseLoop::chooseCotangents(const Mask &varied, const Mask &useful, const Paths &params) {
  graph::Activity &activities = derived.activities();
  graph::ControlActivity activity = graph::controlActivity(activities, op, varied, params);
  active = activity.regions[0].second;
  Mask results;
  for (unsigned i = 0; i < region.getNumResults(); ++i) results.push_back(useful[resultOf(i)]);
  for (size_t i = 0; i < carries; ++i) results[i] = results[i] && activity.carries[i];
  results = addCarried(activities, region, active, read, index(), carries, results);
  carried.assign(results.begin(), results.begin() + carries);
  // A value that is the last carry's is collected like any other; what no turn changes lies before the loop.
  functions = &derived.reverse(region, active, params, results, [&](Value value, ArrayRef<Value> returned) {
    if (llvm::is_contained(returned.slice(carries, region.getNumResults() - carries), value)) return true;
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument) return isInvariant(value);
    unsigned place = argument.getArgNumber();
    return place < index() || place >= index() + carries || returned[place - index()] == value;
  });
}

// ---- the way forward

/// `again`: turns run again.
void ReverseLoop::findSources(bool again) {
  runsAgain = again;
  sources.clear();
  extras.clear();
  before.clear();
  if (again) {
    for (unsigned argument = 0; argument < region.getNumArguments(); ++argument)
      sources.push_back(sourceOfArgument(argument));
  } else {
    for (int residual : functions->residuals)
      sources.push_back(residual < 0 ? sourceOfArgument(~residual) : sourceOfResult(residual));
  }
}

uint64_t ReverseLoop::mostTurns() { return uint64_t(std::max<int64_t>(0, turns().high())); }

uint64_t ReverseLoop::bytesOfTurn() {
  uint64_t bytes = 0;
  for (Value extra : extras) bytes = llvm::SaturatingAdd(bytes, mostBytes(extra.getType()));
  return bytes;
}

uint64_t ReverseLoop::usualBytesOfTurn() {
  uint64_t bytes = 0;
  for (Value extra : extras) bytes = llvm::SaturatingAdd(bytes, usualBytes(extra.getType()));
  return bytes;
}

/// Of a value that each turn collects anyway: what the loop collects.
std::optional<unsigned> ReverseLoop::collected(Value value) {
  for (unsigned i = carries; i < region.getNumResults(); ++i)
    if (returned(i) == value) return i;
  return std::nullopt;
}

/// Of a value of @body.fwd that differs from turn to turn.
ReverseLoop::Source ReverseLoop::stacked(Value value) {
  if (std::optional<unsigned> there = collected(value)) return {Source::Result, resultOf(*there), true};
  unsigned place = std::distance(extras.begin(), llvm::find(extras, value));
  extras.insert(value);
  return {Source::Result, op->getNumResults() + place, true};
}

ReverseLoop::Source ReverseLoop::sourceOfArgument(unsigned argument) {
  if (argument < index()) return {Source::Number, 0, false};
  unsigned operand = argument - index();
  Value value = bodyOfForward().getArgument(argument);
  if (operand >= carries) return {Source::Operand, operand, operand < carries + sequences};
  if (isFixed(operand)) return {Source::Operand, operand, false};
  return stacked(value);
}

ReverseLoop::Source ReverseLoop::sourceOfResult(unsigned result) {
  Value value = returned(result);
  if (result >= region.getNumResults() && isInvariant(value)) {
    unsigned place = std::distance(before.begin(), llvm::find(before, value));
    before.insert(value);
    return {Source::Before, place, false};
  }
  return stacked(value);
}

/// It depends on captures and params alone, and may be made even if no turn comes: what takes an index may fail.
bool ReverseLoop::isInvariant(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) return argument.getArgNumber() >= index() + carries + sequences;
  auto [it, isNew] = invariant.try_emplace(value, false);
  if (!isNew) return it->second;
  bool someTurnComes = scan && !scan.getCount() && turns().low() > 0;
  Operation *maker = value.getDefiningOp();
  bool is = isMemoryEffectFree(maker) && !isa<graph::Calling>(maker) &&
            llvm::all_of(maker->getOperands(), [&](Value v) { return isInvariant(v) && (isReal(v) || someTurnComes); });
  return invariant[value] = is;
}

void ReverseLoop::build(OpBuilder &b) {
  Location location = op->getLoc();
  func::FuncOp wrapper = derived.createBeside(region, ".fwd");
  Block &body = wrapper.getBody().front();
  SmallVector<graph::CalledFunction> calls = cast<graph::Calling>(op).calls();
  for (Type type : calls.back().operands) body.addArgument(type, region.getLoc());
  OpBuilder inner = OpBuilder::atBlockEnd(&body);
  auto call = DerivedFunctions::createCall(inner, region.getLoc(), functions->forward, body.getArguments());
  SmallVector<Value> results(call.getResults().take_front(region.getNumResults()));
  SmallVector<Type> types(op->getResultTypes());
  for (Value extra : extras) {
    auto argument = dyn_cast<BlockArgument>(extra);
    auto all = bodyOfForward().getTerminator()->getOperands();
    results.push_back(argument ? Value(body.getArgument(argument.getArgNumber()))
                               : call.getResult(std::distance(all.begin(), llvm::find(all, extra))));
    types.push_back(graph::rowsOf(results.back().getType(), turns()));
  }
  DerivedFunctions::finish(wrapper, results);
  makeBefore(b);
  ValueRange operands(primals);
  auto name = FlatSymbolRefAttr::get(wrapper.getSymNameAttr());
  if (loop)
    made = b.create<graph::WhileOp>(location, types, loop.getConditionAttr(), name, operands.take_front(carries),
                                    captures(), loop.getLimitAttr(), loop.getStopAttr(), loop.getIndexAttr(),
                                    loop.getTouchesStateAttr(), loop.getGradAttr());
  else
    made =
        b.create<graph::ScanOp>(location, types, name, operands.take_front(carries), operands.slice(carries, sequences),
                                captures(), count(), scan.getLengthAttr(), scan.getReverseAttr(), scan.getIndexAttr(),
                                scan.getTouchesStateAttr(), scan.getGradAttr());
}

/// A call of a function that makes what no turn changes.
void ReverseLoop::makeBefore(OpBuilder &b) {
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
  auto call = DerivedFunctions::createCall(b, op->getLoc(), function, captures());
  madeBefore.assign(call.result_begin(), call.result_end());
}

Value ReverseLoop::valueOf(const Source &source) {
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

} // namespace graphc::autodiff
