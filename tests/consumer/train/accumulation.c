/* One call in eight parts and four calls per update: both fit a line. What they compute is compared with PyTorch's in
   tests/models/train_step.py; here the example itself runs, and calls that make no update change no param. */
#include "accumulation.h"
#define NAME accumulation
#define STEPS 96
#include "train.h"
enum { B = 32 };
static void batch(int n, float *x, float *target) {
  for (int b = 0; b < B; ++b) {
    target[b] = 0.5f;
    for (int i = 0; i < 64; ++i) {
      x[b * 64 + i] = noise((uint64_t)((n % 4) * B + b) * 64 + (uint64_t)i);
      target[b] += x[b * 64 + i] * (float)(i % 5 - 2) / 8;
    }
  }
}
static float step(Context *context, Model *model, int n) {
  static _Thread_local float x[B * 64], target[B];
  float loss;
  uint8_t updated = 1;
  batch(n, x, target);
  if (n % 8 < 4) {
    CALL(accumulation_in_parts(context, model, B, T(x), T(target), &loss));
  } else {
    CALL(accumulation_every_fourth(context, model, B, T(x), T(target), &loss, &updated));
    CHECK(updated == (n % 4 == 3));
  }
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  (void)context, (void)model;
  CHECK(mean(losses, STEPS - 8, STEPS) < 0.5f * mean(losses, 0, 8));
}
