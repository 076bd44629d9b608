// The network 16-32-32-4 as plain C: its weights, and layers in the order of loops that gcc -O3 -march=native turns
// into vectors.
#pragma once
typedef struct {
  float w1[16][32], b1[32], w2[32][32], b2[32], w3[32][4], b3[4]; // [in][out]
} weights;

#define LAYER(IN, OUT, x, w, b, y)                                                                                     \
  do {                                                                                                                 \
    for (int o = 0; o < OUT; o++) y[o] = b[o];                                                                         \
    for (int i = 0; i < IN; i++)                                                                                       \
      for (int o = 0; o < OUT; o++) y[o] += x[i] * w[i][o];                                                            \
  } while (0)
#define RELU(OUT, y)                                                                                                   \
  for (int o = 0; o < OUT; o++) y[o] = y[o] > 0 ? y[o] : 0
