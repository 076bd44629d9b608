// A network of 1700 multiply-adds in turns: the library and plain C (gcc -O3 -march=native).
// usage: main WEIGHTS.safetensors (written)
#include "../beside.h"
#include "loops.h"
#include "tiny_mlp.h"

static weights net;
static float x[16], y[4], wanted[4];
static tiny_mlp_model *model;
static tiny_mlp_context *context;

static void library(void) {
  if (tiny_mlp_predict(context, model, x, sizeof x, y, sizeof y) != GRAPHC_OK) exit(1);
}
static void plain(void) { plainNet(&net, x, wanted); }

int main(int count, char **arguments) {
  if (count != 2) return 2;
  fill((float *)&net, sizeof net / sizeof(float), 0.3f);
  fill(x, 16, 1);
  const char *const names[] = {"predict.w1", "predict.b1", "predict.w2", "predict.b2", "predict.w3", "predict.b3"};
  const char *const shapes[] = {"[16,32]", "[32]", "[32,32]", "[32]", "[32,4]", "[4]"};
  const float *values[] = {net.w1[0], net.b1, net.w2[0], net.b2, net.w3[0], net.b3};
  writeWeights(arguments[1], 6, names, shapes, values, (int[]){512, 32, 1024, 32, 128, 4});
  if (tiny_mlp_model_create(NULL, &model) != GRAPHC_OK) return 1;
  if (tiny_mlp_context_create(NULL, &context) != GRAPHC_OK) return 1;
  if (tiny_mlp_load(model, arguments[1]) != GRAPHC_OK) return puts(tiny_mlp_model_message(model)), 1;
  candidate candidates[] = {{.name = "library", .call = library, .callsPerTurn = 2000},
                            {.name = "plain C", .call = plain, .callsPerTurn = 2000}};
  measure(candidates, 2);
  expectEqual(y, wanted, 4);
  for (int c = 0; c < 2; c++)
    printf("%-8s best %7.1f ns, median %7.1f ns\n", candidates[c].name, candidates[c].best * 1e3,
           candidates[c].median * 1e3);
  printf("library / plain C: best %.2f, median %.2f\n", candidates[0].best / candidates[1].best,
         candidates[0].median / candidates[1].median);
  return 0;
}
