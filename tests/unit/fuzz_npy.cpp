// libFuzzer target: any bytes through the .npy reader; what it accepts can be written and reads the same.
#include "compiler/support/npy.h"

using namespace graphc::support;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string error;
  std::optional<NpyArray> array = readNpy(llvm::StringRef(reinterpret_cast<const char *>(data), size), error);
  if (array.has_value() != error.empty()) __builtin_trap();
  if (!array) return 0;
  std::optional<std::string> file = writeNpy(*array, error);
  std::optional<NpyArray> back = file ? readNpy(*file, error) : std::nullopt;
  if (!back || back->dtype != array->dtype || back->dims != array->dims || back->bytes != array->bytes)
    __builtin_trap();
  return 0;
}
