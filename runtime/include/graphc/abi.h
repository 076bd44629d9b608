/* What generated code and the embedded runtime agree on. The compiler emits one constant graphc_library per library,
   named GRAPHC_SYMBOL_LIBRARY, and the entry bodies it points to; the runtime (bitcode, internalized) does the rest.
   Not installed for users: they see types.h, pasted into the generated header. Plain C99; offsets are asserted below
   because the compiler builds these structs as LLVM constants, field by field in this order. */
#ifndef GRAPHC_ABI_H
#define GRAPHC_ABI_H
#include "graphc/types.h"

#define GRAPHC_ABI_VERSION 3
#define GRAPHC_SYMBOL_LIBRARY "graphc_library_description" /* extern const graphc_library */
#define GRAPHC_ABI_PREFIX "graphc_abi_"                    /* graphc_abi_load becomes <name>_load */
#define GRAPHC_PANEL_COLUMNS 16                            /* of a packed panel, at every ISA level */
#define GRAPHC_PANEL_GROUP 4 /* bytes of a column that lie side by side: 1 k of f32, 2 of bf16, 4 of i8 */

/* Model and context begin with a header of the runtime's; signature.model_bytes and context_bytes are
     model   = GRAPHC_MODEL_HEADER_BYTES + (image && !writes_params ? 0 : params_bytes rounded up to 64)
     context = GRAPHC_CONTEXT_HEADER_BYTES + arena_bytes rounded up to 64 */
#define GRAPHC_MODEL_HEADER_BYTES 512
#define GRAPHC_CONTEXT_HEADER_BYTES 512

/* How a param lies in the model block. PANELS: a matrix [k, n] of elements of 4/q bytes as
   [ceil(n/16)][ceil(k/q)][16][q], columns past n and k past k zero; n is the last axis, the others are k. WINOGRAD: [3,
   3, c, f] filters as rows, which saving needs, and behind them, at a multiple of 64, what convolutions read: 36
   matrices [c, f] in panels (graphc_winograd_filters). */
enum { GRAPHC_LAYOUT_ROWS = 0, GRAPHC_LAYOUT_PANELS = 1, GRAPHC_LAYOUT_WINOGRAD = 2 };

/* init kinds (graph-format R20); a, b: CONSTANT value; UNIFORM low, high; NORMAL and TRUNCATED_NORMAL standard
 * deviation (cut at 2); ORTHOGONAL a matrix with orthonormal columns, or rows where it has more columns than rows;
 * IDENTITY ones where row = column; VALUES the elements at `values`, row-major; SEED and CALLS, i64 scalars that a
 * weight file may lack: the seed of the entries' random numbers, and how many of their calls drew some since it was
 * set */
enum {
  GRAPHC_INIT_NONE = 0,
  GRAPHC_INIT_CONSTANT = 1,
  GRAPHC_INIT_UNIFORM = 2,
  GRAPHC_INIT_NORMAL = 3,
  GRAPHC_INIT_TRUNCATED_NORMAL = 4,
  GRAPHC_INIT_ORTHOGONAL = 5,
  GRAPHC_INIT_IDENTITY = 6,
  GRAPHC_INIT_VALUES = 7,
  GRAPHC_INIT_SEED = 8,
  GRAPHC_INIT_CALLS = 9
};

/* Parallel to graphc_signature.params[i]. */
typedef struct graphc_param_storage {
  uint64_t offset;       /* in the params block, multiple of 64 */
  uint64_t stored_bytes; /* packed size */
  uint32_t layout;
  uint32_t init;
  double a, b;
  const void *values; /* of GRAPHC_INIT_VALUES, else null; at any address */
} graphc_param_storage;

/* Who shares out the work of a call; generated code gets its address, or null: then the call is this thread's alone. */
typedef struct graphc_team {
  graphc_parallel_for parallel_for;
  void *pool;
} graphc_team;

/* Body of an entry: returns 0 or a graphc_status, less 256 * (1 + i) where limits[i] of the library passed its limit;
   args as in graphc_invoke, params = the packed params block (written only by entries with writes_model), arena = the
   context's workspace (64-aligned), dims checked. */
typedef int32_t (*graphc_body)(void *const *args, void *params, void *arena, const int64_t *dims,
                               const graphc_team *team);
/* Workspace that a call with these dims needs; the dims are checked. */
typedef uint64_t (*graphc_arena_bytes)(const int64_t *dims);

/* Parallel to graphc_signature.entries[i]. */
typedef struct graphc_entry_code {
  const graphc_body *bodies;        /* parallel to graphc_signature.levels */
  graphc_arena_bytes arena_of_dims; /* null: every call needs arena_bytes */
  uint64_t arena_bytes;             /* at the largest dims */
} graphc_entry_code;

typedef void (*graphc_transform)(const float *rows, int64_t channels, int64_t filters, float *panels);

typedef struct graphc_library {
  const graphc_signature *signature;
  const graphc_param_storage *params; /* signature->param_count of them */
  const graphc_entry_code *entries;   /* signature->entry_count of them */
  const void *image;                  /* embedded packed params, or null */
  uint64_t params_bytes;              /* size of the packed params block */
  uint64_t arena_bytes;               /* size of the largest entry's workspace */
  uint64_t writes_params;             /* 1: some entry writes them, or the image lacks some, which have an initial
                                         value then: an image is each model's beginning; 0: it is
                                         used in place */
  graphc_transform winograd_filters;  /* graphc_winograd_filters, or null where no param has its layout: then its code
                                         is in no library */
  const char *const *limits;          /* what the message says behind the entry's name when a limit was passed, by
                                         graphc_body */
} graphc_library;

/* The runtime's side; the compiler renames each to <name>_... . `entry` is an index into signature->entries.
   The generated net_predict(context, model, B, x, x_bytes, ...) fills three arrays and calls graphc_abi_call. */
#ifdef __cplusplus
extern "C" {
#endif
size_t graphc_abi_model_bytes(void);
/* Libraries with dims show their own <name>_context_bytes(int64_t B, ...) instead: the most of the next over entries.
 */
size_t graphc_abi_context_bytes(void);
uint64_t graphc_abi_entry_context_bytes(uint32_t entry, const int64_t *dims);
/* `hash` is the header's; 0 = not compared. */
graphc_status graphc_abi_model_init_for(uint64_t hash, void *memory, size_t bytes, const graphc_options *options,
                                        void **model);
graphc_status graphc_abi_model_init(void *memory, size_t bytes, const graphc_options *options, void **model);
graphc_status graphc_abi_model_create_for(uint64_t hash, const graphc_options *options, void **model);
graphc_status graphc_abi_model_create(const graphc_options *options, void **model);
void graphc_abi_model_destroy(void *model);
/* For libraries without a model the context is what carries the comparison with the header. */
graphc_status graphc_abi_context_init_for(uint64_t hash, void *memory, size_t bytes, const graphc_options *options,
                                          void **context);
graphc_status graphc_abi_context_create_for(uint64_t hash, const graphc_options *options, void **context);
graphc_status graphc_abi_context_init(void *memory, size_t bytes, const graphc_options *options, void **context);
graphc_status graphc_abi_context_create(const graphc_options *options, void **context);
void graphc_abi_context_destroy(void *context);
/* Reads every param from a safetensors file; all or nothing. The message says which tensor, wanted, got. Libraries with
   an image used in place refuse (GRAPHC_ERR_FORMAT): their params are constants. save goes through a temporary file
   beside `path`; a failing save writes the model's message, so save one model from one thread at a time. */
graphc_status graphc_abi_load(void *model, const char *path);
graphc_status graphc_abi_save(const void *model, const char *path);
/* The seed of the random numbers that entries draw, and their calls back to 0. Refused where none draws. */
graphc_status graphc_abi_seed(void *model, uint64_t seed);
/* A pool of `threads` (1 to 1024, the caller counted) for options.pool beside graphc_abi_parallel_for; it may serve any
   number of contexts, of other libraries too. Where it is in use already a call works on its own thread. Destroy it
   when no call can use it any more. */
graphc_status graphc_abi_pool_create(int64_t threads, graphc_pool **pool);
void graphc_abi_pool_destroy(graphc_pool *pool);
void graphc_abi_parallel_for(void *pool, void (*body)(void *env, int64_t from, int64_t to), void *env, int64_t count);
/* Last message of the object, "" if none; valid until its next call. Null gives "". */
const char *graphc_abi_context_message(const void *context);
/* The ISA level of the code that the context runs, as in graphc_signature.levels; 0 if it is none of this library. */
uint32_t graphc_abi_context_level(const void *context);
const char *graphc_abi_model_message(const void *model);
const char *graphc_abi_status_name(graphc_status status);
const graphc_signature *graphc_abi_signature(void);
graphc_status graphc_abi_call(uint32_t entry, void *context, void *model, const int64_t *dims, void *const *args,
                              const uint64_t *bytes);
#ifdef __cplusplus
}
#endif

/* One evaluator for the compiler, the runtime and the command line. 1 and *value, or 0 where a value passes 64 bits or
   the steps are none that types.h describes. */
static inline int graphc_size_value(const graphc_size *size, const int64_t *dims, uint32_t dim_count, int64_t *value) {
  int64_t stack[GRAPHC_SIZE_DEPTH];
  uint32_t used = 0;
  uint64_t i;
  for (i = 0; i < size->step_count; ++i) {
    const graphc_size_step *step = &size->steps[i];
    int64_t left, right, result;
    if (step->kind == GRAPHC_SIZE_NUMBER || step->kind == GRAPHC_SIZE_DIM) {
      if (used == GRAPHC_SIZE_DEPTH) return 0;
      if (step->kind == GRAPHC_SIZE_DIM && (step->value < 0 || step->value >= (int64_t)dim_count)) return 0;
      stack[used++] = step->kind == GRAPHC_SIZE_DIM ? dims[step->value] : step->value;
      continue;
    }
    if (used < 2) return 0;
    right = stack[--used];
    left = stack[used - 1];
    if (step->kind == GRAPHC_SIZE_ADD) {
      if (__builtin_add_overflow(left, right, &result)) return 0;
    } else if (step->kind == GRAPHC_SIZE_MUL) {
      if (__builtin_mul_overflow(left, right, &result)) return 0;
    } else if (step->kind == GRAPHC_SIZE_FLOOR_DIV || step->kind == GRAPHC_SIZE_MOD) {
      if (right <= 0) return 0;
      result = left % right;
      if (step->kind == GRAPHC_SIZE_FLOOR_DIV)
        result = left / right - (result < 0);
      else if (result < 0)
        result += right;
    } else {
      return 0;
    }
    stack[used - 1] = result;
  }
  if (used != 1) return 0;
  *value = stack[0];
  return 1;
}

#ifdef __cplusplus
#define GRAPHC_STATIC_ASSERT(c, m) static_assert(c, m)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define GRAPHC_STATIC_ASSERT(c, m) _Static_assert(c, m)
#else /* C99 has none; the messages vanish. extern, so that repeating one is no redefinition */
#define GRAPHC_STATIC_ASSERT(c, m) extern char graphc_static_assert[(c) ? 1 : -1]
#endif
GRAPHC_STATIC_ASSERT(sizeof(void *) == 8 && sizeof(size_t) == 8, "64-bit only");
GRAPHC_STATIC_ASSERT(sizeof(graphc_options) == 40, "graphc_options");
GRAPHC_STATIC_ASSERT(sizeof(graphc_size_step) == 16 && offsetof(graphc_size_step, value) == 8, "graphc_size_step");
GRAPHC_STATIC_ASSERT(sizeof(graphc_size) == 16, "graphc_size");
GRAPHC_STATIC_ASSERT(sizeof(graphc_dim_info) == 40 && offsetof(graphc_dim_info, min) == 16, "graphc_dim_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_requirement) == 48 && offsetof(graphc_requirement, relation) == 40,
                     "graphc_requirement");
GRAPHC_STATIC_ASSERT(sizeof(graphc_tensor_info) == 56 && offsetof(graphc_tensor_info, rank) == 40,
                     "graphc_tensor_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_entry_info) == 128 && offsetof(graphc_entry_info, flops) == 32 &&
                         offsetof(graphc_entry_info, dims) == 64 && offsetof(graphc_entry_info, flops_size) == 88,
                     "graphc_entry_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_param_info) == 40, "graphc_param_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_signature) == 80 && offsetof(graphc_signature, name) == 16, "graphc_signature");
GRAPHC_STATIC_ASSERT(sizeof(graphc_param_storage) == 48, "graphc_param_storage");
GRAPHC_STATIC_ASSERT(sizeof(graphc_team) == 16 && offsetof(graphc_team, pool) == 8, "graphc_team");
GRAPHC_STATIC_ASSERT(sizeof(graphc_entry_code) == 24, "graphc_entry_code");
GRAPHC_STATIC_ASSERT(sizeof(graphc_library) == 72, "graphc_library");
#endif
