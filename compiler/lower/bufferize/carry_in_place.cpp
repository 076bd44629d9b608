// carry_in_place.h.
#include "compiler/lower/bufferize/carry_in_place.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace graphc;

namespace {
class InPlaceCarries {
public:
  InPlaceCarries(func::FuncOp function, Operation *loop, lower::KernelTable &table)
      : function(function), loop(loop), table(table), sizes(function), b(function.getLoc(), loop) {
    auto said = loop->getAttrOfType<DenseI64ArrayAttr>(lower::carriesAttr);
    carries = said[0];
    firstOutput = said[1];
  }

  void run() {
    Region &turn = loop->getRegions().back(); // of scf.while: behind the condition
    turn.walk([&](kern::RunOp run) { body = run; });
    isWhile = isa<scf::WhileOp>(loop);
    for (unsigned carry = 0; carry < carries; ++carry)
      if (worksInPlace(carry)) moveToOutput(carry);
    for (auto alloc : llvm::make_early_inc_range(function.getOps<memref::AllocOp>())) eraseDead(alloc);
  }

private:
  /// The loop's values: of scf.while the turn, then per carry what it reads, what it writes, what is written next.
  unsigned position(unsigned group, unsigned carry) const { return isWhile + group * carries + carry; }
  Value inTurn(unsigned at) {
    return isWhile ? loop->getRegion(1).getArgument(at) : cast<scf::ForOp>(loop).getRegionIterArg(at);
  }
  OpOperand &first(unsigned at) {
    return isWhile ? loop->getOpOperand(at) : cast<scf::ForOp>(loop).getInitArgsMutable()[at];
  }

  bool worksInPlace(unsigned carry) {
    Value read = inTurn(position(0, carry)), written = inTurn(position(1, carry));
    if (llvm::count(body.getIns(), read) != 1 || body.getOuts()[carry] != written) return false;
    return llvm::any_of(body.inplacePairs(),
                        [&](auto pair) { return body.getIns()[pair.first] == read && pair.second == carry; });
  }

  void moveToOutput(unsigned carry) {
    BlockArgument output = function.getArgument(firstOutput + carry);
    Value init = first(position(0, carry)).get();
    // Nothing copies to the output any more behind the loop.
    SmallVector<kern::RunOp> copies;
    for (Operation *op = loop->getNextNode(); op; op = op->getNextNode())
      op->walk([&](kern::RunOp run) {
        if (run.getOuts().size() == 1 && run.getOuts()[0] == output) copies.push_back(run);
      });
    for (kern::RunOp copy : copies) copy.erase();
    Value size = sizeOf(output);
    Value from = b.create<memref::ExtractAlignedPointerAsIndexOp>(init);
    Value to = b.create<memref::ExtractAlignedPointerAsIndexOp>(output);
    auto elsewhere = b.create<scf::IfOp>(b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, from, to), false);
    OpBuilder then = OpBuilder::atBlockBegin(elsewhere.thenBlock());
    then.create<kern::RunOp>(b.getLoc(), table.copyKernel(b.getLoc(), elementOf(output)), ValueRange{init, size},
                             ValueRange(output));
    for (unsigned group = 0; group < 3; ++group) first(position(group, carry)).set(output);
    bool onlyThere = llvm::all_of(
        init.getUsers(), [&](Operation *user) { return user == from.getDefiningOp() || elsewhere->isAncestor(user); });
    if (auto argument = dyn_cast<BlockArgument>(init); argument && onlyThere)
      function.setArgAttr(output.getArgNumber(), lower::inplaceAttr, b.getI64IntegerAttr(argument.getArgNumber()));
  }

  static Type elementOf(Value buffer) { return cast<MemRefType>(buffer.getType()).getElementType(); }

  /// The elements of an output, whose buffer is flat where dims decide them.
  Value sizeOf(BlockArgument output) {
    auto type = cast<MemRefType>(output.getType());
    graph::Shape shape(type.getShape().begin(), type.getShape().end());
    if (auto said = function.getArgAttrOfType<graph::ShapeAttr>(output.getArgNumber(), lower::shapeAttr))
      shape = graph::shapeOf(said);
    return getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes.value(lower::productOf(shape)));
  }

  static void eraseDead(memref::AllocOp alloc) {
    SmallVector<Operation *> unused{alloc};
    for (size_t i = 0; i < unused.size(); ++i)
      for (Operation *user : unused[i]->getUsers()) {
        if (!isa<memref::ReinterpretCastOp, arith::SelectOp>(user)) return;
        if (!llvm::is_contained(unused, user)) unused.push_back(user);
      }
    for (Operation *op : llvm::reverse(unused)) op->erase();
  }

  func::FuncOp function;
  Operation *loop;
  lower::KernelTable &table;
  lower::TensorSizes sizes;
  ImplicitLocOpBuilder b;
  kern::RunOp body;
  unsigned carries = 0, firstOutput = 0;
  bool isWhile = false;
};
} // namespace

void lower::carryInPlace(func::FuncOp function, KernelTable &table) {
  for (Operation &op : function.getBody().front())
    if (op.hasAttr(carriesAttr)) {
      InPlaceCarries(function, &op, table).run();
      op.removeAttr(carriesAttr);
      return;
    }
}
