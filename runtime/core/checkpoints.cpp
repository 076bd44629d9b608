// graphc/checkpoints.h. A replay is a stack of states: at its bottom the row of the segment, above it slots, each with
// a later turn. Each step looks at the top: what lies between it and the end is one piece, or is divided.
#include "graphc/checkpoints.h"

/// The smallest power of two of which `rows` cover the turns.
static int64_t strideOf(int64_t turns, int64_t rows) {
  int64_t stride = 1;
  while ((turns - 1) / stride >= rows) stride *= 2;
  return stride;
}

extern "C" int64_t graphc_checkpoint_row(int64_t turn, int64_t rows) {
  int64_t stride = strideOf(turn + 1, rows);
  return turn % stride ? -1 : turn / stride;
}

extern "C" void graphc_replay_begin(graphc_replay *replay, int64_t turns, int64_t rows, int64_t slots, int64_t tape) {
  replay->stride = strideOf(turns, rows);
  replay->slots = slots;
  replay->tape = tape;
  replay->end = turns;
  replay->depth = 0;
}

/// How many of `pieces` (2 or more) lie before the next state that is kept, if `states` may be held with the one that
/// there is. With r repetitions at most, C(states + r, r) pieces can be reversed; r is the least that is enough, and
/// any division works that leaves neither side more than its share.
static int64_t piecesBefore(int64_t pieces, int64_t states) {
  int64_t reach = 1, repetitions = 0;
  while (reach < pieces) {
    ++repetitions;
    reach = reach * (states + repetitions) / repetitions;
  }
  int64_t once = reach * repetitions / (states + repetitions);            // C(states + r - 1, r - 1)
  int64_t before = once * (repetitions - 1) / (states + repetitions - 1); // C(states + r - 2, r - 2)
  int64_t overflow = pieces - reach * states / (states + repetitions);    // C(states - 1 + r, r) fit behind it
  if (before < overflow) before = overflow;
  return before < 1 ? 1 : before;
}

extern "C" int64_t graphc_replay_next(graphc_replay *replay) {
  if (replay->end <= 0) return 0;
  int64_t row = (replay->end - 1) / replay->stride;
  replay->source = replay->depth ? ~(replay->depth - 1) : row;
  replay->from = replay->depth ? replay->kept[replay->depth - 1] : row * replay->stride;
  replay->until = replay->end;
  replay->keep = -1;
  int64_t pieces = (replay->end - replay->from - 1) / replay->tape + 1, before = 0;
  if (pieces > 1) before = piecesBefore(pieces, replay->slots - replay->depth + 1);
  replay->to = replay->from + before * replay->tape;
  if (pieces - before > 1) { // never with no slot left: then all pieces but one lie before
    replay->keep = replay->depth;
    replay->kept[replay->depth++] = replay->to;
    return 1;
  }
  replay->end = replay->to;
  if (replay->depth && replay->from == replay->end) --replay->depth;
  return 1;
}
