// recursion_machine.h. First all members are cut into pieces, which decides what each frame holds; then the pieces are
// written. A frame: the piece to go on with and the frame to go on in (8 bytes each), the slots of the member (8 bytes
// each: an address, a size), then its buffers at the next multiple of the alignment.
#include "compiler/lower/bufferize/recursion_machine.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/lower.h"
#include "dialects/graph/recursion.h"
#include "dialects/kern/kern_dialect.h"
#include "graphc/types.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <map>

using namespace mlir;
using namespace graphc;
using graph::Dim;

namespace {

/// Straight-line code between two calls within the circle, and what comes behind it.
struct Piece {
  enum End { Goto, Branch, Head, Step, Call, Return };
  size_t member;
  SmallVector<Operation *> ops;
  End end = Return;
  unsigned next = 0, other = 0;                  // pieces: where to go on; of a branch that is not taken
  Value condition;                               // Branch
  scf::ForOp loop;                               // Head: goes on while there are turns; Step: to the next turn
  kern::RunOp call;                              // Call
  SmallVector<std::pair<unsigned, Value>> saves; // slots that get values first
};

/// At least as large as both.
Dim larger(const Dim &a, const Dim &b) {
  std::optional<Dim> size = Dim::cover(a, b);
  return size ? *size : a + b;
}

/// The members' code as pieces: number 0 stands for the end of the machine.
class Cutter {
public:
  explicit Cutter(MutableArrayRef<lower::CycleMember> members) : members(members), slotCounts(members.size()) {
    for (auto [i, member] : llvm::enumerate(members)) numberOf[member.function] = i;
    for (lower::CycleMember &member : members) // each is called: the params block is the last of what goes in
      member.function.walk([&](kern::RunOp run) {
        if (auto called = callee(run)) {
          func::FuncOp function = members[*called].function;
          paramsArguments.insert(function.getArgument(run.getIns().size()));
        }
      });
    pieces.emplace_back();
    for (size_t i = 0; i < members.size(); ++i) cutMember(i);
    saveWhatOthersRead();
  }

  /// The member that the op calls, if it calls one.
  std::optional<size_t> callee(Operation *op) const {
    func::FuncOp function = isa<kern::RunOp>(op) ? lower::calledFunction(op) : func::FuncOp();
    auto it = numberOf.find(function);
    return function && it != numberOf.end() ? std::optional(it->second) : std::nullopt;
  }
  /// The member's arguments but for the area of the pieces.
  static ArrayRef<BlockArgument> arguments(func::FuncOp function) {
    return function.getBody().getArguments().drop_front();
  }
  /// How many of them are the call's own: the last are the arena and the status cell.
  static size_t ownArguments(func::FuncOp function) { return arguments(function).size() - 2; }

  /// In another piece than its own.
  static bool canRepeat(Operation *op) { return op->getNumRegions() == 0 && isMemoryEffectFree(op); }

  /// The params block is the same for all.
  bool isParams(Value argument) const { return paramsArguments.contains(argument); }

  MutableArrayRef<lower::CycleMember> members;
  std::vector<Piece> pieces;
  SmallVector<unsigned> firstPieces, slotCounts; // by member
  DenseMap<Value, unsigned> slotOf;
  bool understood = true;

private:
  DenseMap<Operation *, size_t> numberOf;
  DenseSet<Value> paramsArguments;
  size_t at = 0; // the member at work

  unsigned newPiece() {
    pieces.emplace_back().member = at;
    return pieces.size() - 1;
  }
  unsigned newSlot(Value value) { return slotOf[value] = slotCounts[at]++; }

  void cutMember(size_t i) {
    at = i;
    func::FuncOp function = members[i].function;
    for (BlockArgument argument : arguments(function).take_front(ownArguments(function)))
      if (!isParams(argument)) newSlot(argument);
    firstPieces.push_back(newPiece());
    cutBlock(function.getBody().front(), firstPieces.back());
  }

  /// Appends the block to the piece; gives the piece that its end belongs to.
  unsigned cutBlock(Block &block, unsigned current) {
    for (Operation &op : block.without_terminator()) {
      bool cuts = false;
      op.walk([&](Operation *inside) { cuts |= callee(inside).has_value(); });
      if (!cuts) {
        pieces[current].ops.push_back(&op);
      } else if (auto run = dyn_cast<kern::RunOp>(op)) {
        unsigned next = newPiece();
        pieces[current].end = Piece::Call;
        pieces[current].call = run;
        pieces[current].next = next;
        current = next;
      } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
        current = cutIf(branch, current);
      } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
        current = cutFor(loop, current);
      } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
        current = cutWhile(loop, current);
      } else {
        op.emitOpError("stands around a call in a circle");
        understood = false;
      }
    }
    return current;
  }

  void goTo(unsigned from, unsigned to, ArrayRef<unsigned> slots, ValueRange values) {
    pieces[from].end = Piece::Goto;
    pieces[from].next = to;
    for (auto [slot, value] : llvm::zip_equal(slots, values)) pieces[from].saves.push_back({slot, value});
  }
  SmallVector<unsigned> newSlots(ValueRange values) {
    SmallVector<unsigned> slots;
    for (Value value : values) slots.push_back(newSlot(value));
    return slots;
  }
  void share(ValueRange values, ArrayRef<unsigned> slots) {
    for (auto [value, slot] : llvm::zip_equal(values, slots)) slotOf[value] = slot;
  }

  /// What other pieces cannot compute again: what is loaded (the number of turns that came), results of control flow.
  void saveWhatOthersRead() {
    DenseMap<Operation *, unsigned> pieceOf;
    for (auto [i, piece] : llvm::enumerate(pieces))
      for (Operation *op : piece.ops) pieceOf[op] = i;
    for (unsigned i = 1; i < pieces.size(); ++i) {
      at = pieces[i].member;
      SmallVector<Value> open = readBy(pieces[i]);
      DenseSet<Value> seen;
      while (!open.empty()) {
        Value value = open.pop_back_val();
        Operation *op = value.getDefiningOp();
        auto home = pieceOf.find(op);
        if (home == pieceOf.end() || slotOf.contains(value) || !seen.insert(value).second) continue;
        if (canRepeat(op))
          addOperands(op, open);
        else if (home->second != i)
          pieces[home->second].saves.push_back({newSlot(value), value});
      }
    }
  }
  static void addOperands(Operation *op, SmallVectorImpl<Value> &all) {
    op->walk([&](Operation *inside) { llvm::append_range(all, inside->getOperands()); });
  }
  SmallVector<Value> readBy(Piece &piece) {
    SmallVector<Value> read;
    for (Operation *op : piece.ops)
      if (!canRepeat(op)) addOperands(op, read);
    for (auto [slot, value] : piece.saves) read.push_back(value);
    if (piece.condition) read.push_back(piece.condition);
    if (piece.loop) read.append({piece.loop.getUpperBound(), piece.loop.getStep()});
    if (!piece.call) return read;
    llvm::append_range(read, piece.call->getOperands());
    read.push_back(members[piece.member].frameEnd);
    return read;
  }

  unsigned cutIf(scf::IfOp op, unsigned current) {
    unsigned yes = newPiece(), no = newPiece(), after = newPiece();
    SmallVector<unsigned> results = newSlots(op.getResults());
    pieces[current].end = Piece::Branch;
    pieces[current].condition = op.getCondition();
    pieces[current].next = yes;
    pieces[current].other = no;
    goTo(cutBlock(*op.thenBlock(), yes), after, results, op.thenYield().getResults());
    if (op.elseBlock())
      goTo(cutBlock(*op.elseBlock(), no), after, results, op.elseYield().getResults());
    else
      goTo(no, after, {}, {});
    return after;
  }

  unsigned cutFor(scf::ForOp op, unsigned current) {
    unsigned head = newPiece(), body = newPiece(), after = newPiece();
    unsigned turn = newSlot(op.getInductionVar());
    SmallVector<unsigned> carried = newSlots(op.getRegionIterArgs());
    share(op.getResults(), carried);
    goTo(current, head, carried, op.getInitArgs());
    pieces[current].saves.push_back({turn, op.getLowerBound()});
    pieces[head].end = Piece::Head;
    pieces[head].loop = op;
    pieces[head].next = body;
    pieces[head].other = after;
    unsigned last = cutBlock(*op.getBody(), body);
    goTo(last, head, carried, op.getYieldedValues());
    pieces[last].end = Piece::Step;
    pieces[last].loop = op;
    return after;
  }

  unsigned cutWhile(scf::WhileOp op, unsigned current) {
    unsigned before = newPiece(), body = newPiece(), after = newPiece();
    SmallVector<unsigned> first = newSlots(op.getBeforeArguments()), second = newSlots(op.getAfterArguments());
    share(op.getResults(), second);
    goTo(current, before, first, op.getInits());
    unsigned decides = cutBlock(*op.getBeforeBody(), before);
    goTo(decides, body, second, op.getConditionOp().getArgs());
    pieces[decides].end = Piece::Branch;
    pieces[decides].condition = op.getConditionOp().getCondition();
    pieces[decides].other = after;
    goTo(cutBlock(*op.getAfterBody(), body), before, first, op.getYieldOp().getResults());
    return after;
  }
};

class Machine {
public:
  Machine(MutableArrayRef<lower::CycleMember> members, support::LibraryDescription &library)
      : members(members), library(library), cutter(members), module(members[0].function->getParentOfType<ModuleOp>()) {}

  LogicalResult build() {
    if (!cutter.understood || failed(planStack())) return failure();
    create();
    for (auto [i, piece] : llvm::enumerate(cutter.pieces))
      if (i > 0 && failed(write(piece, switchOp.getCaseRegions()[i - 1]))) return failure();
    DenseSet<Operation *> inside, called;
    for (const lower::CycleMember &member : members) inside.insert(member.function);
    module.walk([&](kern::RunOp run) {
      if (cutter.callee(run) && !inside.contains(run->getParentOfType<func::FuncOp>()))
        called.insert(lower::calledFunction(run));
    });
    for (size_t i = 0; i < members.size(); ++i) {
      func::FuncOp function = members[i].function;
      if (called.contains(function))
        writeStart(i);
      else
        function.erase();
    }
    return success();
  }

private:
  MutableArrayRef<lower::CycleMember> members;
  support::LibraryDescription &library;
  Cutter cutter;
  ModuleOp module;
  func::FuncOp machine;
  scf::IndexSwitchOp switchOp;
  Value params, arena, status, frame, depth;          // of the machine, and of its turn
  Value area;                                         // of the pieces
  Dim pieceBytes, total;                              // of that; of all
  SmallVector<size_t> counters;                       // members
  std::map<std::pair<size_t, int>, int64_t> statuses; // of limits, by member and code

  /// In front of the area of the pieces: how many calls there were of each member that leaves rows on a tape.
  uint64_t counterBytes() const { return lower::alignBytes(8 * counters.size()); }
  std::optional<uint64_t> counterOf(size_t member) const {
    auto found = llvm::find(counters, member);
    return found == counters.end() ? std::nullopt : std::optional<uint64_t>(8 * (found - counters.begin()));
  }
  int64_t mostCalls(size_t member) const {
    return members[member].function->getAttrOfType<IntegerAttr>(graph::tapeCallsAttr).getInt();
  }

  uint64_t headerBytes(size_t member) const { return lower::alignBytes(16 + 8 * cutter.slotCounts[member]); }
  bool counts(size_t member) const { return graph::isRecursive(members[member].function); }
  int64_t mostDepth(size_t member) const {
    return members[member].function->getAttrOfType<IntegerAttr>(graph::maxDepthAttr).getInt();
  }

  // ---- how large the stack is

  /// A call that counts, and the frames of regions up to the next that does.
  LogicalResult planStack() {
    SmallVector<SmallVector<size_t>> calls(members.size());
    for (const Piece &piece : cutter.pieces)
      if (piece.end == Piece::Call) calls[piece.member].push_back(*cutter.callee(piece.call));
    std::vector<std::optional<Dim>> height(members.size());
    SmallVector<bool> open(members.size());
    Dim level; // of depth
    int64_t deepest = 0;
    for (size_t root = 0; root < members.size(); ++root) {
      SmallVector<size_t> stack{root};
      while (!stack.empty()) {
        size_t member = stack.back();
        Dim above;
        bool waits = false;
        for (size_t callee : calls[member]) {
          if (counts(callee)) continue;
          if (!height[callee] && open[member])
            return members[member].function.emitOpError("is in a circle of calls without a function that counts them");
          if (!height[callee]) stack.push_back(callee);
          waits |= !height[callee];
          if (height[callee]) above = larger(above, *height[callee]);
        }
        open[member] = waits;
        if (waits) continue;
        height[member] = Dim(int64_t(headerBytes(member))) + members[member].frameBytes + above;
        stack.pop_back();
      }
    }
    for (size_t i = 0; i < members.size(); ++i) {
      if (members[i].function->hasAttr(graph::tapeCallsAttr)) counters.push_back(i);
      pieceBytes = larger(pieceBytes, members[i].pieceBytes);
      if (!counts(i)) continue;
      level = larger(level, *height[i]);
      deepest = std::max(deepest, mostDepth(i));
    }
    total = Dim(int64_t(counterBytes())) + pieceBytes + Dim(int64_t(lower::bufferAlignment)) + Dim(deepest) * level;
    if (uint64_t(total.high()) >> 40)
      return lower::sizeLimitError(members[0].function, "the frames of '" + nameOf(0) + "' at its max_depth of " +
                                                            std::to_string(deepest) +
                                                            " take more than any memory holds (limit 2^40 bytes)");
    return success();
  }

  std::string nameOf(size_t member) {
    auto name = members[member].function->getAttrOfType<StringAttr>(graph::recursionAttr);
    return (name ? name.getValue() : members[member].function.getSymName()).str();
  }

  /// The status of a call that passes a limit (graphc_body).
  int64_t limitStatus(size_t callee, int code, StringRef limit) {
    int64_t &known = statuses[{callee, code}];
    if (!known) {
      library.limits.push_back((" passed the limit of '" + nameOf(callee) + "': " + limit).str());
      known = code - 256 * int64_t(library.limits.size());
    }
    return known;
  }

  // ---- the machine

  void create() {
    func::FuncOp first = members[0].function;
    OpBuilder at(first);
    Type index = at.getIndexType();
    BlockArgument paramsArgument;
    for (BlockArgument argument : Cutter::arguments(first))
      if (cutter.isParams(argument)) paramsArgument = argument;
    auto flat = MemRefType::get(lower::flatElements, at.getI8Type());
    machine = at.create<func::FuncOp>(
        first.getLoc(), (first.getSymName() + ".recursion").str(),
        at.getFunctionType({index, index, paramsArgument.getType(), flat, graph::flatBuffer(at.getI32Type())}, {}));
    machine.setPrivate();
    machine->setAttr(lower::mayFailAttr, at.getUnitAttr());
    machine->setAttr("passthrough", at.getStrArrayAttr({"noinline", "nounwind"}));
    Block *body = machine.addEntryBlock();
    params = body->getArgument(2);
    arena = body->getArgument(3);
    status = body->getArgument(4);
    ImplicitLocOpBuilder b(first.getLoc(), OpBuilder::atBlockEnd(body));
    area = arena;
    if (!counters.empty())
      area = b.create<memref::ViewOp>(flat, arena, b.create<arith::ConstantIndexOp>(counterBytes()), ValueRange());
    Value zero = b.create<arith::ConstantIndexOp>(0), one = b.create<arith::ConstantIndexOp>(1);
    SmallVector<Type> types(3, index);
    SmallVector<Location> places(3, b.getLoc());
    auto loop = b.create<scf::WhileOp>(types, ValueRange{body->getArgument(0), body->getArgument(1), one});
    Block *before = b.createBlock(&loop.getBefore(), {}, types, places);
    Value goesOn = b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, before->getArgument(0), zero);
    b.create<scf::ConditionOp>(goesOn, before->getArguments());
    Block *turn = b.createBlock(&loop.getAfter(), {}, types, places);
    frame = turn->getArgument(1);
    depth = turn->getArgument(2);
    SmallVector<int64_t> numbers;
    for (size_t i = 1; i < cutter.pieces.size(); ++i) numbers.push_back(i);
    switchOp = b.create<scf::IndexSwitchOp>(types, turn->getArgument(0), numbers, numbers.size());
    b.create<scf::YieldOp>(switchOp.getResults());
    b.setInsertionPointToStart(&switchOp.getDefaultRegion().emplaceBlock());
    b.create<scf::YieldOp>(ValueRange{b.create<arith::ConstantIndexOp>(0), frame, depth});
    b.setInsertionPointAfter(loop);
    b.create<func::ReturnOp>();
  }

  /// Code of one piece: its values, and how they are come by.
  struct Code {
    Code(Machine &machine, ImplicitLocOpBuilder &b, size_t member) : machine(machine), b(b), member(member) {}
    Machine &machine;
    ImplicitLocOpBuilder &b;
    size_t member;
    IRMapping values;
    bool good = true;

    Value constant(int64_t value) { return b.create<arith::ConstantIndexOp>(value); }
    Value word(Value at, uint64_t offset) {
      Value place = b.create<arith::AddIOp>(at, constant(offset));
      return b.create<memref::ViewOp>(MemRefType::get({}, b.getIndexType()), machine.arena, place, ValueRange());
    }
    Value load(Value at, uint64_t offset) { return b.create<memref::LoadOp>(word(at, offset), ValueRange()); }
    void store(Value value, Value at, uint64_t offset) {
      b.create<memref::StoreOp>(value, word(at, offset), ValueRange());
    }

    /// As a slot holds it.
    Value asWord(Value value) {
      if (value.getType().isIndex()) return value;
      if (auto type = dyn_cast<MemRefType>(value.getType())) {
        if (type.getLayout().isIdentity()) return b.create<kern::AddressOfOp>(b.getIndexType(), value);
        auto part = value.getDefiningOp<memref::ReinterpretCastOp>(); // what begins inside a buffer (place-parts)
        if (part && cast<MemRefType>(part.getSource().getType()).getLayout().isIdentity()) {
          Value first = getValueOrCreateConstantIndexOp(b, b.getLoc(), part.getMixedOffsets().front());
          Value width = constant(llvm::divideCeil(type.getElementTypeBitWidth(), 8));
          return b.create<arith::AddIOp>(b.create<kern::AddressOfOp>(b.getIndexType(), part.getSource()),
                                         b.create<arith::MulIOp>(first, width));
        }
      }
      if (isa<IntegerType>(value.getType())) return b.create<arith::IndexCastUIOp>(b.getIndexType(), value);
      good = false;
      return constant(0);
    }
    Value fromWord(Value word, Type type) {
      if (type.isIndex()) return word;
      if (isa<MemRefType>(type)) return b.create<kern::BufferAtOp>(type, word);
      return b.create<arith::IndexCastUIOp>(type, word);
    }

    /// A value of the member here: from its slot, or computed again.
    Value value(Value of) {
      if (Value known = values.lookupOrNull(of)) return known;
      Value made = make(of);
      if (made) values.map(of, made);
      return values.lookupOrNull(of);
    }
    Value make(Value of) {
      if (auto slot = machine.cutter.slotOf.find(of); slot != machine.cutter.slotOf.end())
        return fromWord(load(machine.frame, 16 + 8 * slot->second), of.getType());
      func::FuncOp function = machine.members[member].function;
      if (auto argument = dyn_cast<BlockArgument>(of); argument && argument.getOwner() == &function.getBody().front()) {
        if (argument.getArgNumber() == 0) return machine.area;
        if (machine.cutter.isParams(argument)) return machine.params;
        if (argument.getArgNumber() + 1 == function.getBody().getNumArguments()) return machine.status;
        Value begin = b.create<arith::AddIOp>(machine.frame, constant(machine.headerBytes(member)));
        return b.create<memref::ViewOp>(cast<MemRefType>(of.getType()), machine.arena, begin, ValueRange());
      }
      Operation *op = of.getDefiningOp();
      if (!op || !Cutter::canRepeat(op)) {
        machine.members[member].function.emitOpError("keeps a value across a call in a circle that is in no frame");
        good = false;
        return b.create<UnrealizedConversionCastOp>(of.getType(), ValueRange()).getResult(0);
      }
      copy(op);
      return {};
    }
    void copy(Operation *op) {
      op->walk([&](Operation *inside) {
        for (Value operand : inside->getOperands())
          if (!op->isAncestor(operand.getParentRegion()->getParentOp())) (void)value(operand);
      });
      b.clone(*op, values);
    }
  };

  LogicalResult write(Piece &piece, Region &region) {
    ImplicitLocOpBuilder b(members[piece.member].function.getLoc(), OpBuilder::atBlockEnd(&region.emplaceBlock()));
    Code code(*this, b, piece.member);
    for (Operation *op : piece.ops)
      if (!Cutter::canRepeat(op)) code.copy(op);
    SmallVector<Value> saved;
    for (auto [slot, value] : piece.saves) saved.push_back(code.asWord(code.value(value))); // before any is written
    Value condition = piece.condition ? code.value(piece.condition) : Value(), turn;
    if (piece.loop) turn = code.value(piece.loop.getInductionVar());
    for (auto [save, word] : llvm::zip_equal(piece.saves, saved)) code.store(word, frame, 16 + 8 * save.first);
    Value next = code.constant(piece.next), inFrame = frame, atDepth = depth;
    switch (piece.end) {
    case Piece::Goto:
      break;
    case Piece::Head:
      condition = b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, turn, code.value(piece.loop.getUpperBound()));
      [[fallthrough]];
    case Piece::Branch:
      next = b.create<arith::SelectOp>(condition, next, code.constant(piece.other));
      break;
    case Piece::Step:
      turn = b.create<arith::AddIOp>(turn, code.value(piece.loop.getStep()));
      code.store(turn, frame, 16 + 8 * cutter.slotOf.lookup(piece.loop.getInductionVar()));
      break;
    case Piece::Return:
      next = code.load(frame, 0);
      inFrame = code.load(frame, 8);
      if (counts(piece.member)) atDepth = b.create<arith::SubIOp>(depth, code.constant(1));
      break;
    case Piece::Call:
      return writeCall(piece, code, b);
    }
    b.create<scf::YieldOp>(ValueRange{next, inFrame, atDepth});
    return success(code.good);
  }

  /// The callee's frame, unless something has failed or it would be too deep: then the machine ends, whatever is open.
  LogicalResult writeCall(Piece &piece, Code &code, ImplicitLocOpBuilder &b) {
    size_t callee = *cutter.callee(piece.call);
    func::FuncOp function = members[callee].function;
    Value zero = code.constant(0), none = b.create<arith::ConstantIntOp>(0, 32);
    Value said = b.create<memref::LoadOp>(status, zero);
    Value below = depth, before = said;
    auto limit = [&](Value number, int64_t most, int64_t passed) {
      Value fits = b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, number, code.constant(most));
      Value now = b.create<arith::SelectOp>(fits, none, b.create<arith::ConstantIntOp>(passed, 32));
      Value good = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, said, none);
      said = b.create<arith::SelectOp>(good, now, said); // the first mistake stays
    };
    if (counts(callee)) {
      limit(depth, mostDepth(callee), limitStatus(callee, GRAPHC_ERR_DEPTH, "max_depth"));
      below = b.create<arith::AddIOp>(depth, code.constant(1));
    }
    std::optional<uint64_t> counter = counterOf(callee);
    Value calls = counter ? code.load(zero, *counter) : Value();
    if (counter) limit(calls, mostCalls(callee), limitStatus(callee, GRAPHC_ERR_TAPE, "max_calls"));
    if (said != before) b.create<memref::StoreOp>(said, status, zero);
    Value goesOn = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, said, none);
    if (counter) code.store(b.create<arith::AddIOp>(calls, code.constant(1)), zero, *counter);
    Value end =
        b.create<arith::AddIOp>(code.value(members[piece.member].frameEnd), code.constant(headerBytes(piece.member)));
    Value there = b.create<arith::AddIOp>(frame, end);
    auto enters = b.create<scf::IfOp>(SmallVector<Type>(3, b.getIndexType()), goesOn, /*withElseRegion=*/true);
    b.create<scf::YieldOp>(enters.getResults());
    b.setInsertionPointToEnd(enters.thenBlock());
    IRMapping outside = code.values; // what is made in the branch stays there
    code.store(code.constant(piece.next), there, 0);
    code.store(frame, there, 8);
    kern::RunOp run = piece.call;
    for (auto [argument, operand] :
         llvm::zip(Cutter::arguments(function).take_front(Cutter::ownArguments(function)), run->getOperands()))
      if (auto slot = cutter.slotOf.find(argument); slot != cutter.slotOf.end())
        code.store(code.asWord(code.value(operand)), there, 16 + 8 * slot->second);
    b.create<scf::YieldOp>(ValueRange{code.constant(cutter.firstPieces[callee]), there, below});
    code.values = outside;
    b.setInsertionPointToEnd(enters.elseBlock());
    b.create<scf::YieldOp>(ValueRange{code.constant(0), frame, depth});
    return success(code.good);
  }

  // ---- how others call it

  /// The member without its code: makes the first frame and starts the machine.
  void writeStart(size_t member) {
    func::FuncOp function = members[member].function;
    Block &body = function.getBody().front();
    while (!body.empty()) {
      body.back().dropAllUses();
      body.back().erase();
    }
    ImplicitLocOpBuilder b(function.getLoc(), OpBuilder::atBlockEnd(&body));
    b.create<func::ReturnOp>();
    b.setInsertionPointToStart(&body);
    lower::TensorSizes sizes(function);
    Value bytes =
        getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes.value(pieceBytes + Dim(int64_t(counterBytes()))));
    b.setInsertionPoint(body.getTerminator());
    Value rest = b.create<arith::ConstantIndexOp>(lower::bufferAlignment - 1),
          mask = b.create<arith::ConstantIndexOp>(-int64_t(lower::bufferAlignment));
    Value start = b.create<arith::AndIOp>(b.create<arith::AddIOp>(bytes, rest), mask);
    Value outer = arena, own = body.getArgument(body.getNumArguments() - 2), zero = b.create<arith::ConstantIndexOp>(0);
    // What failed before has left nothing to begin with, and its status stays.
    Value good =
        b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, b.create<memref::LoadOp>(body.getArguments().back(), zero),
                                b.create<arith::ConstantIntOp>(0, 32));
    b.setInsertionPointToStart(b.create<scf::IfOp>(good, /*withElseRegion=*/false).thenBlock());
    arena = own; // where the words of the frame are written
    Code code(*this, b, member);
    for (size_t counted : counters) code.store(code.constant(counted == member), zero, *counterOf(counted));
    code.store(code.constant(0), start, 0);
    code.store(start, start, 8);
    Value paramsHere;
    for (BlockArgument argument : Cutter::arguments(function)) {
      if (cutter.isParams(argument)) paramsHere = argument;
      if (auto slot = cutter.slotOf.find(argument); slot != cutter.slotOf.end())
        code.store(code.asWord(argument), start, 16 + 8 * slot->second);
    }
    arena = outer;
    Value ins[] = {code.constant(cutter.firstPieces[member]), start, paramsHere},
          outs[] = {own, body.getArguments().back()};
    b.create<kern::RunOp>(FlatSymbolRefAttr::get(machine.getSymNameAttr()), ins, outs);
    body.eraseArgument(0);
    function->setAttr(lower::arenaBytesAttr, b.getI64IntegerAttr(total.high()));
    if (!total.isStatic()) function->setAttr(lower::arenaSizeAttr, graph::shapeAttr(function.getContext(), total));
  }
};
} // namespace

LogicalResult lower::buildRecursionMachine(MutableArrayRef<CycleMember> members, support::LibraryDescription &library) {
  return Machine(members, library).build();
}
