// profile-runs, for graphc bench --profile alone: around each kern.run a call of support::profileFunction with what the
// run costs, and a description of the run for whoever reads the profile. Costs are values, computed from the run's own
// sizes: so named dims and functions that are called with several sizes need no table. They are those of the kernel as
// it stands, counted as the graph's are (a multiply-add is 2, a function 1). It goes right before build-kernels, where
// levels are known and specifications are not code yet; note-vectors, right behind, looks at the code.
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphc;
using support::ProfiledNode, support::ProfiledRun;

namespace {

/// One op of a scalar body, on one element.
int64_t flopsOf(Operation &op) {
  if (auto fold = dyn_cast<kern::FoldOp>(op)) {
    int64_t flops = 0;
    for (Operation &inner : fold.getBody().front()) flops += flopsOf(inner);
    return flops;
  }
  bool computes =
      isa<math::MathDialect>(op.getDialect()) ||
      (isa<arith::ArithDialect>(op.getDialect()) && !isa<arith::ConstantOp, arith::SelectOp, CastOpInterface>(op));
  return !computes ? 0 : isa<math::FmaOp>(op) ? 2 : 1;
}

int64_t flopsOf(Block &body) {
  int64_t flops = 0;
  for (Operation &op : body) flops += flopsOf(op);
  return flops;
}

/// The ops among `body` that a value needs.
int64_t flopsBehind(Block &body, Value value) {
  llvm::SmallPtrSet<Operation *, 16> needed{value.getDefiningOp()};
  int64_t flops = 0;
  for (Operation &op : llvm::reverse(body))
    if (needed.contains(&op)) {
      flops += flopsOf(op);
      for (Value operand : op.getOperands()) needed.insert(operand.getDefiningOp());
    }
  return flops;
}

class CostOfRun {
public:
  explicit CostOfRun(kern::RunOp run) : run(run), b(run.getLoc(), run) {
    for (Value in : run.getIns())
      if (in.getType().isIndex()) sizes.push_back(in);
  }

  Value bytes() {
    Value sum = b.create<arith::ConstantIndexOp>(0);
    for (Value operand : run->getOperands()) {
      auto type = dyn_cast<MemRefType>(operand.getType());
      if (!type || llvm::is_contained(type.getShape(), graph::flatElements)) continue; // the status cell
      Value bytes = b.create<arith::ConstantIndexOp>(llvm::divideCeil(type.getElementTypeBitWidth(), 8));
      for (OpFoldResult extent : memref::getMixedSizes(b, run.getLoc(), operand))
        bytes = mul(bytes, getValueOrCreateConstantIndexOp(b, run.getLoc(), extent));
      sum = b.createOrFold<arith::AddIOp>(sum, bytes);
    }
    return sum;
  }

  /// 0 where nothing is known.
  Value flops(kern::KernelOp kernel) {
    StringRef builder = kernel.getBuilder();
    if (builder == "contraction") {
      Value elements = product(0, 3), each = mul(sizes[3], 2);
      return mul(elements, b.createOrFold<arith::AddIOp>(each, number(flopsOf(bodyOf(kernel)))));
    }
    if (builder == "windows") {
      Block &body = bodyOf(kernel);
      int64_t rank = *kernel.getWindowRank(), window = 1;
      for (int64_t extent : kernel.getWindow()->take_front(rank)) window *= extent;
      int64_t fold = flopsBehind(body, body.getTerminator()->getOperand(0));
      return mul(product(0, rank + 2), window * fold + flopsOf(body) - fold);
    }
    if (builder == "rows") return rows(kernel);
    if (builder == "elementwise" || builder == "reduction")
      return mul(product(0, sizes.size()), flopsOf(bodyOf(kernel)));
    return ofLoops();
  }

private:
  static Block &bodyOf(kern::KernelOp kernel) { return kernel.getBody().front(); }
  Value number(int64_t value) { return b.create<arith::ConstantIndexOp>(value); }
  Value mul(Value left, Value right) { return b.createOrFold<arith::MulIOp>(left, right); }
  Value mul(Value left, int64_t right) { return mul(left, number(right)); }
  Value product(size_t from, size_t to) {
    Value all = number(1);
    for (Value size : ArrayRef(sizes).slice(from, to - from)) all = mul(all, size);
    return all;
  }

  /// What depends on an element of the row happens once per element, the rest once per row.
  Value rows(kern::KernelOp kernel) {
    Block &body = bodyOf(kernel);
    auto axis = unsigned(kernel.getReduced()->front());
    llvm::SmallPtrSet<Value, 16> varying;
    for (auto [argument, map] : llvm::zip(body.getArguments(), kernel.getMaps().getAsValueRange<AffineMapAttr>()))
      if (map.isFunctionOfDim(axis)) varying.insert(argument);
    int64_t perElement = 0, perRow = 0;
    for (Operation &op : body) {
      bool varies = llvm::any_of(op.getOperands(), [&](Value operand) { return varying.contains(operand); });
      (varies ? perElement : perRow) += flopsOf(op);
      if (varies && !isa<kern::FoldOp>(op)) varying.insert(op.result_begin(), op.result_end());
    }
    Value all = number(1), count = number(1);
    for (auto [i, size] : llvm::enumerate(sizes)) {
      all = mul(all, size);
      if (i != axis) count = mul(count, size);
    }
    return b.createOrFold<arith::AddIOp>(mul(all, perElement), mul(count, perRow));
  }

  Value ofLoops() {
    auto cost = run->getAttrOfType<graph::ShapeAttr>(lower::flopsAttr);
    if (!cost) return number(0);
    lower::TensorSizes known(run->getParentOfType<func::FuncOp>());
    return getValueOrCreateConstantIndexOp(b, run.getLoc(), known.value(graph::shapeOf(cost).front()));
  }

  kern::RunOp run;
  ImplicitLocOpBuilder b;
  SmallVector<Value> sizes;
};

/// "f32[64, 512]"
std::string typeText(MemRefType type) {
  std::string text;
  llvm::raw_string_ostream out(text);
  type.getElementType().print(out);
  out << "[";
  llvm::interleaveComma(type.getShape(), out, [&](int64_t extent) {
    if (ShapedType::isDynamic(extent))
      out << "?";
    else
      out << extent;
  });
  out << "]";
  return text;
}

ProfiledRun::Packing packingOf(kern::RunOp run) {
  Value matrix = run.getIns()[1];
  while (auto view = matrix.getDefiningOp<ViewLikeOpInterface>()) matrix = view.getViewSource();
  if (matrix.getDefiningOp<memref::GetGlobalOp>()) return ProfiledRun::Packing::AtBuild;
  bool inArena = matrix == lower::arenaArgument(run->getParentOfType<func::FuncOp>());
  return inArena ? ProfiledRun::Packing::PerCall : ProfiledRun::Packing::AtLoad;
}

/// What lower-graph-ops and the frontend wrote into a location: FusedLoc with the op's mnemonic around a NameLoc around
/// the place.
void addNodes(Location location, StringRef op, SmallVectorImpl<ProfiledNode> &nodes) {
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    auto mnemonic = dyn_cast_or_null<StringAttr>(fused.getMetadata());
    for (Location part : fused.getLocations()) addNodes(part, mnemonic ? mnemonic.getValue() : op, nodes);
    return;
  }
  ProfiledNode node;
  node.op = op.str();
  for (;;) {
    if (auto name = dyn_cast<NameLoc>(location)) {
      node.name = name.getName().str();
      location = name.getChildLoc();
    } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
      location = call.getCaller(); // the user's place of what stands in a layer
    } else {
      break;
    }
  }
  if (auto place = dyn_cast<FileLineColLoc>(location)) {
    node.file = place.getFilename().str();
    node.line = place.getLine();
    node.column = place.getColumn();
  }
  if (node.name.empty() && node.file.empty()) return;
  auto isSame = [&](const ProfiledNode &known) {
    return known.name == node.name && known.op == node.op && known.line == node.line && known.column == node.column;
  };
  if (!llvm::any_of(nodes, isSame)) nodes.push_back(std::move(node));
}

ProfiledRun describe(kern::RunOp run, kern::KernelOp kernel) {
  ProfiledRun result;
  result.function = run->getParentOfType<func::FuncOp>().getSymName().str();
  result.kernel = run.getKernel().str();
  result.builder = kernel ? kernel.getBuilder().str() : "call";
  result.level = lower::levelOf(run).name.str();
  for (Value out : kernel ? run.getOuts() : ValueRange())
    if (auto type = dyn_cast<MemRefType>(out.getType());
        type && !llvm::is_contained(type.getShape(), graph::flatElements))
      result.result += (result.result.empty() ? "" : ", ") + typeText(type);
  if (result.builder == "contraction") result.packing = packingOf(run);
  SmallVector<ProfiledNode> nodes;
  addNodes(run.getLoc(), "", nodes);
  // In front stands the op that the run is made for; it is the first of the graph only where others follow its sums.
  bool isRoot = llvm::is_contained({"contraction", "windows", "winograd_output"}, StringRef(result.builder));
  if (!isRoot && nodes.size() > 1) std::rotate(nodes.begin(), nodes.begin() + 1, nodes.end());
  result.nodes.assign(nodes.begin(), nodes.end());
  return result;
}

struct ProfileRuns : PassWrapper<ProfileRuns, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ProfileRuns)
  explicit ProfileRuns(support::LibraryDescription *library) : library(library) {}
  StringRef getArgument() const final { return "profile-runs"; }
  StringRef getDescription() const final { return "Call the profile's hook around each kern.run"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, arith::ArithDialect, func::FuncDialect, memref::MemRefDialect>();
  }
  support::LibraryDescription *library;

  void runOnOperation() override {
    std::vector<ProfiledRun> runs;
    SmallVector<kern::RunOp> found;
    getOperation().walk([&](kern::RunOp run) { found.push_back(run); });
    OpBuilder top = OpBuilder::atBlockBegin(getOperation().getBody());
    SmallVector<Type> numbers(3, top.getIndexType());
    auto hook = top.create<func::FuncOp>(getOperation().getLoc(), support::profileFunction,
                                         top.getFunctionType(numbers, TypeRange()));
    hook.setPrivate();
    for (kern::RunOp run : found) {
      auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
      CostOfRun cost(run);
      ImplicitLocOpBuilder b(run.getLoc(), run);
      Value none = b.create<arith::ConstantIndexOp>(0); // a call costs what its function's runs do
      Value flops = kernel ? cost.flops(kernel) : none, bytes = kernel ? cost.bytes() : none;
      auto call = [&](int64_t number, Value first, Value second) {
        Value which = b.create<arith::ConstantIndexOp>(number);
        b.create<func::CallOp>(hook, ValueRange{which, first, second});
      };
      call(runs.size(), flops, bytes);
      b.setInsertionPointAfter(run);
      call(-1, none, none);
      runs.push_back(describe(run, kernel));
    }
    if (library) library->runs = std::move(runs);
  }
};

struct NoteVectors : PassWrapper<NoteVectors, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NoteVectors)
  explicit NoteVectors(support::LibraryDescription *library) : library(library) {}
  StringRef getArgument() const final { return "note-vectors"; }
  StringRef getDescription() const final { return "Describe the code of profiled kernels"; }
  support::LibraryDescription *library;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    for (ProfiledRun &run : library->runs) {
      auto whole = getOperation().lookupSymbol<func::FuncOp>(run.kernel);
      auto part = getOperation().lookupSymbol<func::FuncOp>(run.kernel + ".part");
      run.shared = bool(part);
      auto hasVector = [](Operation *op) {
        bool has = llvm::any_of(op->getResultTypes(), [](Type type) { return isa<VectorType>(type); });
        return has ? WalkResult::interrupt() : WalkResult::advance();
      };
      if (run.builder != "call" && whole) run.vectors = (part ? part : whole).walk(hasVector).wasInterrupted();
    }
  }
};
} // namespace

std::unique_ptr<Pass> lower::createProfileRunsPass(support::LibraryDescription *library) {
  return std::make_unique<ProfileRuns>(library);
}
std::unique_ptr<Pass> lower::createNoteVectorsPass(support::LibraryDescription *library) {
  return std::make_unique<NoteVectors>(library);
}
