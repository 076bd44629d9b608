// Losses over class indices: scores [batch, classes, ...], targets [batch, ...].
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
namespace {

/// -weight[target] * logProbability at the target, reduced as 'reduction' says. Ignored targets weigh nothing.
Value negativeLogLikelihood(NodeBuilder &n, Value logProbability, Value target, Value weight) {
  int64_t classes = logProbability.dim(1);
  if (logProbability.rank() < 2 || target.rank() != logProbability.rank() - 1)
    return n.error("G0202", "it needs scores [batch, classes, ...] and targets [batch, ...]");
  Value ignored;
  if (n.hasAttribute("ignore_index")) {
    double ignore = static_cast<double>(n.integer("ignore_index", -1));
    ignored = n.op("equal", {target, n.like(target, ignore)});
    target = n.select(ignored, n.like(target, 0), target);
  }
  Ints expanded(target.shape());
  expanded.insert(expanded.begin() + 1, 1);
  Value picked = n.op("gather_elements", {logProbability, n.reshape(target, expanded)}, {{"axis", int64_t(1)}});
  Value loss = n.op("neg", n.reshape(picked, target.shape())), factor;
  if (weight) {
    if (weight.rank() != 1 || weight.dim(0) != classes)
      return n.error("G0202", "its weight must be one number a class");
    factor = n.op("gather", {weight, target}, {{"axis", int64_t(0)}});
  }
  if (ignored) {
    Value one = factor ? factor : n.filled(loss.dtype(), loss.shape(), 1);
    factor = n.select(ignored, n.like(loss, 0), one);
  }
  if (factor) loss = n.mul(loss, factor);
  std::string reduction = n.text("reduction", "mean");
  if (reduction == "none") return loss;
  Ints axes;
  for (int64_t axis = 0; axis < loss.rank(); ++axis) axes.push_back(axis);
  if (reduction == "sum") return n.op("sum", loss, {{"axis", axes}});
  if (reduction != "mean") return n.error("G0202", "attribute 'reduction' must be none, sum or mean");
  if (!factor) return n.op("mean", loss, {{"axis", axes}});
  return n.div(n.op("sum", loss, {{"axis", axes}}), n.op("sum", factor, {{"axis", axes}}));
}

void mapNegativeLogLikelihoodLoss(NodeBuilder &n) {
  n.result(0, negativeLogLikelihood(n, n.in(0), n.in(1), n.optional(2)));
}

void mapSoftmaxCrossEntropyLoss(NodeBuilder &n) {
  Value logProbability = n.op("log_softmax", n.in(0), {{"axis", int64_t(1)}});
  n.result(0, negativeLogLikelihood(n, logProbability, n.in(1), n.optional(2)));
  n.result(1, logProbability);
}

constexpr OpRow rows[] = {{"NegativeLogLikelihoodLoss", mapNegativeLogLikelihoodLoss},
                          {"SoftmaxCrossEntropyLoss", mapSoftmaxCrossEntropyLoss}};
} // namespace

llvm::ArrayRef<OpRow> lossRows() { return rows; }

} // namespace graphc::onnx
