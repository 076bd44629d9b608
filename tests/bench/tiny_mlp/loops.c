// The network as plain C, in the order of loops that gcc -O3 -march=native turns into vectors.
#include "loops.h"

#define LAYER(IN, OUT, x, w, b, y)                                                                                     \
  do {                                                                                                                 \
    for (int o = 0; o < OUT; o++) y[o] = b[o];                                                                         \
    for (int i = 0; i < IN; i++)                                                                                       \
      for (int o = 0; o < OUT; o++) y[o] += x[i] * w[i][o];                                                            \
  } while (0)
#define RELU(OUT, y)                                                                                                   \
  for (int o = 0; o < OUT; o++) y[o] = y[o] > 0 ? y[o] : 0

void plainNet(const weights *net, const float *restrict x, float *restrict y) {
  float h1[32], h2[32];
  LAYER(16, 32, x, net->w1, net->b1, h1);
  RELU(32, h1);
  LAYER(32, 32, h1, net->w2, net->b2, h2);
  RELU(32, h2);
  LAYER(32, 4, h2, net->w3, net->b3, y);
}
