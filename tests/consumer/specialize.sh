# Sizes with code of their own: the library built with "specialize" gives what the same graph gives without it, at the listed sizes and
# at others, at -O2 and -O0. Every call has a workspace of exactly the bytes that its dims ask for. State goes through all bodies, demands
# and wrong indices are found in all of them.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "plain.h"
#include "special.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s at B = %d, T = %d\n", __LINE__, #c, (int)B, (int)T); exit(1); } } while (0)
enum { MOST = 128 * 32 * 12, GUARD = 64 };
static float x[MOST], y[MOST], out[2][MOST], last[2][MOST];
static int32_t picked[2][MOST], where[32];
static int64_t B, T;
static unsigned char *memory; /* of one context, and a guard */
static size_t given;
static void *workspace(const graphc_signature *signature, int entry) {
  int64_t dims[2];
  const graphc_entry_info *info = &signature->entries[entry];
  for (uint32_t i = 0; i < info->dim_count; ++i) dims[i] = info->dims[i].name[0] == 'B' ? B : T;
  given = info->context_bytes(dims);
  CHECK(given >= 512 && given <= signature->context_bytes);
  memset(memory, 0xff, given);
  memset(memory + given, 0xa5, GUARD);
  return memory;
}
static special_context *special(int entry) {
  special_context *k = NULL;
  CHECK(special_context_init(workspace(special_signature(), entry), given, NULL, &k) == GRAPHC_OK);
  return k;
}
static plain_context *plain(int entry) {
  plain_context *k = NULL;
  CHECK(plain_context_init(workspace(plain_signature(), entry), given, NULL, &k) == GRAPHC_OK);
  return k;
}
/* Status of the last call, its context ended, nothing written behind it. */
static graphc_status done(graphc_status status) {
  for (int i = 0; i < GUARD; ++i) CHECK(memory[given + i] == 0xa5);
  return status;
}
static void same(const float *a, const float *b, int64_t count) {
  for (int64_t i = 0; i < count; ++i) CHECK(fabsf(a[i] - b[i]) <= 1e-5f * (1 + fabsf(b[i])));
}
int main(void) {
  special_model *m = NULL;
  plain_model *p = NULL;
  graphc_options options = {0};
  options.size = sizeof options;
  options.seed = 3;
  memory = aligned_alloc(64, (SPECIAL_CONTEXT_BYTES_MAX > PLAIN_CONTEXT_BYTES_MAX ? SPECIAL_CONTEXT_BYTES_MAX : PLAIN_CONTEXT_BYTES_MAX) + GUARD);
  CHECK(memory && special_model_create(&options, &m) == GRAPHC_OK && plain_model_create(&options, &p) == GRAPHC_OK);
  for (int i = 0; i < MOST; ++i) x[i] = (float)(i * 7 % 23) / 8 - 1, y[i] = (float)(i * 5 % 17) / 8 - 1;
  const int64_t batches[] = {1, 2, 7, 8, 9, 64, 8, 1}, times[] = {4, 12, 16, 32};
  for (int b = 0; b < 8; ++b)
    for (int t = 0; t < 4; ++t) {
      B = batches[b], T = times[t];
      size_t row = 12 * sizeof(float), bytes = B * T * row, keys = 2 * B * 12 * 4;
      CHECK(done(special_net(special(0), m, B, T, x, bytes, out[0], 2 * bytes, picked[0], keys)) == GRAPHC_OK);
      CHECK(done(plain_net(plain(0), p, B, T, x, bytes, out[1], 2 * bytes, picked[1], keys)) == GRAPHC_OK);
      same(out[0], out[1], 2 * B * T * 12);
      CHECK(memcmp(picked[0], picked[1], keys) == 0);
      /* Sums of eighths: exact in any order, so nothing drifts apart. */
      CHECK(done(special_count(special(1), m, B, x, B * row, last[0], row, out[0], B * row)) == GRAPHC_OK);
      CHECK(done(plain_count(plain(1), p, B, x, B * row, last[1], row, out[1], B * row)) == GRAPHC_OK);
      CHECK(memcmp(last[0], last[1], row) == 0 && memcmp(out[0], out[1], B * row) == 0);
      CHECK((b == 0 && t == 0) || last[0][0] != 0 || last[0][1] != 0);
      graphc_status wanted = T <= 4 * B ? GRAPHC_OK : GRAPHC_ERR_SHAPE;
      if (wanted == GRAPHC_OK) {
        CHECK(done(special_near(special(2), m, B, T, x, B * row, y, T * row, out[0], B * T * 4)) == GRAPHC_OK);
        CHECK(done(plain_near(plain(2), p, B, T, x, B * row, y, T * row, out[1], B * T * 4)) == GRAPHC_OK);
        same(out[0], out[1], B * T);
      } else {
        special_context *k = special(0);
        CHECK(special_near(k, m, B, T, x, B * row, y, T * row, out[0], B * T * 4) == wanted);
        CHECK(strstr(special_context_message(k), "'T <= 4*B' must hold"));
      }
      for (int64_t i = 0; i < T; ++i) where[i] = (int32_t)(i % B);
      CHECK(done(special_choose(special(3), m, B, T, x, B * row, where, T * 4, out[0], T * row)) == GRAPHC_OK);
      for (int64_t i = 0; i < T; ++i) CHECK(memcmp(out[0] + i * 12, x + i % B * 12, row) == 0);
      where[T - 1] = (int32_t)B;
      CHECK(done(special_choose(special(3), m, B, T, x, B * row, where, T * 4, out[0], T * row)) == GRAPHC_ERR_INDEX);
      CHECK(done(special_shape(special(4), m, B, x, B * row, out[0], B * row)) == GRAPHC_OK);
      for (int64_t i = 0; i < B * 12; ++i) CHECK(out[0][i] == 2 * x[i]);
    }
  special_model_destroy(m), plain_model_destroy(p), free(memory);
  return 0;
}
C
cd "$work"
sed 's/"special"/"plain"/; s/, "specialize": \[[^]]*\]//' "$here/specialize.json" >plain.json
! grep -q '"specialize"' plain.json || fail "the twin still specializes"
for level in 2 0; do
  "$GRAPHC" build "$here/specialize.json" -O$level -o "lib$level"
  "$GRAPHC" build plain.json -O$level -o "lib$level"
  "$cc" -O1 use.c -Ilib$level lib$level/libspecial.a lib$level/libplain.a -lm -o use$level
  ./use$level || fail "-O$level"
done
