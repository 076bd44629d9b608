// Loading: read and check the header, compare every tensor with the model, read all values into a staging block, and
// only then replace the model's params. Reads instead of mapping: a file that shrinks meanwhile gives an error, not
// SIGBUS.
#include "core/file.h"
#include "core/heap_sort.h"
#include "core/json_text.h"
#include "core/model.h"
#include "graphc/safetensors.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace graphc::runtime;

namespace {

/// What one load holds; released in one place.
struct Load {
  Model *model;
  Message message;
  int file = -1;
  uint64_t fileBytes = 0;
  unsigned char *header = nullptr;
  uint32_t *byPath = nullptr;  // params in the order of their paths
  uint64_t *begins = nullptr;  // of each param's data in the file; 0: not met yet
  char *staged = nullptr;      // becomes the params block
  const char *extra = nullptr; // first tensor that the model lacks
  size_t extraBytes = 0;
  graphc_status status = GRAPHC_OK;

  explicit Load(Model *model) : model(model), message(model->say()) {}
  ~Load() {
    if (file >= 0) close(file);
    free(header);
    free(byPath);
    free(begins);
    free(staged);
  }
  Load(const Load &) = delete;

  graphc_status outOfMemory() {
    message.clear();
    message << "out of memory for the file's values";
    return status = GRAPHC_ERR_MEMORY;
  }
};

} // namespace

/// Index of the param with this path, or param_count.
static uint32_t findParam(const Load &load, JsonString name) {
  uint32_t low = 0, high = signature().param_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = compare(name, signature().params[load.byPath[middle]].path);
    if (order == 0) return load.byPath[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return signature().param_count;
}

static bool sameType(const graphc_param_info &param, const graphc_safetensors_tensor &tensor) {
  return param.dtype == tensor.dtype && param.rank == tensor.rank && param.bytes == tensor.bytes &&
         (param.rank == 0 || memcmp(param.dims, tensor.dims, param.rank * sizeof(int64_t)) == 0);
}

/// Notes where a param's data lie; stops at the first tensor of another type.
static int matchTensor(void *env, const graphc_safetensors_tensor *tensor) {
  Load &load = *static_cast<Load *>(env);
  uint32_t index = findParam(load, {tensor->name, tensor->name_bytes});
  if (index == signature().param_count) {
    if (!load.extra) {
      load.extra = tensor->name;
      load.extraBytes = tensor->name_bytes;
    }
    return 0;
  }
  const graphc_param_info &param = signature().params[index];
  if (!sameType(param, *tensor)) {
    load.message << "tensor ";
    load.message.quoted(param.path) << " is ";
    load.message.type(tensor->dtype, tensor->rank, tensor->dims) << " in the file, the model wants ";
    load.message.type(param.dtype, param.rank, param.dims);
    return 1;
  }
  load.begins[index] = tensor->begin;
  return 0;
}

static graphc_status readHeader(Load &load, const char *path, graphc_safetensors &opened) {
  load.file = openForReading(path, load.fileBytes, load.message);
  if (load.file < 0) return GRAPHC_ERR_IO;
  unsigned char first[8];
  uint64_t dataBegin = 0;
  char text[GRAPHC_SAFETENSORS_MESSAGE];
  int error = load.fileBytes < sizeof(first) ? 0 : readAt(load.file, first, sizeof(first), 0);
  if (error) return failFile(load.message, "read", path, error);
  graphc_status status = graphc_safetensors_measure(first, load.fileBytes, &dataBegin, text);
  if (status == GRAPHC_OK) {
    load.header = static_cast<unsigned char *>(malloc(dataBegin));
    if (!load.header) return load.outOfMemory();
    error = readAt(load.file, load.header, dataBegin, 0);
    if (error) return failFile(load.message, "read", path, error);
    // The length that was measured stays: the file may have been exchanged since.
    memcpy(load.header, first, sizeof(first));
    status = graphc_safetensors_open(load.header, load.fileBytes, &opened, text);
  }
  if (status != GRAPHC_OK) load.message.quoted(path) << ": " << text;
  return status;
}

static graphc_status matchAll(Load &load, const graphc_safetensors &opened) {
  uint32_t count = signature().param_count;
  load.byPath = static_cast<uint32_t *>(malloc((count + 1ull) * sizeof(uint32_t)));
  load.begins = static_cast<uint64_t *>(calloc(count + 1ull, sizeof(uint64_t)));
  if (!load.byPath || !load.begins) return load.outOfMemory();
  for (uint32_t i = 0; i < count; ++i) load.byPath[i] = i;
  heapSort(load.byPath, count,
           [](uint32_t a, uint32_t b) { return strcmp(signature().params[a].path, signature().params[b].path) < 0; });
  if (graphc_safetensors_visit(&opened, matchTensor, &load)) return GRAPHC_ERR_FORMAT;
  for (uint32_t i = 0; i < count; ++i) {
    if (load.begins[i] || isRandomState(library().params[i])) continue;
    const graphc_param_info &param = signature().params[i];
    load.message << "the file has no tensor ";
    load.message.quoted(param.path) << " ";
    load.message.type(param.dtype, param.rank, param.dims);
    if (load.extra) load.message << ", but one that the model lacks: ";
    if (load.extra) load.message.quoted(load.extra, load.extraBytes);
    return GRAPHC_ERR_FORMAT;
  }
  if (!load.extra) return GRAPHC_OK;
  load.message << "the file has a tensor that the model lacks: ";
  load.message.quoted(load.extra, load.extraBytes);
  return GRAPHC_ERR_FORMAT;
}

/// Reads row-major values through a small buffer and spreads them over the panels.
static int readPanels(int file, uint64_t offset, const graphc_param_info &param, char *stored) {
  char buffer[16384];
  Panels panels = panelsOf(param);
  for (uint64_t done = 0; done < param.bytes;) {
    uint64_t piece = param.bytes - done < sizeof(buffer) ? param.bytes - done : sizeof(buffer);
    if (int error = readAt(file, buffer, piece, offset + done)) return error;
    copyPanels(panels, buffer, done / panels.bytes, piece / panels.bytes, stored, true);
    done += piece;
  }
  return 0;
}

static graphc_status readValues(Load &load, const char *path) {
  // Zeroed: padding between params and columns past the last must be zero.
  load.staged = static_cast<char *>(calloc(1, library().params_bytes + 1));
  if (!load.staged) return load.outOfMemory();
  for (uint32_t i = 0; i < signature().param_count; ++i) {
    const graphc_param_info &param = signature().params[i];
    const graphc_param_storage &storage = library().params[i];
    char *to = load.staged + storage.offset;
    if (!load.begins[i]) { // random state that the file lacks stays as it is
      memcpy(to, load.model->params() + storage.offset, param.bytes);
      continue;
    }
    int error = storage.layout == GRAPHC_LAYOUT_PANELS ? readPanels(load.file, load.begins[i], param, to)
                                                       : readAt(load.file, to, param.bytes, load.begins[i]);
    if (error) return failFile(load.message, "read", path, error);
    completeLayout(param, storage, to);
  }
  memcpy(load.model->ownParams(), load.staged, library().params_bytes);
  load.model->waiting = 0;
  return GRAPHC_OK;
}

extern "C" graphc_status graphc_abi_load(void *pointer, const char *path) {
  graphc_status status = checkModel(pointer);
  if (status != GRAPHC_OK) return status;
  Load load(static_cast<Model *>(pointer));
  if (!path) {
    load.message << "the path is null";
    return GRAPHC_ERR_NULL;
  }
  if (paramsInImage()) {
    load.message << "the library carries its weights inside and cannot load others";
    return GRAPHC_ERR_FORMAT;
  }
  graphc_safetensors opened;
  status = readHeader(load, path, opened);
  if (status == GRAPHC_OK) status = matchAll(load, opened);
  if (status == GRAPHC_OK) status = readValues(load, path);
  return status;
}
