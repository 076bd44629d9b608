// Operators that choose elements by index tensors, and those whose result is an index tensor. ONNX counts negative
// indices from the end; graph ops do not, so a negative index gets the axis size added first.
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

Value fromFront(NodeBuilder &n, Value index, int64_t size) {
  if (!index) return index;
  if (index.constant() && !index.isFloat() &&
      llvm::all_of(index.constant()->integers(), [](int64_t i) { return i >= 0; }))
    return index;
  Value negative = n.op("less", {index, n.like(index, 0)});
  return n.select(negative, n.add(index, n.like(index, static_cast<double>(size))), index);
}

void mapGather(NodeBuilder &n) {
  Value x = n.in(0), index = n.in(1);
  int64_t axis = n.axis(n.integer("axis", 0), x.rank());
  n.result(0, n.op("gather", {x, fromFront(n, index, x.dim(axis))}, {{"axis", axis}}));
}

void mapGatherElements(NodeBuilder &n) {
  Value x = n.in(0), index = n.in(1);
  int64_t axis = n.axis(n.integer("axis", 0), x.rank());
  n.result(0, n.op("gather_elements", {x, fromFront(n, index, x.dim(axis))}, {{"axis", axis}}));
}

/// An index whose last axis names axes of x, `first` on: each component is counted from its own axis' end.
Value vectorsFromFront(NodeBuilder &n, Value index, Value x, int64_t first) {
  Ints sizes;
  for (int64_t i = 0; i < index.dim(-1) && first + i < x.rank(); ++i) sizes.push_back(x.dim(first + i));
  if (!index || static_cast<int64_t>(sizes.size()) != index.dim(-1)) return index; // the op says what is wrong
  if (index.constant() && llvm::all_of(index.constant()->integers(), [](int64_t i) { return i >= 0; })) return index;
  Value negative = n.op("less", {index, n.like(index, 0)});
  return n.select(negative, n.add(index, n.cast(n.list(sizes), index.dtype())), index);
}

void mapGatherND(NodeBuilder &n) {
  Value x = n.in(0), index = n.in(1);
  int64_t batch = n.integer("batch_dims", 0);
  if (batch < 0 || batch > x.rank()) n.error("G2004", "attribute 'batch_dims' is outside its input");
  n.result(0, n.op("gather_nd", {x, vectorsFromFront(n, index, x, batch)}, {{"batch_dims", batch}}));
}

void mapScatterElements(NodeBuilder &n) {
  Value x = n.in(0), index = n.in(1), update = n.in(2);
  int64_t axis = n.axis(n.integer("axis", 0), x.rank());
  n.result(0, n.op("scatter_elements", {x, fromFront(n, index, x.dim(axis)), update},
                   {{"axis", axis}, {"reduction", n.text("reduction", "none")}}));
}

void mapScatterND(NodeBuilder &n) {
  Value x = n.in(0), index = n.in(1), update = n.in(2);
  n.result(0, n.op("scatter_nd", {x, vectorsFromFront(n, index, x, 0), update},
                   {{"reduction", n.text("reduction", "none")}}));
}

/// A comparison with 0, 1, ... depth-1, so that an index outside gives the off value everywhere, as ONNX says.
void mapOneHot(NodeBuilder &n) {
  Value index = n.in(0), values = n.in(2);
  std::optional<double> depth = n.knownReal(n.in(1), "depth");
  if (!depth) return;
  if (!(*depth >= 1 && *depth <= double(1 << 20))) {
    n.error("G0202", "its depth must be 1 to 2^20");
    return;
  }
  auto count = static_cast<int64_t>(*depth);
  int64_t axis = n.axis(n.integer("axis", -1), index.rank() + 1);
  Ints positions, expanded(index.shape()), along(index.rank() + 1, 1);
  for (int64_t i = 0; i < count; ++i) positions.push_back(i);
  if (n.failed()) return;
  expanded.insert(expanded.begin() + axis, 1);
  along[axis] = count;
  Value wrapped = n.reshape(fromFront(n, n.cast(index, Dtype::I64), count), expanded);
  Value hot = n.op("equal", {wrapped, n.reshape(n.list(positions), along)});
  Value off = n.reshape(n.slice(values, 0, 0, 1), {}), on = n.reshape(n.slice(values, 0, 1, 2), {});
  n.result(0, n.select(hot, on, off));
}

void mapTopK(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t k = 0, axis = n.axis(n.integer("axis", -1), x.rank());
  if (n.opset < 10) {
    k = n.requiredInteger("k");
  } else {
    std::optional<Ints> list = n.knownIntegers(n.in(1), "K");
    if (!list) return;
    k = list->empty() ? -1 : list->front();
  }
  Values found = n.ops("top_k", x, {{"k", k}, {"axis", axis}, {"largest", n.integer("largest", 1) != 0}});
  if (found.size() != 2) return;
  n.result(0, found[0]);
  n.result(1, n.cast(found[1], Dtype::I64));
}

void mapArg(NodeBuilder &n, llvm::StringRef mnemonic) {
  Value x = n.in(0);
  Arguments arguments = {{"axis", n.axis(n.integer("axis", 0), x.rank())},
                         {"keep_dims", n.integer("keepdims", 1) != 0},
                         {"dtype", Dtype::I64}};
  if (n.integer("select_last_index", 0)) arguments.push_back({"select_last", true});
  n.result(0, n.op(mnemonic, x, arguments));
}
void mapArgMax(NodeBuilder &n) { mapArg(n, "argmax"); }
void mapArgMin(NodeBuilder &n) { mapArg(n, "argmin"); }

/// 1 at the first largest element of each row.
void mapHardmax(NodeBuilder &n) {
  Value x = n.in(0);
  Ints shape(x.shape());
  int64_t axis = n.axis(n.integer("axis", n.opset >= 13 ? -1 : 1), x.rank()), size = x.dim(axis);
  if (n.failed()) return;
  if (n.opset < 13) { // the axes from 'axis' on count as one
    int64_t outer = 1;
    for (int64_t i = 0; i < axis; ++i) outer *= shape[i];
    size = outer ? checkedElements(shape).value_or(0) / outer : 0;
    x = n.reshape(x, {outer, size});
    axis = 1;
  }
  if (size > (1 << 20)) n.error("G0202", "an axis of this length is not supported");
  Ints positions, along(x.rank(), 1);
  for (int64_t i = 0; i < size && !n.failed(); ++i) positions.push_back(i);
  along[axis] = size;
  Value best = n.op("argmax", x, {{"axis", axis}, {"keep_dims", true}, {"dtype", Dtype::I64}});
  Value hot = n.op("equal", {best, n.reshape(n.list(positions), along)});
  n.result(0, n.reshape(n.cast(hot, x.dtype()), shape));
}

constexpr OpRow rows[] = {
    {"ArgMax", mapArgMax},
    {"ArgMin", mapArgMin},
    {"Gather", mapGather},
    {"GatherElements", mapGatherElements},
    {"GatherND", mapGatherND},
    {"Hardmax", mapHardmax},
    {"OneHot", mapOneHot},
    {"Scatter", mapScatterElements},
    {"ScatterElements", mapScatterElements},
    {"ScatterND", mapScatterND},
    {"TopK", mapTopK},
};
} // namespace

llvm::ArrayRef<OpRow> gatherRows() { return rows; }

} // namespace graphc::onnx
