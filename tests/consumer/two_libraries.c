/* Two libraries of two graphs in one program; every heap call of the program is counted, and a call of an entry makes
 * none. */
#include "net.h"
#include "pure.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static long allocations;
void *malloc(size_t n) {
  ++allocations;
  return __libc_malloc(n);
}
void *calloc(size_t n, size_t s) {
  ++allocations;
  return __libc_calloc(n, s);
}
void *realloc(void *p, size_t n) {
  ++allocations;
  return __libc_realloc(p, n);
}

#define CHECK(c)                                                                                                       \
  do {                                                                                                                 \
    if (!(c)) {                                                                                                        \
      fprintf(stderr, "line %d: %s\n", __LINE__, #c);                                                                  \
      return 1;                                                                                                        \
    }                                                                                                                  \
  } while (0)

static _Alignas(GRAPHC_ALIGN) char model_memory[NET_MODEL_BYTES], context_memory[NET_CONTEXT_BYTES];

int main(void) {
  net_model *model = NULL;
  net_context *context = NULL, *own = NULL;
  pure_context *pure = NULL;
  CHECK(net_model_bytes() == NET_MODEL_BYTES && net_context_bytes() == NET_CONTEXT_BYTES);
  CHECK(net_model_init(model_memory, sizeof model_memory, NULL, &model) == GRAPHC_OK);
  CHECK(net_context_init(context_memory, sizeof context_memory, NULL, &context) == GRAPHC_OK);
  CHECK(net_context_create(NULL, &own) == GRAPHC_OK && pure_context_create(NULL, &pure) == GRAPHC_OK);

  float x[5 * 20], p[5 * 7], again[5 * 7], x_out[5 * 20], other[5 * 7], reg[5 * 7], sum;
  int32_t class_[5];
  for (int i = 0; i < 100; ++i) x[i] = (float)(i % 13) / 7 - 1;
  long before = allocations;
  CHECK(net_predict(context, model, x, sizeof x, 2.0f, class_, sizeof class_, p, sizeof p, again, sizeof again, x_out,
                    sizeof x_out) == GRAPHC_OK);
  CHECK(net_total(context, model, x, sizeof x, 1.5f, 2.25f, &sum, reg, sizeof reg) == GRAPHC_OK);
  CHECK(sum == 3.75f && memcmp(p, again, sizeof p) == 0 && memcmp(x, x_out, sizeof x) == 0);
  for (int row = 0; row < 5; ++row) {
    double total = 0;
    for (int i = 0; i < 7; ++i) total += p[row * 7 + i];
    CHECK(fabs(total - 1) < 1e-6);
    for (int i = 0; i < 7; ++i) CHECK(p[row * 7 + class_[row]] >= p[row * 7 + i]);
  }
  /* another context, the same bits */
  CHECK(net_predict(own, model, x, sizeof x, 2.0f, class_, sizeof class_, other, sizeof other, again, sizeof again,
                    x_out, sizeof x_out) == GRAPHC_OK);
  CHECK(memcmp(p, other, sizeof p) == 0);

  static float a[9 * 300], b[300 * 21], y[9 * 21];
  for (int i = 0; i < 9 * 300; ++i) a[i] = (float)(i % 7 - 3) / 40;
  for (int i = 0; i < 300 * 21; ++i) b[i] = (float)(i % 5 - 2);
  CHECK(pure_product(pure, a, sizeof a, b, sizeof b, y, sizeof y) == GRAPHC_OK);
  for (int i = 0; i < 9; ++i)
    for (int j = 0; j < 21; ++j) {
      double s = 0;
      for (int k = 0; k < 300; ++k) s += (double)a[i * 300 + k] * b[k * 21 + j];
      CHECK(fabs(1 / (1 + exp(-s)) - y[i * 21 + j]) < 1e-5);
    }
  CHECK(allocations == before);
  CHECK(net_predict(context, model, x, sizeof x - 4, 2.0f, class_, sizeof class_, p, sizeof p, again, sizeof again,
                    x_out, sizeof x_out) == GRAPHC_ERR_SIZE);
  CHECK(strstr(net_context_message(context), "x") != NULL);
  CHECK(net_predict(context, model, x, sizeof x, 2.0f, class_, sizeof class_, x, sizeof p, again, sizeof again, x_out,
                    sizeof x_out) == GRAPHC_ERR_ALIAS);
  net_context_destroy(own);
  pure_context_destroy(pure);
  puts("ok");
  return 0;
}
