/* The rule by which a loop of unknown length is reversed in bounded memory
   (docs/decisions/2026-11-26-online-checkpoints.md): which turns keep a checkpoint while it runs, and what is done,
   step by step, on the way back. Integers alone: generated code moves the data
   (compiler/lower/bufferize/checkpoint_borders.cpp), tests count.

   Forward: `rows` checkpoints (even). Row k holds the state before turn k * stride; stride is the smallest power of two
   for which the turns fit, so it doubles when they do not: then rows 0, 2, 4, ... become 0, 1, 2, ... Everything
   follows from the turn's number.

   Backward: the segment between two rows is run again. Up to `tape` turns are recorded and reversed at once; a longer
   one keeps further states in `slots` of the loop's own, by the binomial schedule (Griewank and Walther, ACM TOMS 26,
   2000) over pieces of `tape` turns. */
#ifndef GRAPHC_CHECKPOINTS_H
#define GRAPHC_CHECKPOINTS_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The row that keeps the state before this turn, or -1. If it is rows / 2 and the turn is not before `rows`, the stride
   has just doubled: rows 2k move to k first. */
int64_t graphc_checkpoint_row(int64_t turn, int64_t rows);

/* A way back, and its next step: take the state that `source` holds, go on from turn `from` to `to`; then keep it in
   slot `keep` or, if that is -1, record the turns from `to` to `until` and reverse them. Words of 64 bits alone:
   generated code reads them by number. */
typedef struct {
  int64_t source; /* a row, or ~slot */
  int64_t from, to, until;
  int64_t keep;
  /* What only the rule reads. */
  int64_t stride, slots, tape;
  int64_t end;    /* turns before it are not reversed yet */
  int64_t depth;  /* slots in use */
  int64_t kept[]; /* by slot: the turn that its state stands before */
} graphc_replay;

void graphc_replay_begin(graphc_replay *replay, int64_t turns, int64_t rows, int64_t slots, int64_t tape);
/* Fills in the next step; 0 if there is none. */
int64_t graphc_replay_next(graphc_replay *replay);

#ifdef __cplusplus
}
#endif
#endif
