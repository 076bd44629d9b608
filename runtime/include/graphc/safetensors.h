/* The one reader of safetensors files: used by the compiler (build --weights) and by every generated library
   (net_load). Hostile files are the normal case (docs: threats). The caller maps or reads the file and hands over its
   bytes; the reader never recurses and never reads outside them: of the file it touches the first data_begin bytes
   only, so a buffer of these suffices. Opening takes one malloc of 40 bytes a tensor (less than the header itself) for
   the overlap and duplicate checks, freed before it returns; visiting and finding take none. Rules: those of the Rust
   crate (header <= 100 MB, UTF-8, sorted contiguous offsets, last offset = end of file, checked products) and duplicate
   names are errors. Format: https://github.com/huggingface/safetensors (8 bytes little-endian header length, JSON
   header, data). */
#ifndef GRAPHC_SAFETENSORS_H
#define GRAPHC_SAFETENSORS_H
#include "graphc/types.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { GRAPHC_SAFETENSORS_MAX_RANK = 16, GRAPHC_SAFETENSORS_MESSAGE = 256 };

typedef struct graphc_safetensors_tensor {
  const char *name; /* points into the file's bytes, raw JSON text between the quotes; not terminated */
  size_t name_bytes;
  uint32_t dtype; /* graphc_dtype, or UINT32_MAX for one that graphc does not know */
  uint32_t rank;
  int64_t dims[GRAPHC_SAFETENSORS_MAX_RANK];
  uint64_t begin, bytes; /* of the data, from the start of the file */
} graphc_safetensors_tensor;

typedef struct graphc_safetensors {
  const unsigned char *file;
  uint64_t file_bytes, data_begin;
  uint64_t tensor_count;
} graphc_safetensors;

/* From the first 8 bytes of a file: how many bytes stand before the data, *data_begin, checked against file_bytes and
   the limit. GRAPHC_OK or GRAPHC_ERR_FORMAT with a message. For callers that read the header before the data. */
graphc_status graphc_safetensors_measure(const void *first, uint64_t file_bytes, uint64_t *data_begin, char *message);
/* Checks the whole header once. GRAPHC_OK, or GRAPHC_ERR_FORMAT (GRAPHC_ERR_MEMORY) with a message (what and where) in
   `message` (GRAPHC_SAFETENSORS_MESSAGE bytes). O(n log n) in the number of tensors. `file_bytes` is the size of the
   whole file. */
graphc_status graphc_safetensors_open(const void *file, uint64_t file_bytes, graphc_safetensors *out, char *message);
/* Visits the tensors of an opened file in header order; stops when `visit` returns non-zero and returns that. */
int graphc_safetensors_visit(const graphc_safetensors *file, int (*visit)(void *env, const graphc_safetensors_tensor *),
                             void *env);
/* 1 and *out if a tensor has this name (compared after JSON unescaping), else 0. */
int graphc_safetensors_find(const graphc_safetensors *file, const char *name, graphc_safetensors_tensor *out);
/* Packs row-major [k, n] of elements of 1, 2 or 4 bytes into panels (GRAPHC_LAYOUT_PANELS of abi.h; what is past n and
   k becomes 0), and back. */
void graphc_pack_panels(const void *rows, uint32_t element_bytes, int64_t k, int64_t n, void *panels);
void graphc_unpack_panels(const void *panels, uint32_t element_bytes, int64_t k, int64_t n, void *rows);
/* [3, 3, channels, filters] f32 into the 36 matrices of F(4x4, 3x3), [6][6] of panels [ceil(filters/16)][channels][16].
 */
void graphc_winograd_filters(const float *rows, int64_t channels, int64_t filters, float *panels);
#ifdef __cplusplus
}
#endif
#endif
