# Random numbers from C: the two masks of a layer, of its two uses and of two calls differ, and keep the mean; seed, save and load set
# the stream; an entry with a key is pure; predict draws nothing and has a const model. All levels, -O0 and -O2 give the same bits.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "chance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
enum { N = 1000 };
static chance_context *k;
static float x[N];
static void train(chance_model *m, float out[4][N]) {
  CHECK(chance_train(k, m, x, sizeof x, out[0], sizeof out[0], out[1], sizeof out[1], out[2], sizeof out[2], out[3], sizeof out[3]) ==
        GRAPHC_OK);
}
static void calls(chance_model *m, double out[3][5]) {
  double zero[5] = {0};
  CHECK(chance_calls(k, m, zero, sizeof zero, out[0], sizeof out[0], out[1], sizeof out[1], out[2], sizeof out[2]) == GRAPHC_OK);
}
int main(int argc, char **argv) {
  static float first[4][N], second[4][N], again[4][N], y[N];
  double drawn[3][5], other[3][5];
  chance_model *m = NULL, *n = NULL;
  graphc_options options = {0};
  options.size = sizeof options;
  options.seed = 11;
  CHECK(argc == 3 && chance_model_create(&options, &m) == GRAPHC_OK && chance_model_create(NULL, &n) == GRAPHC_OK);
  CHECK(chance_context_create(NULL, &k) == GRAPHC_OK);
  for (int i = 0; i < N; ++i) x[i] = 3;
  train(m, first);
  train(m, second);
  for (int i = 0; i < 4; ++i) {
    double sum = 0;
    for (int j = 0; j < N; ++j) {
      CHECK(first[i][j] == 0 || first[i][j] == 3 / 0.75f);
      sum += first[i][j];
    }
    CHECK(fabs(sum / N - 3) < 4 * 3 * sqrt(0.25 / 0.75 / N)); /* four standard deviations of the mean */
    CHECK(memcmp(first[i], second[i], sizeof first[i]) != 0);
    for (int j = 0; j < i; ++j) CHECK(memcmp(first[i], first[j], sizeof first[i]) != 0);
  }
  /* The seed of the options is the seed; setting it begins again. */
  CHECK(chance_seed(n, 11) == GRAPHC_OK);
  train(n, again);
  CHECK(memcmp(first, again, sizeof first) == 0);
  CHECK(chance_seed(n, 12) == GRAPHC_OK);
  train(n, again);
  CHECK(memcmp(first, again, sizeof first) != 0);
  CHECK(chance_seed(m, 11) == GRAPHC_OK);
  train(m, again);
  CHECK(memcmp(first, again, sizeof first) == 0);
  /* A saved model goes on where it was, on another model. */
  CHECK(chance_save(m, argv[1]) == GRAPHC_OK && chance_load(n, argv[1]) == GRAPHC_OK);
  train(n, again);
  CHECK(memcmp(second, again, sizeof second) == 0);
  /* Calls and turns have paths of their own. */
  calls(m, drawn);
  calls(m, other);
  for (int i = 0; i < 5; ++i) {
    CHECK(drawn[0][i] != 0 && drawn[1][i] != 0 && drawn[2][i] != 0 && drawn[0][i] != drawn[2][i]);
    CHECK(fabs(drawn[0][i]) < 6 && fabs(drawn[1][i]) < 9 && fabs(drawn[2][i]) < 12);
    CHECK(drawn[0][i] != other[0][i]);
  }
  /* Pure entries: a const model, the same key gives the same, another key another, and rng.calls stays. */
  const chance_model *fixed = m;
  static float z[64][6], z2[64][6];
  static uint16_t u[64], u2[64];
  int32_t c[64], c2[64];
  CHECK(chance_sample(k, fixed, 64, 5, z[0], sizeof z, u, sizeof u, c, sizeof c) == GRAPHC_OK);
  CHECK(chance_sample(k, fixed, 64, 5, z2[0], sizeof z2, u2, sizeof u2, c2, sizeof c2) == GRAPHC_OK);
  CHECK(memcmp(z, z2, sizeof z) == 0 && memcmp(u, u2, sizeof u) == 0 && memcmp(c, c2, sizeof c) == 0);
  CHECK(chance_sample(k, fixed, 64, 6, z2[0], sizeof z2, u2, sizeof u2, c2, sizeof c2) == GRAPHC_OK);
  CHECK(memcmp(z, z2, sizeof z) != 0 && memcmp(u, u2, sizeof u) != 0 && memcmp(c, c2, sizeof c) != 0);
  /* An element is a function of its position: fewer rows are the first rows. */
  CHECK(chance_sample(k, fixed, 7, 5, z2[0], 7 * sizeof z2[0], u2, 14, c2, 28) == GRAPHC_OK);
  CHECK(memcmp(z, z2, 7 * sizeof z[0]) == 0 && memcmp(u, u2, 14) == 0 && memcmp(c, c2, 28) == 0);
  CHECK(chance_predict(k, fixed, x, sizeof x, y, sizeof y) == GRAPHC_OK && y[0] == 6 && y[N - 1] == 6);
  FILE *bits = fopen(argv[2], "wb");
  CHECK(bits && fwrite(first, sizeof first, 1, bits) == 1 && fwrite(drawn, sizeof drawn, 1, bits) == 1 &&
        fwrite(z, sizeof z, 1, bits) == 1 && fwrite(u, sizeof u, 1, bits) == 1 && fwrite(c, sizeof c, 1, bits) == 1);
  CHECK(fclose(bits) == 0);
  chance_model_destroy(m), chance_model_destroy(n), chance_context_destroy(k);
  return 0;
}
C
use_variants random
for bits in bits*; do cmp "$bits" bitsx86-64-v3:2 || fail "$bits: other numbers than at x86-64-v3:2"; done

# A file without the state of random numbers loads: the stream stays as it is. Both kinds of libraries name their tensors alike.
cat >plain.json <<'J'
{ "graphc": 1, "name": "plain", "functions": {
  "predict": { "inputs": { "x": "f32[2]" }, "params": { "scale": { "type": "f32[]", "init": 2 } }, "outputs": { "y": "x * scale" } } },
  "entries": ["predict"] }
J
cat >draw.json <<'J'
{ "graphc": 1, "name": "draw", "functions": {
  "predict": { "inputs": { "x": "f32[2]" }, "params": { "scale": { "type": "f32[]", "init": 5 } },
               "outputs": { "y": "x * scale + random_uniform(type='f32[2]')" } } }, "entries": ["predict"] }
J
cat >pure.json <<'J'
{ "graphc": 1, "name": "pure", "functions": {
  "predict": { "inputs": { "key": "i64[]" }, "outputs": { "y": "random_uniform(key, type='f32[2]')" } } }, "entries": ["predict"] }
J
cat >plain.c <<'C'
#include "plain.h"
int main(void) {
  plain_model *m = 0;
  return plain_model_create(0, &m) != GRAPHC_OK || plain_save(m, "plain.safetensors") != GRAPHC_OK;
}
C
cat >draw.c <<'C'
#include "draw.h"
#include <string.h>
int main(void) {
  draw_model *m = 0, *n = 0;
  draw_context *k = 0;
  float x[2] = {10, 20}, y[2], z[2];
  if (draw_model_create(0, &m) != GRAPHC_OK || draw_model_create(0, &n) != GRAPHC_OK || draw_context_create(0, &k) != GRAPHC_OK) return 1;
  if (draw_seed(m, 77) != GRAPHC_OK || draw_seed(n, 77) != GRAPHC_OK || draw_seed(0, 1) != GRAPHC_ERR_NULL) return 2;
  if (draw_predict(k, n, x, sizeof x, y, sizeof y) != GRAPHC_OK || draw_load(n, "plain.safetensors") != GRAPHC_OK) return 3;
  if (draw_predict(k, n, x, sizeof x, y, sizeof y) != GRAPHC_OK || y[0] < 20 || y[0] >= 21 || y[1] < 40 || y[1] >= 41) return 4;
  if (draw_load(m, "plain.safetensors") != GRAPHC_OK || draw_predict(k, m, x, sizeof x, z, sizeof z) != GRAPHC_OK) return 5;
  if (memcmp(y, z, sizeof y) == 0) return 6; /* n had drawn once before */
  return draw_predict(k, m, x, sizeof x, z, sizeof z) != GRAPHC_OK || memcmp(y, z, sizeof y) != 0 ? 7 : 0;
}
C
for name in plain draw pure; do "$GRAPHC" build $name.json -o $name >/dev/null; done
! grep -q plain_seed plain/plain.h || fail "a library that draws nothing shows a seed"
for name in plain draw; do
  "$cc" $name.c -I$name $name/lib$name.a -lm -o run_$name
  ./run_$name || fail "$name: $?"
done
! grep -q pure_model pure/pure.h || fail "an entry with a key takes a model"
"$GRAPHC" build draw.json --weights plain.safetensors -o embedded >/dev/null || fail "weights without the state of random numbers"
"$cc" draw.c -Iembedded embedded/libdraw.a -lm -o run_embedded
./run_embedded || fail "embedded: $?"
