/* bf16, and f16 with a scaled loss, learn the same classes; the scale begins at 65536 and is reported. How near the
   losses are to those of f32 and of PyTorch's autocast is compared in tests/models/precision.py. */
#include "mixed.h"
#define NAME mixed
#define STEPS 24
#include "train.h"
enum { B = 24 };
static void batch(int n, float *x, int32_t *label) {
  for (int b = 0; b < B; ++b) {
    label[b] = (b * 7 + n) % 10;
    for (int i = 0; i < 256; ++i)
      x[b * 256 + i] = noise((uint64_t)(label[b] * 256 + i)) + 0.3f * noise((uint64_t)((n * B + b) * 256 + i) + 100000);
  }
}
static float step(Context *context, Model *model, int n) {
  static _Thread_local float x[B * 256];
  static _Thread_local int32_t label[B];
  float loss, scale;
  uint8_t skipped;
  batch(n, x, label);
  if (n % 2) {
    CALL(mixed_train_bf16(context, model, B, T(x), T(label), &loss));
  } else {
    CALL(mixed_train_f16(context, model, B, T(x), T(label), &loss, &skipped, &scale));
    CHECK(!skipped && scale == 65536);
  }
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  CHECK(mean(losses, STEPS - 4, STEPS) < 0.2f * losses[0]);
  static float x[B * 256], p[B * 10];
  int32_t label[B];
  batch(STEPS, x, label);
  CALL(mixed_predict_bf16(context, model, B, T(x), T(p)));
  for (int b = 0; b < B; ++b) {
    float sum = 0;
    for (int c = 0; c < 10; ++c) sum += p[b * 10 + c];
    CHECK(fabsf(sum - 1) < 1e-5f && p[b * 10 + label[b]] > 0.5f);
  }
}
