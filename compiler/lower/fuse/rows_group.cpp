// Row groups: reductions along one dim and the elementwise work between, before and behind them, found by structure and
// made one kernel that goes over each row while it is in the nearest cache. A group grows from a reduction to whatever
// reads or makes its values in the same space of rows, and stands where its last op stood: whoever reads it from
// outside must come later.
#include "compiler/lower/fuse/body_size.h"
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/kernels/reduction_combine.h"
#include "compiler/lower/kernels/row_schedule.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer, lower::isReshape, lower::RowGroup, lower::RowSpace, lower::DimList;
using Kind = RowSpace::Kind;

namespace {
struct Growth {
  const lower::TensorSizes &sizes;
  RowSpace space;
  llvm::DenseMap<Operation *, RowSpace::Role> members{};

  /// True for members and for reshapes that only they read.
  bool isInside(Operation *op) const {
    return members.contains(op) ||
           (isReshape(op) && llvm::all_of(op->getUsers(), [&](Operation *user) { return isInside(user); }));
  }

  bool isReadOutside(Operation *member) const {
    return llvm::any_of(member->getUsers(), [&](Operation *user) { return !isInside(user); });
  }

  /// Members that an op reads from are read element by element, row by row.
  bool operandsFit(linalg::GenericOp op, const RowSpace::Role &role) const {
    for (OpOperand *in : op.getDpsInputOperands()) {
      auto maker = members.find(lower::stripReshapes(in->get()).getDefiningOp());
      if (maker == members.end()) continue;
      if (lower::stripUnitReshapes(in->get(), sizes).getDefiningOp() != maker->first) return false;
      const DimList &made = maker->second.kind == Kind::PerElement ? space.all : space.kept;
      if (RowSpace::dimsOfOperand(op, *in, role, sizes) != made) return false;
    }
    return true;
  }

  bool isGroup() const {
    constexpr size_t largestGroup = 512; // instructions; beyond it compile time grows and registers spill
    Operation *last = members.begin()->first;
    size_t size = 0;
    SmallVector<lower::OperandDims> operands{space.all, space.kept};
    for (auto &[op, role] : members) {
      auto generic = cast<linalg::GenericOp>(op);
      size += lower::bodySize(op);
      if (last->isBeforeInBlock(op)) last = op;
      if (!operandsFit(generic, role)) return false;
      for (OpOperand *in : generic.getDpsInputOperands())
        operands.push_back(RowSpace::dimsOfOperand(generic, *in, role, sizes));
    }
    if (size > largestGroup || !llvm::is_contained(lower::mergeDims(space.shape, operands), space.reduced))
      return false;
    return llvm::all_of(members, [&](auto &member) {
      return llvm::all_of(member.first->getUsers(),
                          [&](Operation *user) { return isInside(user) || last->isBeforeInBlock(user); });
    });
  }

  bool add(Operation *op, const RowSpace::Role &role) {
    members.insert({op, role});
    if (isGroup()) return true;
    members.erase(op);
    return false;
  }

  /// Makers and readers of members' values, in program order.
  SmallVector<Operation *> neighbours() const {
    SetVector<Operation *> found;
    for (auto &[op, role] : members) {
      for (OpOperand *in : cast<linalg::GenericOp>(op).getDpsInputOperands())
        if (Operation *maker = lower::stripUnitReshapes(in->get(), sizes).getDefiningOp()) found.insert(maker);
      SmallVector<Operation *> readers(op->getUsers());
      while (!readers.empty()) {
        Operation *reader = readers.pop_back_val();
        if (isReshape(reader))
          llvm::append_range(readers, reader->getUsers());
        else
          found.insert(reader);
      }
    }
    SmallVector<Operation *> ordered;
    for (Operation *op : found)
      if (isa<linalg::GenericOp>(op) && !members.contains(op)) ordered.push_back(op);
    llvm::sort(ordered, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    return ordered;
  }

  /// False where nothing would go over a row again, and where the elements of a row lie so far apart that they push
  /// each other out of the caches: then simple arithmetic is done faster by one kernel after the other, each in the
  /// order of memory.
  bool isWorthwhile() const {
    constexpr int64_t near = 128;
    size_t sweeps = 0;
    bool hasFunction = false;
    for (auto &[op, role] : members) {
      if (role.kind == Kind::PerRow) continue;
      ++sweeps;
      hasFunction |= llvm::any_of(cast<linalg::GenericOp>(op).getBody()->getOperations(), lower::isFunction);
    }
    return sweeps > 1 && (space.distance <= near || hasFunction);
  }

  void grow(function_ref<bool(Operation *)> isTaken) {
    for (bool grown = true; grown;) {
      grown = false;
      for (Operation *op : neighbours()) {
        if (isTaken(op)) continue;
        std::optional<RowSpace::Role> role = space.roleOf(cast<linalg::GenericOp>(op), sizes);
        grown |= role && add(op, *role);
      }
    }
  }
};
} // namespace

void GroupFormer::chooseRows(Block &block) {
  auto isTaken = [&](Operation *op) {
    auto readsPanels = [&](Value in) { return in.getDefiningOp() && makersOfPanels.contains(in.getDefiningOp()); };
    return groupOf.contains(op) || rootOf.contains(op) || isWindowFold(op) ||
           llvm::any_of(op->getOperands(), readsPanels);
  };
  for (auto generic : block.getOps<linalg::GenericOp>()) {
    if (isTaken(generic)) continue;
    std::optional<RowSpace> space = RowSpace::of(generic, sizes);
    if (!space) continue;
    Growth growth{sizes, *space};
    if (!growth.add(generic, *space->roleOf(generic, sizes))) continue;
    growth.grow(isTaken);
    if (!growth.isWorthwhile()) continue;
    RowGroup &group = rowGroups.emplace_back(RowGroup{*space, {}, {}});
    for (Operation &op : block) {
      auto member = growth.members.find(&op);
      if (member == growth.members.end()) continue;
      group.members.insert(*member);
      groupOf[&op] = &group;
      if (growth.isReadOutside(&op)) group.results.push_back(&op);
    }
  }
}

LogicalResult GroupFormer::formRows(const RowGroup &group) {
  struct Input {
    Value tensor; // behind reshapes
    DimList dims;
    Value original;
  };
  const RowSpace &space = group.space;
  Operation *last = group.members.back().first;
  OpBuilder b(last);
  SmallVector<Input> inputs;
  auto inputOf = [&](linalg::GenericOp op, OpOperand *in, const RowSpace::Role &role) -> unsigned {
    Input wanted{stripReshapes(in->get()), RowSpace::dimsOfOperand(op, *in, role, sizes), in->get()};
    auto found =
        llvm::find_if(inputs, [&](const Input &one) { return one.tensor == wanted.tensor && one.dims == wanted.dims; });
    if (found == inputs.end()) found = inputs.insert(found, wanted);
    return found - inputs.begin();
  };
  auto makerOf = [&](OpOperand *in) { return group.members.find(stripReshapes(in->get()).getDefiningOp()); };
  for (auto &[op, role] : group.members)
    for (OpOperand *in : cast<linalg::GenericOp>(op).getDpsInputOperands())
      if (makerOf(in) == group.members.end()) inputOf(cast<linalg::GenericOp>(op), in, role);

  SmallVector<OperandDims> lists{space.all, space.kept};
  SmallVector<Value> buffers;
  SmallVector<Type> scalars;
  SmallVector<AffineMap> maps;
  for (const Input &input : inputs) {
    lists.push_back(input.dims);
    scalars.push_back(getElementTypeOrSelf(input.tensor.getType()));
    buffers.push_back(buffer(b, input.original));
  }
  DimGroups groups = mergeDims(space.shape, lists);
  for (const Input &input : inputs) maps.push_back(*mapOverGroups(b.getContext(), groups, input.dims));
  SmallVector<Made> made;
  for (Operation *op : group.results) {
    bool perElement = group.members.find(op)->second.kind == Kind::PerElement;
    maps.push_back(*mapOverGroups(b.getContext(), groups, perElement ? space.all : space.kept));
    if (!describe(op->getResult(0), made)) return failure();
  }
  unsigned axis = llvm::find(groups, space.reduced) - groups.begin();
  graph::Shape groupSizes;
  for (const DimList &one : groups) groupSizes.push_back(groupSize(space.shape, one));

  kern::KernelOp kernel = table.draft(last->getLoc(), "rows", maps, scalars);
  kernel.setReduced(ArrayRef<int64_t>{int64_t(axis)});
  Block &body = kernel.getBody().front();
  IRMapping map;
  for (auto &[op, role] : group.members) {
    auto generic = cast<linalg::GenericOp>(op);
    for (OpOperand *in : generic.getDpsInputOperands()) {
      auto maker = makerOf(in);
      Value scalar = maker == group.members.end() ? Value(body.getArgument(inputOf(generic, in, role)))
                                                  : map.lookup(maker->first->getResult(0));
      map.map(generic.getMatchingBlockArgument(in), scalar);
    }
    if (role.kind != Kind::Fold) {
      FailureOr<SmallVector<Value>> cloned = cloneBody(*generic.getBody(), kernel, map);
      if (failed(cloned)) return kernel->destroy(), failure();
      map.map(op->getResult(0), cloned->front());
      continue;
    }
    TypedAttr init = initConstant(generic.getDpsInits()[0]);
    auto combine = *ReductionCombine::of(*generic.getBody(), generic.getNumDpsInputs(), init);
    auto isCombining = [&](Operation &inner) {
      return inner.hasTrait<OpTrait::IsTerminator>() || combine.holds(inner);
    };
    if (failed(cloneOps(*generic.getBody(), kernel, map, {}, isCombining))) return kernel->destroy(), failure();
    ImplicitLocOpBuilder inner(op->getLoc(), OpBuilder::atBlockEnd(&body));
    auto fold = inner.create<kern::FoldOp>(init.getType(), map.lookup(combine.elementOfBody()), init);
    Block &folding = fold.getBody().emplaceBlock();
    folding.addArguments({init.getType(), init.getType()}, {op->getLoc(), op->getLoc()});
    inner.setInsertionPointToStart(&folding);
    inner.create<kern::YieldOp>(combine.build(inner, folding.getArgument(0), folding.getArgument(1)));
    map.map(op->getResult(0), fold.getResult());
  }
  SmallVector<Value> yielded;
  for (Operation *op : group.results) yielded.push_back(map.lookup(op->getResult(0)));
  yieldFrom(kernel, yielded);
  IRRewriter rewriter(b);
  DominanceInfo dominance(kernel);
  eliminateCommonSubExpressions(rewriter, dominance, kernel); // what two members compute alike is computed once

  RowSchedule schedule(body, maps, axis);
  SmallVector<int64_t> inplace;
  for (auto [i, input] : llvm::enumerate(inputs))
    for (auto [o, result] : llvm::enumerate(made))
      if (input.dims == space.all && scalars[i] == result.element && schedule.canBeInPlace(i, o))
        inplace.append({int64_t(i), int64_t(o)});
  SmallVector<Operation *> members{last};
  for (auto &member : group.members) members.push_back(member.first);
  auto run = createRun(b, placesOf(members), table.intern(kernel), buffers, values(groupSizes), made, inplace);
  for (auto [op, result] : llvm::zip(group.results, run.getResults())) replace(b, op->getResult(0), result);
  return success();
}
