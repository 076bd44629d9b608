// Operators that rearrange a tensor's elements without choosing among them. Target shapes are known at import.
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
namespace {

/// 0 keeps an axis (unless 'allowzero'), one -1 takes the rest.
void mapReshape(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> target = n.integersOf("shape", 1);
  if (!target) return n.failed() ? void() : void(n.error("G0202", "its shape is missing"));
  bool keepsZero = n.integer("allowzero", 0) == 0;
  int64_t open = -1, rest = 1;
  for (auto [i, size] : llvm::enumerate(*target)) {
    if (size == 0 && keepsZero) size = x.dim(static_cast<int64_t>(i));
    if (size == -1 && open < 0) {
      open = static_cast<int64_t>(i);
      continue;
    }
    if (size < 0 || __builtin_mul_overflow(rest, size, &rest)) {
      n.error("G0202", "its shape has a negative or too large size");
      return;
    }
  }
  if (open >= 0) (*target)[open] = rest ? checkedElements(x.shape()).value_or(0) / rest : 0;
  n.result(0, n.reshape(x, *target));
}

int64_t product(llvm::ArrayRef<int64_t> shape) { return checkedElements(shape).value_or(0); }

void mapFlatten(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t at = n.integer("axis", 1);
  if (at < 0) at += x.rank();
  if (at < 0 || at > x.rank()) {
    n.error("G2004", "attribute 'axis' is outside its input");
    return;
  }
  n.result(0, n.reshape(x, {product(x.shape().take_front(at)), product(x.shape().drop_front(at))}));
}

void mapSqueeze(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> written = n.integersOf("axes", 1);
  Ints drop, shape;
  if (written)
    drop = n.axes(*written, x.rank());
  else
    for (int64_t axis = 0; axis < x.rank(); ++axis)
      if (x.dim(axis) == 1) drop.push_back(axis);
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    if (!llvm::is_contained(drop, axis))
      shape.push_back(x.dim(axis));
    else if (x.dim(axis) != 1)
      n.error("G2004",
              "axis " + llvm::Twine(axis) + " has size " + llvm::Twine(x.dim(axis)) + " and cannot be squeezed");
  }
  n.result(0, n.reshape(x, shape));
}

void mapUnsqueeze(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> written = n.integersOf("axes", 1);
  if (!written) return n.failed() ? void() : void(n.error("G0202", "its axes are missing"));
  int64_t rank = x.rank() + static_cast<int64_t>(written->size()), next = 0;
  Ints added = n.axes(*written, rank), shape;
  if (n.failed()) return;
  for (int64_t axis = 0; axis < rank; ++axis) shape.push_back(llvm::is_contained(added, axis) ? 1 : x.dim(next++));
  n.result(0, n.reshape(x, shape));
}

void mapTranspose(NodeBuilder &n) {
  Value x = n.in(0);
  Ints perm = n.integers("perm");
  if (!n.hasAttribute("perm"))
    for (int64_t axis = x.rank(); axis-- > 0;) perm.push_back(axis);
  n.result(0, n.transpose(x, perm));
}

/// The given shape and the input's broadcast against each other.
void mapExpand(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> target = n.knownIntegers(n.in(1), "shape");
  if (!target) return;
  while (static_cast<int64_t>(target->size()) < x.rank()) target->insert(target->begin(), 1);
  int64_t shift = static_cast<int64_t>(target->size()) - x.rank();
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    if ((*target)[axis + shift] == 1) (*target)[axis + shift] = x.dim(axis);
  if (!checkedElements(*target)) {
    n.error("G0202", "its shape has a negative or too large size");
    return;
  }
  n.result(0, n.broadcast(x, *target));
}

void mapTile(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> repeats = n.knownIntegers(n.in(1), "repeats");
  if (repeats) n.result(0, n.op("tile", x, {{"repeats", *repeats}}));
}

/// [b, c, h, w] -> blocks of channels become rows and columns.
void mapDepthToSpace(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t size = n.requiredInteger("blocksize");
  std::string mode = n.text("mode", "DCR");
  if (x.rank() != 4 || size < 1 || size > 46340 || x.dim(1) % (size * size)) {
    n.error("G0202", "it needs 4 axes and a number of channels that 'blocksize' squared divides");
    return;
  }
  int64_t b = x.dim(0), c = x.dim(1) / (size * size), h = x.dim(2), w = x.dim(3);
  Value blocks = mode == "CRD" ? n.transpose(n.reshape(x, {b, c, size, size, h, w}), {0, 1, 4, 2, 5, 3})
                               : n.transpose(n.reshape(x, {b, size, size, c, h, w}), {0, 3, 4, 1, 5, 2});
  n.result(0, n.reshape(blocks, {b, c, h * size, w * size}));
}

void mapSpaceToDepth(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t size = n.requiredInteger("blocksize");
  if (x.rank() != 4 || size < 1 || size > 46340 || x.dim(2) % size || x.dim(3) % size) {
    n.error("G0202", "it needs 4 axes, of which 'blocksize' divides the last two");
    return;
  }
  int64_t b = x.dim(0), c = x.dim(1), h = x.dim(2) / size, w = x.dim(3) / size;
  bool channelFirst = n.text("mode", "DCR") == "CRD";
  Value blocks = n.reshape(x, {b, c, h, size, w, size});
  blocks = channelFirst ? n.transpose(blocks, {0, 1, 3, 5, 2, 4}) : n.transpose(blocks, {0, 3, 5, 1, 2, 4});
  n.result(0, n.reshape(blocks, {b, c * size * size, h, w}));
}

void mapConcat(NodeBuilder &n) {
  Values parts;
  for (size_t i = 0; i < n.inputCount(); ++i) parts.push_back(n.in(i));
  int64_t at = n.integer("axis", 1);
  if (parts.size() == 1) return n.result(0, parts[0]);
  n.result(0, n.op("concat", parts, {{"axis", at}}));
}

constexpr OpRow rows[] = {
    {"Concat", mapConcat},       {"DepthToSpace", mapDepthToSpace}, {"Expand", mapExpand},   {"Flatten", mapFlatten},
    {"Reshape", mapReshape},     {"SpaceToDepth", mapSpaceToDepth}, {"Squeeze", mapSqueeze}, {"Tile", mapTile},
    {"Transpose", mapTranspose}, {"Unsqueeze", mapUnsqueeze},
};
} // namespace

llvm::ArrayRef<OpRow> reshapeRows() { return rows; }

} // namespace graphc::onnx
