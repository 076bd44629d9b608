// Lookups in the state that the parts of the frontend share.
#include "compiler/frontend/program.h"

namespace graphc::frontend {

const Definition *Program::find(llvm::StringRef name) const {
  auto it = definitions.find(name);
  return it == definitions.end() ? nullptr : &it->second;
}

const graph::OpSignature *Program::findOp(llvm::StringRef name) {
  const graph::OpSignature *op = graph::findOp(name);
  return op && op->callable ? op : nullptr;
}

void Program::unknownCallee(llvm::StringRef name, support::Span span, bool formula) {
  llvm::SmallVector<llvm::StringRef> candidates;
  for (const graph::OpSignature &op : graph::opSignatures())
    if (op.callable) candidates.push_back(op.mnemonic);
  for (auto &entry : definitions)
    if (!formula || !entry.second.isLayer) candidates.push_back(entry.first);
  llvm::sort(candidates);
  std::string hint = support::didYouMean(name, candidates);
  if (hint.empty()) hint = support::didYouMean(name.lower(), candidates); // MatMul
  diagnostics.error("G1001", span,
                    (formula ? "no op or function '" : "no op, layer or function '") +
                        support::printable(name.take_front(64)) + "'" + hint);
}

mlir::Location Program::location(support::Span span) const {
  if (!span) return mlir::UnknownLoc::get(context);
  support::LineColumn place = sources.lineColumn(span.file, span.begin);
  return mlir::FileLineColLoc::get(context, sources.path(span.file), place.line, place.column);
}

support::JsonValue givenAttribute(const Program &program, const Definition &caller, llvm::StringRef callee,
                                  llvm::ArrayRef<support::JsonValue> own, llvm::StringRef name) {
  for (support::JsonValue attribute : own)
    if (attribute.key() == name) return attribute;
  if (caller.isStandard || !program.defaults) return support::JsonValue();
  support::JsonValue forOp = program.defaults.find(callee);
  return forOp && forOp.isObject() ? forOp.find(name) : support::JsonValue();
}
} // namespace graphc::frontend
