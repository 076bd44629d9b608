// Without a hook a run costs a load and a branch more: so one library can be timed as it is and profiled.
#include "compiler/codegen/profile_hook.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace graphc;

void codegen::defineProfileHook(Module &module, const support::LibraryDescription &library) {
  Function *function = module.getFunction(support::profileFunction);
  if (!function) return;
  auto *pointer = PointerType::get(module.getContext(), 0);
  auto *hook = new GlobalVariable(module, pointer, /*isConstant=*/false, GlobalValue::ExternalLinkage,
                                  ConstantPointerNull::get(pointer), library.name + support::profileHookSuffix);
  function->setLinkage(GlobalValue::InternalLinkage);
  function->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> b(BasicBlock::Create(module.getContext(), "", function));
  BasicBlock *call = BasicBlock::Create(module.getContext(), "", function);
  BasicBlock *done = BasicBlock::Create(module.getContext(), "", function);
  Value *given = b.CreateLoad(pointer, hook);
  b.CreateCondBr(b.CreateIsNull(given), done, call);
  b.SetInsertPoint(call);
  SmallVector<Value *> arguments;
  for (Argument &argument : function->args()) arguments.push_back(&argument);
  b.CreateCall(function->getFunctionType(), given, arguments);
  b.CreateBr(done);
  b.SetInsertPoint(done);
  b.CreateRetVoid();
}
