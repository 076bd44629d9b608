// compiled_library.h. The library lies in a folder of its own that is gone once it is opened.
#include "tests/models/compiled_library.h"
#include "dialects/graph/element_type.h"
#include "mlir/IR/MLIRContext.h"
#include "tests/models/element_values.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>
#include <dlfcn.h>

namespace graphc::test {
using graph::Dtype;

constexpr size_t guardBytes = 64;

CompiledLibrary::~CompiledLibrary() {
  if (handle) dlclose(handle);
}

/// Names of the list that the runtime's own test uses too.
static const llvm::StringSet<> &allowedSymbols() {
  static const llvm::StringSet<> names = [] {
    llvm::StringSet<> set;
    if (auto file = llvm::MemoryBuffer::getFile(GRAPHC_ALLOWED_SYMBOLS)) {
      llvm::SmallVector<llvm::StringRef> lines;
      (*file)->getBuffer().split(lines, '\n');
      for (llvm::StringRef line : lines)
        if (!line.starts_with("#")) set.insert(line.trim());
    }
    return set;
  }();
  return names;
}

/// What the archive asks of other libraries: nothing but the C library's basics, so no helper of a compiler (__divti3,
/// __extendhfsf2) and no math function. Checked here for every library that any test compiles.
static std::string checkSymbols(const std::string &path) {
  auto binary = llvm::object::createBinary(path);
  if (!binary) return "the archive cannot be read: " + llvm::toString(binary.takeError());
  auto *archive = llvm::dyn_cast<llvm::object::Archive>(binary->getBinary());
  if (!archive) return "the archive is none";
  std::string wrong;
  llvm::Error error = llvm::Error::success();
  for (const llvm::object::Archive::Child &child : archive->children(error)) {
    auto member = child.getAsBinary();
    if (!member) return "a member of the archive cannot be read: " + llvm::toString(member.takeError());
    auto *object = llvm::dyn_cast<llvm::object::ObjectFile>(member->get());
    for (const llvm::object::SymbolRef &symbol : object->symbols()) {
      llvm::Expected<uint32_t> flags = symbol.getFlags();
      llvm::Expected<llvm::StringRef> name = symbol.getName();
      bool isUndefined = flags && (*flags & llvm::object::SymbolRef::SF_Undefined);
      if (isUndefined && name && !name->empty() && !allowedSymbols().contains(*name)) wrong += " " + name->str();
      llvm::consumeError(flags.takeError());
      llvm::consumeError(name.takeError());
    }
  }
  if (error) return "the archive cannot be read: " + llvm::toString(std::move(error));
  return wrong.empty() ? "" : "the library needs symbols beyond the C library's basics:" + wrong;
}

std::string CompiledLibrary::build(mlir::ModuleOp module, const support::IsaLevel &level, int optLevel) {
  llvm::SmallString<64> folder;
  if (llvm::sys::fs::createUniqueDirectory("graphc-compare", folder)) return "cannot make a temporary folder";
  driver::CompileOptions options;
  options.outputFolder = folder.str().str();
  options.name = "cases";
  options.levels = {&level};
  options.optLevel = optLevel;
  driver::CompileResult compiled = driver::compileModule(module, options, llvm::outs());
  std::string error = compiled.exitCode == 0 ? "" : "compile failed: " + compiled.error;
  if (error.empty()) error = checkSymbols((folder + "/libcases.a").str());
  if (error.empty()) {
    handle = dlopen((folder + "/libcases.so").str().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) error = dlerror();
  }
  llvm::sys::fs::remove_directories(folder);
  if (!error.empty()) return error;
  auto signatureOf = reinterpret_cast<const graphc_signature *(*)()>(dlsym(handle, "cases_signature"));
  init = reinterpret_cast<decltype(init)>(dlsym(handle, "cases_context_init"));
  if (!signatureOf || !init) return "the library lacks a symbol";
  signature = signatureOf();
  for (uint32_t i = 0; i < signature->entry_count; ++i) hasDims |= signature->entries[i].dim_count != 0;
  return "";
}

const graphc_entry_info *CompiledLibrary::find(llvm::StringRef entry) const {
  for (uint32_t i = 0; i < signature->entry_count; ++i)
    if (entry == signature->entries[i].name) return &signature->entries[i];
  return nullptr;
}

namespace {
/// One argument's memory, with a guard behind it; misaligned by nothing but its element's size.
struct Buffer {
  std::vector<char> bytes;
  llvm::SmallVector<int64_t> shape;
  uint64_t size = 0;
};

bool shapeOfArgument(const graphc_entry_info &entry, const graphc_tensor_info &info, llvm::ArrayRef<int64_t> dims,
                     Buffer &buffer) {
  uint64_t count = 1;
  for (uint32_t axis = 0; axis < info.rank; ++axis) {
    int64_t size = info.dims[axis];
    if (info.sizes && !graphc_size_value(&info.sizes[axis], dims.data(), entry.dim_count, &size)) return false;
    buffer.shape.push_back(size);
    count *= uint64_t(size);
  }
  buffer.size = count * graph::dtypeBytes(Dtype(info.dtype));
  return true;
}
} // namespace

CompiledLibrary::Outcome CompiledLibrary::call(const graphc_entry_info &entry, llvm::ArrayRef<graph::HostTensor> inputs,
                                               llvm::function_ref<int64_t(llvm::StringRef)> dim) {
  Outcome outcome;
  auto failed = [&](std::string why) { return outcome.error = std::move(why), std::move(outcome); };
  llvm::SmallVector<int64_t> dims;
  for (uint32_t i = 0; i < entry.dim_count; ++i) dims.push_back(dim(entry.dims[i].name));
  std::vector<Buffer> buffers(entry.arg_count);
  std::vector<void *> args;
  std::vector<uint64_t> sizes;
  for (uint32_t i = 0, in = 0; i < entry.arg_count; ++i) {
    Buffer &buffer = buffers[i];
    if (!shapeOfArgument(entry, entry.args[i], dims, buffer)) return failed("an argument has no size");
    if (entry.args[i].direction == GRAPHC_INPUT) {
      if (in == inputs.size()) return failed("the entry has more inputs than the case");
      buffer.bytes = toMemory(inputs[in++]);
      if (buffer.bytes.size() != buffer.size) return failed("an input has another size than the case's");
    }
    buffer.bytes.resize(buffer.size + guardBytes, '\xa5');
    args.push_back(buffer.bytes.data());
    sizes.push_back(buffer.size);
  }
  uint64_t contextBytes = entry.context_bytes(dims.data());
  if (contextBytes < GRAPHC_CONTEXT_HEADER_BYTES) return failed("the dims are refused");
  if (!hasDims) contextBytes = signature->context_bytes; // then contexts are for all entries
  if (memory.size() < contextBytes + GRAPHC_ALIGN + guardBytes) memory.resize(contextBytes + GRAPHC_ALIGN + guardBytes);
  char *aligned = memory.data() + (-reinterpret_cast<uintptr_t>(memory.data()) & (GRAPHC_ALIGN - 1));
  void *context = nullptr;
  if (init(aligned, contextBytes, nullptr, &context) != GRAPHC_OK) return failed("no context");
  std::memset(aligned + GRAPHC_CONTEXT_HEADER_BYTES, 0xff, contextBytes - GRAPHC_CONTEXT_HEADER_BYTES);
  std::memset(aligned + contextBytes, 0xa5, guardBytes);
  outcome.status = entry.invoke(context, nullptr, dims.data(), args.data(), sizes.data());
  const std::string guard(guardBytes, '\xa5');
  if (std::string(aligned + contextBytes, guardBytes) != guard) return failed("wrote past the end of its context");
  for (uint32_t i = 0; i < entry.arg_count; ++i) {
    if (std::string(buffers[i].bytes.data() + sizes[i], guardBytes) != guard)
      return failed("wrote past the end of '" + std::string(entry.args[i].name) + "'");
    if (entry.args[i].direction == GRAPHC_OUTPUT)
      outcome.outputs.push_back(fromMemory(Dtype(entry.args[i].dtype), buffers[i].shape, buffers[i].bytes.data()));
  }
  return outcome;
}

} // namespace graphc::test
