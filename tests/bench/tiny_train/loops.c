// Forward, softmax and cross entropy, gradient and Adam as plain C, in the order of loops that gcc -O3 -march=native
// turns into vectors.
#include "loops.h"
#include <math.h>

#define WEIGHT_GRADIENT(IN, OUT, x, dy, dw, db)                                                                        \
  do {                                                                                                                 \
    for (int o = 0; o < OUT; o++) db[o] = dy[o];                                                                       \
    for (int i = 0; i < IN; i++)                                                                                       \
      for (int o = 0; o < OUT; o++) dw[i][o] = x[i] * dy[o];                                                           \
  } while (0)
#define INPUT_GRADIENT(IN, OUT, w, dy, y, dx)                                                                          \
  for (int i = 0; i < IN; i++) {                                                                                       \
    float sum = 0;                                                                                                     \
    for (int o = 0; o < OUT; o++) sum += w[i][o] * dy[o];                                                              \
    dx[i] = y[i] > 0 ? sum : 0;                                                                                        \
  }

float plainStep(training *restrict state, const float *restrict x, int label) {
  const weights *net = &state->net;
  float h1[32], h2[32], z[4], dz[4], dh2[32], dh1[32];
  LAYER(16, 32, x, net->w1, net->b1, h1);
  RELU(32, h1);
  LAYER(32, 32, h1, net->w2, net->b2, h2);
  RELU(32, h2);
  LAYER(32, 4, h2, net->w3, net->b3, z);

  float most = z[0], sum = 0;
  for (int o = 1; o < 4; o++) most = z[o] > most ? z[o] : most;
  for (int o = 0; o < 4; o++) sum += dz[o] = expf(z[o] - most);
  float loss = logf(sum) - (z[label] - most);
  for (int o = 0; o < 4; o++) dz[o] = dz[o] / sum - (o == label);

  weights gradient;
  WEIGHT_GRADIENT(32, 4, h2, dz, gradient.w3, gradient.b3);
  INPUT_GRADIENT(32, 4, net->w3, dz, h2, dh2);
  WEIGHT_GRADIENT(32, 32, h1, dh2, gradient.w2, gradient.b2);
  INPUT_GRADIENT(32, 32, net->w2, dh2, h1, dh1);
  WEIGHT_GRADIENT(16, 32, x, dh1, gradient.w1, gradient.b1);

  double n = (double)++state->step;
  float rate = (float)(1e-3 / (1 - pow(0.9, n))), scale = (float)(1 / sqrt(1 - pow(0.999, n)));
  float *restrict p = (float *)&state->net, *restrict m = (float *)&state->m, *restrict v = (float *)&state->v;
  const float *restrict g = (const float *)&gradient;
  for (int i = 0; i < weightCount; i++) {
    m[i] = 0.9f * m[i] + 0.1f * g[i];
    v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
    p[i] -= rate * m[i] / (sqrtf(v[i]) * scale + 1e-8f);
  }
  return loss;
}
