/* Calls both libraries through their headers: values and pointers, a rank-0 output, an empty tensor, sizes, hashes. */
#include "first.h"
#include "second.h"
#include <stdio.h>

#define CHECK(c)                                                                                                       \
  if (!(c)) {                                                                                                          \
    fprintf(stderr, "line %d: %s\n", __LINE__, #c);                                                                    \
    return 1;                                                                                                          \
  }

#define USE(lib, LIB, bias)                                                                                            \
  do {                                                                                                                 \
    lib##_model *model = NULL;                                                                                         \
    lib##_context *context = NULL;                                                                                     \
    float y[8], t = 0;                                                                                                 \
    int i;                                                                                                             \
    CHECK(lib##_model_bytes() == LIB##_MODEL_BYTES && lib##_context_bytes() == LIB##_CONTEXT_BYTES);                   \
    CHECK(sizeof x == LIB##_PREDICT_X_BYTES && LIB##_PREDICT_NONE_BYTES == 0 && LIB##_PARAM_COUNT == 1);               \
    CHECK(lib##_signature()->hash == LIB##_SIGNATURE_HASH);                                                            \
    CHECK(lib##_model_create(NULL, &model) == GRAPHC_OK && lib##_context_create(NULL, &context) == GRAPHC_OK);         \
    CHECK(lib##_predict(context, model, x, sizeof x, 3.0f, NULL, 0, y, sizeof y) == GRAPHC_OK);                        \
    for (i = 0; i < 8; ++i) CHECK(y[i] == x[i] * 3 + (bias));                                                          \
    CHECK(lib##_total(context, model, x, sizeof x, 200, -300, &t) == GRAPHC_OK && t == -99.0f);                        \
    CHECK(lib##_load_(context, model, x, sizeof x, 255, 32767, &t) == GRAPHC_OK && t == 33023.0f);                     \
    CHECK(lib##_total(context, model, x, sizeof x - 4, 1, 1, &t) == GRAPHC_ERR_SIZE);                                  \
    CHECK(lib##_model_create_for(LIB##_SIGNATURE_HASH + 1, NULL, &model) == GRAPHC_ERR_VERSION);                       \
    CHECK(lib##_context_create_for(LIB##_SIGNATURE_HASH + 1, NULL, &context) == GRAPHC_ERR_VERSION);                   \
    lib##_model_destroy(model);                                                                                        \
    lib##_context_destroy(context);                                                                                    \
  } while (0)

int main(void) {
  static const float x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  USE(first, FIRST, 0.5f);
  USE(second, SECOND, 1.0f);
  CHECK(FIRST_SIGNATURE_HASH != SECOND_SIGNATURE_HASH); /* the name is part of it */
  return 0;
}
