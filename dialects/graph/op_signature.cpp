// Look-up in the table that tools/dev/op_signatures.py wrote from the .td files.
#include "dialects/graph/op_signature.h"
#include "llvm/ADT/STLExtras.h"

namespace graphc::graph {

namespace {
#include "dialects/graph/op_signature.inc" // static constexpr OpSignature table[], sorted by mnemonic
} // namespace

llvm::ArrayRef<OpSignature> opSignatures() { return table; }

const OpSignature *findOp(llvm::StringRef mnemonic) {
  const OpSignature *found = llvm::lower_bound(
      table, mnemonic, [](const OpSignature &op, llvm::StringRef name) { return op.mnemonic < name; });
  return found != std::end(table) && found->mnemonic == mnemonic ? found : nullptr;
}

static const OpSignature *findSpelling(llvm::StringRef spelling, llvm::StringRef OpSignature::*field) {
  if (spelling.empty()) return nullptr;
  const OpSignature *found = llvm::find_if(table, [&](const OpSignature &op) { return op.*field == spelling; });
  return found != std::end(table) ? found : nullptr;
}

const OpSignature *findInfix(llvm::StringRef spelling) { return findSpelling(spelling, &OpSignature::infix); }
const OpSignature *findPrefix(llvm::StringRef spelling) { return findSpelling(spelling, &OpSignature::prefix); }

const OpSignature *findRole(llvm::StringRef role) { return findSpelling(role, &OpSignature::role); }

} // namespace graphc::graph
