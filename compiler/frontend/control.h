// Nodes of control flow (graph-format.md section 5) as read from JSON. A region is a Definition of its own without
// params: its nodes, its names for what each turn gets, its outputs.
#pragma once
#include "compiler/frontend/definition.h"

namespace graphc::frontend {

struct NamedOperand { // a carry with its first value, or a sequence
  support::JsonValue json;
  std::string name;
  Operand value;
};

struct RegionDefinition {
  std::string word; // its key: "then", "body"
  Definition content;
  size_t outputs = 0; // of content.outputs; behind them stand those that `scan` collects
};

struct ControlDefinition {
  enum Kind { If, While, Scan } kind = If;
  std::optional<Operand> condition; // of if
  std::vector<NamedOperand> carries, over;
  std::vector<RegionDefinition> regions; // then, else; cond, body; body
  support::JsonValue axis, length, limit, onLimit, index, reverse;
  support::JsonValue mode, checkpoints, replay; // of "grad"
};

/// True for "if", "while", "scan".
bool isControlWord(llvm::StringRef op);
/// Null after reporting. `around`: the definition, or region, that the node stands in.
std::shared_ptr<ControlDefinition> readControl(support::JsonValue json, const Definition &around,
                                               support::Diagnostics &diagnostics);

} // namespace graphc::frontend
