// Control flow: a line with its regions in it, whose functions (structure.td) are opened up there: their further
// arguments are names around.
#include "compiler/print_json/printer.h"
#include "dialects/graph/dim.h"

using namespace mlir;

namespace graphc::print_json {

std::vector<std::string> Printer::freshNames(llvm::StringRef wanted, size_t count) {
  std::vector<std::string> fresh;
  for (size_t i = 0; i < count; ++i) fresh.push_back(freshName(wanted));
  return fresh;
}

Block *Printer::openRegion(Operation *op, FlatSymbolRefAttr symbol, ArrayRef<std::string> own, ValueRange captures) {
  auto function = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol);
  if (!function || !function.getBody().hasOneBlock() || function.getNumArguments() != own.size() + captures.size())
    return nullptr;
  Block &block = function.front();
  for (auto [argument, name] : llvm::zip(block.getArguments(), own)) names[argument] = name;
  for (auto [argument, captured] : llvm::zip(block.getArguments().drop_front(own.size()), captures))
    names[argument] = names.lookup(captured);
  nameNodes(block);
  return &block;
}

bool Printer::printRegion(Block &block, ArrayRef<std::string> outputs, size_t collected, llvm::StringRef turn) {
  ValueRange values = block.getTerminator()->getOperands();
  std::string indent(8 + 2 * ++depth, ' ');
  out << "{\n" << indent << "\"nodes\": [";
  if (!printNodes(block, indent + "  ")) return false;
  out << ",\n" << indent;
  if (outputs.empty()) {
    out << "\"outputs\": [";
    for (auto [i, value] : llvm::enumerate(values)) {
      out << (i ? ", " : "");
      if (!printOperand(value)) return false;
    }
    out << "]";
  } else {
    if (values.size() != outputs.size()) return false;
    size_t carried = outputs.size() - collected;
    std::string counted = turn.empty() ? "" : quoted(turn) + ": " + quoted((turn + " + 1").str());
    if (!printNamed("outputs", outputs.take_front(carried), values.take_front(carried), counted)) return false;
    if (collected && (out << ", ", !printNamed("collect", outputs.drop_front(carried), values.drop_front(carried))))
      return false;
  }
  out << "\n" << std::string(8 + 2 * --depth, ' ') << "}";
  return true;
}

bool Printer::printNamed(llvm::StringRef key, ArrayRef<std::string> given, ValueRange values, llvm::StringRef further) {
  out << quoted(key) << ": {";
  for (auto [i, name] : llvm::enumerate(given)) {
    out << (i ? ", " : " ") << quoted(name) << ": ";
    if (!printOperand(values[i])) return false;
  }
  if (!further.empty()) out << (given.empty() ? " " : ", ") << further;
  out << " }";
  return true;
}

bool Printer::printControl(Operation *op) {
  out << "{ \"op\": " << quoted(op->getName().stripDialect()) << ", ";
  if (auto branch = dyn_cast<graph::IfOp>(op)) return printIf(branch);
  if (auto loop = dyn_cast<graph::WhileOp>(op)) return printWhile(loop);
  return printScan(cast<graph::ScanOp>(op));
}

bool Printer::printIf(graph::IfOp op) {
  out << "\"cond\": ";
  if (!printOperand(op.getCondition())) return false;
  for (auto [key, symbol] : {std::pair("then", op.getThenFunctionAttr()), {"else", op.getElseFunctionAttr()}}) {
    out << ", " << quoted(key) << ": ";
    Block *block = openRegion(op, symbol, {}, op.getCaptures());
    if (!block || !printRegion(*block, {}, 0)) return false;
  }
  return printResults(op, op->getNumResults()), true;
}

bool Printer::printWhile(graph::WhileOp op) {
  std::vector<std::string> carries = freshNames("carried", op.getInits().size()), own;
  std::string turn = op.getIndex() ? freshName("turn") : ""; // a carry
  if (!turn.empty()) own.push_back(turn);
  own.insert(own.end(), carries.begin(), carries.end());
  std::string first = turn.empty() ? "" : quoted(turn) + ": { \"type\": \"i64[]\", \"value\": 0 }";
  if (!printNamed("carry", carries, op.getInits(), first)) return false;
  if (auto limit = op.getLimitAttr())
    out << ", \"max_iterations\": " << graph::Dim::ofShape(limit, 0).text()
        << ", \"on_limit\": " << (op.getStop() ? "\"stop\"" : "\"error\"");
  Block *condition = openRegion(op, op.getConditionAttr(), own, op.getCaptures());
  out << ", \"cond\": ";
  if (!condition || !printRegion(*condition, {}, 0)) return false;
  Block *body = openRegion(op, op.getBodyAttr(), own, op.getCaptures());
  out << ", \"body\": ";
  if (!body || !printRegion(*body, carries, 0, turn)) return false;
  return printResults(op, carries.size()), true;
}

bool Printer::printScan(graph::ScanOp op) {
  std::vector<std::string> carries = freshNames("carried", op.getInits().size()), own,
                           slices = freshNames("row", op.getOver().size());
  if (op.getIndex()) own.push_back(freshName("turn"));
  own.insert(own.end(), carries.begin(), carries.end());
  own.insert(own.end(), slices.begin(), slices.end());
  if (slices.empty())
    out << "\"length\": " << op.turns().text();
  else if (!printNamed("over", slices, op.getOver()))
    return false;
  if (op.getIndex()) out << ", \"index\": " << quoted(own.front());
  if (!carries.empty() && (out << ", ", !printNamed("carry", carries, op.getInits()))) return false;
  if (op.getReverse()) out << ", \"reverse\": true";
  size_t collected = op->getNumResults() - carries.size();
  std::vector<std::string> outputs(carries), together = freshNames("rows", collected);
  outputs.insert(outputs.end(), together.begin(), together.end());
  Block *body = openRegion(op, op.getBodyAttr(), own, op.getCaptures());
  out << ", \"body\": ";
  if (!body || !printRegion(*body, outputs, collected)) return false;
  return printResults(op, op->getNumResults()), true;
}

} // namespace graphc::print_json
