// make-borders: an entry, or a function that entries call, over tensors becomes one over memory, with tensors inside.
// Arguments are bare pointers: one memref per input, one per output, the params block, the arena and, if a kernel may
// fail, a status cell; nothing is returned. (Called functions have the params block before the outputs.) Named dims are
// index arguments: of entries behind the arena, of called functions behind the inputs. A tensor whose sizes they decide
// is a flat buffer at the border, which a bare pointer can be, and gets its sizes inside. Invariants
// that verify-destinations checks: one to_tensor per input and per param, all at the top; every output is written by
// exactly one run, straight into place. What no run makes (an input or param handed through, one value to two outputs)
// gets a copying run here, so that bufferization never copies.
#include "compiler/lower/bufferize/borders.h"
#include "compiler/lower/bufferize/control_borders.h"
#include "compiler/lower/bufferize/state_borders.h"
#include "compiler/lower/describe_entry.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace graphc;
using lower::argumentType, lower::isEmpty, lower::memrefOf, lower::reshapeBuffer;

namespace {
/// Rewrites one entry in place.
class EntryBorders {
public:
  EntryBorders(func::FuncOp entry, lower::KernelTable &table, const llvm::StringMap<uint64_t> &paramOffsets,
               uint64_t paramsBytes)
      : entry(entry), table(table), paramOffsets(paramOffsets), paramsBytes(paramsBytes), sizes(entry),
        top(entry.getBody()) {}

  LogicalResult make() {
    SmallVector<Type> outputs(entry.getResultTypes());
    SmallVector<DictionaryAttr> resultAttrs;
    entry.getAllResultAttrs(resultAttrs);
    if (failed(readInputs())) return failure();
    Type byte = top.getI8Type(), paramsType = MemRefType::get(int64_t(paramsBytes), byte);
    bool isEntry = lower::isEntry(entry);
    BlockArgument params;
    if (!isEntry) params = addArgument(paramsType); // as in the runs that call it: ins, then outs
    SmallVector<BlockArgument> outArguments;
    for (Type type : outputs) outArguments.push_back(addArgument(argumentType(cast<RankedTensorType>(type))));
    if (isEntry) params = addArgument(paramsType);
    addArgument(MemRefType::get(lower::flatElements, byte)); // the arena, for plan-arena
    if (isEntry) moveDims();
    passParams(params);
    Value status = passStatus();
    if (failed(lower::makeStateRuns(entry, table, paramOffsets, params, status, top))) return failure();
    readParams(params);
    if (failed(writeOutputs(outArguments))) return failure();

    SmallVector<DictionaryAttr> argumentAttrs;
    entry.getAllArgAttrs(argumentAttrs);
    size_t dims = lower::functionDims(entry).size();
    if (isEntry)
      argumentAttrs.pop_back_n(std::min(dims, argumentAttrs.size()));
    else
      argumentAttrs.emplace_back();
    argumentAttrs.append(resultAttrs);
    argumentAttrs.resize(entry.getBody().getNumArguments());
    for (DictionaryAttr &attributes : argumentAttrs)
      if (!attributes) attributes = DictionaryAttr::get(entry.getContext());
    entry.setFunctionType(FunctionType::get(entry.getContext(), entry.getBody().getArgumentTypes(), {}));
    entry.removeResAttrsAttr();
    entry.setAllArgAttrs(argumentAttrs);
    if (!isEntry) // the point of a function that is called often: its code stands once
      entry->setAttr("passthrough", top.getStrArrayAttr({"noinline", "nounwind"}));
    return success();
  }

private:
  BlockArgument addArgument(Type type) { return entry.getBody().addArgument(type, entry.getLoc()); }

  LogicalResult readInputs() {
    for (BlockArgument argument : entry.getBody().getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type) continue; // a dim
      std::optional<graph::Shape> shape = sizes.shapeOf(argument);
      if (!shape) return entry.emitOpError("has an argument whose size does not come from its dims");
      argument.setType(argumentType(type));
      if (isEmpty(type)) { // nothing to read
        argument.replaceAllUsesWith(top.create<tensor::EmptyOp>(argument.getLoc(), type, sizes.dynamicValues(*shape)));
        continue;
      }
      Value buffer = reshapeBuffer(top, argument, memrefOf(type), *shape, sizes);
      auto tensor = top.create<bufferization::ToTensorOp>(argument.getLoc(), buffer, /*restrict=*/true);
      argument.replaceAllUsesExcept(tensor, buffer == argument ? tensor : buffer.getDefiningOp());
    }
    return success();
  }

  /// The dims behind what was added since: where callers of entries pass them.
  void moveDims() {
    for (BlockArgument old : lower::dimArguments(entry)) {
      old.replaceAllUsesWith(addArgument(old.getType()));
      entry.getBody().eraseArgument(old.getArgNumber());
    }
  }

  /// Every called function gets the params block.
  void passParams(Value params) {
    for (auto run : entry.getOps<kern::RunOp>())
      if (lower::calledFunction(run)) run.getInsMutable().append(params);
  }

  /// Kernels and functions that may fail get the status cell, a last argument of the entry; null: there are none.
  Value passStatus() {
    SmallVector<kern::RunOp> failing;
    for (auto run : entry.getOps<kern::RunOp>()) {
      auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
      func::FuncOp function = lower::calledFunction(run);
      if ((kernel && kernel.getMayFail()) || (function && function->hasAttr(lower::mayFailAttr)))
        failing.push_back(run);
    }
    if (failing.empty()) return {};
    Value status = addArgument(graph::flatBuffer(top.getI32Type()));
    for (kern::RunOp run : failing) run.getOutsMutable().append(status);
    entry->setAttr(lower::mayFailAttr, top.getUnitAttr());
    return status;
  }

  void readParams(Value params) {
    llvm::StringMap<Value> values; // one view and one to_tensor per param, however often it is read
    for (auto read : llvm::make_early_inc_range(entry.getOps<kern::ReadParameterOp>())) {
      Value &value = values[read.getParameter()];
      if (!value) {
        Location location = read.getLoc();
        auto type = memrefOf(cast<RankedTensorType>(read.getValue().getType()));
        Value offset = top.create<arith::ConstantIndexOp>(location, paramOffsets.lookup(read.getParameter()));
        Value view = top.create<memref::ViewOp>(location, type, params, offset, ValueRange());
        value = top.create<bufferization::ToTensorOp>(location, view, /*restrict=*/true);
      }
      read.getValue().replaceAllUsesWith(value);
      if (&*top.getInsertionPoint() == read.getOperation()) top.setInsertionPointAfter(read);
      read.erase();
    }
  }

  LogicalResult writeOutputs(ArrayRef<BlockArgument> outArguments) {
    auto ret = cast<func::ReturnOp>(entry.getBody().front().getTerminator());
    OpBuilder bottom(ret);
    DenseSet<Value> placed;
    for (auto [value, argument] : llvm::zip(ret.getOperands(), outArguments)) {
      Value root = lower::stripReshapes(value);
      bool nothing =
          isEmpty(cast<RankedTensorType>(value.getType())) || isEmpty(cast<RankedTensorType>(root.getType()));
      if (nothing) continue;
      std::optional<graph::Shape> shape = sizes.shapeOf(root);
      if (!shape) return entry.emitOpError("has a result whose size does not come from its dims");
      // Destinations stand at the top, before copies too: one defined after its producer costs an allocation and a
      // copy.
      Value destination = reshapeBuffer(top, argument, memrefOf(cast<RankedTensorType>(root.getType())), *shape, sizes);
      if (!root.getDefiningOp<kern::RunOp>() || !placed.insert(root).second) root = copyRun(bottom, root, *shape);
      auto save = bottom.create<bufferization::MaterializeInDestinationOp>(ret.getLoc(), Type(), root, destination);
      save.setRestrict(true);
      save.setWritable(true);
    }
    bottom.create<func::ReturnOp>(ret.getLoc());
    ret.erase();
    return success();
  }

  Value copyRun(OpBuilder &b, Value source, const graph::Shape &shape) {
    auto type = cast<RankedTensorType>(source.getType());
    Location location = source.getLoc();
    FlatSymbolRefAttr kernel = table.copyKernel(location, type.getElementType());
    Value size = getValueOrCreateConstantIndexOp(b, location, sizes.value(lower::productOf(shape)));
    Value out = b.create<tensor::EmptyOp>(location, type, sizes.dynamicValues(shape));
    return b.create<kern::RunOp>(location, type, kernel, ValueRange{source, size}, out, UnitAttr(), DenseI64ArrayAttr())
        .getResult(0);
  }

  func::FuncOp entry;
  lower::KernelTable &table;
  const llvm::StringMap<uint64_t> &paramOffsets;
  uint64_t paramsBytes;
  lower::TensorSizes sizes;
  OpBuilder top; // before everything that was there
};

/// Results are stored in the shape in which they are made. LLVM 19's bufferization cannot expand an axis into several
/// dynamic ones (it forgets their sizes), not even for a view that nothing reads.
void eraseUnusedViews(func::FuncOp function) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.front())))
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op) && op.use_empty()) op.erase();
}

struct MakeBorders : PassWrapper<MakeBorders, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MakeBorders)
  explicit MakeBorders(support::LibraryDescription *library) : library(library) {}
  StringRef getArgument() const final { return "make-borders"; }
  StringRef getDescription() const final { return "Give entries arguments in memory and lay out the params"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, bufferization::BufferizationDialect, memref::MemRefDialect,
                    kern::KernDialect, arith::ArithDialect, tensor::TensorDialect>();
  }
  support::LibraryDescription *library;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    support::LibraryDescription local; // graphc-opt: the IR alone matters
    support::LibraryDescription &description = library ? *library : local;
    if (failed(lower::describeParams(module, description))) return signalPassFailure();
    llvm::StringMap<uint64_t> offsets;
    for (const support::ParamDescription &param : description.params) offsets[param.name] = param.readOffset();
    lower::KernelTable table(module);
    SmallVector<func::FuncOp> entries = lower::entriesOf(module), functions = lower::eraseUnreached(module);
    for (func::FuncOp entry : entries)
      if (failed(lower::describeEntry(entry, description))) return signalPassFailure();
    for (func::FuncOp function : functions) { // described: nothing below reads them
      function->removeAttr(lower::flopsAttr);
      function->removeAttr(lower::memoryBytesAttr);
    }
    // Recursion may be too deep, so all that calls itself takes a status cell; its callers must know before.
    for (const SmallVector<func::FuncOp> &cycle : lower::cyclesOf(functions))
      for (func::FuncOp member : cycle) member->setAttr(lower::mayFailAttr, UnitAttr::get(&getContext()));
    for (func::FuncOp function : functions) {
      LogicalResult made = function->hasAttr(lower::controlAttr)
                               ? lower::makeControlBorders(function, table, description)
                               : EntryBorders(function, table, offsets, description.paramsBytes).make();
      if (failed(made)) return signalPassFailure();
    }
    for (func::FuncOp function : functions) eraseUnusedViews(function);
    for (func::FuncOp entry : entries)
      support::findBody(description, lower::bodySymbol(entry))->mayFail = entry->hasAttr(lower::mayFailAttr);
    // A dot keeps bodies apart from the C functions around them, whatever an entry is called.
    module.walk([&](kern::RunOp run) {
      if (func::FuncOp function = lower::calledFunction(run)) run.setKernel(lower::bodySymbol(function));
    });
    for (func::FuncOp function : functions) function.setSymName(lower::bodySymbol(function));
    for (auto parameter : llvm::make_early_inc_range(module.getOps<kern::ParameterOp>())) parameter.erase();
  }
};
} // namespace

std::unique_ptr<Pass> lower::createMakeBordersPass(support::LibraryDescription *library) {
  return std::make_unique<MakeBorders>(library);
}
