// A graph compiled in this process to the very .so that graphc ships, opened and ready to be called.
#pragma once
#include "compiler/driver/driver.h"
#include "dialects/graph/host_tensor.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace graphc::test {

class CompiledLibrary {
public:
  CompiledLibrary() = default;
  CompiledLibrary(const CompiledLibrary &) = delete;
  ~CompiledLibrary();

  /// Compiles the module, which is left as it was, and opens the library, which may need no symbol beyond those of
  /// tests/runtime/allowed_symbols.txt. "" or what went wrong.
  std::string build(mlir::ModuleOp module, const support::IsaLevel &level, int optLevel);
  const graphc_entry_info *find(llvm::StringRef entry) const;

  struct Outcome {
    graphc_status status = GRAPHC_OK;
    std::string error; // what no call may do: write past its outputs or its context
    llvm::SmallVector<graph::HostTensor> outputs;
  };
  /// Calls an entry in a context of exactly the size it asks for, whose workspace holds 0xff. `dims` are values by
  /// name; the shapes of the outputs follow from the library's own description.
  Outcome call(const graphc_entry_info &entry, llvm::ArrayRef<graph::HostTensor> inputs,
               llvm::function_ref<int64_t(llvm::StringRef)> dim);

private:
  void *handle = nullptr;
  const graphc_signature *signature = nullptr;
  graphc_status (*init)(void *, size_t, const graphc_options *, void **) = nullptr;
  bool hasDims = false;     // some entry has
  std::vector<char> memory; // of the context; grows
};

} // namespace graphc::test
