/* A bandit with a context: the action that pays is the first largest of four observations. The policy acts, is rewarded
   and learns from that; returns rise, so "loss" here is minus the mean return. */
#include "policy_gradient.h"
#define NAME policy_gradient
#define STEPS 60
#include "train.h"
enum { B = 64 };
static float step(Context *context, Model *model, int n) {
  static _Thread_local float obs[B * 8], returns[B];
  static _Thread_local int32_t action[B];
  float loss, entropy, sum = 0;
  for (int i = 0; i < B * 8; ++i) obs[i] = noise((uint64_t)(n * B * 8 + i));
  CALL(policy_gradient_act(context, model, B, T(obs), T(action)));
  for (int b = 0; b < B; ++b) {
    int best = 0;
    for (int a = 1; a < 4; ++a)
      if (obs[b * 8 + a] > obs[b * 8 + best]) best = a;
    returns[b] = action[b] == best;
    sum += returns[b];
  }
  CALL(policy_gradient_train_step(context, model, B, T(obs), T(action), T(returns), 0.02f, &loss, &entropy));
  CHECK(isfinite(loss) && entropy > 0);
  return -sum / B;
}
static void check(const float *losses, Context *context, Model *model) {
  (void)context, (void)model;
  CHECK(mean(losses, STEPS - 10, STEPS) < -0.55f && mean(losses, 0, 5) > -0.45f); /* chance is 0.25 */
}
