// A kernel that threads share out is k, which plans, and k.shared, k.chunk and k.part behind it: k stays, since callers
// take it in, and the three move together. Of other functions those move that nobody may inline and that call none of
// the module's own.
#include "compiler/codegen/split_kernels.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/DeadArgumentElimination.h"
#include "llvm/Transforms/IPO/SCCP.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

/// Instructions of a part, about: a quarter of a second. Putting parts together costs a tenth of that.
static constexpr size_t partSize = 5000;
static constexpr size_t mostParts = 64;

namespace {

struct Group { // moves as one
  SmallVector<Function *> functions;
  size_t size = 0;
};

bool callsOwnFunctions(Function &function) {
  for (Instruction &instruction : instructions(function))
    for (Value *operand : instruction.operands())
      if (auto *callee = dyn_cast<Function>(operand->stripPointerCasts()); callee && !callee->isDeclaration())
        return true;
  return false;
}

std::vector<Group> kernelGroups(Module &module) {
  std::vector<Group> groups;
  for (Function &function : module) {
    if (function.isDeclaration() || !function.hasLocalLinkage()) continue;
    StringRef name = function.getName();
    Group group;
    if (name.consume_back(".part")) {
      for (const char *suffix : {".part", ".shared", ".chunk"})
        if (Function *member = module.getFunction((name + suffix).str())) group.functions.push_back(member);
    } else if (function.hasFnAttribute(Attribute::NoInline) && !name.ends_with(".shared") &&
               !callsOwnFunctions(function)) {
      group.functions.push_back(&function);
    }
    for (Function *member : group.functions) group.size += member->getInstructionCount();
    if (!group.functions.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

/// What a clone reads of other pieces, and they of it, needs a name that all of them know.
void makeVisible(GlobalValue &value) {
  if (!value.hasLocalLinkage()) return;
  if (!value.hasName()) value.setName("graphc.unnamed");
  value.setLinkage(GlobalValue::ExternalLinkage);
  value.setVisibility(GlobalValue::HiddenVisibility);
}

/// The globals of the module that a function's code mentions, through constants too.
void collectGlobals(Function &function, SetVector<GlobalValue *> &found) {
  SmallVector<Constant *> open;
  SmallPtrSet<Constant *, 32> seen;
  auto add = [&](Value *value) {
    if (auto *constant = dyn_cast<Constant>(value); constant && seen.insert(constant).second) open.push_back(constant);
  };
  for (Instruction &instruction : instructions(function))
    for (Value *operand : instruction.operands()) add(operand);
  while (!open.empty()) {
    Constant *constant = open.pop_back_val();
    if (auto *global = dyn_cast<GlobalValue>(constant))
      found.insert(global);
    else
      for (Value *operand : constant->operands()) add(operand);
  }
}

void propagateConstants(Module &module) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager passes;
  passes.addPass(IPSCCPPass());
  passes.addPass(DeadArgumentEliminationPass());
  passes.run(module, modules);
}

} // namespace

std::vector<std::string> graphc::codegen::splitKernels(Module &module) {
  std::vector<Group> groups = kernelGroups(module);
  size_t all = 0;
  for (const Group &group : groups) all += group.size;
  size_t count = std::min(all / partSize, mostParts);
  if (count < 2) return {};
  propagateConstants(module);
  groups = kernelGroups(module); // arguments went, so these are new functions

  // In the module's order, so that a part begins where the sizes before it fill those before it.
  std::vector<SmallPtrSet<const GlobalValue *, 16>> parts(count);
  size_t before = 0;
  all = 0;
  for (const Group &group : groups) all += group.size;
  SetVector<GlobalValue *> shared;
  for (const Group &group : groups) {
    size_t part = std::min(count - 1, before * count / std::max<size_t>(all, 1));
    before += group.size;
    for (Function *function : group.functions) {
      parts[part].insert(function);
      shared.insert(function);
      collectGlobals(*function, shared);
    }
  }
  for (GlobalValue *value : shared) makeVisible(*value);

  std::vector<std::string> bitcode;
  for (const auto &part : parts) {
    if (part.empty()) continue;
    ValueToValueMapTy map;
    std::unique_ptr<Module> clone =
        CloneModule(module, map, [&](const GlobalValue *value) { return part.contains(value); });
    for (GlobalValue &value : make_early_inc_range(clone->global_values()))
      if (value.isDeclaration() && value.use_empty()) value.eraseFromParent();
    raw_string_ostream out(bitcode.emplace_back());
    WriteBitcodeToFile(*clone, out);
  }
  for (const auto &part : parts)
    for (Function &function : module)
      if (part.contains(&function)) {
        function.deleteBody();
        function.setVisibility(GlobalValue::HiddenVisibility);
      }
  return bitcode;
}
