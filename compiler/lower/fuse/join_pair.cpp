// join_pair.h.
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/fuse/body_size.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

bool graphc::lower::isOverItsElements(linalg::GenericOp op) {
  if (op.getNumReductionLoops() || !op.hasPureTensorSemantics()) return false;
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).isIdentity() && !op.payloadUsesValueFromOperand(&init);
  });
}

bool graphc::lower::canJoin(linalg::GenericOp producer, linalg::GenericOp reader) {
  if (producer.getNumLoops() != reader.getNumLoops() || !staySmall(producer, reader)) return false;
  return llvm::all_of(reader->getOpOperands(), [&](OpOperand &operand) {
    return operand.get().getDefiningOp() != producer ||
           (reader.isDpsInput(&operand) && reader.getMatchingIndexingMap(&operand).isIdentity());
  });
}

size_t graphc::lower::JoinedInputs::positionOf(Value value, AffineMap map) {
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] == value && maps[i] == map) return i;
  values.push_back(value);
  maps.push_back(map);
  return values.size() - 1;
}

linalg::GenericOp graphc::lower::joinPair(RewriterBase &rewriter, linalg::GenericOp producer,
                                          linalg::GenericOp reader) {
  JoinedInputs inputs;
  SmallVector<std::pair<BlockArgument, size_t>> arguments; // of the old bodies, and the inputs that they are
  SmallVector<std::pair<BlockArgument, OpResult>> between; // what the reader reads of the producer
  for (linalg::GenericOp op : {producer, reader})
    for (OpOperand *in : op.getDpsInputOperands()) {
      BlockArgument argument = op.getMatchingBlockArgument(in);
      if (op == reader && in->get().getDefiningOp() == producer)
        between.push_back({argument, cast<OpResult>(in->get())});
      else
        arguments.push_back({argument, inputs.positionOf(in->get(), op.getMatchingIndexingMap(in))});
    }
  SmallVector<OpResult> results;
  for (OpResult result : producer->getResults())
    if (llvm::any_of(result.getUsers(), [&](Operation *user) { return user != reader; })) results.push_back(result);
  llvm::append_range(results, reader->getResults());
  SmallVector<Value> inits;
  SmallVector<AffineMap> maps(inputs.maps);
  for (OpResult result : results) {
    auto op = cast<linalg::GenericOp>(result.getOwner());
    OpOperand *init = op.getDpsInitOperand(result.getResultNumber());
    inits.push_back(init->get());
    maps.push_back(op.getMatchingIndexingMap(init));
  }
  rewriter.setInsertionPoint(reader);
  auto made = rewriter.create<linalg::GenericOp>(
      rewriter.getFusedLoc({producer.getLoc(), reader.getLoc()}), ValueRange(inits).getTypes(), inputs.values, inits,
      maps, reader.getIteratorTypesArray(), [&](OpBuilder &b, Location location, ValueRange scalars) {
        IRMapping map;
        auto made = [&](OpResult result) {
          return map.lookupOrDefault(cast<linalg::GenericOp>(result.getOwner())
                                         .getBody()
                                         ->getTerminator()
                                         ->getOperand(result.getResultNumber()));
        };
        for (auto [old, input] : arguments) map.map(old, scalars[input]);
        for (Operation &op : producer.getBody()->without_terminator()) b.clone(op, map);
        for (auto [old, result] : between) map.map(old, made(result));
        for (Operation &op : reader.getBody()->without_terminator()) b.clone(op, map);
        b.create<linalg::YieldOp>(location, llvm::map_to_vector(results, made));
      });
  for (auto [old, result] : llvm::zip_equal(results, made->getResults())) rewriter.replaceAllUsesWith(old, result);
  rewriter.eraseOp(reader);
  rewriter.eraseOp(producer);
  return made;
}
