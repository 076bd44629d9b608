// random_graph.h. Types are kept small: what is compiled matters, not how long it runs.
#include "tests/models/random_graph.h"
#include "dialects/graph/dim.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/op_signature.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include <algorithm>
#include <numeric>

using namespace mlir;

namespace graphc::test {
using graph::Dtype;

namespace {
constexpr int64_t mostElements = 4096;
constexpr unsigned triesPerNode = 40;

class Generator {
public:
  Generator(MLIRContext *context, std::mt19937 &random) : context(context), random(random) {}

  unsigned below(unsigned n) { return unsigned(random() % n); }

  RankedTensorType inputType() {
    static const int64_t sizes[] = {1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 0};
    SmallVector<int64_t> shape;
    if (!likely.empty() && below(2))
      shape.assign(likely.begin(), likely.end()); // so that values fit each other
    else
      for (unsigned rank = below(4); rank > 0; --rank) shape.push_back(sizes[below(below(4) ? 11 : 12)]);
    likely = shape;
    Dtype dtype = graph::allDtypes[below(std::size(graph::allDtypes))];
    if (below(3)) dtype = favourite;
    return RankedTensorType::get(shape, graph::elementType(context, dtype));
  }

  /// An attribute of a kind of op_signature.h, or null: leave it out, or leave the op out if it is required.
  Attribute attribute(llvm::StringRef kind, ValueRange operands) {
    Builder b(context);
    unsigned rank = operands.empty() ? 2 : unsigned(cast<RankedTensorType>(operands[0].getType()).getRank());
    if (kind == "int") return b.getI64IntegerAttr(int64_t(below(5)) - 2);
    if (kind == "bool") return b.getBoolAttr(below(2));
    if (kind == "float") return b.getF64FloatAttr(0.25 * (1 + below(8)));
    if (kind == "dtype") return TypeAttr::get(graph::elementType(context, graph::allDtypes[below(13)]));
    if (kind == "dims") {
      SmallVector<graph::Dim> shape;
      for (unsigned n = below(4); n > 0; --n) shape.push_back(graph::Dim(int64_t(1 + below(8))));
      if (below(2) && !shape.empty()) shape[below(unsigned(shape.size()))] = graph::Dim(-1);
      return graph::shapeAttr(context, shape);
    }
    if (kind == "type") return TypeAttr::get(inputType());
    if (kind != "ints") return {};
    SmallVector<int64_t> list(below(2) ? rank : 1 + below(3));
    std::iota(list.begin(), list.end(), 0);
    if (below(2))
      std::shuffle(list.begin(), list.end(), random);
    else
      for (int64_t &x : list) x = int64_t(below(4)) - (below(4) ? 0 : 2);
    return b.getDenseI64ArrayAttr(list);
  }

  /// One op on some of the values; null if the draw was none that the op takes.
  Operation *tryOp(OpBuilder &b, ArrayRef<Value> values) {
    ArrayRef<graph::OpSignature> table = graph::opSignatures();
    const graph::OpSignature &op = table[below(unsigned(table.size()))];
    if (!op.callable) return nullptr;
    auto name = RegisteredOperationName::lookup(("graph." + op.mnemonic).str(), context);
    OperationState state(b.getUnknownLoc(), name->getStringRef());
    auto draw = [&] { return values[below(2) ? below(unsigned(values.size())) : unsigned(values.size()) - 1]; };
    for (const graph::OperandSignature &operand : op.operands) {
      unsigned count = operand.variadic ? 1 + below(3) : operand.optional ? below(2) : 1;
      for (; count > 0; --count) state.operands.push_back(draw());
    }
    for (const graph::AttributeSignature &wanted : op.attributes) {
      if (!wanted.required && below(2)) continue;
      Attribute value = attribute(wanted.kind, state.operands);
      if (!value && wanted.required) return nullptr;
      if (value) state.addAttribute(wanted.name, value);
    }
    auto *inference = name->getInterface<InferTypeOpInterface>();
    DictionaryAttr attributes = state.attributes.getDictionary(context);
    if (failed(inference->inferReturnTypes(context, std::nullopt, state.operands, attributes, OpaqueProperties(nullptr),
                                           RegionRange(), state.types)))
      return nullptr;
    for (Type type : state.types) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || !tensor.hasStaticShape() || tensor.getNumElements() > mostElements) return nullptr;
    }
    return b.create(state);
  }

  Dtype favourite = Dtype::F32;

private:
  MLIRContext *context;
  std::mt19937 &random;
  SmallVector<int64_t> likely;
};
} // namespace

func::FuncOp addRandomFunction(ModuleOp module, llvm::StringRef name, int64_t position, unsigned nodes,
                               std::mt19937 &random) {
  MLIRContext *context = module.getContext();
  Generator generator(context, random);
  generator.favourite = generator.below(2) ? Dtype::F32 : graph::allDtypes[generator.below(13)];
  SmallVector<Type> inputs;
  for (unsigned i = 0, n = 2 + generator.below(3); i < n; ++i) inputs.push_back(generator.inputType());
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  auto function = b.create<func::FuncOp>(b.getUnknownLoc(), name, b.getFunctionType(inputs, {}));
  Block *block = function.addEntryBlock();
  b.setInsertionPointToStart(block);
  SmallVector<Value> values(block->args_begin(), block->args_end()), outputs;
  for (unsigned made = 0, tries = 0; made < nodes && tries < nodes * triesPerNode; ++tries) {
    Operation *op = generator.tryOp(b, values);
    if (!op) continue;
    ++made;
    values.append(op->result_begin(), op->result_end());
    for (Value result : op->getResults())
      if (generator.below(2)) outputs.push_back(result);
  }
  if (outputs.empty() && values.size() > inputs.size()) outputs.push_back(values.back());
  if (outputs.empty()) outputs.push_back(values.front());
  b.create<func::ReturnOp>(b.getUnknownLoc(), outputs);
  // What no output needs, the compiler drops, and with it a wrong index that the reference would find.
  for (Operation &op : llvm::make_early_inc_range(llvm::drop_begin(llvm::reverse(*block))))
    if (op.use_empty()) op.erase();
  function.setFunctionType(b.getFunctionType(inputs, TypeRange(ValueRange(outputs))));
  function->setAttr("graph.entry", b.getI64IntegerAttr(position));
  for (unsigned i = 0; i < inputs.size(); ++i) function.setArgAttr(i, "graph.name", b.getStringAttr("x" + Twine(i)));
  for (unsigned i = 0; i < outputs.size(); ++i)
    function.setResultAttr(i, "graph.name", b.getStringAttr("y" + Twine(i)));
  return function;
}

} // namespace graphc::test
