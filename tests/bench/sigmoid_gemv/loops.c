// The two loops of the course, and what reading the weights alone takes.
#include "loops.h"
#include <math.h>

void courseLayer(const float *w, const float *x, float *y) { // gcc -O2
  for (int i = 0; i < SIZE; i++) y[i] = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) y[i] += w[i * SIZE + j] * x[j];
  for (int i = 0; i < SIZE; i++) y[i] = 1 / (1 + expf(-y[i]));
}
