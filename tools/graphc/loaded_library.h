// A graph built into a temporary folder and loaded: run and bench call the very product that a user links, through its
// exported functions and signature. There is no second way to execute a graph.
#pragma once
#include "compiler/driver/driver.h"
#include "graphc/types.h"
#include "tools/graphc/interrupt.h"
#include "tools/graphc/options.h"
#include <memory>
#include <optional>

namespace graphc::cli {

class LoadedLibrary {
public:
  LoadedLibrary() = default;
  ~LoadedLibrary();
  LoadedLibrary(const LoadedLibrary &) = delete;

  /// Compiles and loads, and makes one model and one context. Returns the exit code; messages are printed.
  int build(const llvm::opt::InputArgList &arguments, driver::CompileOptions request);
  /// The entry that --entry names, or the only one. Null after a message.
  const graphc_entry_info *findEntry(llvm::StringRef name) const;
  graphc_status call(const graphc_entry_info &entry, void *const *args, const uint64_t *bytes) const {
    return entry.invoke(context, model, args, bytes);
  }
  /// Why the last call failed.
  std::string message(graphc_status status) const;
  const graphc_signature &signature() const { return *description; }
  double compileSeconds() const { return seconds; }

private:
  int load(const std::string &name);
  int internal(const llvm::Twine &what) const;
  void *symbol(const char *suffix) const;

  std::unique_ptr<TemporaryFolder> folder;
  std::string name;
  void *handle = nullptr;
  const graphc_signature *description = nullptr;
  void *model = nullptr, *context = nullptr;
  double seconds = 0;
};

/// Memory for the arguments of one call, each at GRAPHC_ALIGN.
class ArgumentBuffers {
public:
  explicit ArgumentBuffers(const graphc_entry_info &entry);
  ~ArgumentBuffers();
  ArgumentBuffers(const ArgumentBuffers &) = delete;
  char *data(uint32_t argument) const { return static_cast<char *>(pointers[argument]); }
  void *const *args() const { return pointers.data(); }
  const uint64_t *bytes() const { return sizes.data(); }

private:
  std::vector<void *> pointers;
  std::vector<uint64_t> sizes;
};

} // namespace graphc::cli
