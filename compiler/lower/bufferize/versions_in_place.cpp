// versions_in_place.h.
#include "compiler/lower/bufferize/versions_in_place.h"
#include "compiler/lower/bufferize/carry_in_place.h"
#include "compiler/lower/bufferize/memory_places.h"
#include "compiler/lower/entries.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace graphc;
using lower::MemoryPlace, lower::MemoryPlaces;

namespace {
using Pairs =
    SmallVector<std::pair<unsigned, unsigned>>; // arguments of a function: an input, the output that may be it

/// Copies its one buffer.
bool isCopy(kern::RunOp run) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
  if (!kernel || kernel.getBuilder() != "elementwise" || run.getOuts().size() != 1) return false;
  Block &body = kernel.getBody().front();
  return body.getNumArguments() == 1 && &body.front() == body.getTerminator() &&
         body.getTerminator()->getOperands() == ValueRange(body.getArguments());
}

class Versions {
public:
  explicit Versions(ArrayRef<func::FuncOp> circle) : functions(circle) {
    members = circle.size();
    DenseSet<Operation *> seen(circle.begin(), circle.end());
    for (func::FuncOp member : circle)
      member.walk([&](kern::RunOp run) {
        func::FuncOp callee = lower::calledFunction(run);
        if (callee && !callee->hasAttr(lower::controlAttr) && !lower::isEntry(callee) && seen.insert(callee).second)
          functions.push_back(callee);
      });
  }

  void run() {
    for (func::FuncOp end : ArrayRef(functions).drop_front(members)) known[end] = *find(end, /*rewrites=*/false);
    settle();
    for (func::FuncOp member : ArrayRef(functions).take_front(members)) known.try_emplace(member); // never ends
    settle();
    for (func::FuncOp function : functions) {
      (void)find(function, /*rewrites=*/true);
      for (auto [from, to] : known[function])
        function.setArgAttr(to, lower::inplaceAttr, Builder(function.getContext()).getI64IntegerAttr(from));
    }
  }

private:
  /// Until nothing changes: what is known of members grows from nothing to what the ends allow, then only shrinks.
  void settle() {
    for (bool changed = true; changed;) {
      changed = false;
      for (func::FuncOp member : ArrayRef(functions).take_front(members)) {
        std::optional<Pairs> found = find(member, /*rewrites=*/false);
        auto before = known.find(member);
        if (!found || (before != known.end() && before->second == *found)) continue;
        if (before != known.end())
          llvm::erase_if(*found, [&](auto pair) { return !llvm::is_contained(before->second, pair); });
        changed |= before == known.end() || before->second != *found;
        known[member] = *found;
      }
    }
  }

  /// Of ins and outs; nullopt: not known yet.
  std::optional<Pairs> pairsOf(kern::RunOp run) {
    func::FuncOp callee = lower::calledFunction(run);
    if (!callee) return isCopy(run) ? Pairs{{0, 0}} : Pairs(run.inplacePairs());
    auto found = known.find(callee);
    if (found == known.end()) return isMember(callee) ? std::nullopt : std::optional<Pairs>(Pairs());
    Pairs pairs;
    for (auto [from, to] : found->second) pairs.push_back({from, to - unsigned(run.getIns().size())});
    return pairs;
  }
  bool isMember(func::FuncOp function) { return llvm::is_contained(ArrayRef(functions).take_front(members), function); }

  std::optional<Pairs> find(func::FuncOp function, bool rewrites) {
    if (function->hasAttr(lower::controlAttr)) return findOfControl(function);
    Pairs pairs;
    MemoryPlaces places(function);
    DenseSet<Value> taken;
    for (BlockArgument to : function.getArguments()) {
      Chain chain;
      std::optional<bool> holds = trace(function, places, to, chain);
      if (!holds) return std::nullopt;
      if (!*holds || !taken.insert(chain.from).second) continue;
      if (rewrites && !llvm::is_contained(known[function], std::pair(chain.from.getArgNumber(), to.getArgNumber())))
        continue;
      pairs.push_back({chain.from.getArgNumber(), to.getArgNumber()});
      if (!rewrites) continue;
      for (memref::AllocOp alloc : chain.versions) {
        alloc.replaceAllUsesWith(chain.output);
        alloc.erase();
      }
    }
    return pairs;
  }

  // ---- one block of runs

  struct Chain {
    Value output; // the argument as its last writer sees it
    BlockArgument from;
    SmallVector<memref::AllocOp> versions;
  };
  struct Uses {
    SmallVector<kern::RunOp> writers;
    Operation *lastReader = nullptr;
  };

  /// nullopt: what the buffer is used for is not known.
  std::optional<Uses> usesOf(MemoryPlaces &places, Block &block, Value root) {
    Uses uses;
    for (Operation &op : block) {
      bool good = true;
      bool understood = places.forEachAccess(&op, [&](OpOperand &operand, bool writes) {
        MemoryPlace place = places.placeOf(operand.get());
        if (place.root != root) return;
        auto run = dyn_cast<kern::RunOp>(op);
        good &= bool(run) && place.isKnown;
        if (run && writes && run.isDpsInit(&operand)) // an in that may be written is the params block alone
          uses.writers.push_back(run);
        else
          uses.lastReader = &op;
      });
      if (!good || !understood) return std::nullopt;
    }
    return uses;
  }

  /// Whether the output's chain leads back to an input; nullopt: it leads to a run of which nothing is known yet.
  std::optional<bool> trace(func::FuncOp function, MemoryPlaces &places, BlockArgument to, Chain &chain) {
    Block &block = function.getBody().front();
    if (!isa<MemRefType>(to.getType())) return false;
    std::optional<Uses> uses = usesOf(places, block, to);
    if (!uses || uses->writers.size() != 1 || uses->lastReader) return false;
    kern::RunOp maker = uses->writers.front();
    for (Value out : maker.getOuts())
      if (isa<MemRefType>(out.getType()) && places.placeOf(out).root == to) chain.output = out;
    if (!chain.output || !isWhole(places, chain.output)) return false;
    return follow(function, places, to, maker, chain.output, chain);
  }

  std::optional<bool> follow(func::FuncOp function, MemoryPlaces &places, BlockArgument to, kern::RunOp maker,
                             Value version, Chain &chain) {
    std::optional<Pairs> pairs = pairsOf(maker);
    if (!pairs) return std::nullopt;
    for (auto [in, out] : *pairs) {
      if (maker.getOuts()[out] != version) continue;
      Value before = maker.getIns()[in], root = places.placeOf(before).root;
      if (!isWhole(places, before) || before.getType() != version.getType()) continue;
      auto reads = [&](Value value) { return isa<MemRefType>(value.getType()) && places.placeOf(value).root == root; };
      std::optional<Uses> uses = usesOf(places, function.getBody().front(), root);
      if (llvm::count_if(maker.getIns(), reads) != 1 || !uses || maker->isBeforeInBlock(uses->lastReader)) continue;
      if (auto argument = dyn_cast<BlockArgument>(root)) {
        if (!uses->writers.empty() || argument == to || argument.getType() != to.getType() ||
            shapeOf(function, argument) != shapeOf(function, to))
          continue;
        chain.from = argument;
        return true;
      }
      auto alloc = root.getDefiningOp<memref::AllocOp>();
      if (!alloc || before != root || uses->writers.size() != 1 || !uses->writers[0]->isBeforeInBlock(maker) ||
          !isThere(chain.output, alloc))
        continue;
      chain.versions.push_back(alloc);
      std::optional<bool> holds = follow(function, places, to, uses->writers[0], before, chain);
      if (!holds || *holds) return holds;
      chain.versions.pop_back();
    }
    return false;
  }

  /// Every element of its root, as the root's own type or a view of the same elements.
  static bool isWhole(MemoryPlaces &places, Value buffer) {
    MemoryPlace place = places.placeOf(buffer);
    if (!place.isKnown || !place.begin.is(0)) return false;
    if (buffer == place.root || isa<BlockArgument>(place.root)) return true;
    return place.isSame(places.placeOf(place.root));
  }
  static bool isThere(Value value, Operation *at) {
    Operation *maker = value.getDefiningOp();
    return !maker || maker->isBeforeInBlock(at);
  }
  static Attribute shapeOf(func::FuncOp function, BlockArgument argument) {
    return function.getArgAttr(argument.getArgNumber(), lower::shapeAttr);
  }

  // ---- `if`: what both branches allow

  std::optional<Pairs> findOfControl(func::FuncOp function) {
    for (Operation &op : function.getBody().front())
      if (auto said = op.getAttrOfType<DenseI64ArrayAttr>(lower::carriesAttr))
        return findOfLoop(function, dyn_cast<scf::ForOp>(op), said[0], said[1]);
    SmallVector<scf::IfOp> branches(function.getOps<scf::IfOp>());
    if (branches.size() != 1 || !function.getOps<scf::ForOp>().empty() || !function.getOps<scf::WhileOp>().empty() ||
        branches[0].getElseRegion().empty())
      return Pairs();
    std::optional<Pairs> both;
    for (Region *region : {&branches[0].getThenRegion(), &branches[0].getElseRegion()}) {
      SmallVector<kern::RunOp> runs(region->getOps<kern::RunOp>());
      if (runs.size() != 1) return Pairs();
      std::optional<Pairs> pairs = pairsOf(runs[0]);
      if (!pairs) continue; // it may allow all that the other does
      Pairs own;
      for (auto [in, out] : *pairs) {
        Value given = runs[0].getIns()[in];
        auto from = dyn_cast<BlockArgument>(given), to = dyn_cast<BlockArgument>(runs[0].getOuts()[out]);
        if (!from || !to || llvm::count(runs[0].getIns(), given) != 1 || from.getType() != to.getType() ||
            shapeOf(function, from) != shapeOf(function, to))
          continue;
        own.push_back({from.getArgNumber(), to.getArgNumber()});
      }
      if (both)
        llvm::erase_if(*both, [&](auto pair) { return !llvm::is_contained(own, pair); });
      else
        both = own;
    }
    return both;
  }

  /// What carry_in_place.cpp will do with a scan: a carry whose turn works in place has one buffer, the output.
  std::optional<Pairs> findOfLoop(func::FuncOp function, scf::ForOp loop, unsigned carries, unsigned firstOutput) {
    if (!loop) return Pairs();
    kern::RunOp turn;
    loop.walk([&](kern::RunOp run) { turn = run; });
    std::optional<Pairs> inside = pairsOf(turn);
    if (!inside) return std::nullopt;
    Pairs pairs;
    for (unsigned carry = 0; carry < carries; ++carry) {
      Value read = loop.getRegionIterArg(carry);
      auto from = dyn_cast<BlockArgument>(loop.getInitArgs()[carry]);
      BlockArgument to = function.getArgument(firstOutput + carry);
      bool works = llvm::any_of(*inside, [&](auto pair) {
        return turn.getIns()[pair.first] == read &&
               turn.getOuts()[pair.second] == loop.getRegionIterArg(carries + carry);
      });
      if (!works || !from || llvm::count(turn.getIns(), read) != 1 || from.getType() != to.getType() ||
          shapeOf(function, from) != shapeOf(function, to))
        continue;
      auto isOfCarry = [&](Operation *user) { // the loop, and what copies it where no turn comes
        return user == loop || (!loop->isAncestor(user) && isa<kern::RunOp>(user) &&
                                llvm::is_contained(cast<kern::RunOp>(user).getOuts(), to));
      };
      if (llvm::all_of(from.getUsers(), isOfCarry)) pairs.push_back({from.getArgNumber(), to.getArgNumber()});
    }
    return pairs;
  }

  SmallVector<func::FuncOp> functions; // of the circle, then those that they call
  size_t members;
  llvm::MapVector<Operation *, Pairs> known;
};
} // namespace

void lower::placeVersions(ArrayRef<func::FuncOp> circle) { Versions(circle).run(); }

void lower::guardCopies(ArrayRef<func::FuncOp> circle) {
  SmallVector<func::FuncOp> functions(circle);
  for (func::FuncOp member : circle)
    member.walk([&](kern::RunOp run) {
      func::FuncOp callee = calledFunction(run);
      if (callee && !callee->hasAttr(controlAttr) && !llvm::is_contained(functions, callee))
        functions.push_back(callee);
    });
  for (func::FuncOp function : functions)
    for (auto run : llvm::make_early_inc_range(function.getOps<kern::RunOp>())) {
      if (calledFunction(run) || !isCopy(run)) continue;
      auto from = dyn_cast<BlockArgument>(run.getIns()[0]), to = dyn_cast<BlockArgument>(run.getOuts()[0]);
      auto said = to ? function.getArgAttrOfType<IntegerAttr>(to.getArgNumber(), inplaceAttr) : IntegerAttr();
      if (!from || !said || said.getInt() != from.getArgNumber()) continue;
      ImplicitLocOpBuilder b(run.getLoc(), run);
      Value here = b.create<memref::ExtractAlignedPointerAsIndexOp>(from);
      Value there = b.create<memref::ExtractAlignedPointerAsIndexOp>(to);
      auto elsewhere = b.create<scf::IfOp>(b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, here, there), false);
      run->moveBefore(elsewhere.thenBlock()->getTerminator());
    }
}
