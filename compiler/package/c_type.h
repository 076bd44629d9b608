// The element types as a table: what the graph calls them, what C calls them, and a tensor's type as text
// ("f32[32,64]").
#pragma once
#include "compiler/support/library_description.h"
#include "llvm/ADT/StringRef.h"

namespace graphc::package {

struct CType {
  llvm::StringRef name;  // in the graph
  llvm::StringRef ctype; // in C; f16 and bf16 are their bits
};

/// The row of a graphc_dtype; "?" and "void" if there is none.
CType cType(uint32_t dtype);
std::string typeText(const support::TensorDescription &tensor);
/// With sizes as the graph writes them: "f32[B,2*T + 1]".
std::string typeText(const support::ArgumentDescription &tensor, llvm::ArrayRef<support::DimDescription> dims);

} // namespace graphc::package
