// { "derive": KIND, ... } from JSON to DeriveDefinition.
#pragma once
#include "compiler/frontend/definition.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace graphc::frontend {
/// nullopt after reporting. `ownInputs` reads "inputs", which only a train_step has.
std::optional<DeriveDefinition> readDerive(support::JsonValue json,
                                           llvm::function_ref<std::vector<InputDefinition>()> ownInputs,
                                           support::Diagnostics &diagnostics);
} // namespace graphc::frontend
