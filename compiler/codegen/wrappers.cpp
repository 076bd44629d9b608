// The C signature is graph-format R32: dims are int64_t; tensors of rank > 0 are a pointer and a size_t of bytes;
// rank-0 inputs go by value (f16, bf16 as uint16_t, bool as uint8_t); rank-0 outputs are a pointer alone. The bodies'
// aligned, checked world begins behind the runtime.
#include "compiler/codegen/wrappers.h"
#include "compiler/codegen/link_runtime.h"
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace graphc;
using support::ArgumentDescription, support::BodyDescription, support::EntryDescription;

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
        call(module.getOrInsertFunction(GRAPHC_ABI_PREFIX "call", i32, i32, ptr, ptr, ptr, ptr, ptr)),
        entryContextBytes(module.getOrInsertFunction(GRAPHC_ABI_PREFIX "entry_context_bytes", i64, i32, ptr)) {}

  bool add(uint32_t index, const std::string &symbol, std::string &error);
  Function *addUnpack(uint32_t index, size_t level, Function *before, const std::string &symbol, std::string &error);
  Function *addInvoke(uint32_t index, const std::string &symbol);
  bool addArena(uint32_t index, const std::string &symbol, Function *&result, std::string &error);
  Function *addContextBytes(uint32_t index, const std::string &symbol);
  bool addLibraryContextBytes(const std::vector<codegen::EntryFunctions> &functions, std::string &error);

private:
  size_t levelOfBody(const BodyDescription &body, size_t level);
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
  /// An array of a call's life; never empty, so that it has an address.
  Value *array(Type *element, size_t count) {
    return builder.CreateAlloca(element, builder.getInt64(std::max<size_t>(count, 1)));
  }
  Value *load(Type *element, Value *array, size_t index) {
    return builder.CreateLoad(element, builder.CreateConstInBoundsGEP1_64(element, array, index));
  }
  bool addParams(const EntryDescription &entry, SmallVectorImpl<Type *> &params, std::string &error);
  Function *findBody(const EntryDescription &entry, const std::string &symbol, bool mayFail, size_t dimCount,
                     std::string &error);
  Function *findArena(const EntryDescription &entry, const BodyDescription &body, size_t dimCount, std::string &error);
  SmallVector<Value *> loadDims(Value *array, const EntryDescription &entry) {
    SmallVector<Value *> dims;
    for (size_t i = 0; i < entry.dims.size(); ++i) dims.push_back(load(i64, array, i));
    return dims;
  }
  /// Emits `leave` for the entry's variants and for itself, each reached by the calls whose dims it is for: with a
  /// description and the dims that it takes. False where one of them fails.
  bool dispatch(const EntryDescription &entry, ArrayRef<Value *> dims,
                function_ref<bool(const BodyDescription &, ArrayRef<Value *>)> leave);

  FunctionCallee call, entryContextBytes;
};

/// graphc_status <name>_<entry>(context, [model], dims..., args...).
bool Wrappers::addParams(const EntryDescription &entry, SmallVectorImpl<Type *> &params, std::string &error) {
  params.append(entry.needsModel ? 2 : 1, ptr);
  params.append(entry.dims.size(), i64);
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
  return true;
}

bool Wrappers::add(uint32_t index, const std::string &symbol, std::string &error) {
  const EntryDescription &entry = library.entries[index];
  SmallVector<Type *> params;
  if (!addParams(entry, params, error) || !codegen::claimSymbol(module, symbol, error)) return false;
  Function *function = create(i32, params, GlobalValue::ExternalLinkage, symbol);
  Value *addresses = array(ptr, entry.args.size()), *bytes = array(i64, entry.args.size());
  Value *dims =
      entry.dims.empty() ? static_cast<Value *>(ConstantPointerNull::get(ptr)) : array(i64, entry.dims.size());
  unsigned position = entry.needsModel ? 2 : 1;
  for (size_t i = 0; i < entry.dims.size(); ++i) store(function->getArg(position++), dims, i64, i);
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
  builder.CreateRet(
      builder.CreateCall(call, {builder.getInt32(index), function->getArg(0), model, dims, addresses, bytes}));
  return true;
}

Function *Wrappers::addInvoke(uint32_t index, const std::string &symbol) {
  Function *function = create(i32, {ptr, ptr, ptr, ptr, ptr}, GlobalValue::InternalLinkage, symbol + "_invoke");
  SmallVector<Value *> operands = {builder.getInt32(index)};
  for (Argument &arg : function->args()) operands.push_back(&arg);
  builder.CreateRet(builder.CreateCall(call, operands));
  return function;
}

/// void(ptr args..., ptr params, ptr arena, i64 dims..., [ptr status], ptr team).
Function *Wrappers::findBody(const EntryDescription &entry, const std::string &symbol, bool mayFail, size_t dimCount,
                             std::string &error) {
  Function *function = module.getFunction(symbol);
  size_t dimsBegin = entry.args.size() + 2, dimsEnd = dimsBegin + dimCount;
  auto fits = [&](const Argument &arg) {
    bool dim = arg.getArgNo() >= dimsBegin && arg.getArgNo() < dimsEnd;
    return arg.getType() == (dim ? static_cast<Type *>(i64) : ptr);
  };
  if (function && !function->isDeclaration() && !function->isVarArg() && function->getReturnType()->isVoidTy() &&
      function->arg_size() == dimsEnd + mayFail + 1 && all_of(function->args(), fits))
    return function;
  error = "the body '" + symbol + "' of '" + entry.name + "' is missing or has another type";
  return nullptr;
}

/// i64(i64 dims...).
Function *Wrappers::findArena(const EntryDescription &entry, const BodyDescription &body, size_t dimCount,
                              std::string &error) {
  Function *function = module.getFunction(body.arenaFunction);
  if (function && !function->isDeclaration() && !function->isVarArg() && function->getReturnType() == i64 &&
      function->arg_size() == dimCount && all_of(function->args(), [&](auto &arg) { return arg.getType() == i64; }))
    return function;
  error = "the function '" + body.arenaFunction + "' of '" + entry.name + "' is missing or has another type";
  return nullptr;
}

bool Wrappers::dispatch(const EntryDescription &entry, ArrayRef<Value *> dims,
                        function_ref<bool(const BodyDescription &, ArrayRef<Value *>)> leave) {
  Function *function = builder.GetInsertBlock()->getParent();
  for (const support::VariantDescription &variant : entry.variants) {
    Value *fits = builder.getTrue();
    for (auto [dim, value] : zip_equal(dims, variant.values))
      if (value) fits = builder.CreateAnd(fits, builder.CreateICmpEQ(dim, builder.getInt64(*value)));
    BasicBlock *here = BasicBlock::Create(module.getContext(), "", function);
    BasicBlock *others = BasicBlock::Create(module.getContext(), "", function);
    builder.CreateCondBr(fits, here, others);
    builder.SetInsertPoint(here);
    SmallVector<Value *> taken;
    for (size_t dim : variant.dims) taken.push_back(dims[dim]);
    if (!leave(variant, taken)) return false;
    builder.SetInsertPoint(others);
  }
  return leave(entry, dims);
}

/// The level from whose code that of `body` at the level of this position comes: itself, or the one before it that does
/// the same (clone-levels).
size_t Wrappers::levelOfBody(const BodyDescription &body, size_t level) {
  while (level > 0 && library.levels[level]->differsInDotsAlone(*library.levels[level - 1]) &&
         !module.getFunction(support::symbolAtLevel(body.body, library.levels, level)))
    --level;
  return level;
}

/// graphc_body at the level of this position. `before`: that of the level before, which serves where it calls the same.
Function *Wrappers::addUnpack(uint32_t index, size_t level, Function *before, const std::string &symbol,
                              std::string &error) {
  const EntryDescription &entry = library.entries[index];
  auto isShared = [&](const BodyDescription &body) { return levelOfBody(body, level) < level; };
  if (before && isShared(entry) && llvm::all_of(entry.variants, isShared)) return before;
  Function *function = create(i32, {ptr, ptr, ptr, ptr, ptr}, GlobalValue::InternalLinkage,
                              support::symbolAtLevel(symbol + "_unpack", library.levels, level));
  SmallVector<Value *> arguments;
  for (size_t i = 0; i < entry.args.size(); ++i) arguments.push_back(load(ptr, function->getArg(0), i));
  arguments.append({function->getArg(1), function->getArg(2)});
  Value *status = array(i32, 1);
  auto callBody = [&](const BodyDescription &description, ArrayRef<Value *> dims) {
    std::string bodySymbol = support::symbolAtLevel(description.body, library.levels, levelOfBody(description, level));
    Function *body = findBody(entry, bodySymbol, description.mayFail, dims.size(), error);
    if (!body) return false;
    SmallVector<Value *> operands(arguments);
    operands.append(dims.begin(), dims.end());
    if (!description.mayFail) {
      operands.push_back(function->getArg(4));
      builder.CreateCall(body, operands);
      builder.CreateRet(builder.getInt32(GRAPHC_OK));
      return true;
    }
    store(builder.getInt32(GRAPHC_OK), status, i32, 0);
    operands.append({status, function->getArg(4)});
    builder.CreateCall(body, operands);
    // A status of the ABI is negative; a plain flag stands for the one failure that ops themselves have.
    Value *result = load(i32, status, 0);
    Value *flagged = builder.CreateICmpSGT(result, builder.getInt32(0));
    result = builder.CreateSelect(flagged, builder.getInt32(static_cast<uint32_t>(GRAPHC_ERR_INDEX)), result);
    builder.CreateRet(result);
    return true;
  };
  return dispatch(entry, loadDims(function->getArg(3), entry), callBody) ? function : nullptr;
}

/// graphc_entry_code.arena_of_dims; `result` stays null where the entry's workspace is one number.
bool Wrappers::addArena(uint32_t index, const std::string &symbol, Function *&result, std::string &error) {
  const EntryDescription &entry = library.entries[index];
  if (entry.arenaFunction.empty() && entry.variants.empty()) return true;
  result = create(i64, {ptr}, GlobalValue::InternalLinkage, symbol + "_arena");
  auto measure = [&](const BodyDescription &body, ArrayRef<Value *> dims) {
    if (body.arenaFunction.empty()) return builder.CreateRet(builder.getInt64(body.arenaBytes)), true;
    Function *function = findArena(entry, body, dims.size(), error);
    if (function) builder.CreateRet(builder.CreateCall(function, dims));
    return function != nullptr;
  };
  return dispatch(entry, loadDims(result->getArg(0), entry), measure);
}

Function *Wrappers::addContextBytes(uint32_t index, const std::string &symbol) {
  Function *function = create(i64, {ptr}, GlobalValue::InternalLinkage, symbol + "_context_bytes");
  builder.CreateRet(builder.CreateCall(entryContextBytes, {builder.getInt32(index), function->getArg(0)}));
  return function;
}

/// size_t <name>_context_bytes(int64_t...): over all dims of the library, the most that any entry needs with its own.
bool Wrappers::addLibraryContextBytes(const std::vector<codegen::EntryFunctions> &functions, std::string &error) {
  std::vector<support::DimDescription> all = support::libraryDims(library);
  if (all.empty()) return true; // the runtime's own, without arguments
  std::string symbol = library.name + "_context_bytes";
  if (!codegen::claimSymbol(module, symbol, error)) return false;
  Function *function = create(i64, SmallVector<Type *>(all.size(), i64), GlobalValue::ExternalLinkage, symbol);
  Value *most = builder.getInt64(0);
  for (auto [entry, own] : llvm::zip_equal(library.entries, functions)) {
    Value *dims = array(i64, entry.dims.size());
    for (size_t i = 0; i < entry.dims.size(); ++i) {
      const std::string &wanted = entry.dims[i].name;
      auto known = find_if(all, [&](const support::DimDescription &dim) { return dim.name == wanted; });
      store(function->getArg(known - all.begin()), dims, i64, i);
    }
    Value *needed = builder.CreateCall(own.contextBytes, {dims});
    most = builder.CreateBinaryIntrinsic(Intrinsic::umax, most, needed);
  }
  builder.CreateRet(most);
  return true;
}

} // namespace

std::optional<std::vector<codegen::EntryFunctions>>
codegen::addWrappers(Module &module, const support::LibraryDescription &library, std::string &error) {
  std::vector<std::string> symbols = support::entrySymbols(library);
  std::vector<EntryFunctions> functions(symbols.size());
  Wrappers wrappers(module, library);
  // The bodies are looked up by name, so all of them before a public symbol takes the name of one.
  for (uint32_t i = 0; i < symbols.size(); ++i) {
    for (size_t level = 0; level < library.levels.size(); ++level) {
      Function *before = level ? functions[i].unpack.back() : nullptr;
      functions[i].unpack.push_back(wrappers.addUnpack(i, level, before, symbols[i], error));
      if (!functions[i].unpack.back()) return std::nullopt;
    }
    if (!wrappers.addArena(i, symbols[i], functions[i].arena, error)) return std::nullopt;
  }
  for (uint32_t i = 0; i < symbols.size(); ++i) {
    if (!wrappers.add(i, symbols[i], error)) return std::nullopt;
    functions[i].invoke = wrappers.addInvoke(i, symbols[i]);
    functions[i].contextBytes = wrappers.addContextBytes(i, symbols[i]);
  }
  if (!wrappers.addLibraryContextBytes(functions, error)) return std::nullopt;
  return functions;
}
