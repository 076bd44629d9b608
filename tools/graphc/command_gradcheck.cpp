// graphc gradcheck: whether the derivatives of a graph agree with each other and with finite differences
// (check_gradients.h). Exit code 1 where they do not; the report is the product.
#include "compiler/driver/describe_tensor.h"
#include "compiler/support/files.h"
#include "compiler/support/npy.h"
#include "dialects/graph/element_bytes.h"
#include "dialects/graph/element_type.h"
#include "tools/graphc/call_on_files.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"
#include "llvm/Support/FileSystem.h"

using namespace graphc;
using namespace graphc::cli;
using graph::HostTensor;

static constexpr uint64_t maxInputBytes = uint64_t(1) << 32; // evaluation by reference takes 32 bytes an element

static std::optional<HostTensor> readTensor(const std::string &path, std::string &error) {
  support::DataFile file = support::openData(path, maxInputBytes);
  if (!file) return error = file.error, std::nullopt;
  std::optional<support::NpyArray> array = support::readNpy(file.bytes->getBuffer(), error);
  if (!array) return error = "'" + support::printable(path) + "' " + error, std::nullopt;
  HostTensor tensor(graph::Dtype(array->dtype), array->dims);
  unsigned width = graph::dtypeBytes(tensor.dtype);
  for (int64_t i = 0, count = tensor.size(); i < count; ++i) {
    const char *element = array->bytes.data() + i * width;
    if (graph::isFloat(tensor.dtype))
      tensor.floats[i] = graph::loadReal(tensor.dtype, element);
    else
      tensor.integers[i] = graph::loadInteger(tensor.dtype, element);
  }
  return tensor;
}

int cli::runGradcheck(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  driver::GradientRequest gradients;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  request.gradients = &gradients;
  gradients.entry = arguments.getLastArgValue(OPT_entry).str();
  llvm::StringRef seed = arguments.getLastArgValue(OPT_seed, "1");
  if (seed.getAsInteger(10, gradients.seed))
    return usageError("'--seed' wants a number, not '" + support::printable(seed) + "'");
  for (const std::string &word : arguments.getAllArgValues(OPT_dim)) {
    auto [name, text] = llvm::StringRef(word).split('=');
    int64_t size = 0;
    if (name.empty() || text.getAsInteger(10, size))
      return usageError("'--dim' wants NAME=N, not '" + support::printable(word) + "'");
    gradients.dims[name.str()] = size;
  }
  std::string inputs = arguments.getLastArgValue(OPT_inputs).str();
  if (!inputs.empty()) {
    if (!llvm::sys::fs::is_directory(inputs))
      return fail(driver::File, "'" + support::printable(inputs) + "' is no folder");
    gradients.input = [inputs](llvm::StringRef name, std::string &error) -> std::optional<HostTensor> {
      std::string path = pathIn(inputs, name);
      return llvm::sys::fs::exists(path) ? readTensor(path, error) : std::nullopt;
    };
  }
  driver::CompileResult result = compileAndReport(arguments, request);
  if (result.gradients.entries.empty()) return result.exitCode;
  if (arguments.hasArg(OPT_json)) {
    llvm::json::OStream out(llvm::outs(), /*IndentSize=*/2);
    result.gradients.printJson(out);
    llvm::outs() << "\n";
  } else {
    result.gradients.print(llvm::outs());
  }
  return result.exitCode;
}
