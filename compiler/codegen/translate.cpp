// Only code that lower gave an ISA level has one: what computes sizes, wrappers and the runtime stay plain x86-64, so
// that a library on a machine too old for it still answers with GRAPHC_ERR_DEVICE.
#include "compiler/codegen/translate.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DebugInfo.h"

using namespace graphc::codegen;

std::unique_ptr<llvm::Module> graphc::codegen::translate(mlir::ModuleOp source, llvm::LLVMContext &context,
                                                         const llvm::TargetMachine &machine, llvm::StringRef name,
                                                         const Options &options, std::string &error) {
  mlir::registerBuiltinDialectTranslation(*source->getContext());
  mlir::registerLLVMDialectTranslation(*source->getContext());
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(source->getContext(), [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      messages += (messages.empty() ? "" : "; ") + diagnostic.str();
    return mlir::success();
  });
  std::unique_ptr<llvm::Module> module = mlir::translateModuleToLLVMIR(source, context, name);
  if (!module) {
    error = "the code cannot be translated: " + (messages.empty() ? "unknown reason" : messages);
    return nullptr;
  }
  module->setSourceFileName(name); // becomes the object's file symbol
  module->setTargetTriple(machine.getTargetTriple().str());
  module->setDataLayout(machine.createDataLayout());
  module->setPICLevel(llvm::PICLevel::BigPIC);
  module->setUwtable(llvm::UWTableKind::Async);
  if (options.debug)
    module->addModuleFlag(llvm::Module::Warning, "Dwarf Version", 5);
  else
    llvm::StripDebugInfo(*module);
  for (llvm::Function &function : *module) {
    if (function.isDeclaration()) continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.setUWTableKind(llvm::UWTableKind::Async);
  }
  for (llvm::GlobalValue &value : module->global_values())
    if (!value.isDeclaration()) value.setLinkage(llvm::GlobalValue::InternalLinkage);
  return module;
}
