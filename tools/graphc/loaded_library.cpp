// The functions are looked up by the names that the generated header declares: <name>_signature, <name>_model_create,
// ...
#include "tools/graphc/loaded_library.h"
#include "graphc/abi.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"
#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <new>

using namespace graphc;
using namespace graphc::cli;

static const char *textOr(const char *text) { return text ? text : ""; }

std::optional<unsigned> cli::readThreads(const llvm::opt::InputArgList &arguments) {
  llvm::StringRef text = arguments.getLastArgValue(OPT_threads, "1");
  unsigned threads = 0;
  if (!text.getAsInteger(10, threads) && threads >= 1 && threads <= 1024) return threads;
  usageError("'--threads' wants a number from 1 to 1024, not '" + support::printable(text) + "'");
  return std::nullopt;
}

LoadedLibrary::~LoadedLibrary() {
  if (!handle) return;
  using Destroy = void (*)(void *);
  if (auto destroy = reinterpret_cast<Destroy>(symbol("_context_destroy")); destroy && context) destroy(context);
  if (auto destroy = reinterpret_cast<Destroy>(symbol("_model_destroy")); destroy && model) destroy(model);
  auto destroyPool = reinterpret_cast<decltype(&graphc_abi_pool_destroy)>(symbol("_pool_destroy"));
  if (destroyPool) destroyPool(pool);
  dlclose(handle);
}

void *LoadedLibrary::symbol(const char *suffix) const { return dlsym(handle, (name + suffix).c_str()); }

int LoadedLibrary::internal(const llvm::Twine &what) const {
  return fail(driver::Internal, "internal error: the built library " + what);
}

int LoadedLibrary::build(const llvm::opt::InputArgList &arguments, driver::CompileOptions request) {
  const support::IsaLevel &native = support::nativeIsaLevel();
  if (request.levels.empty()) request.levels.push_back(&native);
  isaLevel = request.levels.front();
  if (request.levels.size() > 1) return usageError("'--target' takes one level here: the one to run");
  if (isaLevel->number > native.number)
    return usageError("this machine has " + llvm::Twine(native.name) + " and cannot run code for " + isaLevel->name);
  folder = std::make_unique<TemporaryFolder>();
  if (folder->path().empty()) return fail(driver::File, folder->error());
  request.outputFolder = folder->path();
  auto start = std::chrono::steady_clock::now();
  driver::CompileResult result = compileAndReport(arguments, request);
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  profiledRuns = std::move(result.library.runs);
  return result.exitCode == driver::Ok ? load(result.library.name) : result.exitCode;
}

void LoadedLibrary::setProfileHook(support::ProfileHook hook) const {
  auto *variable = static_cast<support::ProfileHook *>(symbol(support::profileHookSuffix));
  if (variable) *variable = hook;
}

int LoadedLibrary::load(const std::string &libraryName) {
  name = libraryName;
  handle = dlopen((folder->path() + "/lib" + name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return internal(llvm::Twine("cannot be loaded: ") + textOr(dlerror()));
  auto getSignature = reinterpret_cast<const graphc_signature *(*)()>(symbol("_signature"));
  auto createModel = reinterpret_cast<Create>(symbol("_model_create"));
  if (!getSignature || !createModel) return internal("lacks a function");
  description = getSignature();
  return create(createModel, nullptr, model, "model");
}

int LoadedLibrary::create(Create make, const graphc_options *options, void *&object, const char *what) {
  graphc_status status = make(options, &object);
  if (status == GRAPHC_ERR_MEMORY) return fail(driver::Limit, "no memory for the " + llvm::Twine(what));
  if (status != GRAPHC_OK) return internal("makes no " + llvm::Twine(what) + ": " + message(status));
  return driver::Ok;
}

int LoadedLibrary::makeContext(const graphc_entry_info &entry, llvm::ArrayRef<int64_t> dims, unsigned threads) {
  auto createContext = reinterpret_cast<Create>(symbol("_context_create"));
  if (!createContext) return internal("lacks a function");
  graphc_options options = {};
  options.size = sizeof(options);
  if (threads > 1) {
    auto createPool = reinterpret_cast<decltype(&graphc_abi_pool_create)>(symbol("_pool_create"));
    options.parallel_for = reinterpret_cast<graphc_parallel_for>(symbol("_parallel_for"));
    if (!createPool || !options.parallel_for) return internal("lacks a function");
    if (createPool(threads, &pool) != GRAPHC_OK)
      return fail(driver::Limit, "the system does not give " + llvm::Twine(threads) + " threads");
    options.pool = pool;
  }
  if (entry.dim_count) {
    options.context_bytes = entry.context_bytes(dims.data());
    // Dims that the graph does not allow together: the call will say why.
    if (!options.context_bytes) options.context_bytes = GRAPHC_CONTEXT_HEADER_BYTES;
  }
  return create(createContext, &options, context, "context");
}

graphc_status LoadedLibrary::call(const graphc_entry_info &entry, const ArgumentBuffers &buffers) const {
  return entry.invoke(context, model, buffers.dims().data(), buffers.args(), buffers.bytes());
}

const graphc_entry_info *LoadedLibrary::findEntry(llvm::StringRef wanted) const {
  std::vector<llvm::StringRef> names;
  for (uint32_t i = 0; i < description->entry_count; ++i) {
    const graphc_entry_info &entry = description->entries[i];
    names.push_back(entry.name);
    if (wanted == entry.name || (wanted.empty() && description->entry_count == 1)) return &entry;
  }
  if (wanted.empty())
    usageError("the graph has several entries: choose one with '--entry' (" + listWords(names) + ")");
  else
    usageError("'" + support::printable(wanted) + "' is no entry of the graph (" + listWords(names) + ")" +
               support::didYouMean(wanted, names));
  return nullptr;
}

std::string LoadedLibrary::message(graphc_status status) const {
  auto contextMessage = reinterpret_cast<const char *(*)(const void *)>(symbol("_context_message"));
  auto statusName = reinterpret_cast<const char *(*)(graphc_status)>(symbol("_status_name"));
  std::string text = contextMessage && context ? textOr(contextMessage(context)) : "";
  if (!text.empty()) return support::printable(text);
  return statusName ? textOr(statusName(status)) : "status " + std::to_string(status);
}

ArgumentBuffers::ArgumentBuffers(const graphc_entry_info &entry, const BoundDims &bound) : values(bound.values()) {
  for (uint32_t i = 0; i < entry.arg_count; ++i) {
    std::optional<std::vector<int64_t>> shape = bound.shape(entry.args[i]);
    std::optional<uint64_t> bytes = shape ? tensorBytes(entry.args[i].dtype, *shape) : std::nullopt;
    shapes.push_back(shape.value_or(std::vector<int64_t>()));
    sizes.push_back(bytes.value_or(0));
    pointers.push_back(
        ::operator new(std::max<uint64_t>(sizes.back(), 1), std::align_val_t(GRAPHC_ALIGN), std::nothrow));
    complete = complete && bytes && pointers.back();
  }
}

ArgumentBuffers::~ArgumentBuffers() {
  for (void *pointer : pointers) ::operator delete(pointer, std::align_val_t(GRAPHC_ALIGN));
}
