// specialize-dims: what "specialize" of a dim asks for. An entry that depends on such dims is cloned for each
// combination of their listed values, each also left open, with the numbers in the dims' place everywhere; so are the
// functions that it calls, as far as dims of theirs become numbers. The entry itself stays for all other values;
// codegen's wrapper compares the dims and chooses.
//
// It stands at the end of the stage: then ops hold the sizes they found, not the rules by which they found them ("all
// axes of size 1", -1), so a number in place of a dim changes no shape.
#include "compiler/optimize/passes.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/function_dims.h"
#include "dialects/graph/requirement.h"
#include "dialects/graph/specialized_dims.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace graphc::optimize {
#define GEN_PASS_DEF_SPECIALIZEDIMS
#include "compiler/optimize/passes.h.inc"

namespace {

using graph::Dim, graph::DimAttr;

/// Functions made for entries' variants; calls beyond it stay with the function for all sizes. Only graphs that call
/// functions inside functions, each with sizes of its own, come near it.
constexpr size_t mostClones = 256;

/// Dims that are numbers, in the order of the function's dims.
struct Values {
  SmallVector<std::pair<DimAttr, int64_t>> numbers;

  std::optional<Dim> operator()(DimAttr dim) const {
    for (auto [named, number] : numbers)
      if (named == dim) return Dim(number);
    return std::nullopt;
  }

  /// "predict[B=8,T=16]": no name of the user's has a bracket.
  std::string symbol(StringRef function) const {
    std::string text = function.str();
    for (auto [dim, number] : numbers)
      text += (text.size() == function.size() ? "[" : ",") + dim.getName().str() + "=" + std::to_string(number);
    return text + "]";
  }
};

class Specializer {
public:
  explicit Specializer(ModuleOp module) : module(module), symbols(module) {}

  void run() {
    SmallVector<func::FuncOp> entries;
    for (auto function : module.getOps<func::FuncOp>())
      if (function->hasAttr("graph.entry")) entries.push_back(function);
    for (func::FuncOp entry : entries) addVariants(entry);
    while (!pending.empty()) {
      auto [function, values] = pending.pop_back_val();
      function.walk([&, &values = values](graph::Calling op) {
        for (const graph::CalledFunction &call : op.calls()) specializeCall(op, call, values);
      });
    }
  }

private:
  ModuleOp module;
  SymbolTable symbols;
  graph::FunctionDims dims; // of the functions that were there, which stay as they are
  llvm::StringMap<func::FuncOp> clones;
  SmallVector<std::pair<func::FuncOp, Values>> pending; // clones whose calls are still those of their originals

  /// The most specific first: the wrapper takes the first that fits.
  void addVariants(func::FuncOp entry) {
    SmallVector<Values> variants(1);
    for (DimAttr dim : dims.of(entry)) {
      SmallVector<int64_t> sizes = graph::specializedSizes(module, dim);
      for (size_t i = 0, open = variants.size(); i < open; ++i)
        for (int64_t size : sizes) {
          variants.push_back(variants[i]);
          variants.back().numbers.push_back({dim, size});
        }
    }
    Block::iterator next = std::next(entry->getIterator());
    for (size_t many = dims.of(entry).size(); many > 0; --many)
      for (const Values &values : variants) {
        if (values.numbers.size() != many || isRefused(entry, values)) continue;
        func::FuncOp variant = clone(entry, values);
        graph::setSpecialized(variant, values.numbers);
        symbols.insert(variant, next);
      }
  }

  /// True if no call with these numbers passes the checks of the entry's "requires".
  static bool isRefused(func::FuncOp entry, const Values &values) {
    return llvm::any_of(graph::requirementsOf(entry), [&](const graph::Requirement &one) {
      return graph::compareSizes(one.relation, one.left.substitute(values), one.right.substitute(values)) == false;
    });
  }

  func::FuncOp clone(func::FuncOp function, const Values &values) {
    func::FuncOp copy = function.clone();
    copy.setSymName(values.symbol(function.getSymName()));
    copy->removeAttr(graph::requiresAttr); // checked before it is called
    AttrTypeReplacer numbers;
    numbers.addReplacement([&](RankedTensorType type) -> std::pair<Type, WalkResult> {
      return {graph::substituteDims(type, values), WalkResult::skip()};
    });
    numbers.addReplacement([&](graph::ShapeAttr shape) -> std::pair<Attribute, WalkResult> {
      graph::Shape sizes = graph::shapeOf(shape);
      for (Dim &size : sizes) size = size.substitute(values);
      return {graph::shapeAttr(shape.getContext(), sizes), WalkResult::skip()};
    });
    numbers.recursivelyReplaceElementsIn(copy, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
    pending.push_back({copy, values});
    return copy;
  }

  /// A call in a clone: the callee's dims that are numbers here, by the operands' sizes or as dims of the caller.
  void specializeCall(Operation *op, const graph::CalledFunction &call, const Values &callers) {
    auto callee = symbols.lookup<func::FuncOp>(call.callee.getValue());
    graph::BoundDims bound = graph::bindDims(callee.getArgumentTypes(), call.operands);
    Values values;
    for (DimAttr dim : dims.of(callee)) {
      std::optional<Dim> size = bound(dim);
      if (!size) size = callers(dim);
      if (size && size->isStatic()) values.numbers.push_back({dim, size->staticValue()});
    }
    if (values.numbers.empty()) return;
    std::string key = values.symbol(callee.getSymName());
    func::FuncOp known = clones.lookup(key);
    if (!known) {
      if (clones.size() == mostClones) return;
      known = clones[key] = clone(callee, values);
      known->removeAttr("graph.entry");
      known.setPrivate();
      symbols.insert(known, std::next(callee->getIterator()));
    }
    op->setAttr(call.attribute, FlatSymbolRefAttr::get(known.getSymNameAttr()));
  }
};

struct SpecializeDims : impl::SpecializeDimsBase<SpecializeDims> {
  void runOnOperation() override {
    if (getOperation()->hasAttr(graph::specializeAttr)) Specializer(getOperation()).run();
  }
};

} // namespace
} // namespace graphc::optimize
