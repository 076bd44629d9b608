// scan_body.h.
#include "compiler/optimize/scan_body.h"
#include "dialects/graph/control_flow.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using graphc::optimize::ScanBody;

std::optional<ScanBody> ScanBody::of(graph::ScanOp scan, SymbolTable &symbols) {
  auto body = symbols.lookup<func::FuncOp>(scan.getBody());
  if (!body || !body.isPrivate() || !body.getBody().hasOneBlock() ||
      TypeRange(body.getArgumentTypes()) != TypeRange(scan.calls()[0].operands))
    return std::nullopt;
  auto uses = SymbolTable::getSymbolUses(body.getSymNameAttr(), symbols.getOp());
  bool isShared = !uses || !llvm::hasSingleElement(*uses);
  if (isShared) {
    auto copy = cast<func::FuncOp>(body->clone());
    symbols.insert(copy, std::next(body->getIterator()));
    body = copy;
  }
  return ScanBody(scan, body, isShared);
}

void ScanBody::leave(SymbolTable &symbols) {
  if (isCopy) symbols.erase(body);
}

ScanBody::ScanBody(graph::ScanOp scan, func::FuncOp body, bool isCopy)
    : scan(scan), body(body), hasIndex(scan.getIndex()), isCopy(isCopy), inits(scan.getInits()), over(scan.getOver()),
      captures(scan.getCaptures()), results(scan.getResults()) {}

Value ScanBody::sequenceOf(Value argument) {
  auto own = dyn_cast<BlockArgument>(argument);
  if (!own || own.getOwner() != &block()) return {};
  size_t first = index() + inits.size(), i = own.getArgNumber();
  return i >= first && i < first + over.size() ? over[i - first] : Value();
}

Value ScanBody::captureOf(Value argument) {
  auto own = dyn_cast<BlockArgument>(argument);
  if (!own || own.getOwner() != &block()) return {};
  size_t first = index() + inits.size() + over.size(), i = own.getArgNumber();
  return i >= first ? captures[i - first] : Value();
}

RankedTensorType ScanBody::stackedType(Type type) { return graph::rowsOf(type, scan.turns()); }

std::optional<size_t> ScanBody::collectedAs(Value value) {
  for (size_t i = inits.size(); i < results.size(); ++i)
    if (terminator()->getOperand(i) == value) return i;
  return std::nullopt;
}

BlockArgument ScanBody::addSequence(Value sequence) {
  size_t position = index() + inits.size() + over.size();
  over.push_back(sequence);
  return block().insertArgument(position, graph::rowOf(sequence.getType()), sequence.getLoc());
}

size_t ScanBody::addCollected(Value value) {
  terminator()->insertOperands(results.size(), value);
  results.push_back({});
  return results.size() - 1;
}

void ScanBody::dropResult(size_t i) {
  Operation *maker = terminator()->getOperand(i).getDefiningOp();
  terminator()->eraseOperand(i);
  results.erase(results.begin() + i);
  if (i >= inits.size()) return;
  if (maker && isOpTriviallyDead(maker)) maker->erase();
  block().eraseArgument(index() + i);
  inits.erase(inits.begin() + i);
}

void ScanBody::dropDeadOps() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block())))
    if (isOpTriviallyDead(&op)) op.erase();
}

void ScanBody::dropUnreadSequences() {
  for (size_t i = over.size(); i-- > 0;) {
    size_t argument = index() + inits.size() + i;
    if (!block().getArgument(argument).use_empty()) continue;
    block().eraseArgument(argument);
    over.erase(over.begin() + i);
  }
}

graphc::graph::ScanOp ScanBody::finish() {
  OpBuilder b(scan);
  SmallVector<Type> given(terminator()->getOperandTypes()), types;
  body.setFunctionType(b.getFunctionType(block().getArgumentTypes(), given));
  for (auto [i, type] : llvm::enumerate(given)) types.push_back(i < inits.size() ? type : stackedType(type));
  auto made = b.create<graph::ScanOp>(scan.getLoc(), types, FlatSymbolRefAttr::get(body.getSymNameAttr()), inits, over,
                                      captures, scan.getCount(), scan.getLengthAttr(), scan.getReverseAttr(),
                                      scan.getIndexAttr(), scan.getTouchesStateAttr(), scan.getGradAttr());
  for (auto [old, result] : llvm::zip_equal(results, made.getResults()))
    if (old) old.replaceAllUsesWith(result);
  return made;
}

static void visit(func::FuncOp function, SymbolTable &symbols, DenseSet<Operation *> &visited,
                  llvm::function_ref<void(graphc::graph::ScanOp)> change) {
  if (!visited.insert(function).second) return;
  SmallVector<graphc::graph::Calling> callers;
  function.walk([&](graphc::graph::Calling caller) { callers.push_back(caller); });
  for (graphc::graph::Calling caller : callers) { // as deep as what is left of calls and control flow is nested
    for (const graphc::graph::CalledFunction &call : caller.calls())
      if (auto callee = symbols.lookup<func::FuncOp>(call.callee.getAttr())) visit(callee, symbols, visited, change);
    if (auto scan = dyn_cast<graphc::graph::ScanOp>(caller.getOperation())) change(scan);
  }
}

void graphc::optimize::forEachScan(ModuleOp module, SymbolTable &symbols,
                                   llvm::function_ref<void(graph::ScanOp)> change) {
  DenseSet<Operation *> visited;
  for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) visit(function, symbols, visited, change);
}

int64_t graphc::optimize::mostBytes(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  int64_t elements = graph::elementCount(graph::shapeOf(tensor)).high(), bytes;
  int64_t width = (tensor.getElementTypeBitWidth() + 7) / 8;
  return llvm::MulOverflow(elements, width, bytes) ? std::numeric_limits<int64_t>::max() : bytes;
}
