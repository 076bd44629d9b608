// The C signature is graph-format R32: tensors of rank > 0 are a pointer and a size_t of bytes; rank-0 inputs go by
// value (f16, bf16 as uint16_t, bool as uint8_t); rank-0 outputs are a pointer alone. The bodies' aligned, checked
// world begins behind the runtime.
#include "compiler/codegen/wrappers.h"
#include "compiler/codegen/link_runtime.h"
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace graphc;
using support::ArgumentDescription, support::EntryDescription;

namespace {

/// How C passes one element: its type, and how the caller extends types narrower than int.
struct PassedValue {
  Type *type;
  Attribute::AttrKind extension = Attribute::None;
};

PassedValue passedValue(LLVMContext &context, uint32_t dtype) {
  switch (dtype) {
  case GRAPHC_F32:
    return {Type::getFloatTy(context)};
  case GRAPHC_F64:
    return {Type::getDoubleTy(context)};
  case GRAPHC_I8:
    return {Type::getInt8Ty(context), Attribute::SExt};
  case GRAPHC_I16:
    return {Type::getInt16Ty(context), Attribute::SExt};
  case GRAPHC_U8:
  case GRAPHC_BOOL:
    return {Type::getInt8Ty(context), Attribute::ZExt};
  case GRAPHC_F16:
  case GRAPHC_BF16:
  case GRAPHC_U16:
    return {Type::getInt16Ty(context), Attribute::ZExt};
  case GRAPHC_I32:
  case GRAPHC_U32:
    return {Type::getInt32Ty(context)};
  case GRAPHC_I64:
  case GRAPHC_U64:
    return {Type::getInt64Ty(context)};
  default:
    return {nullptr};
  }
}

class Wrappers {
public:
  Wrappers(Module &module, const support::LibraryDescription &library)
      : module(module), library(library), builder(module.getContext()), ptr(builder.getPtrTy()),
        i32(builder.getInt32Ty()), i64(builder.getInt64Ty()),
        call(module.getOrInsertFunction(GRAPHC_ABI_PREFIX "call", i32, i32, ptr, ptr, ptr, ptr)) {}

  bool add(uint32_t index, const std::string &symbol, std::string &error);
  Function *addUnpack(uint32_t index, const std::string &symbol, std::string &error);
  Function *addInvoke(uint32_t index, const std::string &symbol);

private:
  Function *create(Type *result, ArrayRef<Type *> params, GlobalValue::LinkageTypes linkage, const Twine &name) {
    auto *function = Function::Create(FunctionType::get(result, params, false), linkage, name, module);
    function->addFnAttr(Attribute::NoUnwind);
    function->setUWTableKind(UWTableKind::Async);
    builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", function));
    return function;
  }
  void store(Value *value, Value *array, Type *element, size_t index) {
    builder.CreateStore(value, builder.CreateConstInBoundsGEP1_64(element, array, index));
  }

  Module &module;
  const support::LibraryDescription &library;
  IRBuilder<> builder;
  PointerType *ptr;
  IntegerType *i32, *i64;
  FunctionCallee call;
};

/// graphc_status <name>_<entry>(context, [model], args...).
bool Wrappers::add(uint32_t index, const std::string &symbol, std::string &error) {
  const EntryDescription &entry = library.entries[index];
  SmallVector<Type *> params(entry.needsModel ? 2 : 1, ptr);
  for (const ArgumentDescription &arg : entry.args) {
    PassedValue value = passedValue(module.getContext(), arg.dtype);
    if (!value.type) {
      error = "'" + arg.name + "' of '" + entry.name + "' has an unknown type";
      return false;
    }
    if (!arg.dims.empty())
      params.append({ptr, i64});
    else
      params.push_back(arg.output ? ptr : value.type);
  }
  if (!codegen::claimSymbol(module, symbol, error)) return false;
  Function *function = create(i32, params, GlobalValue::ExternalLinkage, symbol);
  Value *count = builder.getInt64(std::max<size_t>(entry.args.size(), 1));
  Value *addresses = builder.CreateAlloca(ptr, count), *bytes = builder.CreateAlloca(i64, count);
  unsigned position = entry.needsModel ? 2 : 1;
  for (auto [i, arg] : llvm::enumerate(entry.args)) {
    Value *address = function->getArg(position), *size = builder.getInt64(arg.bytes);
    if (!arg.dims.empty()) {
      size = function->getArg(++position);
    } else if (!arg.output) {
      PassedValue value = passedValue(module.getContext(), arg.dtype);
      if (value.extension != Attribute::None) function->addParamAttr(position, value.extension);
      address = builder.CreateAlloca(value.type);
      builder.CreateStore(function->getArg(position), address);
    }
    store(address, addresses, ptr, i);
    store(size, bytes, i64, i);
    ++position;
  }
  Value *model = entry.needsModel ? static_cast<Value *>(function->getArg(1)) : ConstantPointerNull::get(ptr);
  builder.CreateRet(builder.CreateCall(call, {builder.getInt32(index), function->getArg(0), model, addresses, bytes}));
  return true;
}

Function *Wrappers::addInvoke(uint32_t index, const std::string &symbol) {
  Function *function = create(i32, {ptr, ptr, ptr, ptr}, GlobalValue::InternalLinkage, symbol + "_invoke");
  builder.CreateRet(builder.CreateCall(call, {builder.getInt32(index), function->getArg(0), function->getArg(1),
                                              function->getArg(2), function->getArg(3)}));
  return function;
}

Function *Wrappers::addUnpack(uint32_t index, const std::string &symbol, std::string &error) {
  const EntryDescription &entry = library.entries[index];
  Function *body = module.getFunction(entry.body);
  if (!body || body->isDeclaration() || body->isVarArg() || !body->getReturnType()->isVoidTy() ||
      body->arg_size() != entry.args.size() + 2 + entry.mayFail ||
      !all_of(body->args(), [&](Argument &arg) { return arg.getType() == ptr; })) {
    error = "the body '" + entry.body + "' of '" + entry.name + "' is missing or has another type";
    return nullptr;
  }
  Function *function = create(i32, {ptr, ptr, ptr}, GlobalValue::InternalLinkage, symbol + "_unpack");
  SmallVector<Value *> operands;
  for (size_t i = 0; i < entry.args.size(); ++i)
    operands.push_back(builder.CreateLoad(ptr, builder.CreateConstInBoundsGEP1_64(ptr, function->getArg(0), i)));
  operands.append({function->getArg(1), function->getArg(2)});
  Value *status = builder.getInt32(GRAPHC_OK);
  if (entry.mayFail) {
    Value *cell = builder.CreateAlloca(i32);
    builder.CreateStore(status, cell);
    operands.push_back(cell);
    builder.CreateCall(body, operands);
    Value *failed = builder.CreateICmpNE(builder.CreateLoad(i32, cell), status);
    status = builder.CreateSelect(failed, builder.getInt32(uint32_t(GRAPHC_ERR_INDEX)), status);
  } else {
    builder.CreateCall(body, operands);
  }
  builder.CreateRet(status);
  return function;
}

} // namespace

std::optional<std::vector<codegen::EntryFunctions>>
codegen::addWrappers(Module &module, const support::LibraryDescription &library, std::string &error) {
  std::vector<std::string> symbols = support::entrySymbols(library);
  std::vector<EntryFunctions> functions(symbols.size());
  Wrappers wrappers(module, library);
  // The bodies are looked up by name, so all of them before a public symbol takes the name of one.
  for (uint32_t i = 0; i < symbols.size(); ++i)
    if (!(functions[i].unpack = wrappers.addUnpack(i, symbols[i], error))) return std::nullopt;
  for (uint32_t i = 0; i < symbols.size(); ++i) {
    if (!wrappers.add(i, symbols[i], error)) return std::nullopt;
    functions[i].invoke = wrappers.addInvoke(i, symbols[i]);
  }
  return functions;
}
