// control.h.
#include "compiler/onnx/control.h"
#include "dialects/graph/structure.h"

namespace graphc::onnx {
namespace {

/// The regions of one op.
class Regions {
public:
  explicit Regions(NodeBuilder &n) : n(n), builder(n.model.builder), around(builder.saveInsertionPoint()) {}
  ~Regions() { builder.restoreInsertionPoint(around); }

  /// False after a mistake. `given`: the types that its results must have; null: they may have any.
  bool build(llvm::StringRef word, llvm::ArrayRef<mlir::Type> arguments, BuildRegion content, size_t checked,
             llvm::ArrayRef<mlir::Type> given);
  /// Once all stand: what they read of outside turns into arguments; the turn's number goes where no region reads it.
  /// True if it stays.
  bool finish(bool isLoop);

  mlir::FlatSymbolRefAttr symbol(size_t i) { return mlir::FlatSymbolRefAttr::get(functions[i].getSymNameAttr()); }
  mlir::Operation::operand_range returned(size_t i) { return block(i).getTerminator()->getOperands(); }
  llvm::SetVector<mlir::Value> captures;

private:
  mlir::Block &block(size_t i) { return functions[i].getBody().front(); }
  NodeBuilder &n;
  mlir::OpBuilder &builder;
  mlir::OpBuilder::InsertPoint around;
  llvm::SmallVector<mlir::func::FuncOp, 2> functions;
};

} // namespace

static std::string typeText(mlir::Type type) {
  auto tensor = mlir::cast<mlir::RankedTensorType>(type);
  return graph::typeName(tensor.getElementType()) + graph::shapeText(graph::shapeOf(tensor));
}

bool Regions::build(llvm::StringRef word, llvm::ArrayRef<mlir::Type> arguments, BuildRegion content, size_t checked,
                    llvm::ArrayRef<mlir::Type> given) {
  std::string base = ("predict/" + n.ownName() + "." + word).str(), name = base;
  for (unsigned i = 1; n.model.module.lookupSymbol(name); ++i) name = base + std::to_string(i);
  mlir::OpBuilder atEnd = mlir::OpBuilder::atBlockEnd(n.model.module.getBody());
  mlir::Location location = n.nodeLocation();
  auto function = atEnd.create<mlir::func::FuncOp>(location, name, builder.getFunctionType(arguments, {}));
  function.setPrivate();
  functions.push_back(function);
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Values values;
  for (mlir::BlockArgument argument : function.getArguments()) values.push_back(mlir::Value(argument));
  Values results = content(values);
  if (n.failed()) return false;
  llvm::SmallVector<mlir::Value> placed;
  for (auto [i, result] : llvm::enumerate(results)) {
    if (!result) return n.error("G0202", "a region of it gives no value"), false;
    placed.push_back(n.placed(result));
    if (n.failed()) return false;
    if (i < checked && placed.back().getType() != given[i]) {
      n.error("G0204", "a value that is " + typeText(given[i]) + " first and " + typeText(placed.back().getType()) +
                           " then is not supported");
      return false;
    }
  }
  builder.create<mlir::func::ReturnOp>(location, placed);
  builder.restoreInsertionPoint(around);
  return true;
}

bool Regions::finish(bool isLoop) {
  for (size_t i = 0; i < functions.size(); ++i)
    for (mlir::Operation &op : block(i))
      for (mlir::Value operand : op.getOperands())
        if (operand.getParentBlock() != &block(i)) captures.insert(operand);
  bool usesTurn = false;
  for (size_t i = 0; i < functions.size() && isLoop; ++i) usesTurn |= !block(i).getArgument(0).use_empty();
  for (size_t i = 0; i < functions.size(); ++i) {
    if (isLoop && !usesTurn) block(i).eraseArgument(0);
    llvm::DenseMap<mlir::Value, mlir::Value> inside;
    for (mlir::Value captured : captures)
      inside[captured] = block(i).addArgument(captured.getType(), captured.getLoc());
    for (mlir::Operation &op : block(i))
      for (mlir::OpOperand &operand : op.getOpOperands())
        if (mlir::Value own = inside.lookup(operand.get())) operand.set(own);
    functions[i].setFunctionType(
        builder.getFunctionType(block(i).getArgumentTypes(), mlir::ValueRange(returned(i)).getTypes()));
  }
  return usesTurn;
}

static Values valuesOf(mlir::ValueRange results) {
  Values values;
  for (mlir::Value result : results) values.push_back(result);
  return values;
}

Values buildIf(NodeBuilder &n, Value condition, BuildRegion yes, BuildRegion no) {
  condition = n.reshape(condition, {});
  if (n.failed()) return {};
  if (condition.dtype() != graph::Dtype::Bool) return n.error("G0202", "its condition must be a bool"), Values();
  mlir::Value chosen = n.placed(condition);
  Regions regions(n);
  if (!regions.build("then", {}, yes, 0, {})) return {};
  llvm::SmallVector<mlir::Type> types(mlir::ValueRange(regions.returned(0)).getTypes());
  if (!regions.build("else", {}, no, types.size(), types)) return {};
  if (regions.returned(1).size() != types.size())
    return n.error("G0202", "its branches give different results"), Values();
  regions.finish(/*isLoop=*/false);
  auto op = n.model.builder.create<graph::IfOp>(n.nodeLocation(), types, regions.symbol(0), regions.symbol(1), chosen,
                                                regions.captures.getArrayRef(), mlir::UnitAttr());
  return valuesOf(op.getResults());
}

static mlir::Type turnType(NodeBuilder &n) {
  return mlir::RankedTensorType::get({}, graph::elementType(n.model.builder.getContext(), graph::Dtype::I64));
}

Values buildScan(NodeBuilder &n, llvm::ArrayRef<Value> inits, llvm::ArrayRef<Value> over, int64_t length, bool reverse,
                 BuildRegion body) {
  mlir::OpBuilder &builder = n.model.builder;
  llvm::SmallVector<mlir::Value> firsts, sequences;
  llvm::SmallVector<mlir::Type> arguments{turnType(n)}, types;
  for (const Value &init : inits) {
    if (n.failed() || !init) return n.error("G0202", "a first value is missing"), Values();
    firsts.push_back(n.placed(init));
    if (n.failed()) return {};
    types.push_back(firsts.back().getType());
    arguments.push_back(types.back());
  }
  for (const Value &sequence : over) {
    if (n.failed() || !sequence || sequence.rank() < 1 || sequence.dim(0) != length)
      return n.error("G0202", "its sequences have different lengths"), Values();
    sequences.push_back(n.placed(sequence));
    if (n.failed()) return {};
    arguments.push_back(mlir::RankedTensorType::get(sequence.shape().drop_front(),
                                                    mlir::getElementTypeOrSelf(sequences.back().getType())));
  }
  Regions regions(n);
  if (!regions.build("body", arguments, body, types.size(), types)) return {};
  if (regions.returned(0).size() < types.size()) return n.error("G0202", "its body gives too few values"), Values();
  for (mlir::Value collected : regions.returned(0).drop_front(types.size())) {
    auto type = mlir::cast<mlir::RankedTensorType>(collected.getType());
    llvm::SmallVector<int64_t> shape(type.getShape());
    shape.insert(shape.begin(), length);
    if (shape.size() > 16 || !checkedElements(shape)) return n.error("G0202", "its result is too large"), Values();
    types.push_back(mlir::RankedTensorType::get(shape, type.getElementType()));
  }
  if (types.empty()) return n.error("G0202", "it has no results"), Values();
  bool index = regions.finish(/*isLoop=*/true);
  auto unit = [&](bool set) { return set ? builder.getUnitAttr() : mlir::UnitAttr(); };
  auto op = builder.create<graph::ScanOp>(
      n.nodeLocation(), types, regions.symbol(0), firsts, sequences, regions.captures.getArrayRef(),
      graph::shapeAttr(builder.getContext(), graph::Dim(length)), unit(reverse), unit(index), mlir::UnitAttr());
  return valuesOf(op.getResults());
}

Values buildWhile(NodeBuilder &n, llvm::ArrayRef<Value> inits, std::optional<int64_t> limit, BuildRegion condition,
                  BuildRegion body) {
  mlir::OpBuilder &builder = n.model.builder;
  llvm::SmallVector<mlir::Value> firsts;
  llvm::SmallVector<mlir::Type> arguments{turnType(n)};
  for (const Value &init : inits) {
    if (n.failed() || !init) return n.error("G0202", "a first value is missing"), Values();
    firsts.push_back(n.placed(init));
    if (n.failed()) return {};
    arguments.push_back(firsts.back().getType());
  }
  llvm::SmallVector<mlir::Type> types(llvm::ArrayRef(arguments).drop_front());
  Regions regions(n);
  auto truth = mlir::RankedTensorType::get({}, graph::elementType(builder.getContext(), graph::Dtype::Bool));
  if (!regions.build("cond", arguments, condition, 1, mlir::Type(truth))) return {};
  if (!regions.build("body", arguments, body, types.size(), types)) return {};
  if (regions.returned(1).size() != types.size()) return n.error("G0202", "its body gives too few values"), Values();
  bool index = regions.finish(/*isLoop=*/true);
  types.push_back(turnType(n)); // how many turns there were
  auto unit = [&](bool set) { return set ? builder.getUnitAttr() : mlir::UnitAttr(); };
  auto op = builder.create<graph::WhileOp>(
      n.nodeLocation(), types, regions.symbol(0), regions.symbol(1), firsts, regions.captures.getArrayRef(),
      limit ? graph::shapeAttr(builder.getContext(), graph::Dim(*limit)) : graph::ShapeAttr(), unit(limit.has_value()),
      unit(index), mlir::UnitAttr());
  return valuesOf(op.getResults().drop_back());
}

} // namespace graphc::onnx
