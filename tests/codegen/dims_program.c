/* A user's program for the library of dims_library.h: C99 and C++. Exit code: the line that failed, or 0. */
#include "moving.h"
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
  if (!(condition)) return __LINE__ % 251

int main(void) {
  static float x[512 * 16], y[512 * 16];
  static unsigned char memory[4096 + 64];
  unsigned char *aligned = memory + (64 - (uintptr_t)memory % 64) % 64;
  graphc_options options = {sizeof(graphc_options), 0, 0, 0, NULL, NULL};
  moving_model *model;
  moving_context *context, *small;
  const graphc_signature *signature = moving_signature();
  int64_t n = 0, total = 0, dims[2] = {4, 3};
  size_t i, bytes;
  for (i = 0; i < 512 * 16; ++i) x[i] = (float)(i % 100);

  CHECK(MOVING_B_MIN == 1 && MOVING_B_MAX == 512 && MOVING_T_MIN == 0 && MOVING_T_MAX == 16);
  CHECK(moving_context_bytes(512, 16) == MOVING_CONTEXT_BYTES_MAX && moving_context_bytes(513, 17) == 0);
  CHECK(signature->context_bytes == MOVING_CONTEXT_BYTES_MAX);
  CHECK(moving_model_create(NULL, &model) == GRAPHC_OK && moving_context_create(NULL, &context) == GRAPHC_OK);
  CHECK(moving_scale(context, model, 512, 16, x, sizeof x, 2.0, y, sizeof y, &n) == GRAPHC_OK);
  CHECK(n == 512 * 16 && y[99] == 198);
  CHECK(moving_scale(context, model, 3, 5, x, 60, 0.5, y, 60, &n) == GRAPHC_OK && n == 15 && y[3] == 1.5f);
  CHECK(moving_scale(context, model, 0, 5, x, 0, 0.5, y, 0, &n) == GRAPHC_ERR_SHAPE);
  CHECK(!strcmp(moving_context_message(context), "dim 'B' is 0, but it must be at least 1"));
  CHECK(moving_scale(context, model, 1, 10, x, 40, 0.5, y, 40, &n) == GRAPHC_ERR_SHAPE);
  CHECK(
      !strcmp(moving_context_message(context), "'T <= B + 8' must hold, but its sides are 10 and 9 at B = 1, T = 10"));
  CHECK(moving_scale(context, model, 3, 5, x, 56, 0.5, y, 60, &n) == GRAPHC_ERR_SIZE);
  CHECK(moving_scale(context, model, 13, 1, x, 52, 0.5, y, 52, &n) == GRAPHC_ERR_INDEX);
  CHECK(!strcmp(moving_status_name(GRAPHC_ERR_INDEX), "GRAPHC_ERR_INDEX"));

  bytes = moving_context_bytes(4, 3);
  CHECK(bytes < 4096 && moving_context_init(aligned, bytes, NULL, &small) == GRAPHC_OK);
  CHECK(moving_scale(small, model, 4, 3, x, 48, 1, y, 48, &n) == GRAPHC_OK);
  CHECK(moving_scale(small, model, 4, 12, x, 192, 1, y, 192, &n) == GRAPHC_ERR_MEMORY);
  moving_context_destroy(small);
  options.context_bytes = bytes;
  CHECK(moving_context_create(&options, &small) == GRAPHC_OK);
  CHECK(moving_scale(small, model, 4, 3, x, 48, 1, y, 48, &n) == GRAPHC_OK);
  moving_context_destroy(small);

  CHECK(moving_step(context, model, 7, 0x3c00, 1, &total) == GRAPHC_OK && total == 7);
  CHECK(moving_step(context, model, 16, 0x3c00, 1, &total) == GRAPHC_OK && total == 23);
  CHECK(signature->entries[1].writes_model == 1 && signature->entries[0].writes_model == 0);

  CHECK(signature->entries[0].dim_count == 2 && !strcmp(signature->entries[0].dims[0].name, "B"));
  CHECK(signature->entries[0].context_bytes(dims) == bytes);
  CHECK(signature->entries[0].args[0].dims[0] == -1 && signature->entries[0].args[0].sizes[1].steps[0].value == 1);
  {
    double k = 3;
    void *args[4];
    uint64_t sizes[4] = {48, 8, 48, 8};
    args[0] = x, args[1] = &k, args[2] = y, args[3] = &n;
    CHECK(signature->entries[0].invoke(context, model, dims, args, sizes) == GRAPHC_OK && y[11] == 33 && n == 12);
    CHECK(signature->entries[0].invoke(context, model, NULL, args, sizes) == GRAPHC_ERR_NULL);
  }
  moving_context_destroy(context);
  moving_model_destroy(model);
  return 0;
}
