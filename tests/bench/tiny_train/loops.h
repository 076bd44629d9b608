// A training step as plain C: a network, its gradient, Adam.
#pragma once
typedef struct {
  float w1[16][32], b1[32], w2[32][32], b2[32], w3[32][4], b3[4]; // [in][out]
} weights;
enum { weightCount = sizeof(weights) / sizeof(float) };
typedef struct {
  weights net, m, v;
  long long step;
} training;
/// One step on one sample; its loss before the step.
float plainStep(training *state, const float *x, int label);
/// The same code, compiled with -fno-math-errno.
float plainStepNoErrno(training *state, const float *x, int label);
