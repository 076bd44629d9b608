# Loops and branches from C: a limit is a status that names the node, and the next call works; state in turns and branches; random
# numbers differ by turn; a team gives the same bits; no call allocates. All levels, -O0 and -O2.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "control.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
static int counting, allocations;
void *__real_malloc(size_t);
void *__wrap_malloc(size_t bytes) { allocations += counting; return __real_malloc(bytes); }
static void team(void *pool, void (*body)(void *, int64_t, int64_t), void *env, int64_t pieces) {
  (void)pool;
  for (int64_t i = pieces; i > 0; --i) body(env, i - 1, i); /* the last piece first: order must not matter */
}
int main(void) {
  control_context *k = NULL, *t = NULL;
  control_model *m = NULL;
  graphc_options options = {0};
  options.size = sizeof options, options.seed = 3;
  CHECK(control_context_create(NULL, &k) == GRAPHC_OK && control_model_create(&options, &m) == GRAPHC_OK);
  options.parallel_for = team;
  CHECK(control_context_create(&options, &t) == GRAPHC_OK);
  double r = 0, a = 0;
  int64_t turns = 0;
  CHECK(control_root(k, m, 2, &r, &turns) == GRAPHC_OK && fabs(r - sqrt(2)) < 1e-15 && turns > 3 && turns < 9);
  a = r;
  CHECK(control_root(k, m, -2, &r, &turns) == GRAPHC_ERR_ITER);
  CHECK(strstr(control_context_message(k), "'root' passed the limit of 'while' 'newton'"));
  CHECK(control_root(k, m, 2, &r, &turns) == GRAPHC_OK && r == a);
  float xs[6] = {1, 2, 3, 4, 5, 6}, ys[6], again[6];
  unsigned char odd[6] = {1, 0, 1, 1, 0, 1};
  const float wanted[6] = {0, 2, 3, 8, 5, 18}, next[6] = {4, 2, 15, 24, 5, 42};
  CHECK(control_count(k, m, xs, sizeof xs, odd, sizeof odd, ys, sizeof ys) == GRAPHC_OK && !memcmp(ys, wanted, sizeof ys));
  counting = 1;
  CHECK(control_count(k, m, xs, sizeof xs, odd, sizeof odd, again, sizeof again) == GRAPHC_OK && !memcmp(again, next, sizeof ys));
  counting = 0;
  double x[5] = {0}, first[3][5], second[5], other[3][5];
  CHECK(control_draw(k, m, x, sizeof x, first[0], sizeof first, second, sizeof second) == GRAPHC_OK);
  CHECK(control_draw(k, m, x, sizeof x, other[0], sizeof other, second, sizeof second) == GRAPHC_OK);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 5; ++j) {
      CHECK(fabs(first[i][j]) < 6 && first[i][j] != other[i][j]);
      for (int l = 0; l < i; ++l) CHECK(first[i][j] != first[l][j]);
    }
  for (int j = 0; j < 5; ++j) CHECK(fabs(second[j]) > 1e-3 && fabs(second[j]) < 1e9);
  static float h[256][256], one[256][256], two[256][256], s1[5], s2[5];
  for (int i = 0; i < 256 * 256; ++i) h[0][i] = (float)(i % 97) / 97 - 0.4f;
  counting = 1;
  CHECK(control_wide(k, m, h[0], sizeof h, one[0], sizeof one, s1, sizeof s1) == GRAPHC_OK);
  CHECK(control_wide(t, m, h[0], sizeof h, two[0], sizeof two, s2, sizeof s2) == GRAPHC_OK);
  CHECK(allocations == 0 && !memcmp(one, two, sizeof one) && !memcmp(s1, s2, sizeof s1));
  control_model_destroy(m), control_context_destroy(k), control_context_destroy(t);
  return 0;
}
C
use_variants control -Wl,--wrap=malloc
