// Normalizations, as formulas of reductions. Where scale and statistics are known, they fold to one multiply and add.
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

constexpr double defaultEpsilon = double(1e-5f);

Ints axesFrom(int64_t first, int64_t rank) {
  Ints axes;
  for (int64_t axis = first; axis < rank; ++axis) axes.push_back(axis);
  return axes;
}

Value reduced(NodeBuilder &n, llvm::StringRef mnemonic, Value x, const Ints &axes) {
  if (axes.empty()) return x;
  return n.op(mnemonic, x, {{"axis", axes}, {"keep_dims", true}});
}

/// A tensor [channels] beside one [batch, channels, spatial ...].
Value perChannel(NodeBuilder &n, Value v, int64_t rank) {
  if (v.rank() != 1) return n.error("G0202", "its scale, bias, mean and variance must be vectors");
  Ints shape{v.dim(0)};
  shape.append(std::max<int64_t>(rank - 2, 0), 1);
  return n.reshape(v, shape);
}

Value inverseDeviation(NodeBuilder &n, Value variance, double epsilon) {
  return n.op("rsqrt", n.add(variance, n.like(variance, epsilon)));
}

/// 16-bit floats are normalized in f32 where the node says so (stash_type 1).
Value widened(NodeBuilder &n, Value x) {
  bool narrow = x.dtype() == Dtype::F16 || x.dtype() == Dtype::BF16;
  return narrow && n.integer("stash_type", 1) == 1 ? n.cast(x, Dtype::F32) : x;
}

void mapBatchNormalization(NodeBuilder &n) {
  Value x = n.in(0), scale = n.in(1), bias = n.in(2), mean = n.in(3), variance = n.in(4);
  double epsilon = n.real("epsilon", defaultEpsilon), momentum = n.real("momentum", double(0.9f));
  if (n.opset < 9 && n.integer("spatial", 1) == 0) n.unsupported("attribute 'spatial' = 0");
  if (n.opset >= 14 && n.integer("training_mode", 0)) {
    Ints axes = axesFrom(2, x.rank());
    axes.insert(axes.begin(), 0);
    Value batchMean = n.op("mean", x, {{"axis", axes}}), batchVariance = n.op("variance", x, {{"axis", axes}});
    auto moved = [&](Value old, Value now) {
      return n.add(n.mul(old, n.like(old, momentum)), n.mul(now, n.like(now, 1 - momentum)));
    };
    n.result(1, moved(mean, batchMean));
    n.result(2, moved(variance, batchVariance));
    mean = batchMean;
    variance = batchVariance;
  }
  Value factor = n.div(n.cast(scale, mean.dtype()), n.op("sqrt", n.add(variance, n.like(variance, epsilon))));
  Value offset = n.sub(n.cast(bias, mean.dtype()), n.mul(mean, factor));
  int64_t rank = x.rank();
  Value wide = n.cast(x, mean.dtype());
  Value y = n.add(n.mul(wide, perChannel(n, factor, rank)), perChannel(n, offset, rank));
  n.result(0, n.cast(y, x.dtype()));
}

void mapInstanceNormalization(NodeBuilder &n) {
  Value x = n.in(0), scale = n.in(1), bias = n.in(2);
  Ints axes = axesFrom(2, x.rank());
  Value centred = n.sub(x, reduced(n, "mean", x, axes));
  Value factor = inverseDeviation(n, reduced(n, "variance", x, axes), n.real("epsilon", defaultEpsilon));
  Value y = n.mul(n.mul(centred, factor), perChannel(n, scale, x.rank()));
  n.result(0, n.add(y, perChannel(n, bias, x.rank())));
}

void mapLayerNormalization(NodeBuilder &n) {
  Value x = n.in(0), scale = n.in(1), bias = n.optional(2), wide = widened(n, x);
  Ints axes = axesFrom(n.axis(n.integer("axis", -1), x.rank()), x.rank());
  Value mean = reduced(n, "mean", wide, axes), centred = n.sub(wide, mean);
  Value factor =
      inverseDeviation(n, reduced(n, "mean", n.mul(centred, centred), axes), n.real("epsilon", defaultEpsilon));
  Value y = n.mul(n.cast(n.mul(centred, factor), x.dtype()), scale);
  n.result(0, bias ? n.add(y, bias) : y);
  n.result(1, mean);
  n.result(2, factor);
}

void mapRMSNormalization(NodeBuilder &n) {
  Value x = n.in(0), scale = n.in(1), wide = widened(n, x);
  Ints axes = axesFrom(n.axis(n.integer("axis", -1), x.rank()), x.rank());
  Value factor = inverseDeviation(n, reduced(n, "mean", n.mul(wide, wide), axes), n.real("epsilon", defaultEpsilon));
  n.result(0, n.mul(n.cast(n.mul(wide, factor), scale.dtype()), scale));
}

/// Before opset 21 scale and bias had one element a group, since then one a channel.
void mapGroupNormalization(NodeBuilder &n) {
  Value x = n.in(0), scale = n.in(1), bias = n.in(2);
  int64_t groups = n.requiredInteger("num_groups"), channels = x.dim(1);
  if (groups < 1 || x.rank() < 2 || channels % groups) {
    n.error("G0202", "'num_groups' does not divide its channels");
    return;
  }
  Ints split{x.dim(0), groups, channels / groups};
  split.append(x.shape().begin() + 2, x.shape().end());
  Value grouped = widened(n, n.reshape(x, split));
  Ints axes = axesFrom(2, static_cast<int64_t>(split.size()));
  Value centred = n.sub(grouped, reduced(n, "mean", grouped, axes));
  Value factor = inverseDeviation(n, reduced(n, "variance", grouped, axes), n.real("epsilon", defaultEpsilon));
  Value y = n.cast(n.mul(centred, factor), x.dtype());
  Ints along(split.size() - 1, 1); // beside [groups, channels / groups, spatial ...]
  along[0] = groups;
  if (scale.dim(0) == channels) along[1] = channels / groups;
  y = n.add(n.mul(y, n.reshape(scale, along)), n.reshape(bias, along));
  n.result(0, n.reshape(y, x.shape()));
}

/// Each element by the squares of its neighbours in channel direction.
void mapLRN(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t size = n.requiredInteger("size"), channels = x.dim(1);
  if (n.failed()) return;
  if (size < 1 || size > 256 || x.rank() < 2) {
    n.error("G0202", "attribute 'size' must be 1 to 256");
    return;
  }
  int64_t before = (size - 1) / 2;
  Pairs pads;
  pads.list.assign(x.rank(), {0, 0});
  pads.list[1] = {before, size - 1 - before};
  Value squares = n.op("pad", n.mul(x, x), {{"padding", pads}, {"value", 0.0}}), sum;
  for (int64_t i = 0; i < size; ++i) {
    Value shifted = n.slice(squares, 1, i, i + channels);
    sum = sum ? n.add(sum, shifted) : shifted;
  }
  double alpha = n.real("alpha", double(1e-4f)), beta = n.real("beta", 0.75), bias = n.real("bias", 1);
  Value scaled = n.add(n.mul(sum, n.like(x, alpha / static_cast<double>(size))), n.like(x, bias));
  n.result(0, n.div(x, n.op("pow", {scaled, n.like(x, beta)})));
}

void mapMeanVarianceNormalization(NodeBuilder &n) {
  Value x = n.in(0);
  Ints axes = n.axes(n.integers("axes", {0, 2, 3}), x.rank());
  Value centred = n.sub(x, reduced(n, "mean", x, axes));
  Value deviation = n.op("sqrt", reduced(n, "mean", n.mul(centred, centred), axes));
  n.result(0, n.div(centred, n.add(deviation, n.like(x, 1e-9))));
}

void mapLpNormalization(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t p = n.integer("p", 2);
  if (p != 1 && p != 2) n.unsupported("attribute 'p' = " + llvm::Twine(p));
  Ints axes{n.axis(n.integer("axis", -1), x.rank())};
  Value norm = p == 1 ? reduced(n, "sum", n.op("abs", x), axes) : n.op("sqrt", reduced(n, "sum", n.mul(x, x), axes));
  Value isZero = n.op("equal", {norm, n.like(x, 0)});
  n.result(0, n.div(x, n.select(isZero, n.like(x, 1), norm)));
}

constexpr OpRow rows[] = {
    {"BatchNormalization", mapBatchNormalization},
    {"GroupNormalization", mapGroupNormalization},
    {"InstanceNormalization", mapInstanceNormalization},
    {"LRN", mapLRN},
    {"LayerNormalization", mapLayerNormalization},
    {"LpNormalization", mapLpNormalization},
    {"MeanVarianceNormalization", mapMeanVarianceNormalization},
    {"RMSNormalization", mapRMSNormalization},
};
} // namespace

llvm::ArrayRef<OpRow> normalizationRows() { return rows; }

} // namespace graphc::onnx
