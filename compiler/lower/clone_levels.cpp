// Cloning stands behind the plan of memory and before the builders: bodies hold calls of kernels and little else by
// now, so a clone is cheap, and every choice that a level decides is still to come.
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/kernels/product.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace graphc;

const support::IsaLevel &lower::levelOf(Operation *op) {
  if (!isa<kern::KernelOp, FunctionOpInterface>(op)) op = op->getParentOfType<FunctionOpInterface>();
  auto name = op ? op->getAttrOfType<StringAttr>(levelAttr) : StringAttr();
  const support::IsaLevel *level = name ? support::findIsaLevel(name.getValue()) : nullptr;
  return level ? *level : support::isaLevels().front();
}

void lower::setFunctionLevel(Operation *function, const support::IsaLevel &level) {
  Builder b(function->getContext());
  SmallVector<Attribute> toLlvm{b.getStrArrayAttr({"target-cpu", level.cpu}),
                                b.getStrArrayAttr({"prefer-vector-width", level.vectorBits})};
  if (!level.features.empty()) toLlvm.push_back(b.getStrArrayAttr({"target-features", level.features}));
  if (auto others = function->getAttrOfType<ArrayAttr>("passthrough")) llvm::append_range(toLlvm, others);
  function->setAttr("passthrough", b.getArrayAttr(toLlvm));
  function->setAttr(levelAttr, b.getStringAttr(level.name));
}

namespace {
struct CloneLevels : PassWrapper<CloneLevels, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CloneLevels)
  CloneLevels() = default;
  CloneLevels(const CloneLevels &other) : PassWrapper(other) {}
  explicit CloneLevels(const support::IsaLevels &given) {
    for (const support::IsaLevel *level : given) levels.push_back(level->name.str());
  }
  StringRef getArgument() const final { return "clone-levels"; }
  StringRef getDescription() const final { return "Give each ISA level its own copy of kernels and bodies"; }

  void runOnOperation() override {
    support::IsaLevels known;
    for (const std::string &name : levels) known.push_back(support::findIsaLevel(name));
    if (levels.empty()) known.push_back(support::findIsaLevel("x86-64-v3"));
    if (llvm::is_contained(known, nullptr)) {
      getOperation().emitError("a level that does not exist");
      return signalPassFailure();
    }
    SmallVector<Operation *> originals; // collected before the first clone
    for (Operation &op : *getOperation().getBody())
      if (isa<kern::KernelOp, func::FuncOp>(op) && !op.hasAttr(lower::sizesOnlyAttr)) originals.push_back(&op);
    Names names; // of the code at the level before, by original
    for (Operation *original : originals)
      names[SymbolTable::getSymbolName(original)] = SymbolTable::getSymbolName(original);
    for (size_t position = 1; position < known.size(); ++position) names = clone(originals, known, position, names);
    for (Operation *original : originals) setLevel(original, *known[0]);
  }

  void setLevel(Operation *op, const support::IsaLevel &level) {
    if (isa<func::FuncOp>(op))
      lower::setFunctionLevel(op, level);
    else
      op->setAttr(lower::levelAttr, StringAttr::get(&getContext(), level.name));
  }

  using Names = DenseMap<StringAttr, StringAttr>;

  /// Those whose code at `level` would be what it is at `before`: kernels without the products that alone differ, and
  /// functions that call nothing else.
  DenseSet<StringAttr> sharedWith(ArrayRef<Operation *> originals, const support::IsaLevel &level,
                                  const support::IsaLevel &before) {
    DenseSet<StringAttr> own, shared;
    if (!level.differsInDotsAlone(before)) return shared;
    for (Operation *original : originals)
      if (auto kernel = dyn_cast<kern::KernelOp>(original))
        if (Type element = kernel.getElement().value_or(Type());
            element && kernel.getBuilder() == "contraction" &&
            lower::multipliesGroups(level, element) != lower::multipliesGroups(before, element))
          own.insert(kernel.getSymNameAttr());
    AttrTypeWalker symbols;
    bool callsOwn = false;
    symbols.addWalk([&](FlatSymbolRefAttr symbol) { callsOwn |= own.contains(symbol.getAttr()); });
    for (size_t before = size_t(-1); before != own.size();) {
      before = own.size();
      for (Operation *original : originals) {
        callsOwn = false;
        original->walk([&](Operation *op) { symbols.walk(op->getAttrDictionary()); });
        if (callsOwn) own.insert(SymbolTable::getSymbolName(original));
      }
    }
    for (Operation *original : originals)
      if (!own.contains(SymbolTable::getSymbolName(original))) shared.insert(SymbolTable::getSymbolName(original));
    return shared;
  }

  /// Gives the level at `position` its code; where that of the level before serves, by its name.
  Names clone(ArrayRef<Operation *> originals, const support::IsaLevels &known, size_t position, const Names &before) {
    Names names;
    DenseSet<StringAttr> shared = sharedWith(originals, *known[position], *known[position - 1]);
    for (Operation *original : originals) {
      StringAttr name = SymbolTable::getSymbolName(original);
      names[name] = shared.contains(name)
                        ? before.lookup(name)
                        : StringAttr::get(&getContext(), support::symbolAtLevel(name.getValue(), known, position));
    }
    AttrTypeReplacer calls;
    calls.addReplacement([&](FlatSymbolRefAttr symbol) -> std::optional<Attribute> {
      auto found = names.find(symbol.getAttr());
      if (found == names.end()) return std::nullopt;
      return FlatSymbolRefAttr::get(found->second);
    });
    OpBuilder b = OpBuilder::atBlockEnd(getOperation().getBody());
    for (Operation *original : originals) {
      if (shared.contains(SymbolTable::getSymbolName(original))) continue;
      Operation *copy = b.clone(*original);
      calls.recursivelyReplaceElementsIn(copy);
      SymbolTable::setSymbolName(copy, names[SymbolTable::getSymbolName(original)]);
      setLevel(copy, *known[position]);
    }
    return names;
  }

  ListOption<std::string> levels{*this, "levels", llvm::cl::desc("names of levels, ascending, or native")};
};
} // namespace

std::unique_ptr<Pass> lower::createCloneLevelsPass(const support::IsaLevels &levels) {
  return std::make_unique<CloneLevels>(levels);
}

std::unique_ptr<Pass> lower::createCloneLevelsPass() { return std::make_unique<CloneLevels>(); }
