// A training step on one sample: the library and plain C, with and without errno. Eight samples whose labels change, so
// that no gradient ends at 0, where arithmetic may be slower. usage: main WEIGHTS.safetensors (written)
#include "../beside.h"
#include "loops.h"
#include "tiny_train.h"
#include <string.h>

enum { samples = 8 };
static training state, other;
static float x[samples][16], loss, wanted;
static tiny_train_model *model;
static tiny_train_context *context;

static void library(void) {
  static unsigned step;
  int32_t label = (int32_t)(step / samples % 4);
  if (tiny_train_train_step(context, model, x[step % samples], sizeof x[0], &label, sizeof label, &loss) != GRAPHC_OK)
    exit(1);
  step++;
}
static void plain(void) {
  static unsigned step;
  wanted = plainStep(&state, x[step % samples], (int)(step / samples % 4));
  step++;
}
static void plainNoErrno(void) {
  static unsigned step;
  plainStepNoErrno(&other, x[step % samples], (int)(step / samples % 4));
  step++;
}

/// A tensor of a safetensors file: a header's length, the header, data at offsets that it names.
static void readTensor(const char *path, const char *name, float *values, size_t count) {
  static char header[1 << 16], quoted[64];
  unsigned long long length = 0, offset = 0;
  FILE *file = fopen(path, "rb");
  snprintf(quoted, sizeof quoted, "\"%s\"", name);
  if (!file || fread(&length, 8, 1, file) != 1 || length >= sizeof header) exit(1);
  if (fread(header, 1, length, file) != length) exit(1);
  const char *at = strstr(header, quoted);
  if (!at || !(at = strstr(at, "data_offsets")) || sscanf(strchr(at, '['), "[%llu", &offset) != 1) exit(1);
  fseek(file, (long)(8 + length + offset), SEEK_SET);
  if (fread(values, sizeof(float), count, file) != count) exit(1);
  fclose(file);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  fill(x[0], samples * 16, 1);
  if (tiny_train_model_create(NULL, &model) != GRAPHC_OK) return 1;
  if (tiny_train_context_create(NULL, &context) != GRAPHC_OK) return 1;
  if (tiny_train_save(model, arguments[1]) != GRAPHC_OK) return puts(tiny_train_model_message(model)), 1;
  weights *net = &state.net;
  readTensor(arguments[1], "net.a.weight", net->w1[0], 512);
  readTensor(arguments[1], "net.a.bias", net->b1, 32);
  readTensor(arguments[1], "net.b.weight", net->w2[0], 1024);
  readTensor(arguments[1], "net.b.bias", net->b2, 32);
  readTensor(arguments[1], "net.z.weight", net->w3[0], 128);
  readTensor(arguments[1], "net.z.bias", net->b3, 4);
  other = state;
  for (int i = 0; i < 200; i++) {
    library();
    plain();
    expectEqual(&loss, &wanted, 1);
  }
  candidate candidates[] = {{.name = "library", .call = library, .callsPerTurn = 500},
                            {.name = "plain C", .call = plain, .callsPerTurn = 500},
                            {.name = "plain C, -fno-math-errno", .call = plainNoErrno, .callsPerTurn = 500}};
  measure(candidates, 3);
  for (int c = 0; c < 3; c++)
    printf("%-24s best %7.1f ns, median %7.1f ns; library / it: best %.2f, median %.2f\n", candidates[c].name,
           candidates[c].best * 1e3, candidates[c].median * 1e3, candidates[0].best / candidates[c].best,
           candidates[0].median / candidates[c].median);
  return 0;
}
