// What reads a product's rows in parts, as a cell reads its gates, becomes the product's epilogue: a register tile
// takes the same columns of every part, so that it holds all that an element of the result needs, and the row of parts
// never lies in memory. Elementwise work between the two (the bias, the input's share) is repeated for each part, whose
// elements differ, so nothing is computed twice. After elementwise ops were joined: only then one op reads all parts.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/fuse/loop_dims.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer, lower::isReshape;

/// True if nothing else reads the value, through reshapes or not.
static bool isReadBy(Value value, Operation *reader) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return user == reader || (isReshape(user) && isReadBy(user->getResult(0), reader));
  });
}

/// The part that an operand of the reader is, where its map is the identity but for `dim * parts + part` in front of
/// the last dim.
static std::optional<lower::OperandDims> partInFrontOfLast(linalg::GenericOp reader, OpOperand *in,
                                                           const graph::Shape &loops) {
  AffineMap map = reader.getMatchingIndexingMap(in);
  unsigned rank = reader.getNumLoops();
  auto dims = lower::operandDims(map, loops);
  if (!dims || dims->isWhole() || rank < 2 || map.getNumResults() != rank) return std::nullopt;
  for (unsigned dim = 0; dim < rank; ++dim)
    if ((dim == rank - 2) == (map.getResult(dim) == getAffineDimExpr(dim, map.getContext()))) return std::nullopt;
  return map.getResult(rank - 2).isFunctionOfDim(rank - 2) ? dims : std::nullopt;
}

namespace {
/// The reader with the op between it and the product taken in, once per part.
class Merge {
public:
  Merge(OpBuilder &b, linalg::GenericOp between, linalg::GenericOp reader, const graph::Shape &loops)
      : b(b), between(between), reader(reader), loops(loops) {}

  /// Null if an operand of `between` cannot be read in parts.
  linalg::GenericOp run() {
    if (!between.getBody()->getOps<linalg::IndexOp>().empty()) return nullptr;
    SmallVector<std::pair<OpOperand *, SmallVector<size_t>>> taken; // an operand of the reader, its inputs here
    for (OpOperand *in : reader.getDpsInputOperands()) {
      SmallVector<size_t> &of = taken.emplace_back(in, SmallVector<size_t>()).second;
      if (lower::stripReshapes(in->get()).getDefiningOp() != between) {
        of.push_back(inputs.positionOf(in->get(), reader.getMatchingIndexingMap(in)));
        continue;
      }
      auto part = partInFrontOfLast(reader, in, loops);
      if (!part) return nullptr;
      for (OpOperand *inner : between.getDpsInputOperands()) {
        std::optional<size_t> at = inputInParts(in, inner, *part);
        if (!at) return nullptr;
        of.push_back(*at);
      }
    }
    SmallVector<AffineMap> all(inputs.maps);
    for (OpOperand &init : reader.getDpsInitsMutable()) all.push_back(reader.getMatchingIndexingMap(&init));
    return b.create<linalg::GenericOp>(
        reader.getLoc(), reader->getResultTypes(), inputs.values, reader.getOutputs(), all,
        reader.getIteratorTypesArray(), [&](OpBuilder &inside, Location, ValueRange arguments) {
          IRMapping map;
          for (auto &[in, of] : taken) {
            Value read = reader.getMatchingBlockArgument(in);
            if (lower::stripReshapes(in->get()).getDefiningOp() != between) {
              map.map(read, arguments[of.front()]);
              continue;
            }
            IRMapping ofPart;
            for (auto [inner, at] : llvm::zip(between.getDpsInputOperands(), of))
              ofPart.map(between.getMatchingBlockArgument(inner), arguments[at]);
            for (Operation &op : between.getBody()->without_terminator()) inside.clone(op, ofPart);
            map.map(read, ofPart.lookupOrDefault(between.getBody()->getTerminator()->getOperand(0)));
          }
          for (Operation &op : *reader.getBody()) inside.clone(op, map);
        });
  }

private:
  /// What `between` reads at the elements of this part of its result.
  std::optional<size_t> inputInParts(OpOperand *in, OpOperand *inner, const lower::OperandDims &part) {
    AffineMap map = between.getMatchingIndexingMap(inner);
    unsigned rank = reader.getNumLoops(), last = rank - 1;
    if (between.getNumLoops() != rank) return std::nullopt;
    if (!map.isFunctionOfDim(last)) return inputs.positionOf(inner->get(), map); // the same in all parts
    if (map.isIdentity()) return inputs.positionOf(asSeen(inner->get(), in->get()), reader.getMatchingIndexingMap(in));
    auto type = cast<RankedTensorType>(inner->get().getType());
    if (map.getNumResults() != 1 || map.getResult(0) != b.getAffineDimExpr(last) || type.isDynamicDim(0))
      return std::nullopt;
    auto inParts = RankedTensorType::get({part.parts, type.getDimSize(0) / part.parts}, type.getElementType());
    SmallVector<AffineExpr> results{b.getAffineConstantExpr(part.part), b.getAffineDimExpr(last)};
    return inputs.positionOf(reshaped(inner->get(), inParts), AffineMap::get(rank, 0, results, b.getContext()));
  }

  /// `value`, of the shape of what `between` makes, through the reshapes that end at `seen`.
  Value asSeen(Value value, Value seen) {
    Operation *reshape = seen.getDefiningOp();
    if (reshape == between) return value;
    Value source = asSeen(value, reshape->getOperand(0));
    IRMapping map;
    map.map(reshape->getOperand(0), source);
    Operation *made = b.clone(*reshape, map);
    auto type = cast<RankedTensorType>(made->getResult(0).getType());
    made->getResult(0).setType(type.clone(getElementTypeOrSelf(value.getType())));
    return made->getResult(0);
  }

  Value reshaped(Value row, RankedTensorType type) {
    Value &made = rows[row];
    if (!made) {
      SmallVector<ReassociationIndices> joined{{0, 1}};
      made = b.create<tensor::ExpandShapeOp>(row.getLoc(), type, row, joined);
    }
    return made;
  }

  OpBuilder &b;
  linalg::GenericOp between, reader;
  const graph::Shape &loops;
  lower::JoinedInputs inputs;
  DenseMap<Value, Value> rows;
};
} // namespace

static void eraseReshapes(Value value) {
  for (Operation *user : llvm::make_early_inc_range(value.getUsers())) {
    if (!isReshape(user)) continue;
    eraseReshapes(user->getResult(0));
    if (user->use_empty()) user->erase();
  }
}

void GroupFormer::takeParts(linalg::GenericOp reader) {
  constexpr unsigned mostResults = 4; // a pass of its own writes more of them faster, each as one run of memory
  if (reader->getNumResults() > mostResults) return;
  std::optional<graph::Shape> loops = sizes.loopSizes(reader);
  if (!loops) return;
  for (OpOperand *in : reader.getDpsInputOperands()) {
    Operation *maker = lower::stripReshapes(in->get()).getDefiningOp();
    if (!maker || !partInFrontOfLast(reader, in, *loops) || maker->getNumResults() != 1 ||
        makersOfPanels.contains(maker) || !isReadBy(maker->getResult(0), reader))
      continue;
    Operation *root = rootOf.lookup(maker);
    OpBuilder b(reader);
    linalg::GenericOp epilogue = reader;
    if (root)
      epilogue = Merge(b, cast<linalg::GenericOp>(maker), reader, *loops).run();
    else if (!epilogueOf.contains(maker))
      root = maker;
    if (!root || !epilogue) continue;
    bool fits = sizesForEpilogue(root, sizes) && partsOfEpilogue(root, epilogue, sizes);
    if (epilogue == reader) {
      if (!fits) continue;
    } else if (!fits) {
      epilogue->erase();
      continue;
    } else {
      reader->replaceAllUsesWith(epilogue);
      reader->erase();
      rootOf.erase(maker);
      eraseReshapes(maker->getResult(0));
      maker->erase();
    }
    epilogueOf[root] = epilogue;
    rootOf[epilogue] = root;
    return;
  }
}

void GroupFormer::takeParts(Block &block) {
  for (linalg::GenericOp reader : llvm::to_vector(block.getOps<linalg::GenericOp>()))
    if (isAlone(reader)) takeParts(reader);
}
