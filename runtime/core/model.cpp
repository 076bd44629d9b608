// Making and ending models: see model.h.
#include "core/model.h"
#include "core/init_checks.h"
#include <stdlib.h>
#include <string.h>

using namespace graphc::runtime;

graphc_status graphc::runtime::checkModel(const void *pointer) {
  if (!pointer) return GRAPHC_ERR_NULL;
  if (!isAligned(pointer, GRAPHC_ALIGN)) return GRAPHC_ERR_ALIGN;
  const Model *model = static_cast<const Model *>(pointer);
  return model->magic == Model::alive && model->owner == &library() ? GRAPHC_OK : GRAPHC_ERR_VERSION;
}

static void begin(void *memory, const graphc_options *options, bool allocated) {
  memset(memory, 0, modelBytes());
  Model *model = static_cast<Model *>(memory);
  model->owner = &library();
  model->allocated = allocated;
  if (!paramsInImage()) { // what an image has needs no initial value
    if (library().image) memcpy(model->ownParams(), library().image, library().params_bytes);
    uint32_t waiting = writeInitialValues(model->ownParams(), options ? options->seed : 0);
    if (!library().image) model->waiting = waiting;
  }
  model->magic = Model::alive;
}

extern "C" {

graphc_status graphc_abi_model_init_for(uint64_t hash, void *memory, size_t bytes, const graphc_options *options,
                                        void **model) {
  if (!model) return GRAPHC_ERR_NULL;
  *model = nullptr;
  graphc_status status = checkOptions(options);
  if (status == GRAPHC_OK) status = checkMemory(memory, bytes, modelBytes());
  if (status == GRAPHC_OK) status = checkBuild(hash);
  if (status != GRAPHC_OK) return status;
  begin(memory, options, false);
  *model = memory;
  return GRAPHC_OK;
}

graphc_status graphc_abi_model_init(void *memory, size_t bytes, const graphc_options *options, void **model) {
  return graphc_abi_model_init_for(0, memory, bytes, options, model);
}

graphc_status graphc_abi_model_create_for(uint64_t hash, const graphc_options *options, void **model) {
  if (!model) return GRAPHC_ERR_NULL;
  *model = nullptr;
  graphc_status status = checkOptions(options);
  if (status == GRAPHC_OK) status = checkBuild(hash);
  if (status != GRAPHC_OK) return status;
  void *memory = aligned_alloc(GRAPHC_ALIGN, modelBytes());
  if (!memory) return GRAPHC_ERR_MEMORY;
  begin(memory, options, true);
  *model = memory;
  return GRAPHC_OK;
}

graphc_status graphc_abi_model_create(const graphc_options *options, void **model) {
  return graphc_abi_model_create_for(0, options, model);
}

void graphc_abi_model_destroy(void *pointer) {
  if (checkModel(pointer) != GRAPHC_OK) return; // null, foreign or destroyed already: nothing of ours to end
  Model *model = static_cast<Model *>(pointer);
  model->magic = 0;
  if (model->allocated) free(model);
}

const char *graphc_abi_model_message(const void *model) {
  return checkModel(model) == GRAPHC_OK ? static_cast<const Model *>(model)->message : "";
}
}
