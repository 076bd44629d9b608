// control.h.
#include "compiler/onnx/control.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/region_functions.h"
#include "dialects/graph/structure.h"

namespace graphc::onnx {
namespace {

/// The regions of one op.
class Regions {
public:
  explicit Regions(NodeBuilder &n) : n(n), builder(n.model.builder), around(builder.saveInsertionPoint()) {}
  ~Regions() { builder.restoreInsertionPoint(around); }

  /// False after a mistake. `given`: the types that its first results must have; others may have any.
  bool build(llvm::StringRef word, llvm::ArrayRef<mlir::Type> arguments, BuildRegion content,
             llvm::ArrayRef<mlir::Type> given);
  /// Once all stand.
  graph::ClosedRegions close(bool isLoop) { return graph::closeRegions(functions, isLoop); }

  mlir::FlatSymbolRefAttr symbol(size_t i) { return mlir::FlatSymbolRefAttr::get(functions[i].getSymNameAttr()); }
  mlir::Operation::operand_range returned(size_t i) { return functions[i].front().getTerminator()->getOperands(); }

private:
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

bool Regions::build(llvm::StringRef word, llvm::ArrayRef<mlir::Type> arguments, BuildRegion content,
                    llvm::ArrayRef<mlir::Type> given) {
  mlir::Location location = n.nodeLocation();
  mlir::func::FuncOp function =
      graph::openRegion(n.model.module, location, ("predict/" + n.ownName() + "." + word).str(), arguments);
  functions.push_back(function);
  builder.setInsertionPointToEnd(&function.front());
  Values values;
  for (mlir::BlockArgument argument : function.getArguments()) values.push_back(mlir::Value(argument));
  Values results = content(values);
  if (n.failed()) return false;
  llvm::SmallVector<mlir::Value> placed;
  for (auto [i, result] : llvm::enumerate(results)) {
    if (!result) return n.error("G0202", "a region of it gives no value"), false;
    placed.push_back(n.placed(result));
    if (n.failed()) return false;
    if (i < given.size() && placed.back().getType() != given[i]) {
      n.error("G0204", "a value that is " + typeText(given[i]) + " first and " + typeText(placed.back().getType()) +
                           " then is not supported");
      return false;
    }
  }
  builder.create<mlir::func::ReturnOp>(location, placed);
  builder.restoreInsertionPoint(around);
  return true;
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
  if (!regions.build("then", {}, yes, {})) return {};
  llvm::SmallVector<mlir::Type> types(mlir::ValueRange(regions.returned(0)).getTypes());
  if (!regions.build("else", {}, no, types)) return {};
  if (regions.returned(1).size() != types.size())
    return n.error("G0202", "its branches give different results"), Values();
  graph::ClosedRegions closed = regions.close(/*isLoop=*/false);
  auto op = n.model.builder.create<graph::IfOp>(n.nodeLocation(), types, regions.symbol(0), regions.symbol(1), chosen,
                                                closed.captures.getArrayRef(), mlir::UnitAttr());
  return valuesOf(op.getResults());
}

static mlir::Type turnType(NodeBuilder &n) {
  return mlir::RankedTensorType::get({}, graph::elementType(n.model.builder.getContext(), graph::Dtype::I64));
}

/// The first values of carries, in the graph, and their types behind the others. False after a mistake.
static bool placeFirsts(NodeBuilder &n, llvm::ArrayRef<Value> inits, llvm::SmallVectorImpl<mlir::Value> &firsts,
                        llvm::SmallVectorImpl<mlir::Type> &types) {
  for (const Value &init : inits) {
    if (n.failed() || !init) return n.error("G0202", "a first value is missing"), false;
    firsts.push_back(n.placed(init));
    if (n.failed()) return false;
    types.push_back(firsts.back().getType());
  }
  return true;
}

Values buildScan(NodeBuilder &n, llvm::ArrayRef<Value> inits, llvm::ArrayRef<Value> over, int64_t length, bool reverse,
                 BuildRegion body) {
  mlir::OpBuilder &builder = n.model.builder;
  llvm::SmallVector<mlir::Value> firsts, sequences;
  llvm::SmallVector<mlir::Type> types, arguments{turnType(n)};
  if (!placeFirsts(n, inits, firsts, types)) return {};
  arguments.append(types);
  for (const Value &sequence : over) {
    if (n.failed() || !sequence || sequence.rank() < 1 || sequence.dim(0) != length)
      return n.error("G0202", "its sequences have different lengths"), Values();
    sequences.push_back(n.placed(sequence));
    if (n.failed()) return {};
    arguments.push_back(graph::rowOf(sequences.back().getType()));
  }
  Regions regions(n);
  if (!regions.build("body", arguments, body, types)) return {};
  if (regions.returned(0).size() < types.size()) return n.error("G0202", "its body gives too few values"), Values();
  for (mlir::Value collected : regions.returned(0).drop_front(types.size())) {
    mlir::RankedTensorType type = graph::rowsOf(collected.getType(), graph::Dim(length));
    if (type.getRank() > 16 || !checkedElements(type.getShape()))
      return n.error("G0202", "its result is too large"), Values();
    types.push_back(type);
  }
  if (types.empty()) return n.error("G0202", "it has no results"), Values();
  graph::ClosedRegions closed = regions.close(/*isLoop=*/true);
  auto unit = [&](bool set) { return set ? builder.getUnitAttr() : mlir::UnitAttr(); };
  auto op = builder.create<graph::ScanOp>(n.nodeLocation(), types, regions.symbol(0), firsts, sequences,
                                          closed.captures.getArrayRef(), mlir::Value(),
                                          graph::shapeAttr(builder.getContext(), graph::Dim(length)), unit(reverse),
                                          unit(closed.usesTurn), mlir::UnitAttr(), mlir::StringAttr());
  return valuesOf(op.getResults());
}

Values buildWhile(NodeBuilder &n, llvm::ArrayRef<Value> inits, std::optional<int64_t> limit, BuildRegion condition,
                  BuildRegion body) {
  mlir::OpBuilder &builder = n.model.builder;
  llvm::SmallVector<mlir::Value> firsts;
  llvm::SmallVector<mlir::Type> types, arguments{turnType(n)};
  if (!placeFirsts(n, inits, firsts, types)) return {};
  arguments.append(types);
  Regions regions(n);
  auto truth = mlir::RankedTensorType::get({}, graph::elementType(builder.getContext(), graph::Dtype::Bool));
  if (!regions.build("cond", arguments, condition, mlir::Type(truth))) return {};
  if (!regions.build("body", arguments, body, types)) return {};
  if (regions.returned(1).size() != types.size()) return n.error("G0202", "its body gives too few values"), Values();
  graph::ClosedRegions closed = regions.close(/*isLoop=*/true);
  types.push_back(turnType(n)); // how many turns there were
  auto unit = [&](bool set) { return set ? builder.getUnitAttr() : mlir::UnitAttr(); };
  auto op = builder.create<graph::WhileOp>(
      n.nodeLocation(), types, regions.symbol(0), regions.symbol(1), firsts, closed.captures.getArrayRef(),
      limit ? graph::shapeAttr(builder.getContext(), graph::Dim(*limit)) : graph::ShapeAttr(), unit(limit.has_value()),
      unit(closed.usesTurn), mlir::UnitAttr(), mlir::StringAttr());
  return valuesOf(op.getResults().drop_back());
}

} // namespace graphc::onnx
