// graphc run: one call of an entry on .npy files, through the very library that `graphc build` writes. All inputs are
// read and checked before the call, all outputs are written or none.
#include "compiler/driver/describe_tensor.h"
#include "compiler/support/files.h"
#include "compiler/support/npy.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/loaded_library.h"
#include "tools/graphc/message.h"
#include "tools/graphc/tensor_file_name.h"
#include "llvm/Support/Path.h"
#include <cstring>

using namespace graphc;
using namespace graphc::cli;

static constexpr uint64_t maxInputBytes = uint64_t(1) << 40;

/// Reads one input into its buffer. Returns the exit code; a file of another dtype or shape is a mistake in the input.
static int readInput(llvm::StringRef folder, const graphc_tensor_info &input, char *buffer) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, tensorFileName(input.name));
  std::string shown = "'" + support::printable(path) + "'";
  support::DataFile file = support::openData(path, maxInputBytes);
  if (!file) return fail(driver::File, file.error);
  std::string error;
  std::optional<support::NpyArray> array = support::readNpy(file.bytes->getBuffer(), error);
  if (!array) return fail(driver::Mistake, shown + ": " + error);
  llvm::ArrayRef<int64_t> wanted(input.dims, input.rank);
  if (array->dtype != input.dtype || llvm::ArrayRef<int64_t>(array->dims) != wanted)
    return fail(driver::Mistake, shown + " is " + driver::describeTensor(array->dtype, array->dims) + ", but input '" +
                                     support::printable(input.name) + "' is " +
                                     driver::describeTensor(input.dtype, wanted));
  if (array->bytes.size() != input.bytes) return fail(driver::Mistake, shown + " is cut short");
  if (input.bytes) memcpy(buffer, array->bytes.data(), input.bytes);
  return driver::Ok;
}

static int writeOutputs(llvm::StringRef folder, const graphc_entry_info &entry, const ArgumentBuffers &buffers) {
  support::OutputFolder output(folder);
  bool good = output.open();
  for (uint32_t i = 0; good && i < entry.arg_count; ++i) {
    const graphc_tensor_info &tensor = entry.args[i];
    if (tensor.direction != GRAPHC_OUTPUT) continue;
    support::NpyArray array;
    array.dtype = tensor.dtype;
    array.dims.assign(tensor.dims, tensor.dims + tensor.rank);
    array.bytes.assign(buffers.data(i), tensor.bytes);
    std::string error;
    std::optional<std::string> bytes = support::writeNpy(array, error);
    if (!bytes)
      return fail(driver::Mistake, "output '" + support::printable(tensor.name) + "' has no .npy form: " + error);
    good = output.add(tensorFileName(tensor.name), *bytes);
  }
  good = good && output.commit();
  return good ? static_cast<int>(driver::Ok) : fail(driver::File, output.error());
}

int cli::runRun(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  llvm::StringRef inputs = arguments.getLastArgValue(OPT_inputs), outputs = arguments.getLastArgValue(OPT_outputs);
  if (outputs.empty()) return usageError("where to? give a folder for the outputs with '--outputs DIR'");
  LoadedLibrary library;
  if (int exitCode = library.build(arguments, request)) return exitCode;
  const graphc_entry_info *entry = library.findEntry(arguments.getLastArgValue(OPT_entry));
  if (!entry) return driver::Usage;
  ArgumentBuffers buffers(*entry);
  for (uint32_t i = 0; i < entry->arg_count; ++i) {
    if (entry->args[i].direction != GRAPHC_INPUT) continue;
    if (inputs.empty())
      return usageError("entry '" + llvm::Twine(entry->name) + "' has inputs: give their folder with '--inputs DIR'");
    if (int exitCode = readInput(inputs, entry->args[i], buffers.data(i))) return exitCode;
  }
  graphc_status status = library.call(*entry, buffers.args(), buffers.bytes());
  if (status != GRAPHC_OK)
    return fail(driver::Mistake, "'" + llvm::Twine(entry->name) + "' failed: " + library.message(status));
  return writeOutputs(outputs, *entry, buffers);
}
