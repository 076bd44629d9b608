// module_notes.h.
#include "compiler/driver/module_notes.h"
#include "compiler/autodiff/autodiff.h"
#include "compiler/support/source_place.h"

using namespace mlir;

namespace graphc::driver {

static WeightFile weightFileOf(DictionaryAttr description, const support::Sources &sources) {
  WeightFile described;
  described.path = description.getAs<StringAttr>("file").str();
  described.partial = description.contains("partial");
  if (auto place = description.getAs<LocationAttr>("place"))
    described.place = support::sourcePlace(Location(place), sources);
  auto tensors = description.getAs<DictionaryAttr>("tensors");
  for (NamedAttribute entry : tensors ? tensors.getValue() : ArrayRef<NamedAttribute>()) {
    auto tensor = dyn_cast<DictionaryAttr>(entry.getValue());
    auto from = tensor ? tensor.getAs<StringAttr>("from") : StringAttr();
    if (!from) continue;
    TensorSource &source = described.sources[entry.getName().str()];
    source.name = from.str();
    if (auto perm = tensor.getAs<DenseI64ArrayAttr>("perm")) source.perm = perm.asArrayRef().vec();
    if (auto dtype = tensor.getAs<TypeAttr>("dtype")) source.dtype = graph::dtypeOf(dtype.getValue());
  }
  return described;
}

std::vector<WeightFile> weightFilesOf(ModuleOp module, const support::Sources &sources) {
  std::vector<WeightFile> files;
  auto list = module->getAttrOfType<ArrayAttr>("graph.weights");
  for (Attribute file : list ? list.getValue() : ArrayRef<Attribute>()) {
    auto description = dyn_cast<DictionaryAttr>(file);
    if (description && description.getAs<StringAttr>("file")) files.push_back(weightFileOf(description, sources));
  }
  return files;
}

std::vector<LoopMemory> takeLoopMemory(ModuleOp module) {
  std::vector<LoopMemory> loops;
  auto list = cast_or_null<ArrayAttr>(module->removeAttr(autodiff::loopMemoryAttr));
  for (Attribute one : list ? list.getValue() : ArrayRef<Attribute>()) {
    auto loop = cast<DictionaryAttr>(one);
    auto number = [&](StringRef key) { return uint64_t(loop.getAs<IntegerAttr>(key).getInt()); };
    LoopMemory &memory = loops.emplace_back();
    memory.node = support::nodeName(loop.getAs<LocationAttr>("node"));
    memory.mode = loop.getAs<StringAttr>("mode").str();
    memory.bytes = number("bytes");
    if (auto function = loop.getAs<StringAttr>("recursion")) {
      memory.isRecursion = true;
      memory.node = function.str();
    }
    memory.turns = number("turns");
    if (loop.contains("length")) memory.length = number("length");
    if (auto often = loop.getAs<FloatAttr>("millionth")) memory.perTurn = often.getValueAsDouble();
  }
  return loops;
}

} // namespace graphc::driver
