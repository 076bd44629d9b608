// expand-derivatives: graph.derivative becomes calls of the functions that derived_functions.h makes. A function whose
// body holds derivatives is expanded before anybody derives it, so the order is callees first; so are the rules of what
// is derived (custom_derivative.h), which are gone afterwards.
#include "compiler/autodiff/autodiff.h"
#include "compiler/autodiff/derived_functions.h"
#include "compiler/autodiff/passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace graphc::autodiff {
#define GEN_PASS_DEF_EXPANDDERIVATIVES
#include "compiler/autodiff/passes.h.inc"

namespace {

class Expansion {
public:
  Expansion(graph::DerivativeOp op, func::FuncOp callee, DerivedFunctions &derived)
      : op(op), callee(callee), derived(derived), builder(op), b(op.getLoc(), builder) {
    for (Attribute path : op.getParams()) params.push_back(cast<StringAttr>(path).getValue().str());
    given = SmallVector<Value>(op.getOperands().take_front(callee.getNumArguments()));
    read = derived.activities().paramsRead(callee, params);
  }

  void run() {
    SmallVector<Value> results = op.getKind() == "vjp" ? vjp() : op.getKind() == "jvp" ? jvp() : jacobian();
    for (auto [old, made] : llvm::zip_equal(op.getResults(), results)) old.replaceAllUsesWith(made);
    op.erase();
  }

private:
  graph::DerivativeOp op;
  func::FuncOp callee;
  DerivedFunctions &derived;
  OpBuilder builder;
  graph::RuleBuilder b;
  Paths params, read; // asked for; read by the callee
  SmallVector<Value> given;

  static Mask mask(size_t size, ArrayRef<int64_t> places) {
    Mask mask(size, false);
    for (int64_t place : places) mask[place] = true;
    return mask;
  }
  Value further(unsigned i) { return op.getOperand(callee.getNumArguments() + i); }
  Value resultOfOp(size_t i) { return op.getResult(callee.getNumResults() + i); }
  SmallVector<Value> primals(graph::CallOp call) {
    return SmallVector<Value>(call.getResults().take_front(callee.getNumResults()));
  }

  /// The call of @f.bwd for one set of cotangents (by result of f): gradients of `wrt`, then of `params`; null: zero.
  SmallVector<Value> backward(const ReverseFunctions &functions, graph::CallOp forward, ArrayRef<int64_t> of,
                              function_ref<Value(size_t)> cotangent) {
    SmallVector<Value> gradients(op.getWrt().size() + params.size());
    if (!functions.backward) return gradients;
    SmallVector<Value> operands = functions.residualsOf(given, forward.getResults());
    for (size_t i = 0; i < functions.results.size(); ++i)
      if (functions.results[i]) // a recursion may want more than was asked for, and give more
        operands.push_back(llvm::is_contained(of, int64_t(i)) ? cotangent(i) : b.zeros(forward.getResult(i)));
    auto made = functions.callBackward(builder, op.getLoc(), operands);
    for (auto [i, gradient] : llvm::enumerate(made.arguments))
      if (gradient && llvm::is_contained(op.getWrt(), int64_t(i)))
        gradients[llvm::find(op.getWrt(), int64_t(i)) - op.getWrt().begin()] = gradient;
    for (auto [path, gradient] : llvm::zip_equal(read, made.params))
      if (gradient) gradients[op.getWrt().size() + (llvm::find(params, path) - params.begin())] = gradient;
    return gradients;
  }

  SmallVector<Value> vjp() {
    Mask arguments = mask(callee.getNumArguments(), op.getWrt()), of = mask(callee.getNumResults(), op.getOf());
    const ReverseFunctions &functions = derived.reverse(callee, arguments, params, of);
    auto forward = DerivedFunctions::createCall(builder, op.getLoc(), functions.forward, given);
    SmallVector<Value> gradients = backward(functions, forward, op.getOf(), [&](size_t result) {
      return further(llvm::find(op.getOf(), int64_t(result)) - op.getOf().begin());
    });
    SmallVector<Value> all = primals(forward);
    for (auto [i, gradient] : llvm::enumerate(gradients)) all.push_back(gradient ? gradient : b.zeros(resultOfOp(i)));
    return all;
  }

  /// The call of @f.jvp for one set of tangents, by place in `wrt` and then `params`; null: zero. Gives the call and
  /// the tangents of the results.
  std::pair<graph::CallOp, SmallVector<Value>> forward(ArrayRef<Value> tangents) {
    Mask arguments(callee.getNumArguments(), false);
    for (auto [i, argument] : llvm::enumerate(op.getWrt())) arguments[argument] = bool(tangents[i]);
    SmallVector<Value> operands = given;
    for (size_t argument = 0; argument < arguments.size(); ++argument)
      if (arguments[argument])
        operands.push_back(tangents[llvm::find(op.getWrt(), int64_t(argument)) - op.getWrt().begin()]);
    Paths active;
    for (auto [i, path] : llvm::enumerate(params))
      if (Value one = tangents[op.getWrt().size() + i]; one && llvm::is_contained(read, path)) {
        active.push_back(path);
        operands.push_back(one);
      }
    const ForwardFunction &function = derived.forward(callee, arguments, active);
    auto call = DerivedFunctions::createCall(builder, op.getLoc(), function.function, operands);
    SmallVector<Value> made;
    unsigned next = callee.getNumResults();
    for (bool has : function.tangents) made.push_back(has ? call.getResult(next++) : Value());
    return {call, made};
  }

  SmallVector<Value> jvp() {
    auto [call, tangents] = forward(SmallVector<Value>(op.getOperands().drop_front(given.size())));
    SmallVector<Value> all = primals(call);
    for (int64_t result : op.getOf())
      all.push_back(tangents[result] ? tangents[result] : b.zeros(call.getResult(result)));
    return all;
  }

  /// 1 at one element, 0 elsewhere; of a static type.
  Value unit(RankedTensorType type, int64_t at) {
    auto element = cast<FloatType>(type.getElementType());
    SmallVector<Attribute> values(type.getNumElements(), b.getFloatAttr(element, 0));
    values[at] = b.getFloatAttr(element, 1);
    Dialect *dialect = op->getDialect();
    return dialect->materializeConstant(builder, DenseElementsAttr::get(type, values), type, op.getLoc())->getResult(0);
  }

  /// Row by row in reverse mode or column by column in forward mode, whichever are fewer.
  SmallVector<Value> jacobian() {
    SmallVector<RankedTensorType> columns, rows;
    for (int64_t argument : op.getWrt()) columns.push_back(graph::typeOf(given[argument]));
    for (const std::string &path : params) columns.push_back(cast<RankedTensorType>(derived.typeOf(path)));
    for (int64_t result : op.getOf()) rows.push_back(graph::typeOf(op.getResult(result)));
    auto count = [](ArrayRef<RankedTensorType> types) {
      int64_t sum = 0;
      for (RankedTensorType type : types) sum += type.getNumElements();
      return sum;
    };
    Mask all(callee.getNumArguments(), true);
    auto reached = derived.activities().reached(callee, all, params, Mask(callee.getNumResults(), true));
    bool byRows = count(rows) <= count(columns) || !reached.withoutForward.empty();
    return byRows ? jacobianByRows(rows, columns) : jacobianByColumns(rows, columns);
  }

  Value assembled(ArrayRef<Value> slices, size_t result, bool columnsFirst) {
    auto type = graph::typeOf(resultOfOp(result));
    if (slices.empty() || llvm::none_of(slices, [](Value x) { return bool(x); })) return b.filled(type, 0);
    SmallVector<Value> whole;
    Value some = *llvm::find_if(slices, [](Value x) { return bool(x); });
    for (Value slice : slices) {
      Value x = slice ? slice : b.zeros(some);
      whole.push_back(b.reshape(x, graph::elementCount(graph::shapeOf(x))));
    }
    Value matrix = b.stack(whole);
    if (columnsFirst) matrix = b.permute(matrix, {1, 0});
    return b.reshape(matrix, graph::shapeOf(type));
  }

  SmallVector<Value> jacobianByRows(ArrayRef<RankedTensorType> rows, ArrayRef<RankedTensorType> columns) {
    Mask arguments = mask(callee.getNumArguments(), op.getWrt());
    SmallVector<Value> all, derivatives;
    for (size_t place = 0; place < rows.size(); ++place) {
      int64_t of = op.getOf()[place];
      const ReverseFunctions &functions = derived.reverse(callee, arguments, params, mask(callee.getNumResults(), of));
      auto forward = DerivedFunctions::createCall(builder, op.getLoc(), functions.forward, given);
      if (all.empty()) all = primals(forward);
      SmallVector<SmallVector<Value>> slices(columns.size());
      for (int64_t row = 0; row < rows[place].getNumElements(); ++row) {
        SmallVector<Value> gradients = backward(functions, forward, of, [&](size_t) { return unit(rows[place], row); });
        for (auto [list, gradient] : llvm::zip_equal(slices, gradients)) list.push_back(gradient);
      }
      for (auto [column, list] : llvm::enumerate(slices))
        derivatives.push_back(assembled(list, place * columns.size() + column, /*columnsFirst=*/false));
    }
    all.append(derivatives);
    return all;
  }

  SmallVector<Value> jacobianByColumns(ArrayRef<RankedTensorType> rows, ArrayRef<RankedTensorType> columns) {
    SmallVector<Value> all, derivatives(rows.size() * columns.size());
    for (auto [column, type] : llvm::enumerate(columns)) {
      SmallVector<SmallVector<Value>> slices(rows.size());
      for (int64_t at = 0; at < type.getNumElements(); ++at) {
        SmallVector<Value> seeds(columns.size());
        seeds[column] = unit(type, at);
        auto [call, tangents] = forward(seeds);
        if (all.empty()) all = primals(call);
        for (auto [list, of] : llvm::zip_equal(slices, op.getOf())) list.push_back(tangents[of]);
      }
      for (auto [row, list] : llvm::enumerate(slices))
        derivatives[row * columns.size() + column] =
            assembled(list, row * columns.size() + column, /*columnsFirst=*/true);
    }
    if (all.empty()) all = primals(forward(SmallVector<Value>(columns.size())).first);
    all.append(derivatives);
    return all;
  }
};

struct ExpandDerivatives : impl::ExpandDerivativesBase<ExpandDerivatives> {
  using ExpandDerivativesBase::ExpandDerivativesBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    DerivedFunctions derived(getOperation(), symbols, keepAll, memoryLimit);
    DenseSet<Operation *> done;
    getOperation().walk([&](graph::DerivativeOp op) {
      auto callee = symbols.lookup<func::FuncOp>(op.getCallee());
      for (Operation *below : graph::functionsBelow(callee, symbols)) derivedAgain.insert(below);
    });
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (failed(expandFrom(function, symbols, derived, done))) return signalPassFailure();
    for (auto function : getOperation().getOps<func::FuncOp>()) function->removeAttr(graph::customDerivativeAttr);
    if (!derived.loopMemory.empty())
      getOperation()->setAttr(loopMemoryAttr, ArrayAttr::get(&getContext(), derived.loopMemory));
  }

  /// Functions that are derived, or called by such: a derivative in them is derived once more.
  DenseSet<Operation *> derivedAgain;

  /// The rules of all that a derivative of the function may meet. A transposed rule may be among its own: by its
  /// tangents, by which it is derived, it does not meet itself (custom_derivative.cpp of the frontend).
  static llvm::SetVector<Operation *> rulesBelow(func::FuncOp root, SymbolTable &symbols) {
    llvm::SetVector<Operation *> rules;
    for (Operation *function : graph::functionsBelow(root, symbols))
      for (StringRef name : graph::customDerivativeOf(cast<func::FuncOp>(function)).rules())
        rules.insert(symbols.lookup(name));
    return rules;
  }

  /// Depth-first over what functions call and derive, with a stack of our own.
  LogicalResult expandFrom(func::FuncOp root, SymbolTable &symbols, DerivedFunctions &derived,
                           DenseSet<Operation *> &done) {
    SmallVector<func::FuncOp> stack{root};
    DenseSet<Operation *> open;
    while (!stack.empty()) {
      func::FuncOp function = stack.back();
      if (done.contains(function)) {
        stack.pop_back();
        continue;
      }
      SmallVector<graph::DerivativeOp> derivatives;
      DenseSet<Operation *> asked; // for their rules
      bool waits = false;
      open.insert(function);
      auto needs = [&](Operation *op, StringRef name) -> LogicalResult {
        auto callee = symbols.lookup<func::FuncOp>(name);
        if (!callee || !callee.getBody().hasOneBlock())
          return op->emitOpError("cannot be derived: its function is not one block");
        if (done.contains(callee)) return success();
        if (open.contains(callee)) { // recursion
          if (!isa<graph::DerivativeOp>(op)) return success();
          return op->emitOpError("cannot be derived: its function calls itself");
        }
        stack.push_back(callee);
        waits = true;
        return success();
      };
      WalkResult walked = function.walk([&](Operation *op) {
        auto calling = dyn_cast<graph::Calling>(op);
        auto derivative = dyn_cast<graph::DerivativeOp>(op);
        if (derivative) derivatives.push_back(derivative);
        if (!calling) return WalkResult::advance();
        for (const graph::CalledFunction &call : calling.calls())
          if (failed(needs(op, call.callee.getValue()))) return WalkResult::interrupt();
        auto callee = derivative ? symbols.lookup<func::FuncOp>(derivative.getCallee()) : func::FuncOp();
        if (!callee || !asked.insert(callee).second) return WalkResult::advance();
        for (Operation *rule : rulesBelow(callee, symbols))
          if (rule != function && failed(needs(op, SymbolTable::getSymbolName(rule)))) return WalkResult::interrupt();
        return WalkResult::advance();
      });
      if (walked.wasInterrupted()) return failure();
      if (waits) continue;
      derived.mayTape = !derivedAgain.contains(function);
      for (graph::DerivativeOp derivative : derivatives)
        Expansion(derivative, symbols.lookup<func::FuncOp>(derivative.getCallee()), derived).run();
      done.insert(function);
      stack.pop_back();
    }
    return success();
  }
};

} // namespace
} // namespace graphc::autodiff
