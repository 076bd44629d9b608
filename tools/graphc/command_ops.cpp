// graphc ops [OP]: the ops of the language, from the signatures that the dialect generates; no op is named here.
#include "compiler/driver/driver.h"
#include "dialects/graph/op_signature.h"
#include "tools/graphc/command.h"
#include "tools/graphc/message.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphc;
using namespace graphc::cli;

/// "matmul(a, b, transpose_a = false) -> y", as a formula writes the call.
static std::string callOf(const graph::OpSignature &op) {
  std::string text = op.mnemonic.str() + "(", separator;
  for (const graph::OperandSignature &operand : op.operands) {
    bool mayMiss = operand.optional || (op.takesKey() && &operand == &op.operands.back());
    text += separator + operand.name.str() + (operand.variadic ? "..." : mayMiss ? "?" : "");
    separator = ", ";
  }
  for (const graph::AttributeSignature &attribute : op.attributes) {
    text += separator + attribute.name.str();
    if (!attribute.fallback.empty()) text += " = " + attribute.fallback.str();
    separator = ", ";
  }
  text += ")";
  separator = " -> ";
  for (llvm::StringRef result : op.results) {
    text += separator + result.str();
    separator = ", ";
  }
  return text;
}

/// The description without the indentation it has in its source, and without the example for readers of the compiler.
static std::string unindented(llvm::StringRef text) {
  text = text.split("```mlir").first;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  size_t indent = llvm::StringRef::npos;
  for (llvm::StringRef line : lines)
    if (!line.trim().empty()) indent = std::min(indent, line.find_first_not_of(' '));
  std::string result;
  for (llvm::StringRef line : lines) result += line.drop_front(std::min(indent, line.size())).rtrim().str() + "\n";
  return llvm::StringRef(result).trim('\n').str() + "\n";
}

static void printOp(const graph::OpSignature &op) {
  llvm::raw_ostream &out = llvm::outs();
  out << callOf(op) << "\n\n" << op.summary << "\n";
  if (!op.infix.empty()) out << "written 'a " << op.infix << " b' in formulas\n";
  if (!op.prefix.empty()) out << "written '" << op.prefix << " a' in formulas\n";
  for (const graph::AttributeSignature &attribute : op.attributes) {
    out << "  " << attribute.name << ": " << attribute.kind;
    if (!attribute.fallback.empty()) out << ", default " << attribute.fallback;
    out << (attribute.required ? ", required\n" : "\n");
  }
  std::string description = unindented(op.description);
  if (description != "\n") out << "\n" << description;
}

int cli::runOps(const llvm::opt::InputArgList &arguments) {
  llvm::StringRef wanted = arguments.getLastArgValue(OPT_INPUT);
  std::vector<llvm::StringRef> names;
  size_t width = 0;
  for (const graph::OpSignature &op : graph::opSignatures()) {
    if (!op.callable) continue;
    names.push_back(op.mnemonic);
    width = std::max(width, callOf(op).size());
  }
  if (wanted.empty()) {
    for (llvm::StringRef name : names) {
      const graph::OpSignature &op = *graph::findOp(name);
      std::string call = callOf(op);
      llvm::outs() << call << std::string(width - call.size() + 2, ' ') << op.summary << "\n";
    }
    return driver::Ok;
  }
  const graph::OpSignature *op = graph::findOp(wanted);
  if (op && op->callable) return printOp(*op), driver::Ok;
  return usageError("there is no op '" + support::printable(wanted) + "'" + support::didYouMean(wanted, names) +
                    "; 'graphc ops' lists them");
}
