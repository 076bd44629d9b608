/* What generated code and the embedded runtime agree on. The compiler emits one constant graphc_library per library,
   named GRAPHC_SYMBOL_LIBRARY, and the entry bodies it points to; the runtime (bitcode, internalized) does the rest.
   Not installed for users: they see types.h, pasted into the generated header. Plain C99; offsets are asserted below
   because the compiler builds these structs as LLVM constants, field by field in this order. */
#ifndef GRAPHC_ABI_H
#define GRAPHC_ABI_H
#include "graphc/types.h"

#define GRAPHC_ABI_VERSION 1
#define GRAPHC_SYMBOL_LIBRARY "graphc_library_description" /* extern const graphc_library */
#define GRAPHC_ABI_PREFIX "graphc_abi_"                    /* graphc_abi_load becomes <name>_load */
#define GRAPHC_PANEL_COLUMNS 16 /* f32 columns of a packed panel: 64 bytes per k at every ISA level */

/* Model and context begin with a header of the runtime's; signature.model_bytes and context_bytes are
     model   = GRAPHC_MODEL_HEADER_BYTES + (image ? 0 : params_bytes rounded up to 64)
     context = GRAPHC_CONTEXT_HEADER_BYTES + arena_bytes rounded up to 64 */
#define GRAPHC_MODEL_HEADER_BYTES 512
#define GRAPHC_CONTEXT_HEADER_BYTES 512

/* How a param lies in the model block. PANELS: a rank-2 [k, n] f32 matrix as [ceil(n/16)][k][16], columns past n zero.
 */
enum { GRAPHC_LAYOUT_ROWS = 0, GRAPHC_LAYOUT_PANELS = 1 };

/* init kinds (graph-format R20); a, b: CONSTANT value; UNIFORM low, high; NORMAL and TRUNCATED_NORMAL standard
 * deviation (cut at 2) */
enum {
  GRAPHC_INIT_NONE = 0,
  GRAPHC_INIT_CONSTANT = 1,
  GRAPHC_INIT_UNIFORM = 2,
  GRAPHC_INIT_NORMAL = 3,
  GRAPHC_INIT_TRUNCATED_NORMAL = 4
};

/* Parallel to graphc_signature.params[i]. */
typedef struct graphc_param_storage {
  uint64_t offset;       /* in the params block, multiple of 64 */
  uint64_t stored_bytes; /* packed size */
  uint32_t layout;
  uint32_t init;
  double a, b;
} graphc_param_storage;

/* Body of an entry: returns 0 or a graphc_status; args as in graphc_invoke, params = the packed params block, arena =
 * the context's workspace (64-aligned). */
typedef int32_t (*graphc_body)(void *const *args, const void *params, void *arena);

typedef struct graphc_library {
  const graphc_signature *signature;
  const graphc_param_storage *params; /* signature->param_count of them */
  const graphc_body *bodies;          /* signature->entry_count of them */
  const void *image;                  /* embedded packed params, used in place, or null */
  uint64_t params_bytes;              /* size of the packed params block */
  uint64_t arena_bytes;               /* size of the largest entry's workspace */
} graphc_library;

/* The runtime's side; the compiler renames each to <name>_... . `entry` is an index into signature->entries.
   The generated net_predict(context, model, x, x_bytes, ...) fills two arrays and calls graphc_abi_call. */
#ifdef __cplusplus
extern "C" {
#endif
size_t graphc_abi_model_bytes(void);
size_t graphc_abi_context_bytes(void);
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
   an embedded image refuse (GRAPHC_ERR_FORMAT): their params are constants. save goes through a temporary file beside
   `path`; a failing save writes the model's message, so save one model from one thread at a time. */
graphc_status graphc_abi_load(void *model, const char *path);
graphc_status graphc_abi_save(const void *model, const char *path);
/* Last message of the object, "" if none; valid until its next call. Null gives "". */
const char *graphc_abi_context_message(const void *context);
const char *graphc_abi_model_message(const void *model);
const char *graphc_abi_status_name(graphc_status status);
const graphc_signature *graphc_abi_signature(void);
graphc_status graphc_abi_call(uint32_t entry, void *context, const void *model, void *const *args,
                              const uint64_t *bytes);
#ifdef __cplusplus
}
#endif

#ifdef __cplusplus
#define GRAPHC_STATIC_ASSERT(c, m) static_assert(c, m)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define GRAPHC_STATIC_ASSERT(c, m) _Static_assert(c, m)
#else /* C99 has none; the messages vanish. extern, so that repeating one is no redefinition */
#define GRAPHC_STATIC_ASSERT(c, m) extern char graphc_static_assert[(c) ? 1 : -1]
#endif
GRAPHC_STATIC_ASSERT(sizeof(void *) == 8 && sizeof(size_t) == 8, "64-bit only");
GRAPHC_STATIC_ASSERT(sizeof(graphc_tensor_info) == 48 && offsetof(graphc_tensor_info, rank) == 32,
                     "graphc_tensor_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_entry_info) == 56 && offsetof(graphc_entry_info, flops) == 32, "graphc_entry_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_param_info) == 40, "graphc_param_info");
GRAPHC_STATIC_ASSERT(sizeof(graphc_signature) == 72 && offsetof(graphc_signature, name) == 16, "graphc_signature");
GRAPHC_STATIC_ASSERT(sizeof(graphc_param_storage) == 40, "graphc_param_storage");
GRAPHC_STATIC_ASSERT(sizeof(graphc_library) == 48, "graphc_library");
#endif
