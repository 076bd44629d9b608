// random_graph.h. Types are kept small: what is compiled matters, not how long it runs.
#include "dialects/graph/op_signature.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "tests/models/random_generator.h"
#include <algorithm>
#include <numeric>

using namespace mlir;

namespace graphc::test {
using graph::Dim;
using graph::Dtype;

namespace {
constexpr int64_t mostElements = 4096, mostOfDim = 12;
constexpr unsigned triesPerNode = 40;
} // namespace

Generator::Generator(ModuleOp module, llvm::StringRef name, const RandomGraph &kind, std::mt19937 &random)
    : module(module), context(module.getContext()), name(name), kind(kind), random(random) {
  favourite = kind.doubles ? Dtype::F64 : below(2) ? Dtype::F32 : graph::allDtypes[below(13)];
}

Dtype Generator::drawDtype() {
  Dtype dtype = graph::allDtypes[below(std::size(graph::allDtypes))];
  if (kind.doubles && isa<FloatType>(graph::elementType(context, dtype))) return Dtype::F64;
  return dtype;
}

Dim Generator::drawSize() {
  static const int64_t sizes[] = {1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 0};
  if (kind.control && below(4) == 0)
    return Dim::named(graph::DimAttr::get(context, below(2) ? "N" : "M", 1, mostOfDim, 1));
  return sizes[below(below(4) ? 11 : 12)];
}

RankedTensorType Generator::inputType() {
  SmallVector<Dim> shape;
  if (!likely.empty() && below(2))
    shape.assign(likely.begin(), likely.end()); // so that values fit each other
  else
    for (unsigned rank = below(4); rank > 0; --rank) shape.push_back(drawSize());
  while (graph::elementCount(shape).high() > mostElements) shape.pop_back();
  likely = shape;
  Dtype dtype = below(3) ? favourite : drawDtype();
  return graph::tensorType(shape, graph::elementType(context, dtype));
}

/// An attribute of a kind of op_signature.h, or null: leave it out, or leave the op out if it is required.
Attribute Generator::attribute(llvm::StringRef kind, ValueRange operands) {
  Builder b(context);
  unsigned rank = operands.empty() ? 2 : unsigned(cast<RankedTensorType>(operands[0].getType()).getRank());
  if (kind == "int") return b.getI64IntegerAttr(int64_t(below(5)) - 2);
  if (kind == "bool") return b.getBoolAttr(below(2));
  if (kind == "float") return b.getF64FloatAttr(0.25 * (1 + below(8)));
  if (kind == "dtype") return TypeAttr::get(graph::elementType(context, drawDtype()));
  if (kind == "dims") {
    SmallVector<Dim> shape;
    for (unsigned n = below(4); n > 0; --n)
      shape.push_back(this->kind.control ? drawSize() : Dim(int64_t(1 + below(8))));
    if (below(2) && !shape.empty()) shape[below(unsigned(shape.size()))] = Dim(-1);
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

bool Generator::isSmall(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && graph::isNamed(tensor) && graph::elementCount(graph::shapeOf(tensor)).high() <= mostElements;
}

Value Generator::draw(ArrayRef<Value> values) {
  return values[below(2) ? below(unsigned(values.size())) : unsigned(values.size()) - 1];
}

Operation *Generator::tryOp(OpBuilder &b, ArrayRef<Value> values) {
  ArrayRef<graph::OpSignature> table = graph::opSignatures();
  const graph::OpSignature &op = table[below(unsigned(table.size()))];
  if (!op.callable) return nullptr;
  auto name = RegisteredOperationName::lookup(("graph." + op.mnemonic).str(), context);
  OperationState state(b.getUnknownLoc(), name->getStringRef());
  for (const graph::OperandSignature &operand : op.operands) {
    unsigned count = operand.variadic ? 1 + below(3) : operand.optional ? below(2) : 1;
    for (; count > 0; --count) state.operands.push_back(draw(values));
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
  return llvm::all_of(state.types, isSmall) ? b.create(state) : nullptr;
}

void Generator::grow(OpBuilder &b, Values &values, unsigned nodes, unsigned depth) {
  for (unsigned made = 0, tries = 0; made < nodes && tries < nodes * triesPerNode; ++tries) {
    bool control = kind.control && depth < 3 && below(triesPerNode / 4) == 0;
    Operation *op = control ? tryControl(b, values, depth) : tryOp(b, values);
    if (!op) continue;
    ++made;
    values.append(op->result_begin(), op->result_end());
  }
}

void Generator::dropUnused(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::drop_begin(llvm::reverse(block))))
    if (op.use_empty()) op.erase();
}

func::FuncOp addRandomFunction(ModuleOp module, llvm::StringRef name, int64_t position, const RandomGraph &kind,
                               std::mt19937 &random) {
  Generator generator(module, name, kind, random);
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  SmallVector<Type> inputs;
  if (kind.control) { // the dims come from inputs that they alone shape
    SmallVector<Attribute> dims;
    for (const char *dim : {"N", "M"}) dims.push_back(graph::DimAttr::get(module.getContext(), dim, 1, mostOfDim, 1));
    module->setAttr("graph.dims", b.getArrayAttr(dims));
    for (Attribute dim : dims)
      inputs.push_back(
          graph::tensorType(Dim::named(cast<graph::DimAttr>(dim)),
                            graph::elementType(module.getContext(), kind.doubles ? Dtype::F64 : Dtype::F32)));
  }
  for (unsigned i = 0, n = 2 + generator.below(3); i < n; ++i) inputs.push_back(generator.inputType());
  auto function = b.create<func::FuncOp>(b.getUnknownLoc(), name, b.getFunctionType(inputs, {}));
  Block *block = function.addEntryBlock();
  b.setInsertionPointToStart(block);
  Generator::Values values(block->args_begin(), block->args_end()), outputs;
  generator.grow(b, values, kind.nodes, 0);
  for (Value value : ArrayRef(values).drop_front(inputs.size()))
    if (generator.below(2)) outputs.push_back(value);
  if (outputs.empty()) outputs.push_back(values.back());
  b.create<func::ReturnOp>(b.getUnknownLoc(), outputs);
  Generator::dropUnused(*block);
  function.setFunctionType(b.getFunctionType(inputs, TypeRange(ValueRange(outputs))));
  setEntry(function, position);
  return function;
}

void setEntry(func::FuncOp function, int64_t position) {
  Builder b(function.getContext());
  function->setAttr("graph.entry", b.getI64IntegerAttr(position));
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    function.setArgAttr(i, "graph.name", b.getStringAttr("x" + Twine(i)));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    function.setResultAttr(i, "graph.name", b.getStringAttr("y" + Twine(i)));
}

int64_t randomSize(graph::DimAttr dim, unsigned seed) {
  return 1 + (seed / (dim.getName() == "N" ? 1 : mostOfDim)) % mostOfDim;
}

} // namespace graphc::test
