// What the benchmarks in C share: candidates take turns, each turn a batch of calls long beside the clock's own cost;
// the best turn and the median one count. Ratios hold, since every candidate meets the same neighbours and clock rate.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  const char *name;
  void (*call)(void);
  int callsPerTurn;
  double best, median; // us per call
} candidate;

enum { turns = 300 };

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(candidate *candidates, int count) {
  static double times[8][turns];
  for (int turn = -3; turn < turns; turn++) // the first ones warm up
    for (int c = 0; c < count; c++) {
      double start = microseconds();
      for (int i = 0; i < candidates[c].callsPerTurn; i++) candidates[c].call();
      if (turn >= 0) times[c][turn] = (microseconds() - start) / candidates[c].callsPerTurn;
    }
  for (int c = 0; c < count; c++) {
    qsort(times[c], turns, sizeof(double), ascending);
    candidates[c].best = times[c][0];
    candidates[c].median = times[c][turns / 2];
  }
}

/// Small numbers of both signs that depend on nothing.
static void fill(float *values, int count, float scale) {
  unsigned state = 1;
  for (int i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = ((float)(state >> 8) / (float)(1 << 23) - 1) * scale;
  }
}

static void expectEqual(const float *a, const float *b, int count) {
  for (int i = 0; i < count; i++)
    if (!(a[i] - b[i] < 1e-4f && b[i] - a[i] < 1e-4f)) {
      printf("value %d differs: %g and %g\n", i, a[i], b[i]);
      exit(1);
    }
}

/// A safetensors file of f32 tensors in the order of the arguments; `shapes` as JSON lists.
static void writeWeights(const char *path, int count, const char *const *names, const char *const *shapes,
                         const float *const *values, const int *sizes) {
  char header[4096];
  int length = 0;
  long offset = 0;
  for (int i = 0; i < count; i++) {
    length += snprintf(header + length, sizeof header - (size_t)length,
                       "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%ld,%ld]}", i ? "," : "{", names[i],
                       shapes[i], offset, offset + 4L * sizes[i]);
    offset += 4L * sizes[i];
  }
  length += snprintf(header + length, sizeof header - (size_t)length, "}");
  FILE *file = fopen(path, "wb");
  unsigned long long bytes = (unsigned long long)length;
  fwrite(&bytes, 8, 1, file);
  fwrite(header, 1, (size_t)length, file);
  for (int i = 0; i < count; i++) fwrite(values[i], 4, (size_t)sizes[i], file);
  fclose(file);
}
