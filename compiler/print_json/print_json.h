// print_json: a module of the graph dialect -> the JSON that a person could have written for it. Knows ops by their
// signature alone. One entry function without calls, as the ONNX importer makes it. Names that the language does not
// allow become identifiers.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>

namespace graphc::print_json {

/// `weights`, if not empty, is the value of the key "weights". Nullopt if something has no form in the language.
std::optional<std::string> graphText(mlir::ModuleOp module, llvm::StringRef weights);

} // namespace graphc::print_json
