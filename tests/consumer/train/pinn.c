/* Burgers' equation: second derivatives by x inside the loss, their derivatives by the params in the step. */
#include "pinn.h"
#define NAME pinn
#define STEPS 40
#include "train.h"
enum { P = 64, Q = 24 };
static float step(Context *context, Model *model, int n) {
  static _Thread_local float x[P], t[P], xb[Q], tb[Q], ub[Q];
  float loss;
  (void)n;
  for (int i = 0; i < P; ++i) x[i] = noise((uint64_t)i), t[i] = 0.5f + 0.5f * noise((uint64_t)i + 1000);
  for (int i = 0; i < Q; ++i) { /* at the beginning -sin(pi x), at the walls 0 */
    xb[i] = i < 16 ? noise((uint64_t)i + 2000) : i % 2 ? 1.0f : -1.0f;
    tb[i] = i < 16 ? 0 : 0.5f + 0.5f * noise((uint64_t)i + 3000);
    ub[i] = i < 16 ? -sinf(3.14159265f * xb[i]) : 0;
  }
  CALL(pinn_train_step(context, model, P, Q, T(x), T(t), T(xb), T(tb), T(ub), &loss));
  return loss;
}
static void check(const float *losses, Context *context, Model *model) {
  (void)context, (void)model;
  CHECK(mean(losses, STEPS - 5, STEPS) < 0.7f * mean(losses, 0, 3));
}
