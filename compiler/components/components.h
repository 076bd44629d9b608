// The standard layers: JSON files of this folder in the graph language, embedded at build (CMakeLists.txt). The
// frontend reads them like a user's file; their places are shown as "std:dense.json".
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace graphc::components {
struct Component {
  llvm::StringRef name; // "dense.json"
  llvm::StringRef text;
};
/// Sorted by name.
llvm::ArrayRef<Component> standardLayers();
} // namespace graphc::components
