/* The evidence bound of a variational autoencoder falls on images of two halves; equal keys give equal samples. */
#include "vae.h"
#define NAME vae
#define STEPS 30
#include "train.h"
enum { B = 16 };
static float step(Context *context, Model *model, int n) {
  static _Thread_local float x[B * 784];
  float loss, reconstruction, divergence;
  for (int i = 0; i < B * 784; ++i) x[i] = (i % 784 % 28 < 14) == (i / 784 % 2 == n % 2);
  CALL(vae_train_step(context, model, B, T(x), &loss, &reconstruction, &divergence));
  CHECK(fabsf(loss - reconstruction - divergence) < 1e-3f * fabsf(loss));
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  static float a[B * 784], b[B * 784];
  CHECK(mean(losses, STEPS - 3, STEPS) < 0.6f * losses[0]);
  CALL(vae_sample(context, model, B, 5, T(a)));
  CALL(vae_sample(context, model, B, 5, T(b)));
  CHECK(memcmp(a, b, sizeof a) == 0);
  CALL(vae_sample(context, model, B, 6, T(b)));
  CHECK(memcmp(a, b, sizeof a) != 0);
}
