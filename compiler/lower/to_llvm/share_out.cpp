// share-out: threads come in at the very end, where all that a kernel takes is a pointer or a number. A kernel k that
// can be shared out (KernelBuilder::begin) is three functions: k, which knows from the sizes how many units of work
// there are; k.part, which does a range of them; and between them k.shared, which this pass defines: with a team and
// more than one piece of work it lays its arguments down on the stack and hands k.chunk, which reads them again, to the
// team; else it calls k.part for all. What is a piece follows from sizes alone, so bits never depend on threads.
//
// The team (graphc_team of abi.h, null: none) is one more last argument of every entry and of all that may need it.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace graphc;

namespace {
class SharingOut {
public:
  explicit SharingOut(ModuleOp module)
      : module(module), b(module.getLoc(), module.getContext()), ptr(LLVM::LLVMPointerType::get(b.getContext())),
        i64(b.getI64Type()), nothing(LLVM::LLVMVoidType::get(b.getContext())) {}

  LogicalResult run() {
    module.walk([&](LLVM::CallOp call) {
      if (auto callee = call.getCallee()) callsOf[*callee].push_back(call);
    });
    SmallVector<LLVM::LLVMFuncOp> shared;
    for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
      if (function->hasAttr(lower::shareOutAttr)) shared.push_back(function);
      if (function->hasAttr(lower::shareOutAttr) || function->hasAttr(lower::entryAttr)) needTeam(function);
    }
    for (LLVM::LLVMFuncOp function : shared)
      if (failed(define(function))) return failure();
    for (LLVM::LLVMFuncOp function : team)
      if (!function->hasAttr(lower::shareOutAttr)) append(function, ptr); // the shared ones have it already
    for (LLVM::LLVMFuncOp function : team)
      for (LLVM::CallOp call : callsOf.lookup(function.getSymName())) // every caller has one to hand on
        call.getCalleeOperandsMutable().append(
            call->getParentOfType<LLVM::LLVMFuncOp>().getBody().getArguments().back());
    return success();
  }

private:
  Value number(int64_t value) { return b.create<LLVM::ConstantOp>(i64, b.getI64IntegerAttr(value)); }
  Value slot(Value array, size_t at) {
    return b.create<LLVM::GEPOp>(ptr, i64, array, ArrayRef<LLVM::GEPArg>{int32_t(at)});
  }

  /// The function and all that call it, over any number of calls.
  void needTeam(LLVM::LLVMFuncOp function) {
    if (!team.insert(function)) return;
    for (LLVM::CallOp call : callsOf.lookup(function.getSymName())) needTeam(call->getParentOfType<LLVM::LLVMFuncOp>());
  }

  static void append(LLVM::LLVMFuncOp function, Type type) {
    auto before = function.getFunctionType();
    SmallVector<Type> types(before.getParams());
    types.push_back(type);
    function.setFunctionType(LLVM::LLVMFunctionType::get(before.getReturnType(), types));
    function.getBody().addArgument(type, function.getLoc());
    if (std::optional<ArrayAttr> attributes = function.getArgAttrs()) {
      SmallVector<Attribute> all(attributes->getValue());
      all.push_back(DictionaryAttr::get(function.getContext()));
      function.setArgAttrsAttr(ArrayAttr::get(function.getContext(), all));
    }
  }

  /// The number that an argument of a shared function is in every call, so that a chunk need not read it: LLVM then
  /// sees the same in k.part whoever calls it.
  std::optional<int64_t> knownArgument(LLVM::CallOp call, size_t position) {
    auto numberOf = [](Value value) -> std::optional<int64_t> {
      IntegerAttr constant;
      if (matchPattern(value, m_Constant(&constant))) return constant.getInt();
      return std::nullopt;
    };
    Value value = call.getArgOperands()[position];
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument) return numberOf(value);
    std::optional<int64_t> known;
    for (LLVM::CallOp outer : callsOf.lookup(call->getParentOfType<LLVM::LLVMFuncOp>().getSymName())) {
      std::optional<int64_t> next = numberOf(outer.getArgOperands()[argument.getArgNumber()]);
      if (!next || (known && *known != *next)) return std::nullopt;
      known = next;
    }
    return known;
  }

  LogicalResult define(LLVM::LLVMFuncOp shared) {
    auto part = module.lookupSymbol<LLVM::LLVMFuncOp>(shared->getAttrOfType<FlatSymbolRefAttr>(lower::shareOutAttr));
    const SmallVector<LLVM::CallOp> &calls = callsOf[shared.getSymName()];
    if (!part || part.getFunctionType() != shared.getFunctionType() || calls.size() != 1)
      return shared.emitOpError("does not fit its part or is not called once");
    b.setLoc(shared.getLoc());
    b.setInsertionPoint(shared);
    LLVM::LLVMFuncOp chunk = defineChunk(shared, part, calls[0]);
    b.setInsertionPointToStart(shared.addEntryBlock(b));
    append(shared, ptr);
    shared.setPassthroughAttr(b.getArrayAttr({b.getStringAttr("noinline"), b.getStringAttr("nounwind")}));
    ValueRange all = shared.getArguments();
    Value unitsPerPiece = all.drop_back(1).back(), units = all.drop_back(2).back(), given = all.back();
    Value env = b.create<LLVM::AllocaOp>(ptr, i64, number(all.size() - 1), /*alignment=*/8);
    Block *alone = b.createBlock(&shared.getBody(), shared.getBody().end()),
          *together = b.createBlock(&shared.getBody(), shared.getBody().end());
    b.setInsertionPointToEnd(&shared.getBody().front());
    Value several = b.create<LLVM::ICmpOp>(LLVM::ICmpPredicate::slt, unitsPerPiece, units);
    Value hasTeam = b.create<LLVM::ICmpOp>(LLVM::ICmpPredicate::ne, given, b.create<LLVM::ZeroOp>(ptr));
    b.create<LLVM::CondBrOp>(b.create<LLVM::AndOp>(several, hasTeam), together, alone);

    b.setInsertionPointToStart(alone);
    SmallVector<Value> arguments(all.drop_back(3));
    arguments.append({number(0), units});
    b.create<LLVM::CallOp>(part, arguments);
    b.create<LLVM::ReturnOp>(ValueRange());

    b.setInsertionPointToStart(together);
    for (auto [i, argument] : llvm::enumerate(all.drop_back()))
      b.create<LLVM::StoreOp>(argument, slot(env, i), /*alignment=*/8);
    Value roundedUp = b.create<LLVM::AddOp>(units, b.create<LLVM::SubOp>(unitsPerPiece, number(1)));
    Value pieces = b.create<LLVM::UDivOp>(roundedUp, unitsPerPiece);
    Value parallelFor = b.create<LLVM::LoadOp>(ptr, slot(given, 0)), pool = b.create<LLVM::LoadOp>(ptr, slot(given, 1));
    Value body = b.create<LLVM::AddressOfOp>(ptr, chunk.getSymName());
    b.create<LLVM::CallOp>(LLVM::LLVMFunctionType::get(nothing, {ptr, ptr, ptr, i64}),
                           ValueRange{parallelFor, pool, body, env, pieces});
    b.create<LLVM::ReturnOp>(ValueRange());
    return success();
  }

  /// k.chunk(env, from, to), what a team calls: the pieces [from, to).
  LLVM::LLVMFuncOp defineChunk(LLVM::LLVMFuncOp shared, LLVM::LLVMFuncOp part, LLVM::CallOp call) {
    std::string name = call->getParentOfType<LLVM::LLVMFuncOp>().getSymName().str() + ".chunk";
    auto chunk = b.create<LLVM::LLVMFuncOp>(name, LLVM::LLVMFunctionType::get(nothing, {ptr, i64, i64}));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(chunk.addEntryBlock(b));
    SmallVector<Value> arguments;
    for (auto [i, type] : llvm::enumerate(shared.getFunctionType().getParams())) {
      std::optional<int64_t> known = type == i64 ? knownArgument(call, i) : std::nullopt;
      arguments.push_back(known ? number(*known)
                                : b.create<LLVM::LoadOp>(type, slot(chunk.getArgument(0), i), /*alignment=*/8));
    }
    Value unitsPerPiece = arguments.pop_back_val(), units = arguments.pop_back_val();
    Value from = b.create<LLVM::MulOp>(chunk.getArgument(1), unitsPerPiece);
    Value to = b.create<LLVM::SMinOp>(b.create<LLVM::MulOp>(chunk.getArgument(2), unitsPerPiece), units);
    arguments.append({from, to});
    b.create<LLVM::CallOp>(part, arguments);
    b.create<LLVM::ReturnOp>(ValueRange());
    return chunk;
  }

  ModuleOp module;
  ImplicitLocOpBuilder b;
  Type ptr, i64, nothing;
  llvm::StringMap<SmallVector<LLVM::CallOp>> callsOf;
  llvm::SetVector<LLVM::LLVMFuncOp> team; // who needs it
};

struct ShareOut : PassWrapper<ShareOut, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ShareOut)
  StringRef getArgument() const final { return "share-out"; }
  StringRef getDescription() const final { return "Let a team of threads do the work of large kernels"; }
  void runOnOperation() final {
    if (failed(SharingOut(getOperation()).run())) signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> lower::createShareOutPass() { return std::make_unique<ShareOut>(); }
