// Each C struct is built as one anonymous LLVM struct, field by field in the order of graphc/types.h and graphc/abi.h.
// Both are plain C layouts; layOut() compares size and, for the last field, offset with what the C compiler says, so a
// changed header that is not followed here cannot pass silently.
#include "compiler/codegen/descriptor.h"
#include "compiler/codegen/link_runtime.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"

using namespace llvm;
using namespace graphc;
using support::ArgumentDescription, support::DimDescription, support::EntryDescription, support::ParamDescription,
    support::RequirementDescription, support::SizeExpression;

static_assert(offsetof(graphc_tensor_info, reserved) == 52 && offsetof(graphc_entry_info, reserved) == 124 &&
                  offsetof(graphc_param_info, dtype) == 36 && offsetof(graphc_signature, levels) == 72 &&
                  offsetof(graphc_param_storage, values) == 40 && offsetof(graphc_library, limits) == 64 &&
                  offsetof(graphc_requirement, reserved) == 44 && offsetof(graphc_dim_info, multiple_of) == 32,
              "the structs of graphc/types.h and graphc/abi.h changed: follow here");

namespace {

class Descriptor {
public:
  Descriptor(Module &module, const support::LibraryDescription &library) : module(module), library(library) {}
  bool build(const std::vector<codegen::EntryFunctions> &functions);

private:
  Constant *i32(uint64_t value) { return ConstantInt::get(Type::getInt32Ty(module.getContext()), value); }
  Constant *i64(uint64_t value) { return ConstantInt::get(Type::getInt64Ty(module.getContext()), value); }
  Constant *real(double value) { return ConstantFP::get(Type::getDoubleTy(module.getContext()), value); }

  GlobalVariable *global(Constant *value, const Twine &name,
                         GlobalValue::LinkageTypes linkage = GlobalValue::InternalLinkage) {
    return new GlobalVariable(module, value->getType(), /*isConstant=*/true, linkage, value, name);
  }
  /// A C string; equal texts share one global.
  Constant *text(StringRef value) {
    GlobalVariable *&known = texts[value];
    if (!known) {
      known = global(ConstantDataArray::getString(module.getContext(), value), "graphc_text");
      known->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    }
    return known;
  }
  Constant *bytes(StringRef value) {
    return global(ConstantDataArray::getString(module.getContext(), value, /*AddNull=*/false), "graphc_values");
  }
  Constant *dims(ArrayRef<int64_t> values) {
    SmallVector<uint64_t> words(values.begin(), values.end());
    return global(ConstantDataArray::get(module.getContext(), words), "graphc_dims");
  }
  /// A struct that must have the size and the last offset of the C one.
  template <typename CStruct> Constant *layOut(size_t lastOffset, ArrayRef<Constant *> fields) {
    Constant *value = ConstantStruct::getAnon(module.getContext(), fields);
    const StructLayout *layout = module.getDataLayout().getStructLayout(cast<StructType>(value->getType()));
    if (layout->getSizeInBytes() != sizeof(CStruct) || layout->getElementOffset(fields.size() - 1) != lastOffset)
      layoutsAgree = false;
    return value;
  }
  /// `values` in a row; all have one type. An empty row still has an address.
  Constant *row(ArrayRef<Constant *> values, const Twine &name) {
    Type *element = values.empty() ? PointerType::get(module.getContext(), 0) : values.front()->getType();
    return global(ConstantArray::get(ArrayType::get(element, values.size()), values), name);
  }

  Constant *null() { return ConstantPointerNull::get(PointerType::get(module.getContext(), 0)); }
  Constant *orNull(Function *function) { return function ? function : null(); }

  Constant *size(const SizeExpression *expression);
  Constant *sizes(ArrayRef<SizeExpression> expressions);
  Constant *argument(const ArgumentDescription &arg);
  Constant *dim(const DimDescription &dim);
  Constant *requirement(const RequirementDescription &requirement);
  Constant *entry(const EntryDescription &entry, const codegen::EntryFunctions &functions);
  Constant *entryCode(const EntryDescription &entry, const codegen::EntryFunctions &functions);
  Constant *signature(const std::vector<codegen::EntryFunctions> &functions);
  Constant *paramInfos();
  Constant *paramStorage();
  Constant *image();
  Constant *winogradFilters();

  Module &module;
  const support::LibraryDescription &library;
  StringMap<GlobalVariable *> texts;
  bool layoutsAgree = true;
};

/// A graphc_size; of no steps for null.
Constant *Descriptor::size(const SizeExpression *expression) {
  SmallVector<Constant *> steps;
  if (expression)
    for (const graphc_size_step &step : expression->steps)
      steps.push_back(
          layOut<graphc_size_step>(offsetof(graphc_size_step, value), {i32(step.kind), i32(0), i64(step.value)}));
  return layOut<graphc_size>(offsetof(graphc_size, step_count),
                             {steps.empty() ? null() : row(steps, "graphc_steps"), i64(steps.size())});
}

Constant *Descriptor::sizes(ArrayRef<SizeExpression> expressions) {
  if (expressions.empty()) return null();
  SmallVector<Constant *> values;
  for (const SizeExpression &expression : expressions) values.push_back(size(&expression));
  return row(values, "graphc_sizes");
}

Constant *Descriptor::argument(const ArgumentDescription &arg) {
  return layOut<graphc_tensor_info>(offsetof(graphc_tensor_info, reserved),
                                    {text(arg.name), text(arg.doc), dims(arg.dims), sizes(arg.sizes), i64(arg.bytes),
                                     i32(arg.dims.size()), i32(arg.dtype),
                                     i32(arg.output ? GRAPHC_OUTPUT : GRAPHC_INPUT), i32(0)});
}

Constant *Descriptor::dim(const DimDescription &dim) {
  return layOut<graphc_dim_info>(offsetof(graphc_dim_info, multiple_of),
                                 {text(dim.name), text(dim.doc), i64(dim.min), i64(dim.max), i64(dim.multipleOf)});
}

Constant *Descriptor::requirement(const RequirementDescription &requirement) {
  return layOut<graphc_requirement>(
      offsetof(graphc_requirement, reserved),
      {text(requirement.text), size(&requirement.left), size(&requirement.right), i32(requirement.relation), i32(0)});
}

Constant *Descriptor::entry(const EntryDescription &entry, const codegen::EntryFunctions &functions) {
  SmallVector<Constant *> args, dims, requirements;
  for (const ArgumentDescription &arg : entry.args) args.push_back(argument(arg));
  for (const DimDescription &own : entry.dims) dims.push_back(dim(own));
  for (const RequirementDescription &own : entry.requirements) requirements.push_back(requirement(own));
  auto sizeOf = [&](const std::optional<SizeExpression> &expression) {
    return size(expression ? &*expression : nullptr);
  };
  return layOut<graphc_entry_info>(
      offsetof(graphc_entry_info, reserved),
      {text(entry.name), text(entry.doc), row(args, "graphc_arguments"), i32(args.size()), i32(entry.needsModel),
       i64(entry.flops), i64(entry.memoryBytes), functions.invoke, functions.contextBytes,
       row(dims, "graphc_entry_dims"), row(requirements, "graphc_requirements"), i32(dims.size()),
       i32(requirements.size()), sizeOf(entry.flopsSize), sizeOf(entry.memorySize), i32(entry.writesModel), i32(0)});
}

Constant *Descriptor::entryCode(const EntryDescription &entry, const codegen::EntryFunctions &functions) {
  SmallVector<Constant *> bodies(functions.unpack.begin(), functions.unpack.end());
  return layOut<graphc_entry_code>(
      offsetof(graphc_entry_code, arena_bytes),
      {row(bodies, "graphc_bodies"), orNull(functions.arena), i64(support::arenaBytes(entry))});
}

Constant *Descriptor::paramInfos() {
  SmallVector<Constant *> params;
  for (const ParamDescription &param : library.params)
    params.push_back(layOut<graphc_param_info>(offsetof(graphc_param_info, dtype),
                                               {text(param.name), text(param.doc), dims(param.dims), i64(param.bytes),
                                                i32(param.dims.size()), i32(param.dtype)}));
  return row(params, "graphc_params");
}

Constant *Descriptor::paramStorage() {
  SmallVector<Constant *> params;
  for (const ParamDescription &param : library.params)
    params.push_back(layOut<graphc_param_storage>(offsetof(graphc_param_storage, values),
                                                  {i64(param.offset), i64(param.storedBytes), i32(param.layout),
                                                   i32(param.init), real(param.a), real(param.b),
                                                   param.values.empty() ? null() : bytes(param.values)}));
  return row(params, "graphc_storage");
}

Constant *Descriptor::signature(const std::vector<codegen::EntryFunctions> &functions) {
  SmallVector<Constant *> entries;
  for (auto [description, function] : llvm::zip_equal(library.entries, functions))
    entries.push_back(entry(description, function));
  SmallVector<Constant *> levels;
  for (const support::IsaLevel *level : library.levels) levels.push_back(i32(level->number));
  return global(layOut<graphc_signature>(offsetof(graphc_signature, levels),
                                         {i32(sizeof(graphc_signature)), i32(entries.size()),
                                          i32(library.params.size()), i32(levels.size()), text(library.name),
                                          text(library.doc), i64(support::signatureHash(library)),
                                          i64(support::modelBytes(library)), i64(support::contextBytes(library)),
                                          row(entries, "graphc_entries"), paramInfos(), row(levels, "graphc_levels")}),
                "graphc_signature");
}

/// Without pointers in it, so the linker puts it into .rodata: pages shared by all processes.
Constant *Descriptor::image() {
  if (library.image.empty()) return null();
  GlobalVariable *image =
      global(ConstantDataArray::getString(module.getContext(), library.image, /*AddNull=*/false), "graphc_image");
  image->setAlignment(Align(GRAPHC_ALIGN));
  return image;
}

Constant *Descriptor::winogradFilters() {
  auto isTransformed = [](const ParamDescription &param) { return param.layout == GRAPHC_LAYOUT_WINOGRAD; };
  if (llvm::none_of(library.params, isTransformed)) return null();
  Type *pointer = PointerType::getUnqual(module.getContext()), *number = Type::getInt64Ty(module.getContext());
  auto *type = FunctionType::get(Type::getVoidTy(module.getContext()), {pointer, number, number, pointer}, false);
  return cast<Constant>(module.getOrInsertFunction("graphc_winograd_filters", type).getCallee());
}

bool Descriptor::build(const std::vector<codegen::EntryFunctions> &functions) {
  SmallVector<Constant *> entries;
  for (auto [entry, own] : llvm::zip_equal(library.entries, functions)) entries.push_back(entryCode(entry, own));
  SmallVector<Constant *> limits;
  for (const std::string &limit : library.limits) limits.push_back(text(limit));
  global(layOut<graphc_library>(offsetof(graphc_library, limits),
                                {signature(functions), paramStorage(), row(entries, "graphc_entry_codes"), image(),
                                 i64(library.paramsBytes), i64(support::arenaBytes(library)),
                                 i64(support::writesParams(library)), winogradFilters(), row(limits, "graphc_limits")}),
         GRAPHC_SYMBOL_LIBRARY, GlobalValue::ExternalLinkage); // external until the runtime is linked
  return layoutsAgree;
}

} // namespace

bool codegen::addDescriptor(Module &module, const support::LibraryDescription &library,
                            const std::vector<EntryFunctions> &functions, std::string &error) {
  if (!claimSymbol(module, GRAPHC_SYMBOL_LIBRARY, error)) return false;
  if (Descriptor(module, library).build(functions)) return true;
  error = "the library's descriptor has another layout than the runtime expects";
  return false;
}
