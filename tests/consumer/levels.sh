# One library for several ISA levels: contexts of all levels side by side give the right answers, each to the bit what a library of that
# level alone gives, at -O0 too; without options a context has the highest level; a level that library or machine lacks is refused.
# Products of i8 are exact, so equal at all levels; a kernel without products of its own at a level is there once for both.
# Header and manifest name the levels; a library needs the same symbols whatever its levels, and less than 30 kB of text at one.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "levels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
enum { N = 20, MOST = 64 };
static float x[MOST * N], w[N * N], p[MOST * N];
static uint16_t half[MOST * N];
enum { K = 22 };
static int8_t c[MOST * K], d[K * N];
static int32_t whole[MOST * N];
static float brain[MOST * N];

static double asBrain(float value) { /* rounded to bf16, ties to even */
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  memcpy(&value, &bits, sizeof bits);
  return value;
}
static double state[MOST][N];

static void turn(double row[N]) {
  double h[N], y[N];
  for (int j = 0; j < N; ++j) {
    double sum = 0;
    for (int k = 0; k < N; ++k) sum += row[k] * w[k * N + j];
    h[j] = tanh(sum) + exp(-sum * sum);
  }
  for (int j = 0; j < N; ++j) {
    double sum = 0;
    for (int k = 0; k < N; ++k) sum += h[k] * w[k * N + j];
    y[j] = sum * 0.5 + row[j];
  }
  memcpy(row, y, sizeof y);
}

static double fromHalf(uint16_t bits) { /* none of them is subnormal, infinite or NaN */
  double value = ldexp(1024 + (bits & 1023), ((bits >> 10) & 31) - 25);
  return bits >> 15 ? -value : value;
}

int main(int argc, char **argv) { /* use BITS LEVEL HIGHEST: writes the bits at this level; no context may be above HIGHEST */
  const graphc_signature *signature = levels_signature();
  graphc_options options = {0};
  levels_context *one = NULL, *all = NULL, *none = NULL;
  CHECK(argc == 4);
  options.size = sizeof options;
  options.level = (uint32_t)atoi(argv[2]);
  uint32_t highest = (uint32_t)atoi(argv[3]);
  CHECK(levels_context_create(&options, &one) == GRAPHC_OK && levels_context_level(one) == options.level);
  CHECK(levels_context_create(NULL, &all) == GRAPHC_OK && levels_context_level(all) == highest);
  options.level = 1;
  CHECK(levels_context_create(&options, &none) == GRAPHC_ERR_DEVICE && none == NULL && levels_context_level(none) == 0);
  options.level = 7;
  CHECK(levels_context_create(&options, &none) == GRAPHC_ERR_DEVICE);
  for (uint32_t level = 2; level <= 6; ++level) {
    int has = 0;
    for (uint32_t i = 0; i < signature->level_count; ++i) has |= signature->levels[i] == level;
    options.level = level;
    graphc_status status = levels_context_create(&options, &none);
    CHECK(status == (has && level <= highest ? GRAPHC_OK : GRAPHC_ERR_DEVICE));
    levels_context_destroy(none);
  }
  for (int i = 0; i < N * N; ++i) w[i] = (float)((i * 37) % 64 - 31) / 160;
  for (int i = 0; i < MOST * K; ++i) c[i] = (int8_t)(i % 7 ? i * 53 : -128);
  for (int i = 0; i < K * N; ++i) d[i] = (int8_t)(i % 5 ? i * 91 : -128);
  FILE *bits = fopen(argv[1], "wb");
  CHECK(bits);
  for (int64_t rows = 1; rows <= MOST; rows += rows < 10 ? 1 : 27)
    for (int turns = 0; turns < 2; ++turns) { /* the highest level first, then the one that is written */
      size_t count = (size_t)(rows * N);
      for (size_t i = 0; i < count; ++i) x[i] = (float)((i * 29 + (size_t)rows) % 50) / 20 - 1.2f;
      CHECK(levels_predict(turns ? one : all, rows, x, count * sizeof *x, w, sizeof w, c, (size_t)rows * K, d, sizeof d, p, count * sizeof *p,
                           half, count * sizeof *half, whole, count * sizeof *whole, brain, count * sizeof *brain)
            == GRAPHC_OK);
      for (int64_t row = 0; row < rows; ++row) {
        double sum = 0;
        for (int j = 0; j < N; ++j) state[row][j] = x[row * N + j];
        turn(state[row]), turn(state[row]);
        for (int j = 0; j < N; ++j) sum += exp(state[row][j]);
        for (int j = 0; j < N; ++j) {
          CHECK(fabs(p[row * N + j] - exp(state[row][j]) / sum) < 2e-6);
          CHECK(fabs(fromHalf(half[row * N + j]) - state[row][j]) < 1e-3 * (1 + fabs(state[row][j])));
          int32_t exact = 0;
          double close = 0;
          for (int k = 0; k < K; ++k) exact += c[row * K + k] * d[k * N + j];
          for (int k = 0; k < N; ++k) close += asBrain(x[row * N + k]) * asBrain(w[k * N + j]);
          CHECK(whole[row * N + j] == exact);
          CHECK(fabs(brain[row * N + j] - close) < 1e-6);
        }
      }
      if (!turns) continue;
      CHECK(fwrite(p, sizeof *p, count, bits) == count && fwrite(half, sizeof *half, count, bits) == count);
      CHECK(fwrite(whole, sizeof *whole, count, bits) == count && fwrite(brain, sizeof *brain, count, bits) == count);
    }
  CHECK(fclose(bits) == 0);
  levels_context_destroy(one), levels_context_destroy(all);
  return 0;
}
C
cd "$work"
mapfile -t names < <("$GRAPHC" targets | awk '{print $1}') # the first is level 2
native=$("$GRAPHC" targets | awk '/native/ {print NR + 1}')
for o in 0 2; do
  "$GRAPHC" build "$here/levels.json" -O$o -o all$o
  "$cc" -std=c99 -Wall -Wextra -Werror -O1 use.c -Iall$o all$o/liblevels.a -lm -o all$o/use
  for level in 2 3 4 5 6; do
    "$GRAPHC" build "$here/levels.json" -O$o -o only$o$level "--target=${names[level - 2]}"
    [ "$level" -le "$native" ] || continue
    "$cc" -O1 use.c -Ionly$o$level only$o$level/liblevels.a -lm -o only$o$level/use
    all$o/use bits$o$level $level "$native" || fail "all levels at -O$o, level $level"
    only$o$level/use alone$o$level $level $level || fail "level $level alone at -O$o"
    cmp bits$o$level alone$o$level || fail "level $level gives other bits beside others than alone, at -O$o"
    cmp bits$o$level bits0$level || fail "level $level gives other bits at -O$o than at -O0"
  done
done
if [ "$native" -ge 3 ]; then ! cmp -s bits22 bits23 || fail "v2 and v3 give the same bits: is there one code?"; fi
# Of the kernels at v4 only those that differ are there again: one of i8 at v4+vnni, one of bf16 at v4+vnni+bf16, in each of two bodies.
kernels() { nm all2/liblevels.a | awk '{print $3}' | grep "^k[0-9]*\..*$1\.part\$" | sort -u; }
[ "$(kernels .v4 | wc -l)" -gt 6 ] || fail "kernels of v4: $(kernels .v4)"
for suffix in .v4_vnni .v4_vnni_bf16; do
  found=$(kernels $suffix | sed 's/^k[0-9]*\.//')
  [ -n "$found" ] && ! grep -v "^contraction$suffix\.part\$" <<<"$found" && [ "$(wc -l <<<"$found")" -le 2 ] || fail "kernels of $suffix: $found"
done
if [ "$native" -ge 4 ]; then # an order of their own, one twice, one left out
  "$GRAPHC" build "$here/levels.json" -o two --target=x86-64-v4,x86-64-v2,x86-64-v4
  "$cc" -O1 use.c -Itwo two/liblevels.a -lm -o two/use
  two/use bits 4 4 && cmp bits bits24 || fail "two levels"
fi
grep -q "Needs a processor of level x86-64-v2, else GRAPHC_ERR_DEVICE; has code for x86-64-v3, x86-64-v4, x86-64-v4+vnni, x86-64-v4+vnni+bf16 too." all2/levels.h || fail "header"
grep -q "Needs a processor of level x86-64-v3, else GRAPHC_ERR_DEVICE\.$" only23/levels.h || fail "header of one level"
tr -d ' \n' <all2/levels.manifest.json | grep -q '"levels":\["x86-64-v2","x86-64-v3","x86-64-v4","x86-64-v4+vnni","x86-64-v4+vnni+bf16"\]' || fail "manifest"
cmp <(nm -u all2/liblevels.a) <(nm -u only22/liblevels.a) || fail "more levels need other symbols"
# One header serves a library of any levels: they are no part of the signature.
cmp <(grep SIGNATURE_HASH all2/levels.h) <(grep SIGNATURE_HASH only24/levels.h) || fail "the hash depends on the levels"

# The network by which library sizes are compared.
cat >tiny.json <<'J'
{ "graphc": 1, "name": "tiny", "functions": { "predict": { "inputs": { "x": "f32[1, 16]" }, "nodes": [
    { "op": "dense", "in": "x", "out": "a", "units": 32, "activation": "relu" },
    { "op": "dense", "in": "a", "out": "b", "units": 32, "activation": "relu" },
    { "op": "dense", "in": "b", "out": "z", "units": 4 } ], "outputs": { "p": "softmax(z)" } } }, "entries": ["predict"] }
J
for levels in "${names[@]}" x86-64-v2,x86-64-v3,x86-64-v4 "$(IFS=,; echo "${names[*]}")"; do
  "$GRAPHC" build tiny.json -o tiny "--target=$levels"
  text=$(size tiny/libtiny.a | awk 'NR==2 {print $1}') # code, constants and unwind tables
  echo "16-32-32-4 network, $levels: $text bytes of text"
  [ "$levels" != "${levels#*,}" ] || [ "$text" -lt 30000 ] || fail "text at $levels is $text bytes"
  [ -z "${three:-}" ] || [ "$text" -lt $((three + 200)) ] || fail "the last two levels cost $((text - three)) bytes where nothing differs"
  [ "$levels" != x86-64-v2,x86-64-v3,x86-64-v4 ] || three=$text
done
