// A training step as plain C: a network, its gradient, Adam.
#pragma once
#include "../plain_net.h"
enum { weightCount = sizeof(weights) / sizeof(float) };
typedef struct {
  weights net, m, v;
  long long step;
} training;
/// One step on one sample; its loss before the step.
float plainStep(training *state, const float *x, int label);
/// The same code, compiled with -fno-math-errno.
float plainStepNoErrno(training *state, const float *x, int label);
