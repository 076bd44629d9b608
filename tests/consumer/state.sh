# State of the model from C: an entry sees what earlier calls left, updates happen together when the body returns, a function that is
# called three times in one entry sees its own updates in order, and -O0 and -O2 agree in every bit. An entry that only reads has a
# const model. Initial values "orthogonal", "identity" and values written in the graph. A saved model goes on where it was.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "machine.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
int main(int argc, char **argv) {
  machine_model *m = NULL, *again = NULL;
  machine_context *k = NULL;
  int64_t before, after;
  float x2[2] = {3, 5}, y2[2], x[15], y[15], p[15], q[15], p2[15], q2[15], order[12];
  graphc_options options = {0};
  options.size = sizeof options;
  options.seed = 7;
  CHECK(argc == 2 && machine_model_create(&options, &m) == GRAPHC_OK && machine_context_create(NULL, &k) == GRAPHC_OK);
  CHECK(machine_count(k, m, 3, &before, &after) == GRAPHC_OK && before == 5 && after == 8);
  CHECK(machine_count(k, m, 4, &before, &after) == GRAPHC_OK && before == 8 && after == 12);
  float a[2] = {1, 1}, b[2] = {1, 2};
  for (int turn = 0; turn < 6; ++turn) {
    CHECK(machine_fibonacci(k, m, x2, sizeof x2, y2, sizeof y2) == GRAPHC_OK);
    for (int i = 0; i < 2; ++i) {
      CHECK(y2[i] == a[i] * x2[i]);
      float next = a[i] + b[i];
      a[i] = b[i], b[i] = next;
    }
  }
  for (int i = 0; i < 15; ++i) x[i] = (float)(i % 7) / 4 - 0.5f;
  CHECK(machine_model_create(&options, &again) == GRAPHC_OK);
  CHECK(machine_three(k, m, x, sizeof x, p, sizeof p, q, sizeof q) == GRAPHC_OK);
  for (int turn = 0; turn < 3; ++turn) { /* the same, one call at a time, on another model */
    float scaled[15];
    for (int i = 0; i < 15; ++i) scaled[i] = x[i] * (float)(1 << turn);
    CHECK(machine_once(k, again, scaled, sizeof scaled, y, sizeof y) == GRAPHC_OK);
    if (turn == 1) CHECK(memcmp(y, p, sizeof y) == 0);
    if (turn == 2) CHECK(memcmp(y, q, sizeof y) == 0);
  }
  CHECK(memcmp(p, q, sizeof p) != 0);
  CHECK(machine_save(m, "state.safetensors") == GRAPHC_OK && machine_load(again, "state.safetensors") == GRAPHC_OK);
  CHECK(machine_three(k, m, x, sizeof x, p, sizeof p, q, sizeof q) == GRAPHC_OK);
  CHECK(machine_three(k, again, x, sizeof x, p2, sizeof p2, q2, sizeof q2) == GRAPHC_OK);
  CHECK(memcmp(p, p2, sizeof p) == 0 && memcmp(q, q2, sizeof q) == 0);
  CHECK(machine_count(k, again, 0, &before, &after) == GRAPHC_OK && before == 12);
  const machine_model *reader = m;
  CHECK(machine_look(k, reader, x2, sizeof x2, order, sizeof order, y2, sizeof y2) == GRAPHC_OK);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) { /* [4, 3]: columns */
      double sum = 0;
      for (int row = 0; row < 4; ++row) sum += (double)order[row * 3 + i] * order[row * 3 + j];
      CHECK(fabs(sum - (i == j)) < 1e-6);
    }
  FILE *bits = fopen(argv[1], "wb");
  CHECK(bits && fwrite(p, sizeof p, 1, bits) == 1 && fwrite(q, sizeof q, 1, bits) == 1 && fwrite(order, sizeof order, 1, bits) == 1);
  CHECK(fclose(bits) == 0);
  machine_model_destroy(m), machine_model_destroy(again), machine_context_destroy(k);
  return 0;
}
C
cd "$work"
for level in 0 2; do
  "$GRAPHC" build "$here/state.json" -O$level -o "lib$level"
  "$cc" -O1 use.c -Ilib$level lib$level/libmachine.a -lm -o use$level
  ./use$level bits$level || fail "state at -O$level"
done
cmp bits0 bits2 || fail "-O0 and -O2 differ"
