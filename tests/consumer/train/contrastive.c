/* A student that is trained and a teacher that follows it: after "start" the teacher is the student, after each step it
   has moved 0.4% of the way. */
#include "contrastive.h"
#define NAME contrastive
#define STEPS 24
#include "train.h"
enum { B = 16 };
static float step(Context *context, Model *model, int n) {
  static _Thread_local float a[B * 256], b[B * 256];
  for (int i = 0; i < B * 256; ++i) {
    float shared = noise((uint64_t)i % (B * 256));
    a[i] = shared + 0.2f * noise((uint64_t)(n * B * 256 + i) + 50000);
    b[i] = shared + 0.2f * noise((uint64_t)(n * B * 256 + i) + 9000000);
  }
  float loss;
  if (n == 0) CALL(contrastive_start(context, model));
  CALL(contrastive_step(context, model, B, T(a), T(b), &loss));
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  (void)context, (void)model;
  CHECK(mean(losses, STEPS - 4, STEPS) < 0.5f * losses[0]);
}
