// The network as plain C: weights and a call.
#pragma once
typedef struct {
  float w1[16][32], b1[32], w2[32][32], b2[32], w3[32][4], b3[4]; // [in][out]
} weights;
void plainNet(const weights *net, const float *x, float *y);
