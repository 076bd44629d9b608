// The network as plain C: weights and a call.
#pragma once
#include "../plain_net.h"
void plainNet(const weights *net, const float *x, float *y);
