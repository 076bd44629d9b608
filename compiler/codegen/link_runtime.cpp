// LinkOnlyNeeded takes from the runtime what this module declares and what that needs, so the public functions are
// declared first; with opaque pointers any declared type will do. Bitcode says hidden for everything
// (-fvisibility=hidden): kept ones are reset.
#include "compiler/codegen/link_runtime.h"
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace llvm;
using namespace graphc;

extern "C" const char graphc_runtime_begin[], graphc_runtime_end[];

bool codegen::claimSymbol(Module &module, StringRef name, std::string &error) {
  GlobalValue *namesake = module.getNamedValue(name);
  if (!namesake) return true;
  if (namesake->isDeclaration()) {
    error = "the function '" + name.str() + "' would hide the one of the C library";
    return false;
  }
  namesake->setName(name + "_internal"); // LLVM appends a number if that is taken too
  return true;
}

bool codegen::linkRuntime(Module &module, const support::LibraryDescription &library, std::string &error) {
  StringSet<> kept;
  for (const GlobalValue &value : module.global_values()) // what parts refer to (split_kernels.h)
    if (!value.isDeclaration() && value.hasHiddenVisibility()) kept.insert(value.getName());
  auto *anyType = FunctionType::get(Type::getVoidTy(module.getContext()), false);
  for (StringRef function : support::runtimeFunctions())
    module.getOrInsertFunction((GRAPHC_ABI_PREFIX + function).str(), anyType);

  StringRef bytes(graphc_runtime_begin, graphc_runtime_end - graphc_runtime_begin);
  Expected<std::unique_ptr<Module>> runtime = parseBitcodeFile(MemoryBufferRef(bytes, "runtime"), module.getContext());
  if (!runtime) {
    error = "the embedded runtime cannot be read: " + toString(runtime.takeError());
    return false;
  }
  if (Linker::linkModules(module, std::move(*runtime), Linker::LinkOnlyNeeded)) {
    error = "the embedded runtime cannot be linked";
    return false;
  }

  for (const std::string &symbol : support::entrySymbols(library)) kept.insert(symbol);
  if (!library.runs.empty()) kept.insert(library.name + support::profileHookSuffix);
  bool ownContextBytes = !support::libraryDims(library).empty(); // see wrappers: it takes dims
  for (StringRef name : support::runtimeFunctions()) {
    if (ownContextBytes && name == "context_bytes") {
      kept.insert(library.name + "_context_bytes");
      continue;
    }
    Function *function = module.getFunction((GRAPHC_ABI_PREFIX + name).str());
    std::string symbol = library.name + "_" + name.str();
    if (!function || function->isDeclaration()) {
      error = "the embedded runtime lacks '" + name.str() + "'";
      return false;
    }
    if (!claimSymbol(module, symbol, error)) return false;
    function->setName(symbol);
    function->setVisibility(GlobalValue::DefaultVisibility);
    function->setDSOLocal(false); // true came with hidden
    kept.insert(symbol);
  }
  internalizeModule(module, [&](const GlobalValue &value) { return kept.contains(value.getName()); });
  if (NamedMDNode *ident = module.getNamedMetadata("llvm.ident")) ident->eraseFromParent(); // clang's version
  return true;
}
