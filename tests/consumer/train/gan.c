/* Two steps on one model in one call, the second with the params that the first left behind
   (tests/models/steps_inside.py compares bits). The critic learns to tell; the generator's images come nearer to the
   data. */
#include "gan.h"
#define NAME gan
#define STEPS 30
#include "train.h"
enum { B = 16 };
static float x[B * 784];
static void fill(void) {
  for (int i = 0; i < B * 784; ++i) x[i] = i % 784 % 28 < 14 ? 0.8f : -0.8f;
}
static pthread_once_t once = PTHREAD_ONCE_INIT;
static float step(Context *context, Model *model, int n) {
  float critic, generator;
  pthread_once(&once, fill);
  (void)n;
  CALL(gan_train_both(context, model, B, T(x), &critic, &generator));
  CHECK(isfinite(critic) && isfinite(generator));
  return critic;
}
/* How far images of fixed z are from the data, in the mean. */
static float distance(Context *context, Model *model) {
  static float z[B * 64], y[B * 784];
  for (int i = 0; i < B * 64; ++i) z[i] = noise((uint64_t)i);
  CALL(gan_generator(context, model, B, T(z), T(y)));
  double sum = 0;
  for (int i = 0; i < B * 784; ++i) sum += fabs((double)y[i] - x[i]);
  return (float)(sum / (B * 784));
}
static void check(const float *losses, Context *context, Model *model) {
  graphc_options options = {0};
  options.size = sizeof options;
  options.seed = 3;
  Model *fresh = NULL;
  CHECK(gan_model_create(&options, &fresh) == GRAPHC_OK);
  float before = distance(context, fresh);
  CHECK(losses[STEPS - 1] < losses[0] && distance(context, model) < before);
  gan_model_destroy(fresh);
}
