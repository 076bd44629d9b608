// sigmoid(W x) of 1024 x 1024 three ways in turns: the library, the course's two loops (gcc -O2), and reading the bytes
// of the library's weights, which bounds any code. usage: main WEIGHTS.safetensors (written)
#include "../beside.h"
#include "loops.h"
#include "sigmoid_gemv.h"
#include <string.h>

static float w[SIZE * SIZE], transposed[SIZE * SIZE], x[SIZE], y[SIZE], wanted[SIZE];
static unsigned char *modelMemory;
static sigmoid_gemv_model *model;
static sigmoid_gemv_context *context;
static volatile float sink;

static void library(void) {
  if (sigmoid_gemv_predict(context, model, x, sizeof x, y, sizeof y) != GRAPHC_OK) exit(1);
}
static void course(void) { courseLayer(w, x, wanted); }

static void readWeights(void) { // eight sums: more than the latency of an addition needs
  typedef float wide __attribute__((vector_size(64)));
  const wide *at = (const wide *)modelMemory, *end = at + sizeof w / sizeof *at;
  wide s0 = {0}, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (; at < end; at += 8) {
    s0 += at[0], s1 += at[1], s2 += at[2], s3 += at[3];
    s4 += at[4], s5 += at[5], s6 += at[6], s7 += at[7];
  }
  s0 += s1 + s2 + s3 + s4 + s5 + s6 + s7;
  sink = s0[0];
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  fill(w, SIZE * SIZE, 0.05f);
  fill(x, SIZE, 1);
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) transposed[j * SIZE + i] = w[i * SIZE + j];
  const float *values[] = {transposed};
  writeWeights(arguments[1], 1, (const char *[]){"predict.w"}, (const char *[]){"[1024,1024]"}, values,
               (int[]){SIZE * SIZE});
  modelMemory = aligned_alloc(64, (sigmoid_gemv_model_bytes() + 63) / 64 * 64);
  if (sigmoid_gemv_model_init(modelMemory, sigmoid_gemv_model_bytes(), NULL, &model) != GRAPHC_OK) return 1;
  if (sigmoid_gemv_context_create(NULL, &context) != GRAPHC_OK) return 1;
  if (sigmoid_gemv_load(model, arguments[1]) != GRAPHC_OK) return puts(sigmoid_gemv_model_message(model)), 1;
  candidate candidates[] = {{.name = "library", .call = library, .callsPerTurn = 20},
                            {.name = "read", .call = readWeights, .callsPerTurn = 20},
                            {.name = "course", .call = course, .callsPerTurn = 1}};
  measure(candidates, 3);
  expectEqual(y, wanted, SIZE);
  double bytes = (double)sizeof w;
  for (int c = 0; c < 3; c++)
    printf("%-8s best %8.2f us, median %8.2f us, %6.1f GB/s of weights at best\n", candidates[c].name,
           candidates[c].best, candidates[c].median, bytes / candidates[c].best * 1e-3);
  printf("share of the read bandwidth: best %.1f%%, median %.1f%%; times as fast as the course's loops: best %.1f, "
         "median %.1f\n",
         100 * candidates[1].best / candidates[0].best, 100 * candidates[1].median / candidates[0].median,
         candidates[2].best / candidates[0].best, candidates[2].median / candidates[0].median);
  return 0;
}
