# Training steps whose gradients, updates and packing are large enough to be shared out: the same saved model, bit for bit, with teams of
# 1, 2 and 3 threads, at every level, and at -O0, where nothing is made in place; a failing step changes nothing of it.
source "$(dirname "$0")/setup.sh"
cat >"$work/bits.json" <<'J'
{ "graphc": 1,
  "functions": {
    "net": { "inputs": { "x": "f32[64, 8, 8, 3]" },
      "nodes": [
        { "op": "conv2d", "in": "x", "out": "a", "filters": 5, "kernel": 3, "activation": "relu" },
        { "op": "reshape", "in": "a", "out": "b", "shape": [64, 180] },
        { "op": "dense", "in": "b", "out": "c", "units": 1024, "activation": "relu" },
        { "op": "dense", "in": "c", "out": "d", "units": 200, "activation": "tanh" },
        { "op": "dense", "in": "d", "out": "z", "units": 10 }
      ],
      "outputs": ["z"] },
    "loss": { "inputs": { "x": "f32[64, 8, 8, 3]", "label": "i32[64]" },
      "nodes": [{ "op": "net", "in": "x", "out": "z" }],
      "outputs": { "loss": "cross_entropy(z, label)" } },
    "train_step": { "derive": "train_step", "of": "loss", "optimizer": { "op": "adamw", "lr": 1e-3 } }
  },
  "entries": ["train_step"] }
J
cat >"$work/use.c" <<'C'
#include "bits.h"
#include <stdio.h>
#include <stdlib.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
int main(int argc, char **argv) { // THREADS LEVEL FILE
  static float x[64 * 192], loss;
  static int32_t label[64];
  int threads = atoi(argv[1]);
  graphc_pool *pool = NULL;
  graphc_options options = {.size = sizeof options, .level = (uint32_t)atoi(argv[2])};
  bits_model *model = NULL;
  bits_context *context = NULL;
  CHECK(argc == 4 && bits_pool_create(threads, &pool) == GRAPHC_OK);
  options.parallel_for = bits_parallel_for;
  options.pool = pool;
  CHECK(bits_model_create(NULL, &model) == GRAPHC_OK && bits_context_create(&options, &context) == GRAPHC_OK);
  unsigned state = 1;
  for (int i = 0; i < 64 * 192; ++i) {
    state = state * 1664525u + 1013904223u;
    x[i] = (float)(state >> 8) / (float)(1 << 23) - 1;
  }
  for (int i = 0; i < 64; ++i) label[i] = i * 7 % 10;
  for (int step = 0; step < 8; ++step)
    CHECK(bits_train_step(context, model, x, sizeof x, label, sizeof label, &loss) == GRAPHC_OK);
  label[63] = 10; // no class
  CHECK(bits_train_step(context, model, x, sizeof x, label, sizeof label, &loss) == GRAPHC_ERR_INDEX);
  CHECK(bits_save(model, argv[3]) == GRAPHC_OK);
  bits_context_destroy(context);
  bits_model_destroy(model);
  bits_pool_destroy(pool);
  return 0;
}
C
cd "$work"
levels=2
grep -qw avx2 /proc/cpuinfo && levels="$levels 3"
grep -qw avx512f /proc/cpuinfo && levels="$levels 4"
for flag in -O2 -O0; do
  "$GRAPHC" build bits.json "$flag" -o "lib$flag"
  gcc -O1 -Wall -Werror "-Ilib$flag" use.c "lib$flag/libbits.a" -lm -lpthread -o "use$flag"
done
for level in $levels; do
  for flag in -O2 -O0; do
    for threads in 1 2 3; do
      "./use$flag" $threads $level "saved$flag.$level.$threads"
      cmp "saved$flag.$level.$threads" "saved-O2.$level.1" || fail "level $level $flag, $threads threads: other bits than one thread at -O2"
    done
  done
done
