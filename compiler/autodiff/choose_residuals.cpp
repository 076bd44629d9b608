// A value is two nodes. The edge between them is what it costs to keep it, the edge from the source to the first what
// it costs to make it again; what it is computed from leads to it without limit. So a cut pays for each value that is
// behind it once: kept if the cut goes between its nodes, made again if both lie behind.
//
// Prices are floating-point operations. A byte that is kept counts as 32: it is written, lies in memory over the whole
// forward pass, and is read. Contractions, and ops of more than 32 operations per element of their results (long
// reductions, sorting), are never repeated here, nor is what is no plain op of tensors (calls, control flow, state): a
// limit on memory repeats those (lower/bufferize/fit_memory.h), where it is known what there is to win. Random numbers
// are functions of a key that is an operand, so they need no rule of their own.
#include "compiler/autodiff/choose_residuals.h"
#include "compiler/autodiff/min_cut.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/precision.h"
#include "dialects/graph/structure.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include <algorithm>

using namespace mlir;

namespace graphc::autodiff {
namespace {

constexpr int64_t flopsPerByte = 32, mostFlopsPerElement = 32, usualSize = 256;
constexpr int64_t most = int64_t(1) << 44; // far below FlowNetwork::infinite even if every value costs it

int64_t elementsOf(Value value) {
  return usualValue(graph::elementCount(graph::shapeOf(cast<RankedTensorType>(value.getType()))));
}

} // namespace

int64_t usualValue(const graph::Dim &size) {
  int64_t value = size.evaluate([](graph::DimAttr dim) {
    int64_t least = std::max<int64_t>(dim.getMin(), dim.getMultipleOf());
    return std::clamp(usualSize, least, std::max(least, dim.getMax()));
  });
  return std::clamp<int64_t>(value, 0, most);
}

int64_t priceOfKeeping(Value value, bool isThere) {
  if (isThere) return 1; // of two that are there, one
  auto dtype = graph::dtypeOf(cast<RankedTensorType>(value.getType()).getElementType());
  int64_t width = dtype ? graph::dtypeBytes(*dtype) : 8;
  return std::min(elementsOf(value), most / (width * flopsPerByte)) * width * flopsPerByte + 1;
}

std::optional<int64_t> priceOfRepeating(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op) return std::nullopt;
  if (auto read = dyn_cast<graph::ReadParameterOp>(op)) { // params lie in memory anyway; a state may have changed
    if (read.getState()) return std::nullopt;
    return 0;
  }
  auto costed = dyn_cast<graph::Costed>(op);
  if (!costed || !isPure(op) || op->hasTrait<graph::ContractsNarrow>()) return std::nullopt;
  if (op->getNumOperands() == 0) return 0; // constants
  int64_t flops = usualValue(costed.flops()), elements = 0;
  for (Value result : op->getResults()) elements = std::max(elements, elementsOf(result));
  if (flops / mostFlopsPerElement > elements) return std::nullopt;
  return std::min(flops + elements, most); // each element is written, too
}

llvm::DenseSet<Value> chooseResiduals(ArrayRef<Value> read, function_ref<bool(Value)> isThere) {
  constexpr unsigned source = 0, sink = 1;
  FlowNetwork network(2);
  llvm::MapVector<Value, unsigned> entrances; // the value's first node; the second follows
  SmallVector<Value> open;
  auto nodeOf = [&](Value value) {
    auto [it, isNew] = entrances.insert({value, 0});
    if (!isNew) return it->second;
    unsigned entrance = it->second = network.addNode();
    network.addEdge(entrance, network.addNode(), priceOfKeeping(value, isThere(value)));
    open.push_back(value);
    return entrance;
  };
  for (Value value : read) network.addEdge(nodeOf(value) + 1, sink, FlowNetwork::infinite);
  while (!open.empty()) {
    Value value = open.pop_back_val();
    unsigned entrance = entrances.lookup(value);
    std::optional<int64_t> price = priceOfRepeating(value);
    network.addEdge(source, entrance, price ? *price : FlowNetwork::infinite);
    if (!price) continue;
    for (Value operand : value.getDefiningOp()->getOperands())
      network.addEdge(nodeOf(operand) + 1, entrance, FlowNetwork::infinite);
  }
  std::vector<bool> behind = network.sinkSide(source, sink);
  llvm::DenseSet<Value> kept;
  for (auto [value, entrance] : entrances)
    if (!behind[entrance] && behind[entrance + 1]) kept.insert(value);
  return kept;
}

} // namespace graphc::autodiff
