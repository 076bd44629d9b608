// A graph built into a temporary folder and loaded: run and bench call the very product that a user links, through its
// exported functions and signature. There is no second way to execute a graph.
#pragma once
#include "compiler/driver/driver.h"
#include "graphc/types.h"
#include "tools/graphc/bind_dims.h"
#include "tools/graphc/interrupt.h"
#include "tools/graphc/options.h"
#include <memory>
#include <optional>

namespace graphc::cli {

/// Memory for the arguments of one call, each at GRAPHC_ALIGN, and the dims that give their sizes.
class ArgumentBuffers {
public:
  ArgumentBuffers(const graphc_entry_info &entry, const BoundDims &bound);
  ~ArgumentBuffers();
  ArgumentBuffers(const ArgumentBuffers &) = delete;
  /// False if there is no memory, or a tensor has no size with these dims.
  bool isComplete() const { return complete; }
  char *data(uint32_t argument) const { return static_cast<char *>(pointers[argument]); }
  llvm::ArrayRef<int64_t> shape(uint32_t argument) const { return shapes[argument]; }
  uint64_t size(uint32_t argument) const { return sizes[argument]; }
  llvm::ArrayRef<int64_t> dims() const { return values; }
  void *const *args() const { return pointers.data(); }
  const uint64_t *bytes() const { return sizes.data(); }

private:
  bool complete = true;
  std::vector<int64_t> values;
  std::vector<std::vector<int64_t>> shapes;
  std::vector<void *> pointers;
  std::vector<uint64_t> sizes;
};

/// What --threads says; nullopt after a message.
std::optional<unsigned> readThreads(const llvm::opt::InputArgList &arguments);

class LoadedLibrary {
public:
  LoadedLibrary() = default;
  ~LoadedLibrary();
  LoadedLibrary(const LoadedLibrary &) = delete;

  /// Compiles and loads, and makes one model. Returns the exit code; messages are printed.
  int build(const llvm::opt::InputArgList &arguments, driver::CompileOptions request);
  /// The entry that --entry names, or the only one. Null after a message.
  const graphc_entry_info *findEntry(llvm::StringRef name) const;
  /// A context just large enough for calls with these dims, which may use that many threads. Returns the exit code.
  int makeContext(const graphc_entry_info &entry, llvm::ArrayRef<int64_t> dims, unsigned threads);
  graphc_status call(const graphc_entry_info &entry, const ArgumentBuffers &buffers) const;
  /// Why the last call failed.
  std::string message(graphc_status status) const;
  const graphc_signature &signature() const { return *description; }
  const support::IsaLevel &level() const { return *isaLevel; }
  double compileSeconds() const { return seconds; }
  /// Of a library built for a profile.
  llvm::ArrayRef<support::ProfiledRun> runs() const { return profiledRuns; }
  void setProfileHook(support::ProfileHook hook) const;

private:
  const support::IsaLevel *isaLevel = nullptr; // that the code is for
  int load(const std::string &name);
  int internal(const llvm::Twine &what) const;
  using Create = graphc_status (*)(const graphc_options *, void **);
  int create(Create make, const graphc_options *options, void *&object, const char *what);
  void *symbol(const char *suffix) const;

  std::unique_ptr<TemporaryFolder> folder;
  std::string name;
  void *handle = nullptr;
  const graphc_signature *description = nullptr;
  void *model = nullptr, *context = nullptr;
  graphc_pool *pool = nullptr;
  double seconds = 0;
  std::vector<support::ProfiledRun> profiledRuns;
};

} // namespace graphc::cli
