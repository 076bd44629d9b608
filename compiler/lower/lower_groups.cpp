// lower-groups: kern.run on memory -> call of its kernel. Kernels see flat memory: every buffer is handed over as its
// first element's address. Bare pointers drop offsets without a word, so a part of a buffer becomes a buffer of its
// own; what is not dense is refused. Addresses that are kept as numbers become pointers here.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/checkpoint_ops.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc;

namespace {
/// Of a dense buffer; a stride beside a zero dim is never used.
SmallVector<int64_t> stridesOf(MemRefType type) {
  SmallVector<int64_t> strides(type.getRank(), 1);
  for (int64_t i = type.getRank() - 2; i >= 0; --i)
    if (__builtin_mul_overflow(strides[i + 1], type.getDimSize(i + 1), &strides[i])) strides[i] = 0;
  return strides;
}

/// What begins at an element of a buffer (place-parts), as a buffer that begins there. A flat buffer of any type is one
/// pointer in the end.
Value partOf(OpBuilder &b, memref::ReinterpretCastOp part, MemRefType asked) {
  Location location = part.getLoc();
  Type element = asked.getElementType();
  MemRefType flat = graph::flatBuffer(element), bytes = graph::flatBuffer(b.getI8Type());
  Value whole = b.create<memref::ReinterpretCastOp>(location, flat, part.getSource(), /*offset=*/0, flat.getShape(),
                                                    stridesOf(flat));
  whole = b.create<UnrealizedConversionCastOp>(location, bytes, whole).getResult(0);
  Value first = getValueOrCreateConstantIndexOp(b, location, part.getMixedOffsets().front());
  Value width = b.create<arith::ConstantIndexOp>(location, llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
  Value offset = b.createOrFold<arith::MulIOp>(location, first, width);
  return b.create<memref::ViewOp>(location, asked, whole, offset, ValueRange());
}

struct LowerGroups : PassWrapper<LowerGroups, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerGroups)
  StringRef getArgument() const final { return "lower-groups"; }
  StringRef getDescription() const final { return "Turn each kern.run into a call of its kernel"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<func::FuncDialect, memref::MemRefDialect, LLVM::LLVMDialect, arith::ArithDialect>();
  }

  /// The function is declared; codegen links it with the runtime.
  static void callRuntime(kern::CallRuntimeOp call, SymbolTable &symbols) {
    OpBuilder b(call);
    auto declared = symbols.lookup<func::FuncOp>(call.getFunction());
    if (!declared) {
      declared = func::FuncOp::create(call.getLoc(), call.getFunction(),
                                      b.getFunctionType(call.getOperandTypes(), call->getResultTypes()));
      declared.setPrivate();
      symbols.insert(declared);
    }
    auto made = b.create<func::CallOp>(call.getLoc(), declared, call.getOperands());
    call->replaceAllUsesWith(made.getResults());
    call.erase();
  }

  void runOnOperation() override {
    WalkResult walked = getOperation().walk([](kern::RunOp run) {
      OpBuilder b(run);
      SmallVector<Value> arguments;
      func::FuncOp callee = lower::calledFunction(run);
      if (!callee || callee.getNumArguments() != run->getNumOperands()) {
        run.emitOpError("has other operands than its kernel has arguments");
        return WalkResult::interrupt();
      }
      for (auto [operand, wanted] : llvm::zip(run->getOperands(), callee.getArgumentTypes())) {
        auto type = dyn_cast<MemRefType>(operand.getType());
        if (!type) {
          arguments.push_back(operand);
          continue;
        }
        auto asked = cast<MemRefType>(wanted);
        if (!type.getLayout().isIdentity()) {
          auto part = operand.getDefiningOp<memref::ReinterpretCastOp>();
          if (!part || type.getRank() != 1 || !lower::isAtOffsetZero(part.getSource()) ||
              part.getStaticStride(0) != 1) {
            run.emitOpError("has an operand that is not dense or has an offset");
            return WalkResult::interrupt();
          }
          arguments.push_back(partOf(b, part, asked));
          continue;
        }
        arguments.push_back(type == asked
                                ? operand
                                : b.create<memref::ReinterpretCastOp>(run.getLoc(), asked, operand, /*offset=*/0,
                                                                      asked.getShape(), stridesOf(asked))
                                      .getResult());
      }
      b.create<func::CallOp>(run.getLoc(), run.getKernelAttr(), TypeRange(), arguments);
      run.erase();
      return WalkResult::advance();
    });
    if (walked.wasInterrupted()) return signalPassFailure();
    SmallVector<kern::CallRuntimeOp> calls;
    getOperation().walk([&](kern::CallRuntimeOp call) { calls.push_back(call); });
    SymbolTable symbols(getOperation());
    for (kern::CallRuntimeOp call : calls) callRuntime(call, symbols);
    lowerAddresses();
  }

  /// The casts go when the memrefs themselves do.
  void lowerAddresses() {
    LLVMTypeConverter types(&getContext());
    Type pointer = LLVM::LLVMPointerType::get(&getContext()), word = IntegerType::get(&getContext(), 64);
    getOperation().walk([&](kern::AddressOfOp op) {
      OpBuilder b(op);
      Value descriptor =
          b.create<UnrealizedConversionCastOp>(op.getLoc(), types.convertType(op.getBuffer().getType()), op.getBuffer())
              .getResult(0);
      Value begin = MemRefDescriptor(descriptor).alignedPtr(b, op.getLoc());
      Value number = b.create<LLVM::PtrToIntOp>(op.getLoc(), word, begin);
      op.replaceAllUsesWith(b.create<arith::IndexCastOp>(op.getLoc(), b.getIndexType(), number).getResult());
      op.erase();
    });
    getOperation().walk([&](kern::BufferAtOp op) {
      OpBuilder b(op);
      Value number = b.create<arith::IndexCastOp>(op.getLoc(), word, op.getAddress());
      Value begin = b.create<LLVM::IntToPtrOp>(op.getLoc(), pointer, number);
      auto type = cast<MemRefType>(op.getBuffer().getType());
      Value descriptor = MemRefDescriptor::fromStaticShape(b, op.getLoc(), types, type, begin);
      op.replaceAllUsesWith(b.create<UnrealizedConversionCastOp>(op.getLoc(), type, descriptor).getResult(0));
      op.erase();
    });
  }
};
} // namespace

std::unique_ptr<Pass> lower::createLowerGroupsPass() { return std::make_unique<LowerGroups>(); }
