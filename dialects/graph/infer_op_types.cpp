// inferOpTypes. Shape rules read the op's properties, so these are made first, from the attributes, in space of our
// own.
#include "dialects/graph/infer_op_types.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;

namespace graphc::graph {
namespace {
class Properties {
public:
  explicit Properties(RegisteredOperationName name)
      : name(name), storage(name.getOpPropertyByteSize() / sizeof(uint64_t) + 1), opaque(storage.data()) {
    name.initOpProperties(opaque, OpaqueProperties(nullptr));
  }
  ~Properties() { name.destroyOpProperties(opaque); }
  Properties(const Properties &) = delete;
  OpaqueProperties get() { return opaque; }

private:
  RegisteredOperationName name;
  std::vector<uint64_t> storage;
  OpaqueProperties opaque;
};
} // namespace

LogicalResult inferOpTypes(OperationState &state, DictionaryAttr attributes) {
  RegisteredOperationName name = *state.name.getRegisteredInfo();
  auto *infer = name.getInterface<InferTypeOpInterface>();
  if (!infer) return failure();
  Properties properties(name);
  auto emit = [&] { return emitError(state.location); };
  if (name.getOpPropertyByteSize() != 0 && // asking the others to set theirs is an error
      failed(name.setOpPropertiesFromAttribute(name, properties.get(), attributes, emit)))
    return failure();
  return infer->inferReturnTypes(attributes.getContext(), state.location, state.operands, attributes, properties.get(),
                                 {}, state.types);
}

} // namespace graphc::graph
