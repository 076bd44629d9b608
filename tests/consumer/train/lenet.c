/* LeNet with batch_norm and dropout learns ten patterns; trained in mode train, used in mode predict. */
#include "lenet.h"
#define NAME lenet
#define STEPS 20
#include "train.h"
enum { B = 20 };
static void batch(int n, float *x, int32_t *label) {
  for (int b = 0; b < B; ++b) {
    label[b] = (b + n) % 10;
    for (int i = 0; i < 784; ++i)
      x[b * 784 + i] = noise((uint64_t)(label[b] * 49 + i / 28 / 4 * 7 + i % 28 / 4)) +
                       0.2f * noise((uint64_t)((n * B + b) * 784 + i) + 7777);
  }
}
static float step(Context *context, Model *model, int n) {
  static _Thread_local float x[B * 784];
  static _Thread_local int32_t label[B];
  float loss;
  batch(n, x, label);
  CALL(lenet_train_step(context, model, B, T(x), T(label), &loss));
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  static float x[B * 784];
  static int32_t label[B];
  float loss;
  CHECK(mean(losses, STEPS - 3, STEPS) < 0.5f * losses[0]);
  batch(STEPS, x, label);
  CALL(lenet_loss(context, model, B, T(x), T(label), &loss));
  CHECK(loss < losses[0]);
}
