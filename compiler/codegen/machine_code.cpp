// The machine is plain x86-64: each function's own target-cpu attribute decides what its code may use.
// FPOpFusion::Standard fuses only what the lowering wrote as fma. Loop unrolling is off: register tiles are unrolled
// already, and unrolling the loops around them costs a quarter of the time and half of the code for nothing (measured).
#include "compiler/codegen/machine_code.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include <algorithm>
#include <mutex>

using namespace llvm;
using namespace graphc::codegen;

static constexpr const char *triple = "x86_64-pc-linux-gnu";

std::unique_ptr<TargetMachine> graphc::codegen::createTargetMachine(int optLevel, std::string &error) {
  static std::once_flag once;
  std::call_once(once, [] { // X86 alone: InitializeAllTargets registers twenty
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser(); // for inline assembly in the runtime
  });
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target) return nullptr;
  static constexpr CodeGenOptLevel levels[] = {CodeGenOptLevel::None, CodeGenOptLevel::Less, CodeGenOptLevel::Default,
                                               CodeGenOptLevel::Aggressive};
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Standard;
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, "x86-64", "", options, Reloc::PIC_, CodeModel::Small, levels[std::clamp(optLevel, 0, 3)]));
}

static void runPasses(Module &module, TargetMachine &machine,
                      function_ref<ModulePassManager(PassBuilder &)> makePasses) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  PassBuilder builder(&machine, tuning); // the machine gives every function its own level's cost model
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  makePasses(builder).run(module, modules);
}

void graphc::codegen::optimize(Module &module, TargetMachine &machine, int optLevel) {
  static const OptimizationLevel levels[] = {OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2,
                                             OptimizationLevel::O3};
  OptimizationLevel level = levels[std::clamp(optLevel, 0, 3)];
  runPasses(module, machine, [&](PassBuilder &builder) {
    return level == OptimizationLevel::O0 ? builder.buildO0DefaultPipeline(level)
                                          : builder.buildPerModuleDefaultPipeline(level);
  });
}

void graphc::codegen::removeUnused(Module &module, TargetMachine &machine) {
  runPasses(module, machine, [](PassBuilder &) {
    ModulePassManager passes;
    passes.addPass(GlobalDCEPass());
    return passes;
  });
}

std::optional<std::string> graphc::codegen::emitModule(Module &module, TargetMachine &machine, Emit emit,
                                                       std::string &error) {
  if (emit == Emit::LlvmIr) {
    std::string text;
    raw_string_ostream out(text);
    module.print(out, nullptr);
    return text;
  }
  SmallString<0> bytes;
  raw_svector_ostream out(bytes);
  legacy::PassManager passes;
  CodeGenFileType type = emit == Emit::Assembly ? CodeGenFileType::AssemblyFile : CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type)) {
    error = "the target cannot emit this kind of file";
    return std::nullopt;
  }
  passes.run(module);
  return std::string(bytes);
}
