// The network as plain C.
#include "loops.h"

void plainNet(const weights *net, const float *restrict x, float *restrict y) {
  float h1[32], h2[32];
  LAYER(16, 32, x, net->w1, net->b1, h1);
  RELU(32, h1);
  LAYER(32, 32, h1, net->w2, net->b2, h2);
  RELU(32, h2);
  LAYER(32, 4, h2, net->w3, net->b3, y);
}
