/* A user's program for the library with variants (dims_library.cpp): which body ran shows in `n`; each call has exactly
   the workspace that its dims ask for. Exit code: the line that failed, or 0. */
#include "moving.h"

#define CHECK(condition)                                                                                               \
  if (!(condition)) return __LINE__ % 251

static float x[512 * 16], y[512 * 16];
static unsigned char memory[65536 + 64];

/* What the call gives, or its status where that is an error. */
static int64_t call(moving_model *model, int64_t b, int64_t t) {
  unsigned char *aligned = memory + (64 - (uintptr_t)memory % 64) % 64;
  moving_context *context;
  size_t bytes = (size_t)(b * t) * sizeof(float);
  int64_t n = 0;
  graphc_status status = moving_context_init(aligned, moving_context_bytes(b, t), NULL, &context);
  if (status == GRAPHC_OK) status = moving_scale(context, model, b, t, x, bytes, 1, y, bytes, &n);
  return status == GRAPHC_OK ? n : status;
}

int main(void) {
  moving_model *model;
  CHECK(moving_model_create(NULL, &model) == GRAPHC_OK);
  CHECK(call(model, 4, 3) == 12 && call(model, 6, 3) == 18);
  CHECK(call(model, 5, 0) == 1000 && call(model, 5, 2) == 1002 && call(model, 5, 13) == 1013);
  CHECK(call(model, 5, 3) == GRAPHC_ERR_INDEX);
  CHECK(call(model, 13, 1) == GRAPHC_ERR_INDEX);
  CHECK(moving_context_bytes(5, 3) == 512 + 128 && moving_context_bytes(5, 4) == 512 + 256);
  CHECK(moving_context_bytes(4, 4) == 512 + 64 && moving_context_bytes(512, 16) == MOVING_CONTEXT_BYTES_MAX);
  moving_model_destroy(model);
  return 0;
}
