/* What the training programs share. A program names its library (NAME), how many steps it makes (STEPS), gives `step`,
   which makes one and returns its loss, and `check`, which looks at the losses. main() runs it without threads and
   looks; then the bits of all losses and of the saved model must be the same with pools of 1, 2 and 3 threads, after
   saving in the middle and loading into another model, and of two models that train on two threads at once. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c)                                                                                                       \
  do {                                                                                                                 \
    if (!(c)) {                                                                                                        \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #c);                                                          \
      exit(1);                                                                                                         \
    }                                                                                                                  \
  } while (0)
#define GLUE(a, b) a##_##b
#define GLUED(a, b) GLUE(a, b)
#define API(f) GLUED(NAME, f)
#define CALL(...)                                                                                                      \
  do {                                                                                                                 \
    graphc_status status = (__VA_ARGS__);                                                                              \
    if (status != GRAPHC_OK) fprintf(stderr, "%s\n", API(context_message)(context));                                   \
    CHECK(status == GRAPHC_OK);                                                                                        \
  } while (0)
/* A pointer and its size in bytes. */
#define T(x) x, sizeof(x)
typedef API(model) Model;
typedef API(context) Context;
static float step(Context *context, Model *model, int n);
static void check(const float *losses, Context *context, Model *model);

/* Numbers that look random, in [-1, 1): the same for the same n. */
static inline float noise(uint64_t n) {
  n += 0x9e3779b97f4a7c15u;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
  n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
  return (float)((n ^ (n >> 31)) >> 40) / (1 << 23) - 1;
}
static inline float mean(const float *x, int from, int to) {
  double sum = 0;
  for (int i = from; i < to; ++i) sum += x[i];
  return (float)(sum / (to - from));
}
typedef struct {
  const char *path; /* the model is saved there at the end */
  int threads;      /* 0: no pool */
  int change;       /* a step at which another model goes on with what was saved; 0: none */
  int look;
  float losses[STEPS];
} Run;
static void *run(void *argument) {
  Run *r = argument;
  graphc_options options = {0};
  options.size = sizeof options;
  options.seed = 3;
  graphc_pool *pool = NULL;
  Model *model = NULL;
  Context *context = NULL;
  CHECK(API(model_create)(&options, &model) == GRAPHC_OK);
  if (r->threads) {
    CHECK(API(pool_create)(r->threads, &pool) == GRAPHC_OK);
    options.parallel_for = API(parallel_for);
    options.pool = pool;
  }
  CHECK(API(context_create)(&options, &context) == GRAPHC_OK);
  for (int n = 0; n < STEPS; ++n) {
    if (r->change && n == r->change) {
      CHECK(API(save)(model, r->path) == GRAPHC_OK);
      API(model_destroy)(model);
      options.seed = 99; /* all that it is comes from the file */
      CHECK(API(model_create)(&options, &model) == GRAPHC_OK && API(load)(model, r->path) == GRAPHC_OK);
    }
    r->losses[n] = step(context, model, n);
  }
  CHECK(API(save)(model, r->path) == GRAPHC_OK);
  if (r->look) check(r->losses, context, model);
  API(model_destroy)(model);
  API(context_destroy)(context);
  if (pool) API(pool_destroy)(pool);
  return NULL;
}
static size_t readAll(const char *path, unsigned char **bytes) {
  FILE *f = fopen(path, "rb");
  CHECK(f && fseek(f, 0, SEEK_END) == 0);
  long size = ftell(f);
  CHECK(size > 0 && fseek(f, 0, SEEK_SET) == 0 && (*bytes = malloc((size_t)size)) != NULL);
  CHECK(fread(*bytes, 1, (size_t)size, f) == (size_t)size && fclose(f) == 0);
  return (size_t)size;
}
static void same(const Run *a, const Run *b) {
  CHECK(memcmp(a->losses, b->losses, sizeof a->losses) == 0);
  unsigned char *x, *y;
  size_t size = readAll(a->path, &x);
  CHECK(size == readAll(b->path, &y) && memcmp(x, y, size) == 0);
  free(x), free(y);
}
int main(void) {
  static Run serial = {.path = "serial", .look = 1}, other;
  run(&serial);
  printf("losses %g ... %g\n", serial.losses[0], serial.losses[STEPS - 1]);
  for (int threads = 1; threads <= 3; ++threads) {
    other = (Run){.path = "pool", .threads = threads};
    run(&other);
    same(&serial, &other);
  }
  other = (Run){.path = "resumed", .change = STEPS / 2};
  run(&other);
  same(&serial, &other);
  static Run two[2] = {{.path = "first"}, {.path = "second", .threads = 2}};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, run, &two[i]) == 0);
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  for (int i = 0; i < 2; ++i) same(&serial, &two[i]);
  return 0;
}
