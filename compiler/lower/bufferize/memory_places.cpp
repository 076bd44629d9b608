// memory_places.h.
#include "compiler/lower/bufferize/memory_places.h"
#include "compiler/lower/entries.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using graphc::graph::Dim;

namespace graphc::lower {

static int64_t elementBytes(Value buffer) {
  return int64_t(llvm::divideCeil(cast<MemRefType>(buffer.getType()).getElementTypeBitWidth(), 8));
}

bool MemoryPlace::meets(const MemoryPlace &other) const {
  if (root != other.root) return false;
  if (!isKnown || !other.isKnown) return true;
  return !((other.begin - end).low() >= 0 || (begin - other.end).low() >= 0);
}

std::optional<Dim> MemoryPlaces::countOf(Value buffer) const {
  std::optional<graph::Shape> shape = sizes.shapeOf(buffer);
  if (!shape) return std::nullopt;
  return productOf(*shape);
}

MemoryPlace MemoryPlaces::placeOf(Value buffer) const {
  MemoryPlace place;
  std::optional<Dim> count = countOf(buffer);
  int64_t bytes = elementBytes(buffer);
  bool inBytes = false; // behind a view of bytes
  Dim offset = 0;       // bytes
  for (Value at = buffer;;) {
    Operation *op = at.getDefiningOp();
    auto viewed = dyn_cast_or_null<ViewLikeOpInterface>(op);
    if (!viewed) {
      place.root = at;
      if (!place.base) place.base = at;
      break;
    }
    if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op)) {
      OpFoldResult first = cast.getMixedOffsets().front();
      std::optional<int64_t> number = getConstantIntValue(first);
      std::optional<Dim> dim = number ? std::optional<Dim>(*number) : sizes.sizeOf(llvm::cast<Value>(first));
      auto source = llvm::cast<MemRefType>(cast.getSource().getType());
      // A cast counts from where its source's memory begins.
      place.isKnown &= dim && source.getLayout().isIdentity();
      if (dim && !inBytes) {
        place.inBase = place.inBase + *dim;
        offset = offset + *dim * Dim(bytes);
      }
    } else if (auto view = dyn_cast<memref::ViewOp>(op)) {
      if (!place.base) place.base = at;
      inBytes = true;
      std::optional<Dim> shift = sizes.sizeOf(view.getByteShift());
      place.isKnown &= shift.has_value();
      if (shift) offset = offset + *shift;
    } else {
      place.isKnown &= isa<memref::CollapseShapeOp, memref::ExpandShapeOp, memref::CastOp>(op) &&
                       llvm::cast<MemRefType>(at.getType()).getLayout().isIdentity();
    }
    at = viewed.getViewSource();
  }
  place.isKnown &= count.has_value();
  place.begin = offset;
  place.end = count ? offset + *count * Dim(bytes) : offset;
  return place;
}

MemoryPlace MemoryPlaces::part(const MemoryPlace &whole, const Dim &first, const Dim &count) const {
  MemoryPlace place = whole;
  int64_t bytes = elementBytes(whole.base);
  place.inBase = whole.inBase + first;
  place.begin = whole.begin + first * Dim(bytes);
  place.end = place.begin + count * Dim(bytes);
  return place;
}

bool MemoryPlaces::forEachAccess(Operation *op, llvm::function_ref<void(OpOperand &, bool)> use) const {
  if (isa<ViewLikeOpInterface, memref::AllocOp>(op) || (isMemoryEffectFree(op) && !op->getNumRegions())) return true;
  if (op->hasTrait<OpTrait::IsTerminator>()) return true;
  auto isBuffer = [](OpOperand &operand) { return isa<MemRefType>(operand.get().getType()); };
  if (auto run = dyn_cast<kern::RunOp>(op)) {
    bool touchesState = run->hasAttr(kern::touchesStateAttr);
    for (OpOperand &in : run.getInsMutable())
      if (isBuffer(in)) use(in, touchesState && calledFunction(run)); // the params are among them
    for (OpOperand &out : run.getOutsMutable())
      if (isBuffer(out)) use(out, true);
    return true;
  }
  if (op->getNumRegions()) return false;
  bool reads = isa<memref::LoadOp>(op);
  for (OpOperand &operand : op->getOpOperands())
    if (isBuffer(operand)) use(operand, !reads);
  return true;
}

bool MemoryPlaces::isMet(Operation *from, Operation *to, bool inclusive, const MemoryPlace &place, bool reads,
                         llvm::function_ref<bool(OpOperand &)> except) const {
  for (Operation *op = from->getNextNode(); op; op = op->getNextNode()) {
    if (op == to && !inclusive) return false;
    bool met = false;
    bool known = forEachAccess(op, [&](OpOperand &operand, bool writes) {
      if ((writes || reads) && !except(operand) && placeOf(operand.get()).meets(place)) met = true;
    });
    if (met || !known) return true;
    if (op == to) return false;
  }
  return true; // `to` does not come behind `from`
}

bool MemoryPlaces::usesOf(Value buffer, SmallVectorImpl<Use> &uses) const {
  SmallVector<std::pair<Value, Dim>> open{{buffer, Dim(0)}};
  while (!open.empty()) {
    auto [at, first] = open.pop_back_val();
    for (OpOperand &use : at.getUses()) {
      Operation *user = use.getOwner();
      if (isa<kern::RunOp>(user)) {
        uses.push_back({&use, first});
      } else if (isa<memref::CollapseShapeOp, memref::ExpandShapeOp, memref::CastOp, memref::ReinterpretCastOp>(user)) {
        MemoryPlace place = placeOf(user->getResult(0));
        if (!place.isKnown || place.base != buffer) return false;
        open.push_back({user->getResult(0), place.inBase});
      } else {
        return false;
      }
    }
  }
  return true;
}

Value MemoryPlaces::view(OpBuilder &b, const MemoryPlace &place, const Dim &first, const Dim &count) {
  Dim offset = place.inBase + first;
  auto layout = StridedLayoutAttr::get(b.getContext(), offset.staticValue(), {1});
  Type element = cast<MemRefType>(place.base.getType()).getElementType();
  auto type = MemRefType::get({count.staticValue()}, element, offset.is(0) ? MemRefLayoutAttrInterface() : layout);
  return b.create<memref::ReinterpretCastOp>(place.base.getLoc(), type, place.base, sizes.value(offset),
                                             SmallVector<OpFoldResult>{sizes.value(count)},
                                             SmallVector<OpFoldResult>{b.getIndexAttr(1)});
}

} // namespace graphc::lower
