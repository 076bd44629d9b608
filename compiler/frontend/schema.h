// The keys of each construct of the language as tables: which exist, what JSON they want, which are required, and which
// this version does not support yet. Everything that reads an object asks checkKeys() first, so readers may rely on
// kinds.
#pragma once
#include "compiler/support/json_document.h"

namespace graphc::frontend {

enum JsonKinds : unsigned { aBool = 1, aNumber = 2, aString = 4, anArray = 8, anObject = 16, anything = 31 };

struct KeyRule {
  llvm::StringRef key;
  unsigned kinds; // JsonKinds
  bool required = false, supported = true;
};

llvm::ArrayRef<KeyRule> fileKeys();
llvm::ArrayRef<KeyRule> functionKeys();
llvm::ArrayRef<KeyRule> layerKeys();
llvm::ArrayRef<KeyRule> inputKeys();
llvm::ArrayRef<KeyRule> outputKeys();
llvm::ArrayRef<KeyRule> paramKeys();
llvm::ArrayRef<KeyRule> nodeKeys();
llvm::ArrayRef<KeyRule> literalKeys();
llvm::ArrayRef<KeyRule> weightKeys();
llvm::ArrayRef<KeyRule> mapKeys(); // an element of a weight file's "map"
llvm::ArrayRef<KeyRule>
layerUseKeys();                       // a function that is one use of a layer: further keys are the layer's attributes
llvm::ArrayRef<KeyRule> deriveKeys(); // a function that is a derivative of another
llvm::ArrayRef<KeyRule> trainStepKeys();
llvm::ArrayRef<KeyRule> applyKeys(); // the update of a train_step alone
llvm::ArrayRef<KeyRule> copyKeys();
llvm::ArrayRef<KeyRule> microbatchKeys();
llvm::ArrayRef<KeyRule> lossScaleKeys();
llvm::ArrayRef<KeyRule> optimizerKeys(); // further keys are the optimizer's attributes
llvm::ArrayRef<KeyRule> groupKeys();     // likewise
llvm::ArrayRef<KeyRule> customDerivativeKeys();
llvm::ArrayRef<KeyRule> recursiveKeys();
llvm::ArrayRef<KeyRule> stateKeys();
llvm::ArrayRef<KeyRule> updateKeys();
llvm::ArrayRef<KeyRule> dimKeys(); // a dim that is known only when called
llvm::ArrayRef<KeyRule> repeatKeys();
llvm::ArrayRef<KeyRule> initKeys(); // an initial value that is an object

// Control flow (section 5): its nodes, regions whose outputs are a list, and bodies of loops.
llvm::ArrayRef<KeyRule> ifKeys();
llvm::ArrayRef<KeyRule> whileKeys();
llvm::ArrayRef<KeyRule> scanKeys();
llvm::ArrayRef<KeyRule> gradKeys();
llvm::ArrayRef<KeyRule> regionKeys();
llvm::ArrayRef<KeyRule> bodyKeys(bool collects);

/// Reports unknown (G0011), unsupported (G0014), missing (G0012) and mistyped (G0010) keys. `what` is how messages call
/// the object, e.g. "a function". With `open`, unknown keys are left to the caller (attributes of nodes). True if
/// nothing was reported.
bool checkKeys(support::JsonValue object, llvm::ArrayRef<KeyRule> rules, llvm::StringRef what,
               support::Diagnostics &diagnostics, bool open = false);
/// G0010 unless the value has one of the kinds. `what`: "'in'", "an operand", ...
bool checkKind(support::JsonValue value, unsigned kinds, llvm::StringRef what, support::Diagnostics &diagnostics);
/// "an object", "a string", ...
llvm::StringRef kindText(support::JsonKind kind);
/// True if "allow" of the node, definition or file silences the lint.
bool allows(support::JsonValue owner, llvm::StringRef code);
/// G0014 at `span`.
void notSupported(support::Span span, llvm::StringRef word, support::Diagnostics &diagnostics);

} // namespace graphc::frontend
