// The state of random numbers in the model block: entries read and write it like any state, C sets it here.
#include "core/model.h"
#include <string.h>

using namespace graphc::runtime;

extern "C" graphc_status graphc_abi_seed(void *pointer, uint64_t seed) {
  graphc_status status = checkModel(pointer);
  if (status != GRAPHC_OK) return status;
  Model *model = static_cast<Model *>(pointer);
  bool draws = false;
  for (uint32_t i = 0; i < signature().param_count; ++i) {
    const graphc_param_storage &storage = library().params[i];
    if (!isRandomState(storage)) continue;
    draws = true; // so some entry writes the model, and its params are its own
    uint64_t value = storage.init == GRAPHC_INIT_SEED ? seed : 0;
    memcpy(model->ownParams() + storage.offset, &value, sizeof(value));
  }
  if (draws) return GRAPHC_OK;
  Message message = model->say();
  message << "no entry of this library draws random numbers";
  return GRAPHC_ERR_FORMAT;
}
