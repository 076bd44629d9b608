# The same bits at each ISA level without threads, with pools of 1, 2 and 3, with callbacks of the user's own that run the pieces
# backwards or all at once, and at -O0; every entry is shared out into several pieces; a call with a pool allocates nothing; two contexts on two threads use one pool.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "parallel.h"
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
enum { B = 391, MostBytes = 4 << 20, Outputs = 14 };
static char *inputs[3];
typedef struct { char *of[Outputs]; } Results;
static Results results(void) {
  Results r;
  for (int i = 0; i < Outputs; ++i) memset(r.of[i] = malloc(MostBytes), 0xa5, MostBytes);
  return r;
}
static void end(Results r) {
  for (int i = 0; i < Outputs; ++i) free(r.of[i]);
}
/* Calls every entry; regions[e] = how many regions `counter` counted in entry e. */
static void callAll(parallel_context *k, Results r, const int *counter, int *regions) {
  const graphc_signature *s = parallel_signature();
  int output = 0;
  for (uint32_t e = 0; e < s->entry_count; ++e) {
    const graphc_entry_info *entry = &s->entries[e];
    void *args[8];
    uint64_t bytes[8];
    int64_t b = B;
    int in = 0, before = counter ? *counter : 0;
    for (uint32_t i = 0; i < entry->arg_count; ++i) {
      const graphc_tensor_info *t = &entry->args[i];
      bytes[i] = t->dtype == GRAPHC_F16 ? 2 : 4;
      for (uint32_t axis = 0; axis < t->rank; ++axis) bytes[i] *= t->dims[axis] < 0 ? B : (uint64_t)t->dims[axis];
      CHECK(bytes[i] <= 2u * MostBytes);
      args[i] = t->direction == GRAPHC_INPUT ? inputs[in++] : r.of[output++];
    }
    graphc_status status = entry->invoke(k, NULL, entry->dim_count ? &b : NULL, args, bytes);
    if (status != GRAPHC_OK) fprintf(stderr, "%s: %s\n", entry->name, parallel_context_message(k));
    CHECK(status == GRAPHC_OK);
    if (counter) regions[e] = *counter - before;
  }
  CHECK(output == Outputs);
}
static void compare(Results wanted, Results got) {
  for (int i = 0; i < Outputs; ++i) CHECK(memcmp(wanted.of[i], got.of[i], MostBytes) == 0);
}
static void backwards(void *count, void (*body)(void *, int64_t, int64_t), void *env, int64_t n) {
  CHECK(n > 1);
  ++*(int *)count;
  while (n-- > 0) body(env, n, n + 1);
}
static void atOnce(void *count, void (*body)(void *, int64_t, int64_t), void *env, int64_t n) {
  ++*(int *)count;
  body(env, 0, n);
}
static uint32_t level;
static parallel_context *contextWith(graphc_parallel_for parallel_for, void *pool) {
  graphc_options options = {0};
  options.size = sizeof options;
  options.level = level;
  options.parallel_for = parallel_for;
  options.pool = pool;
  parallel_context *k = NULL;
  CHECK(parallel_context_create(&options, &k) == GRAPHC_OK);
  return k;
}
static Results serial;
static void *ownContext(void *pool) {
  parallel_context *k = contextWith(parallel_parallel_for, pool);
  Results r = results();
  for (int i = 0; i < 4; ++i) callAll(k, r, NULL, NULL);
  compare(serial, r);
  end(r);
  parallel_context_destroy(k);
  return NULL;
}
static void testLevel(FILE *bits) {
  int regions[16] = {0}, count = 0;
  parallel_context *k = contextWith(NULL, NULL);
  serial = results();
  callAll(k, serial, NULL, NULL);
  for (int i = 0; i < Outputs; ++i) CHECK(fwrite(serial.of[i], MostBytes, 1, bits) == 1);
  parallel_context_destroy(k);
  graphc_parallel_for own[2] = {backwards, atOnce};
  for (int i = 0; i < 2; ++i) {
    Results r = results();
    k = contextWith(own[i], &count);
    callAll(k, r, &count, regions);
    compare(serial, r);
    for (uint32_t e = 0; e < parallel_signature()->entry_count; ++e) CHECK(regions[e] > 0);
    CHECK(regions[0] >= 3); /* rows: the product, softmax, the exponential */
    CHECK(regions[1] == 2);
    end(r);
    parallel_context_destroy(k);
  }
  for (int threads = 1; threads <= 3; ++threads) {
    graphc_pool *pool = NULL;
    CHECK(parallel_pool_create(threads, &pool) == GRAPHC_OK);
    k = contextWith(parallel_parallel_for, pool);
    Results r = results();
    callAll(k, r, NULL, NULL);
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < 8; ++i) callAll(k, r, NULL, NULL);
    struct mallinfo2 after = mallinfo2();
    CHECK(before.uordblks == after.uordblks && before.hblkhd == after.hblkhd);
    compare(serial, r);
    end(r);
    pthread_t other;
    CHECK(pthread_create(&other, NULL, ownContext, pool) == 0);
    ownContext(pool);
    CHECK(pthread_join(other, NULL) == 0);
    parallel_context_destroy(k);
    parallel_pool_destroy(pool);
  }
  end(serial);
}
int main(int count, char **arguments) {
  CHECK(count == 2);
  FILE *bits = fopen(arguments[1], "wb");
  CHECK(bits);
  for (int i = 0; i < 3; ++i) {
    inputs[i] = malloc(2 * MostBytes + 64);
    for (int j = 0; j < 2 * MostBytes / 4; ++j) ((float *)inputs[i])[j] = (float)((j * 7 + i) % 23 - 11) / 16;
  }
  const graphc_signature *s = parallel_signature();
  int levels = 0;
  for (uint32_t i = 0; i < s->level_count; ++i) {
    graphc_options options = {0};
    options.size = sizeof options;
    options.level = level = s->levels[i];
    parallel_context *k = NULL;
    if (parallel_context_create(&options, &k) != GRAPHC_OK) continue; /* the processor lacks it */
    parallel_context_destroy(k);
    testLevel(bits);
    ++levels;
  }
  CHECK(levels > 0 && fclose(bits) == 0);
  for (int i = 0; i < 3; ++i) free(inputs[i]);
  return 0;
}
C
for level in -O2 -O0; do
  "$GRAPHC" build "$here/parallel.json" -o "$work/lib" $level
  "$cc" -Wall -Wextra -Werror -O1 -pthread "$work/use.c" -I"$work/lib" "$work/lib/libparallel.a" -lm -o "$work/use"
  "$work/use" "$work/bits$level" || fail "parallel at $level"
done
cmp "$work/bits-O2" "$work/bits-O0" || fail "-O0 gives other bits"
# The command line: the same outputs, whatever the threads.
python3 - "$work" <<'PY'
import struct, sys
header = "{'descr': '<f2', 'fortran_order': False, 'shape': (70001,), }"
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(sys.argv[1] + "/a.npy", "wb") as f:
    f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack("<70001e", *((i % 4001 - 2000) / 512 for i in range(70001))))
PY
for threads in 1 3; do
  "$GRAPHC" run "$here/parallel.json" --entry flat --inputs "$work" --outputs "$work/out$threads" --threads $threads
done
cmp "$work/out1/y.npy" "$work/out3/y.npy" || fail "graphc run --threads"
