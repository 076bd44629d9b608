/* Pairs of one class come together, others move apart, through weights that are shared in three ways. */
#include "siamese.h"
#define NAME siamese
#define STEPS 40
#include "train.h"
enum { B = 32 };
static float bank[32 * 32];
static void fill(void) {
  for (int i = 0; i < 32 * 32; ++i) bank[i] = noise((uint64_t)i + 77) / 4;
}
static pthread_once_t once = PTHREAD_ONCE_INIT;
static float step(Context *context, Model *model, int n) {
  static _Thread_local float a[B * 32], b[B * 32], pair[B];
  float loss;
  pthread_once(&once, fill);
  for (int i = 0; i < B; ++i) {
    int first = (i + n) % 6, second = i % 2 ? first : (first + 1 + n % 5) % 6;
    pair[i] = first == second;
    for (int j = 0; j < 32; ++j) {
      a[i * 32 + j] = noise((uint64_t)(first * 32 + j)) + 0.1f * noise((uint64_t)((n * B + i) * 32 + j) + 4000);
      b[i * 32 + j] = noise((uint64_t)(second * 32 + j)) + 0.1f * noise((uint64_t)((n * B + i) * 32 + j) + 900000);
    }
  }
  CALL(siamese_train_step(context, model, B, T(a), T(b), T(bank), T(pair), &loss));
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  (void)context, (void)model;
  CHECK(mean(losses, STEPS - 5, STEPS) < 0.5f * mean(losses, 0, 3));
}
