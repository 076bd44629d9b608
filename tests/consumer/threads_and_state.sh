# One model serves 16 threads at once with the bits of a serial run; a context in use answers BUSY or serves; fork, inputs at odd
# addresses and a changed floating-point state change nothing, and the state is given back; loading and unloading leaks nothing.
source "$(dirname "$0")/setup.sh"
"$GRAPHC" build "$here/net.json" -o "$work/lib"
cat >"$work/use.c" <<'C'
#include "net.h"
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xmmintrin.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
enum { Threads = 16, Turns = 500 };
typedef struct { float p[35], again[35], x_out[100]; int32_t c[5]; } Result;
static net_model *model;
static Result serial;
static net_context *shared;
static float x[101];
static graphc_status predict(net_context *k, const float *in, Result *r) {
  return net_predict(k, model, in, 400, 1.5f, r->c, sizeof r->c, r->p, sizeof r->p, r->again, sizeof r->again, r->x_out, sizeof r->x_out);
}
static void *own(void *unused) {
  net_context *k = NULL;
  Result r;
  CHECK(net_context_create(NULL, &k) == GRAPHC_OK);
  for (int i = 0; i < Turns; ++i) {
    memset(&r, 0xa5, sizeof r);
    CHECK(predict(k, x, &r) == GRAPHC_OK && memcmp(&r, &serial, sizeof r) == 0);
  }
  net_context_destroy(k);
  return unused;
}
static void *contend(void *served) {
  Result r;
  for (int i = 0; i < 20000; ++i) {
    graphc_status status = predict(shared, x, &r);
    CHECK(status == GRAPHC_OK || status == GRAPHC_ERR_BUSY);
    if (status != GRAPHC_OK) continue;
    ++*(int *)served;
    CHECK(memcmp(&r, &serial, sizeof r) == 0);
  }
  return NULL;
}
static long mappedPages(void) {
  long all = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  CHECK(f && fscanf(f, "%ld", &all) == 1);
  fclose(f);
  return all;
}
static size_t heapBytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
int main(int argc, char **argv) {
  pthread_t threads[Threads];
  Result r;
  int served[2] = {0, 0};
  for (int i = 0; i < 100; ++i) x[i] = (float)(i % 13) / 7 - 1;
  CHECK(net_model_create(NULL, &model) == GRAPHC_OK && net_context_create(NULL, &shared) == GRAPHC_OK);
  memset(&serial, 0xa5, sizeof serial);
  CHECK(predict(shared, x, &serial) == GRAPHC_OK);
  for (int i = 0; i < Threads; ++i) CHECK(pthread_create(&threads[i], NULL, own, NULL) == 0);
  for (int i = 0; i < Threads; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, contend, &served[i]) == 0);
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(served[0] + served[1] > 0);
  float moved[101]; /* 4 bytes off: aligned to its element alone */
  for (int offset = 0; offset < 2; ++offset) {
    memcpy(moved + offset, x, 400);
    memset(&r, 0xa5, sizeof r);
    CHECK(predict(shared, moved + offset, &r) == GRAPHC_OK && memcmp(&r, &serial, sizeof r) == 0);
  }
  for (unsigned mode = 0; mode < 4; ++mode) { /* flush to zero, denormals are zero, rounding: the caller's, before and after */
    unsigned before = _mm_getcsr(), set = (before & ~0xe040u) | (mode << 13) | 0x8040u;
    _mm_setcsr(set);
    CHECK(predict(shared, x, &r) == GRAPHC_OK);
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    CHECK((after & ~0x3fu) == (set & ~0x3fu)); /* the sticky exception flags may rise */
  }
  CHECK(predict(shared, x, &r) == GRAPHC_OK && memcmp(r.p, serial.p, sizeof r.p) == 0);
  for (int i = 0; i < 50; ++i) {
    pid_t child = fork();
    if (child == 0) _exit(!(predict(shared, x, &r) == GRAPHC_OK && memcmp(r.p, serial.p, sizeof r.p) == 0));
    int status = 1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  }
  if (argc < 2) return 0;
  /* The smallest leak is 16 bytes of heap or one mapped page a turn; less is libc's own tables, which double now and then. */
  enum { WarmUp = 600, Measured = 1200 };
  long pages = 0;
  size_t bytes = 0;
  for (int i = 0; i < WarmUp + Measured; ++i) {
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    CHECK(library);
    __typeof__(&net_model_create) create = (__typeof__(&net_model_create))dlsym(library, "net_model_create");
    __typeof__(&net_model_destroy) destroy = (__typeof__(&net_model_destroy))dlsym(library, "net_model_destroy");
    net_model *m = NULL;
    CHECK(create && destroy && create(NULL, &m) == GRAPHC_OK);
    destroy(m);
    CHECK(dlclose(library) == 0);
    if (i == WarmUp) pages = mappedPages(), bytes = heapBytes();
  }
  CHECK(mappedPages() < pages + Measured - 1 && heapBytes() < bytes + 16 * (Measured - 1));
  net_context_destroy(shared);
  net_model_destroy(model);
  return 0;
}
C
"$cc" -O1 -pthread "$work/use.c" -I"$work/lib" "$work/lib/libnet.a" -lm -ldl -o "$work/use"
"$work/use" "$work/lib/libnet.so" || fail "threads and state"
