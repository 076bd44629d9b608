// The stage on one page: each step takes the LLVM module and returns false with a sentence, always about a defect of
// graphc, not of the user's file. LLVM's own diagnostics are caught too: its default handler would print and exit.
#include "compiler/codegen/codegen.h"
#include "compiler/codegen/descriptor.h"
#include "compiler/codegen/link_runtime.h"
#include "compiler/codegen/machine_code.h"
#include "compiler/codegen/parallel_work.h"
#include "compiler/codegen/profile_hook.h"
#include "compiler/codegen/split_kernels.h"
#include "compiler/codegen/translate.h"
#include "compiler/codegen/wrappers.h"
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Verifier.h"

using namespace graphc;
using namespace graphc::codegen;

namespace {

/// What LLVM reports while it works: kept, never printed.
struct Complaints : llvm::DiagnosticHandler {
  explicit Complaints(std::string &text) : text(text) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() == llvm::DS_Error) {
      llvm::raw_string_ostream out(text);
      llvm::DiagnosticPrinterRawOStream printer(out);
      out << (text.empty() ? "" : "; ");
      info.print(printer);
    }
    return true;
  }
  std::string &text;
};

/// A multiple of 0 or an inverted pair of bounds would break the runtime's checks.
bool isValid(const support::EntryDescription &entry) {
  auto isSize = [&](const support::SizeExpression &size) { return size.isValid(entry.dims.size()); };
  auto isDim = [](const support::DimDescription &dim) {
    return dim.min >= 0 && dim.min <= dim.max && dim.multipleOf >= 1;
  };
  auto isArgument = [&](const support::ArgumentDescription &arg) {
    return arg.sizes.empty() ? !llvm::is_contained(arg.dims, -1)
                             : arg.sizes.size() == arg.dims.size() && llvm::all_of(arg.sizes, isSize);
  };
  return llvm::all_of(entry.dims, isDim) && llvm::all_of(entry.args, isArgument) &&
         llvm::all_of(entry.requirements,
                      [&](const support::RequirementDescription &requirement) {
                        return isSize(requirement.left) && isSize(requirement.right) &&
                               requirement.relation <= GRAPHC_GE;
                      }) &&
         llvm::all_of(entry.variants,
                      [&](const support::VariantDescription &variant) {
                        return variant.values.size() == entry.dims.size() &&
                               llvm::all_of(variant.dims, [&](size_t dim) { return dim < entry.dims.size(); });
                      }) &&
         (!entry.flopsSize || isSize(*entry.flopsSize)) && (!entry.memorySize || isSize(*entry.memorySize)) &&
         (!entry.writesModel || entry.needsModel);
}

/// What the steps below rely on. The sizes' bound keeps every later sum inside 64 bits.
bool checkLibrary(const support::LibraryDescription &library, std::string &error) {
  constexpr uint64_t most = uint64_t(1) << 62;
  if (support::isSharedPrefix(library.name))
    error = "a library cannot be named '" + library.name + "'";
  else if (library.paramsBytes > most || support::arenaBytes(library) > most)
    error = "the library needs more memory than 64-bit addresses allow";
  else if (library.image.size() > maxEmbeddedBytes)
    error = "the weights are too large to embed";
  else if (library.levels.empty() ||
           !llvm::is_sorted(library.levels, [](auto *a, auto *b) { return a->number < b->number; }))
    error = "the library's ISA levels are none, or not in their order";
  else if (!library.image.empty() && library.image.size() != library.paramsBytes)
    error = "the embedded weights have " + std::to_string(library.image.size()) + " bytes and the params " +
            std::to_string(library.paramsBytes);
  for (const support::EntryDescription &entry : library.entries)
    if (error.empty() && !isValid(entry))
      error = "the dims or sizes of '" + entry.name + "' are none that a library can have";
  return error.empty();
}

bool verify(const llvm::Module &module, llvm::StringRef after, std::string &error) {
  llvm::raw_string_ostream out(error);
  if (!llvm::verifyModule(module, &out)) return true;
  error = "invalid code after " + after.str() + ": " + error;
  return false;
}

/// LLVM's context and machine, and what it complains about.
struct Workshop {
  Workshop(int optLevel, std::string &error) {
    context.setDiagnosticHandler(std::make_unique<Complaints>(complaints));
    machine = createTargetMachine(optLevel, error);
  }
  /// What was made, unless LLVM complained about it.
  std::optional<std::string> checked(std::optional<std::string> made, std::string &error) const {
    if (complaints.empty()) return made;
    error = complaints;
    return std::nullopt;
  }
  llvm::LLVMContext context;
  std::string complaints;
  std::unique_ptr<llvm::TargetMachine> machine; // null: there is none
};

/// One library's way through the stage, to its object or a part of it.
class Generation {
public:
  Generation(const support::LibraryDescription &library, const Options &options, std::string &error)
      : library(library), options(options), error(error), shop(options.optLevel, error) {}
  /// Makes the module: everything but the runtime, not optimized.
  bool begin(mlir::ModuleOp source);
  std::optional<std::string> finish(Emit emit);
  std::vector<std::string> makeParts();

private:
  template <class Work> auto step(const char *name, Work work) {
    return (options.times ? *options.times : unread).measure("codegen", name, work);
  }

  const support::LibraryDescription &library;
  const Options &options;
  std::string &error;
  Workshop shop;
  std::unique_ptr<llvm::Module> module;
  support::StepTimes unread;
};

std::vector<std::string> Generation::makeParts() {
  return step("make parts", [&] { return splitKernels(*module); });
}

bool Generation::begin(mlir::ModuleOp source) {
  if (!shop.machine || !checkLibrary(library, error)) return false;
  module =
      step("translate", [&] { return translate(source, shop.context, *shop.machine, library.name, options, error); });
  if (!module) return false;
  if (!library.runs.empty()) defineProfileHook(*module, library);
  return step("wrappers", [&] {
    std::optional<std::vector<EntryFunctions>> functions = addWrappers(*module, library, error);
    return functions && addDescriptor(*module, library, *functions, error) && verify(*module, "wrappers", error);
  });
}

std::optional<std::string> Generation::finish(Emit emit) {
  // Before the runtime comes in: its bitcode is optimized already, and doing it again would be most of a build's time.
  step("optimize", [&] { optimize(*module, *shop.machine, options.optLevel); });
  bool good = step("runtime", [&] {
    if (!verify(*module, "optimization", error) || !linkRuntime(*module, library, error)) return false;
    removeUnused(*module, *shop.machine);
    return verify(*module, "linking", error);
  });
  if (!good) return std::nullopt;
  auto made = step("machine code", [&] { return emitModule(*module, *shop.machine, emit, error); });
  return shop.checked(std::move(made), error);
}

/// The object of a part that splitKernels made.
std::optional<std::string> generatePart(const std::string &bitcode, int optLevel, std::string &error) {
  Workshop shop(optLevel, error);
  if (!shop.machine) return std::nullopt;
  llvm::Expected<std::unique_ptr<llvm::Module>> module =
      llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, "part"), shop.context);
  if (!module) {
    error = "a part cannot be read: " + llvm::toString(module.takeError());
    return std::nullopt;
  }
  optimize(**module, *shop.machine, optLevel);
  if (!verify(**module, "optimization of a part", error)) return std::nullopt;
  return shop.checked(emitModule(**module, *shop.machine, Emit::Object, error), error);
}

} // namespace

std::optional<std::string> graphc::codegen::generate(mlir::ModuleOp source, const support::LibraryDescription &library,
                                                     const Options &options, Emit emit, std::string &error) {
  error.clear();
  Generation generation(library, options, error);
  return generation.begin(source) ? generation.finish(emit) : std::nullopt;
}

std::optional<std::vector<std::string>> graphc::codegen::generateObjects(mlir::ModuleOp source,
                                                                         const support::LibraryDescription &library,
                                                                         const Options &options, std::string &error) {
  error.clear();
  Generation generation(library, options, error);
  if (!generation.begin(source)) return std::nullopt;
  std::vector<std::string> parts;
  if (options.optLevel > 0) parts = generation.makeParts();
  std::vector<std::optional<std::string>> objects(parts.size() + 1);
  std::vector<std::string> errors(parts.size());
  inParallel(objects.size(), options.jobs, [&](size_t i) {
    objects[i] = i == 0 ? generation.finish(Emit::Object) : generatePart(parts[i - 1], options.optLevel, errors[i - 1]);
  });
  for (const std::string &one : errors)
    if (error.empty()) error = one;
  std::vector<std::string> result;
  for (std::optional<std::string> &object : objects)
    if (object) result.push_back(std::move(*object));
  if (result.size() < objects.size()) return std::nullopt;
  return result;
}
