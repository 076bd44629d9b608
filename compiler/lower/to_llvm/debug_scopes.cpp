// debug-scopes (-g): DWARF scopes for LLVM functions, so that a debugger stops at and lists lines of the user's JSON.
// MLIR's own pass shows ops of another file with the function's file; here such an op gets a lexical block in its file.
// An op of a layer has two places; the user's one counts (the caller of the CallSiteLoc), never a line of an embedded
// "std:" file.
#include "compiler/lower/passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/BinaryFormat/Dwarf.h"

using namespace mlir;

namespace {
/// The place to show. Iterative: locations nest as deep as layers and fusion make them.
FileLineColLoc placeOf(Location location) {
  SmallVector<Location> pending{location};
  while (!pending.empty()) {
    Location next = pending.pop_back_val();
    if (auto place = dyn_cast<FileLineColLoc>(next)) {
      if (!place.getFilename().strref().starts_with("std:")) return place;
    } else if (auto call = dyn_cast<CallSiteLoc>(next)) {
      pending.push_back(call.getCallee());
      pending.push_back(call.getCaller()); // looked at first
    } else if (auto name = dyn_cast<NameLoc>(next)) {
      pending.push_back(name.getChildLoc());
    } else if (auto fused = dyn_cast<FusedLoc>(next)) {
      for (Location part : llvm::reverse(fused.getLocations())) pending.push_back(part);
    }
  }
  return nullptr;
}

struct DebugScopes : PassWrapper<DebugScopes, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DebugScopes)
  explicit DebugScopes(std::string directory) : directory(std::move(directory)) {}
  StringRef getArgument() const final { return "debug-scopes"; }
  StringRef getDescription() const final { return "Attach DWARF scopes that point into the JSON"; }
  std::string directory;

  LLVM::DIFileAttr file(StringAttr name) { return LLVM::DIFileAttr::get(&getContext(), name.getValue(), directory); }

  void runOnOperation() override {
    LLVM::DICompileUnitAttr unit;
    getOperation().walk([&](LLVM::LLVMFuncOp function) {
      FileLineColLoc start = placeOf(function.getLoc());
      if (!start || function.isExternal()) return;
      if (!unit) // distinct attributes have an identity: one unit for the module. No name table: gdb 13 refuses two
                 // linked ones.
        unit =
            LLVM::DICompileUnitAttr::get(DistinctAttr::create(UnitAttr::get(&getContext())), llvm::dwarf::DW_LANG_C99,
                                         file(start.getFilename()), StringAttr::get(&getContext(), "graphc"),
                                         /*isOptimized=*/true, LLVM::DIEmissionKind::Full, LLVM::DINameTableKind::None);
      attachScopes(function, start, unit);
    });
  }

  void attachScopes(LLVM::LLVMFuncOp function, FileLineColLoc start, LLVM::DICompileUnitAttr unit) {
    MLIRContext *context = &getContext();
    auto flags = LLVM::DISubprogramFlags::Definition | LLVM::DISubprogramFlags::Optimized;
    auto subprogram = LLVM::DISubprogramAttr::get(DistinctAttr::create(UnitAttr::get(context)), unit,
                                                  file(start.getFilename()), function.getNameAttr(),
                                                  function.getNameAttr(), file(start.getFilename()), start.getLine(),
                                                  start.getLine(), flags, LLVM::DISubroutineTypeAttr::get(context, {}));
    function->setLoc(FusedLoc::get({start}, subprogram, context));
    function.getBody().walk([&](Operation *op) {
      FileLineColLoc place = placeOf(op->getLoc());
      if (!place) place = start;
      Attribute scope = subprogram;
      if (place.getFilename() != start.getFilename())
        scope = LLVM::DILexicalBlockFileAttr::get(subprogram, file(place.getFilename()), 0);
      op->setLoc(FusedLoc::get({place}, scope, context));
    });
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createDebugScopesPass(std::string directory) {
  return std::make_unique<DebugScopes>(std::move(directory));
}
