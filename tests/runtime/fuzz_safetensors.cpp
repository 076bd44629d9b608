// libFuzzer over the safetensors reader: any bytes must be refused or give tensors that lie inside the file and tile
// its data.
#include "graphc/safetensors.h"
#include <stdlib.h>

namespace {
struct Seen {
  const graphc_safetensors *file;
  uint64_t count, bytes;
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  graphc_safetensors file;
  char message[GRAPHC_SAFETENSORS_MESSAGE];
  if (graphc_safetensors_open(data, size, &file, message) != GRAPHC_OK) {
    if (!message[0]) abort(); // refused without a reason
    return 0;
  }
  Seen seen = {&file, 0, 0};
  auto visit = [](void *env, const graphc_safetensors_tensor *tensor) {
    Seen &seen = *static_cast<Seen *>(env);
    if (tensor->begin < seen.file->data_begin || tensor->begin + tensor->bytes > seen.file->file_bytes) abort();
    ++seen.count;
    seen.bytes += tensor->bytes;
    return 0;
  };
  graphc_safetensors_visit(&file, visit, &seen);
  if (seen.count != file.tensor_count || file.data_begin + seen.bytes != size) abort();
  graphc_safetensors_tensor found;
  graphc_safetensors_find(&file, "a", &found);
  return 0;
}
