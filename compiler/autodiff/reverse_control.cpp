// reverse_control.h: `if`. Both branches give the same slots for residuals, merged by type and in order; a branch fills
// with zeros those that it does not need, and nobody reads them. The way back is an `if` on the same condition, never a
// select: both sides would run, and 0 * inf of the one that was not taken is NaN.
#include "compiler/autodiff/reverse_control.h"
#include "compiler/autodiff/choose_residuals.h"
#include "compiler/autodiff/reverse_loop.h"
#include "compiler/autodiff/reverse_segments.h"
#include "compiler/autodiff/reverse_unbounded.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace graphc::autodiff {

namespace {
class ReverseIf : public ReverseControl {
public:
  ReverseIf(DerivedFunctions &derived, OpBuilder &b, graph::IfOp op, ValueRange primals, const Mask &varied,
            const Mask &useful, const Paths &params)
      : derived(derived), condition(primals[0]), captures(llvm::to_vector(primals.drop_front())) {
    Mask active(varied.begin() + 1, varied.end());
    FlatSymbolRefAttr names[] = {op.getThenFunctionAttr(), op.getElseFunctionAttr()};
    for (auto [branch, name] : llvm::zip(branches, names)) {
      branch.region = derived.find(name);
      branch.functions = &derived.reverse(branch.region, active, params, useful);
      branch.read = derived.activities().paramsRead(branch.region, params);
      startForward(branch);
    }
    for (Branch &branch : branches) finishForward(branch);
    SmallVector<Type> types(op.getResultTypes());
    llvm::append_range(types, slots);
    made =
        b.create<graph::IfOp>(op.getLoc(), types, SymbolRefAttr::get(branches[0].wrapper),
                              SymbolRefAttr::get(branches[1].wrapper), condition, captures, op.getTouchesStateAttr());
  }

  Cotangents backward(OpBuilder &b, ArrayRef<Value> given) override {
    Cotangents all;
    all.operands.resize(1 + captures.size());
    llvm::SetVector<Value> reads; // of the two branches; what each returns, they return both
    SmallVector<Value> cotangents(branches[0].region.getNumResults());
    Mask gives(captures.size(), false);
    Paths paths;
    for (Branch &branch : branches) {
      const ReverseFunctions &functions = *branch.functions;
      if (!functions.backward) continue;
      accumulates |= functions.accumulates;
      for (unsigned i = 0; i < functions.residuals.size(); ++i) reads.insert(residual(branch, i));
      for (size_t i = 0; i < cotangents.size(); ++i)
        if (functions.results[i] && given[i]) cotangents[i] = given[i];
      for (size_t i = 0; i < captures.size(); ++i) gives[i] = gives[i] || functions.arguments[i];
      for (auto [path, has] : llvm::zip_equal(branch.read, functions.params))
        if (has && !llvm::is_contained(paths, path)) paths.push_back(path);
    }
    if (llvm::none_of(cotangents, [](Value ct) { return bool(ct); })) return all;
    for (Value cotangent : cotangents)
      if (cotangent) reads.insert(cotangent);
    SmallVector<Type> types;
    for (size_t i = 0; i < captures.size(); ++i)
      if (gives[i]) types.push_back(captures[i].getType());
    for (const std::string &path : paths) types.push_back(derived.typeOf(path));
    if (types.empty() && !accumulates) return all; // the rules give zeros alone
    for (Branch &branch : branches) makeBackward(branch, reads.getArrayRef(), cotangents, gives, paths, types);
    auto back = b.create<graph::IfOp>(made->getLoc(), types, SymbolRefAttr::get(branches[0].back),
                                      SymbolRefAttr::get(branches[1].back), condition, reads.getArrayRef(), UnitAttr());
    unsigned next = 0;
    for (size_t i = 0; i < captures.size(); ++i)
      if (gives[i]) all.operands[1 + i] = back.getResult(next++);
    for (const std::string &path : paths) all.params.push_back({path, back.getResult(next++)});
    return all;
  }

private:
  struct Branch {
    func::FuncOp region, wrapper, back;
    const ReverseFunctions *functions = nullptr;
    Paths read;
    graph::CallOp call;        // of @region.fwd in the wrapper
    SmallVector<size_t> slots; // by result of that behind the region's own
  };

  void startForward(Branch &branch) {
    branch.wrapper = derived.createBeside(branch.region, ".fwd");
    Block &body = branch.wrapper.getBody().front();
    for (Value capture : captures) body.addArgument(capture.getType(), branch.region.getLoc());
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    branch.call =
        DerivedFunctions::createCall(b, branch.region.getLoc(), branch.functions->forward, body.getArguments());
    llvm::DenseSet<size_t> taken;
    for (Value extra : branch.call.getResults().drop_front(branch.region.getNumResults())) {
      size_t slot = 0;
      while (slot < slots.size() && (slots[slot] != extra.getType() || taken.contains(slot))) ++slot;
      if (slot == slots.size()) slots.push_back(extra.getType());
      taken.insert(slot);
      branch.slots.push_back(slot);
    }
  }

  void finishForward(Branch &branch) {
    OpBuilder b = OpBuilder::atBlockEnd(&branch.wrapper.getBody().front());
    graph::RuleBuilder rules(branch.region.getLoc(), b);
    unsigned own = branch.region.getNumResults();
    SmallVector<Value> results(branch.call.getResults().take_front(own)), filled(slots.size());
    for (auto [i, slot] : llvm::enumerate(branch.slots)) filled[slot] = branch.call.getResult(own + i);
    for (auto [value, type] : llvm::zip_equal(filled, slots))
      results.push_back(value ? value : rules.filled(cast<RankedTensorType>(type), 0));
    DerivedFunctions::finish(branch.wrapper, results);
  }

  /// What the branch reads going back, as a value of @f.fwd.
  Value residual(Branch &branch, unsigned i) {
    int at = branch.functions->residuals[i];
    unsigned own = branch.region.getNumResults();
    if (at < 0) return captures[~at];
    return made->getResult(unsigned(at) < own ? at : own + branch.slots[at - own]);
  }

  void makeBackward(Branch &branch, ArrayRef<Value> reads, ArrayRef<Value> cotangents, const Mask &gives,
                    const Paths &paths, ArrayRef<Type> types) {
    branch.back = derived.createBeside(branch.region, ".bwd");
    Block &body = branch.back.getBody().front();
    DenseMap<Value, Value> inside;
    for (Value read : reads) inside[read] = body.addArgument(read.getType(), branch.region.getLoc());
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    graph::RuleBuilder rules(branch.region.getLoc(), b);
    const ReverseFunctions &functions = *branch.functions;
    SmallVector<Value> operands, results;
    bool any = false;
    for (unsigned i = 0; i < functions.residuals.size(); ++i) operands.push_back(inside[residual(branch, i)]);
    for (size_t i = 0; i < cotangents.size(); ++i) {
      if (!functions.results[i]) continue;
      any |= bool(cotangents[i]);
      operands.push_back(cotangents[i] ? inside[cotangents[i]]
                                       : rules.filled(cast<RankedTensorType>(made->getResult(i).getType()), 0));
    }
    ReverseFunctions::Gradients own{SmallVector<Value>(captures.size()), SmallVector<Value>(branch.read.size())};
    if (any) own = functions.callBackward(b, branch.region.getLoc(), operands);
    auto add = [&](Value gradient) {
      auto type = cast<RankedTensorType>(types[results.size()]);
      results.push_back(gradient ? gradient : rules.filled(type, 0));
    };
    for (size_t i = 0; i < captures.size(); ++i)
      if (gives[i]) add(own.arguments[i]);
    for (const std::string &path : paths) {
      size_t i = llvm::find(branch.read, path) - branch.read.begin();
      add(i < own.params.size() ? own.params[i] : Value());
    }
    DerivedFunctions::finish(branch.back, results);
  }

  DerivedFunctions &derived;
  Value condition; // in @f.fwd
  SmallVector<Value> captures;
  SmallVector<Type> slots;
  Branch branches[2];
};
} // namespace

Mask addCarried(Activity &activity, func::FuncOp body, const Mask &arguments, const Paths &params, unsigned first,
                unsigned carries, Mask results) {
  DenseSet<Value> varied = activity.varied(body, arguments, params);
  for (bool added = true; added;) {
    added = false;
    DenseSet<Value> useful = activity.useful(body, varied, results);
    for (unsigned i = 0; i < carries; ++i)
      if (!results[i] && useful.contains(body.getArgument(first + i))) added = results[i] = true;
  }
  return results;
}

static uint64_t bytesOf(Type tensor, function_ref<int64_t(const graph::Dim &)> valueOf) {
  auto type = cast<RankedTensorType>(tensor);
  uint64_t width = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  uint64_t count = uint64_t(std::max<int64_t>(0, valueOf(graph::elementCount(graph::shapeOf(type)))));
  return llvm::SaturatingMultiply(count, width);
}
uint64_t mostBytes(Type tensor) {
  return bytesOf(tensor, [](const graph::Dim &size) { return size.high(); });
}
uint64_t usualBytes(Type tensor) { return bytesOf(tensor, usualValue); }

RankedTensorType sumType(Type gradient) {
  auto tensor = cast<RankedTensorType>(gradient);
  if (tensor.getElementTypeBitWidth() > 16) return tensor;
  return graph::tensorType(graph::shapeOf(tensor), Float32Type::get(gradient.getContext()));
}

std::unique_ptr<ReverseControl> reverseOfControl(DerivedFunctions &derived, OpBuilder &b, Operation *op,
                                                 ValueRange primals, const Mask &varied, const Mask &useful,
                                                 const Paths &params) {
  if (auto branch = dyn_cast<graph::IfOp>(op))
    return std::make_unique<ReverseIf>(derived, b, branch, primals, varied, useful, params);
  // Loops carry sums of their own, but for those by which a recursion goes: along these go the recursion's.
  bool isOfCircle =
      llvm::any_of(derived.calleesOf(op), [&](func::FuncOp callee) { return derived.circle.contains(callee); });
  std::string key = isOfCircle ? derived.recursionKey : "";
  std::swap(key, derived.recursionKey);
  auto restore = llvm::make_scope_exit([&] { std::swap(key, derived.recursionKey); });
  if (auto loop = dyn_cast<graph::WhileOp>(op); loop && graph::isOnline(loop))
    return reverseOfUnbounded(derived, b, loop, primals, varied, useful, params);
  return reverseOfBounded(derived, b, op, primals, varied, useful, params);
}

} // namespace graphc::autodiff
