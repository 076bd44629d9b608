/* Implied volatilities by Newton's method: prices at known volatilities, from others the derivative by volatility leads
 * back. */
#include "black_scholes.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#define CHECK(c)                                                                                                       \
  do {                                                                                                                 \
    if (!(c)) {                                                                                                        \
      fprintf(stderr, "line %d: %s\n", __LINE__, #c);                                                                  \
      exit(1);                                                                                                         \
    }                                                                                                                  \
  } while (0)
#define T(x) x, sizeof(x)
enum { N = 16, Turns = 12 };
int main(void) {
  black_scholes_context *context = NULL;
  graphc_options options = {0};
  options.size = sizeof options;
  options.context_bytes = black_scholes_context_bytes(N);
  CHECK(black_scholes_context_create(&options, &context) == GRAPHC_OK);
  double s[N], k[N], wanted[N], v[N], t[N], market[N], sum, call[N], ds[N], dv[N], dt[N], error = 0, first = 0;
  for (int i = 0; i < N; ++i)
    s[i] = 100, k[i] = 85 + 2 * i, wanted[i] = 0.15 + 0.02 * i, v[i] = 0.3, t[i] = 0.25 + 0.1 * i;
  CHECK(black_scholes_price(context, N, T(s), T(k), T(wanted), T(t), 0.02, T(market)) == GRAPHC_OK);
  for (int turn = 0; turn < Turns; ++turn) {
    CHECK(black_scholes_greeks(context, N, T(s), T(k), T(v), T(t), 0.02, &sum, T(call), T(ds), T(dv), T(dt)) ==
          GRAPHC_OK);
    error = 0;
    for (int i = 0; i < N; ++i) {
      error += fabs(call[i] - market[i]);
      v[i] -= (call[i] - market[i]) / dv[i];
    }
    if (turn == 0) first = error;
  }
  CHECK(first > 1 && error < 1e-10);
  for (int i = 0; i < N; ++i) CHECK(fabs(v[i] - wanted[i]) < 1e-10);
  black_scholes_context_destroy(context);
  return 0;
}
