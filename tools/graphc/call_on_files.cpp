// call_on_files.h.
#include "tools/graphc/call_on_files.h"
#include "compiler/driver/describe_tensor.h"
#include "compiler/support/files.h"
#include "compiler/support/npy.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/loaded_library.h"
#include "tools/graphc/message.h"
#include "tools/graphc/tensor_file_name.h"
#include "llvm/Support/Path.h"
#include <cstring>

using namespace graphc;
using namespace graphc::cli;

std::string cli::pathIn(llvm::StringRef folder, llvm::StringRef tensor) {
  if (folder.empty()) return "";
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, tensorFileName(tensor));
  return path.str().str();
}

static constexpr uint64_t maxInputBytes = uint64_t(1) << 40;

/// Reads one input. Returns the exit code; a file of another dtype, rank or fixed shape is a mistake in the input.
static int readInput(const CallFiles &files, const graphc_entry_info &entry, uint32_t index, InputShape &shape,
                     support::NpyArray &result) {
  const graphc_tensor_info &input = entry.args[index];
  std::string path = files.input(input.name);
  std::string shown = "'" + support::printable(path) + "'";
  support::DataFile file = support::openData(path, maxInputBytes);
  if (!file) return fail(driver::File, file.error);
  std::string error;
  std::optional<support::NpyArray> array = support::readNpy(file.bytes->getBuffer(), error);
  if (!array) return fail(driver::Mistake, shown + ": " + error);
  bool fits = array->dtype == input.dtype && array->dims.size() == input.rank;
  if (fits && !input.sizes) fits = llvm::ArrayRef<int64_t>(array->dims) == llvm::ArrayRef(input.dims, input.rank);
  if (!fits)
    return fail(driver::Mistake, shown + " is " + driver::describeTensor(array->dtype, array->dims) + ", but input '" +
                                     support::printable(input.name) + "' is " + describeArgument(entry, input));
  shape = {index, shown, array->dims};
  result = std::move(*array);
  return driver::Ok;
}

/// All inputs, by argument; `bound` takes the dims that their shapes tell.
static int readInputs(const CallFiles &files, const graphc_entry_info &entry, BoundDims &bound,
                      std::vector<support::NpyArray> &arrays) {
  std::vector<InputShape> shapes;
  arrays.resize(entry.arg_count);
  for (uint32_t i = 0; i < entry.arg_count; ++i) {
    if (entry.args[i].direction != GRAPHC_INPUT) continue;
    if (files.input(entry.args[i].name).empty())
      return usageError("entry '" + llvm::Twine(entry.name) + "' has inputs: give their folder with '--inputs DIR'");
    if (int exitCode = readInput(files, entry, i, shapes.emplace_back(), arrays[i])) return exitCode;
  }
  if (int exitCode = bound.bindShapes(shapes)) return exitCode;
  return bound.requireAll();
}

static int writeOutputs(const CallFiles &files, const graphc_entry_info &entry, const ArgumentBuffers &buffers) {
  support::OutputFolder output(files.outputs);
  bool good = output.open();
  for (uint32_t i = 0; good && i < entry.arg_count; ++i) {
    const graphc_tensor_info &tensor = entry.args[i];
    if (tensor.direction != GRAPHC_OUTPUT) continue;
    support::NpyArray array;
    array.dtype = tensor.dtype;
    array.dims = buffers.shape(i).vec();
    array.bytes.assign(buffers.data(i), buffers.size(i));
    std::string error;
    std::optional<std::string> bytes = support::writeNpy(array, error);
    if (!bytes)
      return fail(driver::Mistake, "output '" + support::printable(tensor.name) + "' has no .npy form: " + error);
    good = output.add(files.output(tensor.name), *bytes);
  }
  good = good && output.commit();
  return good ? static_cast<int>(driver::Ok) : fail(driver::File, output.error());
}

int cli::callOnFiles(const llvm::opt::InputArgList &arguments, const driver::CompileOptions &request,
                     llvm::StringRef entryName, const CallFiles &files) {
  if (files.outputs.empty()) return usageError("where to? give a folder for the outputs with '--outputs DIR'");
  std::optional<unsigned> threads = readThreads(arguments);
  if (!threads) return driver::Usage;
  LoadedLibrary library;
  if (int exitCode = library.build(arguments, request)) return exitCode;
  const graphc_entry_info *entry = library.findEntry(entryName);
  if (!entry) return driver::Usage;
  BoundDims bound(*entry);
  std::vector<support::NpyArray> arrays;
  if (int exitCode = bound.bindOptions(arguments.getAllArgValues(OPT_dim))) return exitCode;
  if (int exitCode = readInputs(files, *entry, bound, arrays)) return exitCode;
  ArgumentBuffers buffers(*entry, bound);
  if (!buffers.isComplete()) return fail(driver::Limit, "no memory for the tensors");
  for (uint32_t i = 0; i < entry->arg_count; ++i)
    if (!arrays[i].bytes.empty()) memcpy(buffers.data(i), arrays[i].bytes.data(), arrays[i].bytes.size());
  arrays.clear();
  if (int exitCode = library.makeContext(*entry, buffers.dims(), *threads)) return exitCode;
  graphc_status status = library.call(*entry, buffers);
  if (status != GRAPHC_OK)
    return fail(driver::Mistake, "'" + llvm::Twine(entry->name) + "' failed: " + library.message(status));
  return writeOutputs(files, *entry, buffers);
}
