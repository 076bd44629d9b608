// draw_arguments.h.
#include "compiler/driver/draw_arguments.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/element_type.h"
#include <random>

using namespace mlir;

namespace graphc::driver {
using graph::HostTensor;

static std::string nameOf(DictionaryAttr attributes) {
  auto name = attributes ? attributes.getAs<StringAttr>("graph.name") : StringAttr();
  return name ? name.getValue().str() : "";
}

static std::optional<int64_t> dimValue(const GradientRequest &request, graph::DimAttr dim, std::string &error) {
  auto given = request.dims.find(dim.getName().str());
  int64_t least = std::min(std::max<int64_t>(dim.getMin(), 2), dim.getMax()), step = dim.getMultipleOf();
  if (given == request.dims.end()) {
    int64_t above = (least + step - 1) / step * step;
    return above <= dim.getMax() ? above : least / step * step;
  }
  if (given->second >= dim.getMin() && given->second <= dim.getMax() && given->second % step == 0) return given->second;
  error = "'" + dim.getName().str() + "' cannot be " + std::to_string(given->second);
  return std::nullopt;
}

std::string drawArguments(func::FuncOp entry, const GradientRequest &request, unsigned attempt,
                          HostTensors &arguments) {
  std::mt19937 random(request.seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> positive(attempt == 1 ? 0.1 : 1, attempt == 1 ? 0.9 : 2);
  std::vector<std::optional<HostTensor>> given;
  SmallVector<Type> wanted, have;
  std::string error;
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    std::string name = nameOf(entry.getArgAttrDict(i));
    given.push_back(request.input ? request.input(name, error) : std::nullopt);
    if (!error.empty()) return error;
    std::optional<HostTensor> &one = given.back();
    if (!one) continue;
    if (graph::isFloat(one->dtype)) one->dtype = graph::Dtype::F64;
    if (graph::dtypeOf(tensor.getElementType()) != one->dtype || int64_t(one->shape.size()) != tensor.getRank())
      return "the file of input '" + support::printable(name) + "' has another dtype or rank than the graph";
    wanted.push_back(type);
    have.push_back(RankedTensorType::get(one->shape, tensor.getElementType()));
  }
  graph::BoundDims bound = graph::bindDims(wanted, have);
  if (bound.conflict) return "the sizes of the given inputs do not fit the graph";
  auto size = [&](const graph::Dim &dim) {
    return dim.evaluate([&](graph::DimAttr named) {
      if (std::optional<graph::Dim> known = bound(named); known && known->isStatic()) return known->staticValue();
      return dimValue(request, named, error).value_or(0);
    });
  };
  arguments.clear();
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
    if (given[i]) {
      arguments.push_back(std::move(*given[i]));
      continue;
    }
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape;
    for (const graph::Dim &dim : graph::shapeOf(tensor)) shape.push_back(size(dim));
    HostTensor drawn(*graph::dtypeOf(tensor.getElementType()), shape);
    for (graph::Jet &x : drawn.floats) x = attempt == 0 ? normal(random) : positive(random);
    for (int64_t &x : drawn.integers) x = int64_t(random() & 1);
    arguments.push_back(std::move(drawn));
  }
  return error;
}

} // namespace graphc::driver
