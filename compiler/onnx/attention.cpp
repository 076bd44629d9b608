// Attention and rotary positions, as formulas. Heads are [batch, heads, sequence, features] inside.
#include "compiler/onnx/op_table.h"
#include <cmath>
#include <limits>

namespace graphc::onnx {
using graph::Dtype;
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// [batch, sequence, heads * features] -> heads; one of four axes is that already.
Value splitHeads(NodeBuilder &n, Value x, int64_t heads) {
  if (x.rank() == 4) return x;
  if (x.rank() != 3 || heads < 1 || x.dim(2) % heads)
    return n.error("G0202", "it needs inputs of 3 or 4 axes, and a number of heads that divides the last of 3");
  return n.transpose(n.reshape(x, {x.dim(0), x.dim(1), heads, x.dim(2) / heads}), {0, 2, 1, 3});
}

/// Each of the key's heads serves several heads of the query.
Value repeatHeads(NodeBuilder &n, Value x, int64_t heads) {
  int64_t own = x.dim(1);
  if (own == heads || !x) return x;
  if (own < 1 || heads % own) return n.error("G0202", "the query's heads are no multiple of the key's");
  Value grouped = n.reshape(x, {x.dim(0), own, 1, x.dim(2), x.dim(3)});
  grouped = n.broadcast(grouped, {x.dim(0), own, heads / own, x.dim(2), x.dim(3)});
  return n.reshape(grouped, {x.dim(0), heads, x.dim(2), x.dim(3)});
}

class AttentionMapping {
public:
  explicit AttentionMapping(NodeBuilder &n) : n(n) {}
  void run();

private:
  void readOperands();
  Value additive(Value allowed) { return n.select(allowed, n.like(q, 0), n.like(q, -infinity)); }
  void addBias(Value more) { bias = bias ? n.add(bias, more) : more; }
  void addMask();
  void addPositions();
  Value queryPositions();
  Value keyPositions();

  NodeBuilder &n;
  Value q, k, v, bias, keyCount; // keyCount: [batch], the keys that count
  int64_t queries = 0, keys = 0, past = 0;
  bool is3d = false;
};

void AttentionMapping::readOperands() {
  q = n.in(0);
  is3d = q.rank() == 3;
  q = splitHeads(n, q, n.integer("q_num_heads", 0));
  k = splitHeads(n, n.in(1), n.integer("kv_num_heads", 0));
  v = splitHeads(n, n.in(2), n.integer("kv_num_heads", 0));
  if (n.has(4)) {
    past = n.in(4).dim(2);
    k = n.op("concat", {n.in(4), k}, {{"axis", int64_t(2)}});
    v = n.op("concat", {n.in(5), v}, {{"axis", int64_t(2)}});
  }
  n.result(1, k);
  n.result(2, v);
  queries = q.dim(2);
  keys = k.dim(2);
  keyCount = n.optional(6);
  if (keyCount) keyCount = n.reshape(keyCount, {keyCount.dim(0), 1, 1, 1});
}

/// A mask shorter than the keys hides the rest of them.
void AttentionMapping::addMask() {
  Value mask = n.optional(3);
  if (!mask) return;
  if (mask.dtype() == Dtype::Bool) mask = additive(mask);
  int64_t missing = keys - mask.dim(-1);
  if (missing > 0 && mask.rank()) {
    Pairs pads;
    pads.list.assign(mask.rank(), {0, 0});
    pads.list.back().second = missing;
    mask = n.op("pad", mask, {{"padding", pads}, {"value", -infinity}});
  }
  addBias(mask);
}

static Ints counted(int64_t count) {
  Ints list;
  for (int64_t i = 0; i < count; ++i) list.push_back(i);
  return list;
}

/// Where the queries stand among the keys: [queries, 1], or one of each batch.
Value AttentionMapping::queryPositions() {
  Value own = n.reshape(n.list(counted(queries)), {queries, 1});
  if (n.has(4)) return n.add(own, n.like(own, static_cast<double>(past)));
  if (!keyCount) return own;
  Value counts = n.cast(keyCount, Dtype::I64);
  return n.add(own, n.sub(counts, n.like(counts, static_cast<double>(queries))));
}
Value AttentionMapping::keyPositions() { return n.reshape(n.list(counted(keys)), {1, keys}); }

/// Causal order, a window around the query, and keys past the count.
void AttentionMapping::addPositions() {
  int64_t left = n.integer("left_window_size", -1), right = n.integer("right_window_size", -1);
  bool causal = n.integer("is_causal", 0) != 0;
  if (queries > (1 << 20) || keys > (1 << 20)) n.error("G0202", "sequences of this length are not supported");
  if (n.failed()) return;
  if (causal) addBias(additive(n.op("less_equal", {keyPositions(), queryPositions()})));
  if (left >= 0 || right >= 0) {
    Value distance = n.sub(queryPositions(), keyPositions());
    if (left >= 0) addBias(additive(n.op("less_equal", {distance, n.like(distance, static_cast<double>(left))})));
    if (right >= 0) addBias(additive(n.op("greater_equal", {distance, n.like(distance, -static_cast<double>(right))})));
  }
  if (keyCount) addBias(additive(n.op("less", {keyPositions(), n.cast(keyCount, Dtype::I64)})));
}

void AttentionMapping::run() {
  readOperands();
  if (n.failed()) return;
  double scale = n.real("scale", 1 / std::sqrt(static_cast<double>(std::max<int64_t>(q.dim(3), 1))));
  double cap = n.real("softcap", 0);
  int64_t shown = n.integer("qk_matmul_output_mode", 0);
  Value half = n.like(q, std::sqrt(scale)); // on both sides, as the specification's function does
  int64_t heads = q.dim(1);
  Value key = repeatHeads(n, k, heads), value = repeatHeads(n, v, heads);
  Value scores = n.op("matmul", {n.mul(q, half), n.transpose(n.mul(key, half), {0, 1, 3, 2})});
  if (shown == 0) n.result(3, scores);
  if (cap > 0) scores = n.mul(n.op("tanh", n.div(scores, n.like(scores, cap))), n.like(scores, cap));
  if (shown == 1) n.result(3, scores);
  addMask();
  addPositions();
  if (bias) scores = n.add(scores, bias);
  if (shown == 2) n.result(3, scores);
  Dtype precision = n.hasAttribute("softmax_precision") ? n.dtypeOf(n.integer("softmax_precision", 1)) : q.dtype();
  Value shares = n.op("softmax", n.cast(scores, precision), {{"axis", int64_t(-1)}});
  if (bias) { // a query that may see no key gets zeros
    Value best = n.op("reduce_max", bias, {{"axis", Ints{bias.rank() - 1}}, {"keep_dims", true}});
    shares = n.select(n.op("equal", {best, n.like(best, -infinity)}), n.like(shares, 0), shares);
  }
  shares = n.cast(shares, q.dtype());
  if (shown == 3) n.result(3, shares);
  Value y = n.op("matmul", {shares, value});
  if (is3d) y = n.reshape(n.transpose(y, {0, 2, 1, 3}), {y.dim(0), y.dim(2), y.dim(1) * y.dim(3)});
  n.result(0, y);
}

void mapAttention(NodeBuilder &n) { AttentionMapping(n).run(); }

/// Pairs of features turned by the angles of their position. Inside: [batch, sequence, heads, features].
void mapRotaryEmbedding(NodeBuilder &n) {
  Value x = n.in(0), cosine = n.in(1), sine = n.in(2), positions = n.optional(3);
  Ints shape(x.shape());
  int64_t heads = n.integer("num_heads", 0);
  if (x.rank() == 4) {
    x = n.transpose(x, {0, 2, 1, 3});
  } else if (x.rank() == 3 && heads > 0 && x.dim(2) % heads == 0) {
    x = n.reshape(x, {x.dim(0), x.dim(1), heads, x.dim(2) / heads});
  } else {
    n.error("G0202", "it needs 4 axes, or 3 and a 'num_heads' that divides the last");
    return;
  }
  int64_t features = x.dim(3), turned = n.integer("rotary_embedding_dim", 0);
  if (turned == 0) turned = features;
  if (turned < 2 || turned > features || turned % 2) {
    n.error("G0202", "attribute 'rotary_embedding_dim' does not fit its features");
    return;
  }
  if (positions) {
    cosine = n.op("gather", {cosine, positions}, {{"axis", int64_t(0)}});
    sine = n.op("gather", {sine, positions}, {{"axis", int64_t(0)}});
  }
  if (cosine.rank() != 3 || sine.rank() != 3) n.error("G0202", "its caches must have one row a position");
  if (n.failed()) return;
  cosine = n.reshape(cosine, {cosine.dim(0), cosine.dim(1), 1, cosine.dim(2)});
  sine = n.reshape(sine, {sine.dim(0), sine.dim(1), 1, sine.dim(2)});
  bool interleaved = n.integer("interleaved", 0) != 0;
  Value a = interleaved ? n.slice(x, 3, 0, turned, 2) : n.slice(x, 3, 0, turned / 2);
  Value b = interleaved ? n.slice(x, 3, 1, turned, 2) : n.slice(x, 3, turned / 2, turned);
  Value real = n.sub(n.mul(cosine, a), n.mul(sine, b)), imaginary = n.add(n.mul(sine, a), n.mul(cosine, b));
  Value y;
  if (interleaved) {
    Ints single(real.shape());
    single.push_back(1);
    Value pairs = n.op("concat", {n.reshape(real, single), n.reshape(imaginary, single)}, {{"axis", int64_t(4)}});
    y = n.reshape(pairs, {x.dim(0), x.dim(1), x.dim(2), turned});
  } else {
    y = n.op("concat", {real, imaginary}, {{"axis", int64_t(3)}});
  }
  if (turned < features) y = n.op("concat", {y, n.slice(x, 3, turned, features)}, {{"axis", int64_t(3)}});
  n.result(0, shape.size() == 4 ? n.transpose(y, {0, 2, 1, 3}) : n.reshape(y, shape));
}

constexpr OpRow rows[] = {{"Attention", mapAttention}, {"RotaryEmbedding", mapRotaryEmbedding}};
} // namespace

llvm::ArrayRef<OpRow> attentionRows() { return rows; }

} // namespace graphc::onnx
