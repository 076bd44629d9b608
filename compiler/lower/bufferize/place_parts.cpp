// place-parts: what only moves data is not moved where a buffer can lie where it is wanted. A run that copies a part of
// a buffer which is one piece of memory (graph.part) goes, and who reads the copy reads the part. What a run puts
// behind one another (graph.join) is made in its place by who makes it. Then it is noted which output of a function may
// be the memory of which input (graph.inplace), and loops carry such values in one buffer (carry_in_place.h), and so do
// recursions (versions_in_place.h).
//
// After bufferization, on memory: which bytes who reads and writes is plain there, and the order of the runs is that of
// the program. Before plan-arena, which makes lifetimes of what is left. Not at -O0: the copies are the oracle.
#include "compiler/lower/bufferize/carry_in_place.h"
#include "compiler/lower/bufferize/memory_places.h"
#include "compiler/lower/bufferize/versions_in_place.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/graph/strided_copy.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphc;
using graph::Dim;
using lower::MemoryPlace, lower::MemoryPlaces;

namespace {
class PartPlacer {
public:
  explicit PartPlacer(func::FuncOp function) : block(function.getBody().front()), places(function) {}

  void run() {
    for (auto run : llvm::make_early_inc_range(block.getOps<kern::RunOp>()))
      if (run->hasAttr(graph::partAttr)) placePart(run);
    for (auto run : llvm::make_early_inc_range(block.getOps<kern::RunOp>()))
      if (run->hasAttr(graph::joinAttr)) placeJoin(run);
    for (auto alloc : llvm::make_early_inc_range(block.getOps<memref::AllocOp>())) eraseDead(alloc);
  }

private:
  using Use = MemoryPlaces::Use;

  /// Every reader of the copy reads what was copied, if nothing is written there as long as it is read.
  void placePart(kern::RunOp run) {
    OpOperand &out = run.getOutsMutable()[0];
    MemoryPlace from = places.placeOf(run.getIns()[0]), to = places.placeOf(out.get());
    std::optional<Dim> first = places.sizes.sizeOf(run.getIns()[1]), count = places.sizes.sizeOf(run.getIns()[2]);
    auto alloc = to.root.getDefiningOp<memref::AllocOp>();
    if (!from.isKnown || !first || !count || !isWhole(to, alloc)) return;
    MemoryPlace part = places.part(from, *first, *count);
    SmallVector<Use> uses;
    if (!places.usesOf(alloc, uses)) return;
    Operation *last = run;
    for (const Use &use : uses) {
      if (use.operand == &out) continue;
      auto reader = cast<kern::RunOp>(use.operand->getOwner());
      if (reader.isDpsInit(use.operand) || !run->isBeforeInBlock(reader)) return; // another writes it
      if (last->isBeforeInBlock(reader)) last = reader;
    }
    auto none = [](OpOperand &) { return false; };
    if (last != run && places.isMet(run, last, /*inclusive=*/true, part, /*reads=*/false, none)) return;
    move(uses, &out, part);
    run.erase();
  }

  void placeJoin(kern::RunOp run) {
    size_t pieces = llvm::count_if(run.getIns(), [](Value in) { return isa<MemRefType>(in.getType()); });
    MemoryPlace whole = places.placeOf(run.getOuts()[0]);
    if (!whole.isKnown) return;
    Dim first = 0;
    size_t placed = 0;
    for (size_t i = 0; i < pieces; ++i) {
      std::optional<Dim> count = places.sizes.sizeOf(run.getIns()[pieces + i]);
      if (!count) return;
      MemoryPlace place = places.part(whole, first, *count);
      placed += placePiece(run, run.getInsMutable()[i], place);
      first = first + *count;
    }
    if (placed == pieces) run.erase();
  }

  /// True if the piece is made at its place in the whole: nothing but its own readers and writers may touch that as
  /// long as it is used.
  bool placePiece(kern::RunOp join, OpOperand &piece, const MemoryPlace &place) {
    MemoryPlace own = places.placeOf(piece.get());
    if (own.isSame(place)) return true;
    auto alloc = own.root.getDefiningOp<memref::AllocOp>();
    SmallVector<Use> uses;
    if (!isWhole(own, alloc) || own.root == place.root || own.end != place.end - place.begin + own.begin ||
        !places.usesOf(alloc, uses))
      return false;
    Operation *firstUse = join, *lastUse = join;
    DenseSet<OpOperand *> operands;
    for (const Use &use : uses) {
      Operation *user = use.operand->getOwner();
      operands.insert(use.operand);
      if (user == join && use.operand != &piece) return false; // it stands at two places
      if (user->isBeforeInBlock(firstUse)) firstUse = user;
      if (lastUse->isBeforeInBlock(user)) lastUse = user;
    }
    auto isOwn = [&](OpOperand &operand) { return operands.contains(&operand); };
    auto outer = place.root.getDefiningOp<memref::AllocOp>();
    Operation *base = place.base.getDefiningOp();
    bool isThere = !base || base->isBeforeInBlock(firstUse);
    if (firstUse == join || (!isThere && base != outer.getOperation())) return false;
    // From its maker on, whose own operands count.
    if (isMetAt(firstUse, place, isOwn) || places.isMet(firstUse, join, false, place, /*reads=*/true, isOwn))
      return false;
    if (lastUse != join && places.isMet(join, lastUse, true, place, /*reads=*/false, isOwn)) return false;
    if (!isThere) {
      std::optional<graph::Shape> shape = places.sizes.shapeOf(outer);
      if (!shape) return false;
      outer->setOperands(places.sizes.dynamicValues(*shape)); // from the top
      outer->moveBefore(firstUse);
    }
    move(uses, nullptr, place);
    return true;
  }

  bool isMetAt(Operation *op, const MemoryPlace &place, function_ref<bool(OpOperand &)> except) {
    bool met = false;
    bool known = places.forEachAccess(
        op, [&](OpOperand &operand, bool) { met |= !except(operand) && places.placeOf(operand.get()).meets(place); });
    return met || !known;
  }

  /// An allocation, all of it.
  bool isWhole(const MemoryPlace &place, memref::AllocOp alloc) {
    if (!alloc || !place.isKnown || alloc->getBlock() != &block) return false;
    return place.isSame(places.placeOf(alloc));
  }

  void move(ArrayRef<Use> uses, OpOperand *except, const MemoryPlace &to) {
    for (const Use &use : uses) {
      if (use.operand == except) continue;
      OpBuilder b(use.operand->getOwner());
      std::optional<Dim> count = places.countOf(use.operand->get());
      use.operand->set(places.view(b, to, use.first, *count)); // known: usesOf saw it
    }
  }

  static void eraseDead(memref::AllocOp alloc) {
    SmallVector<Operation *> views{alloc};
    for (size_t i = 0; i < views.size(); ++i)
      for (Operation *user : views[i]->getUsers()) {
        if (!isa<memref::CollapseShapeOp, memref::ExpandShapeOp, memref::CastOp, memref::ReinterpretCastOp>(user))
          return;
        views.push_back(user);
      }
    for (Operation *view : llvm::reverse(views))
      if (view->use_empty()) view->erase();
  }

  Block &block;
  MemoryPlaces places;
};

/// Which outputs of a function may be the memory of which inputs.
class SharedArguments {
public:
  explicit SharedArguments(func::FuncOp function)
      : function(function), block(function.getBody().front()), places(function) {}

  /// Only where it saves a copy: something writes in place a part of what it keeps.
  void note() {
    for (auto run : block.getOps<kern::RunOp>()) {
      if (!keepsTheRest(run)) continue;
      for (auto [in, out] : run.inplacePairs()) {
        auto from = dyn_cast<BlockArgument>(places.placeOf(run.getIns()[in]).root);
        auto to = dyn_cast<BlockArgument>(places.placeOf(run.getOuts()[out]).root);
        if (!from || !to || from == to || from.getType() != to.getType() || known(to)) continue;
        if (isSafe(from, to))
          function.setArgAttr(to.getArgNumber(), lower::inplaceAttr,
                              Builder(function.getContext()).getI64IntegerAttr(from.getArgNumber()));
      }
    }
  }

private:
  bool known(BlockArgument to) { return function.getArgAttr(to.getArgNumber(), lower::inplaceAttr) != nullptr; }

  static bool keepsTheRest(kern::RunOp run) {
    if (lower::calledFunction(run)) return true;
    auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
    return kernel && kernel.getBuilder() == "loops";
  }

  /// True if, were they one memory, nobody would read what was overwritten: what is written at a place of `to` comes
  /// behind all that reads there of `from`, unless it works in place.
  bool isSafe(BlockArgument from, BlockArgument to) {
    auto shapeOf = [&](BlockArgument argument) { // at borders buffers are flat where dims decide their sizes
      return function.getArgAttrOfType<graph::ShapeAttr>(argument.getArgNumber(), lower::shapeAttr);
    };
    if (shapeOf(from) != shapeOf(to)) return false;
    SmallVector<MemoryPlace> written; // of `to`, seen as of `from`
    for (Operation &op : block) {
      SmallVector<MemoryPlace> reads, writes;
      bool good = places.forEachAccess(&op, [&](OpOperand &operand, bool isWrite) {
        MemoryPlace place = places.placeOf(operand.get());
        if (place.root == from && isWrite) good = false;
        if (place.root == from) reads.push_back(place);
        if (place.root != to || !isWrite) return;
        place.root = from;
        writes.push_back(place);
      });
      if (!good) return false;
      for (const MemoryPlace &read : reads) {
        for (const MemoryPlace &write : written)
          if (write.meets(read)) return false;
        for (const MemoryPlace &write : writes)
          if (write.meets(read) && !worksInPlace(op, from, to, read, write)) return false;
      }
      written.append(writes);
    }
    return true;
  }

  bool worksInPlace(Operation &op, BlockArgument from, BlockArgument to, const MemoryPlace &read, MemoryPlace write) {
    auto run = dyn_cast<kern::RunOp>(op);
    if (!run || !read.isSame(write)) return false;
    auto reads = [&](Value in) { return isa<MemRefType>(in.getType()) && places.placeOf(in).root == from; };
    if (llvm::count_if(run.getIns(), reads) > 1) return false;
    return llvm::any_of(run.inplacePairs(), [&](auto pair) {
      return places.placeOf(run.getIns()[pair.first]).root == from &&
             places.placeOf(run.getOuts()[pair.second]).root == to;
    });
  }

  func::FuncOp function;
  Block &block;
  MemoryPlaces places;
};

struct PlaceParts : PassWrapper<PlaceParts, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlaceParts)
  StringRef getArgument() const final { return "place-parts"; }
  StringRef getDescription() const final { return "Make buffers where they are wanted, instead of copying them there"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, memref::MemRefDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    lower::KernelTable table(getOperation());
    SmallVector<func::FuncOp> functions = lower::functionsOf(getOperation());
    std::vector<SmallVector<func::FuncOp>> circles = lower::cyclesOf(functions);
    for (const SmallVector<func::FuncOp> &circle : circles) lower::placeVersions(circle);
    for (func::FuncOp function : functions) { // callees first
      function.walk([](kern::RunOp run) { takePairs(run); });
      if (function->hasAttr(lower::controlAttr)) {
        lower::carryInPlace(function, table);
        continue;
      }
      PartPlacer(function).run();
      if (!lower::isEntry(function)) SharedArguments(function).note();
    }
    for (const SmallVector<func::FuncOp> &circle : circles) lower::guardCopies(circle);
  }

  /// What a called function may do in place, as a kernel says it.
  static void takePairs(kern::RunOp run) {
    func::FuncOp callee = lower::calledFunction(run);
    if (!callee) return;
    SmallVector<int64_t> pairs;
    int64_t ins = run.getIns().size();
    for (int64_t out = 0; out < int64_t(run.getOuts().size()); ++out)
      if (auto in = callee.getArgAttrOfType<IntegerAttr>(ins + out, lower::inplaceAttr))
        pairs.append({in.getInt(), out});
    if (!pairs.empty()) run.setInplace(pairs);
  }
};
} // namespace

std::unique_ptr<Pass> lower::createPlacePartsPass() { return std::make_unique<PlaceParts>(); }
