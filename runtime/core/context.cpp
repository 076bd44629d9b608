// Making and ending contexts: see context.h.
#include "core/context.h"
#include "core/init_checks.h"
#include <stdlib.h>
#include <string.h>

using namespace graphc::runtime;

graphc_status graphc::runtime::checkContext(const void *pointer) {
  if (!pointer) return GRAPHC_ERR_NULL;
  if (!isAligned(pointer, GRAPHC_ALIGN)) return GRAPHC_ERR_ALIGN;
  const Context *context = static_cast<const Context *>(pointer);
  return context->magic == Context::alive && context->owner == &library() ? GRAPHC_OK : GRAPHC_ERR_VERSION;
}

uint64_t graphc::runtime::contextBytesFor(uint32_t entry, const int64_t *dims) {
  const graphc_entry_code &code = library().entries[entry];
  uint64_t arena = code.arena_of_dims ? code.arena_of_dims(dims) : code.arena_bytes;
  return arena >> 62 ? UINT64_MAX : GRAPHC_CONTEXT_HEADER_BYTES + roundUp(arena);
}

/// The least that a context can have: where dims decide, calls check for themselves.
static uint64_t leastBytes() {
  for (uint32_t i = 0; i < signature().entry_count; ++i)
    if (signature().entries[i].dim_count) return GRAPHC_CONTEXT_HEADER_BYTES;
  return contextBytes();
}

/// The arena needs no values: every entry writes before it reads.
static void begin(void *memory, uint64_t bytes, uint32_t level, bool allocated, const graphc_options *options) {
  memset(memory, 0, GRAPHC_CONTEXT_HEADER_BYTES);
  Context *context = static_cast<Context *>(memory);
  context->owner = &library();
  context->allocated = allocated;
  context->level = level;
  context->workspace = (bytes - GRAPHC_CONTEXT_HEADER_BYTES) / GRAPHC_ALIGN * GRAPHC_ALIGN;
  if (options) context->team = {options->parallel_for, options->pool};
  context->magic = Context::alive;
}

extern "C" {

graphc_status graphc_abi_context_init_for(uint64_t hash, void *memory, size_t bytes, const graphc_options *options,
                                          void **context) {
  if (!context) return GRAPHC_ERR_NULL;
  *context = nullptr;
  graphc_status status = checkOptions(options);
  if (status == GRAPHC_OK) status = checkMemory(memory, bytes, leastBytes());
  if (status == GRAPHC_OK) status = checkBuild(hash);
  uint32_t level = 0;
  if (status == GRAPHC_OK) status = chooseLevel(options, level);
  if (status != GRAPHC_OK) return status;
  begin(memory, bytes < contextBytes() ? bytes : contextBytes(), level, false, options);
  *context = memory;
  return GRAPHC_OK;
}

graphc_status graphc_abi_context_init(void *memory, size_t bytes, const graphc_options *options, void **context) {
  return graphc_abi_context_init_for(0, memory, bytes, options, context);
}

graphc_status graphc_abi_context_create_for(uint64_t hash, const graphc_options *options, void **context) {
  if (!context) return GRAPHC_ERR_NULL;
  *context = nullptr;
  graphc_status status = checkOptions(options);
  uint64_t bytes = status == GRAPHC_OK && options && options->context_bytes ? options->context_bytes : contextBytes();
  if (status == GRAPHC_OK && bytes < leastBytes()) status = GRAPHC_ERR_SIZE;
  if (status == GRAPHC_OK) status = checkBuild(hash);
  uint32_t level = 0;
  if (status == GRAPHC_OK) status = chooseLevel(options, level);
  if (status != GRAPHC_OK) return status;
  if (bytes >= contextBytes()) bytes = contextBytes();
  bytes = bytes / GRAPHC_ALIGN * GRAPHC_ALIGN; // as aligned_alloc wants it; contextBytes() is a multiple
  void *memory = aligned_alloc(GRAPHC_ALIGN, bytes);
  if (!memory) return GRAPHC_ERR_MEMORY;
  begin(memory, bytes, level, true, options);
  *context = memory;
  return GRAPHC_OK;
}

graphc_status graphc_abi_context_create(const graphc_options *options, void **context) {
  return graphc_abi_context_create_for(0, options, context);
}

void graphc_abi_context_destroy(void *pointer) {
  if (checkContext(pointer) != GRAPHC_OK) return; // null, foreign or destroyed already: nothing of ours to end
  Context *context = static_cast<Context *>(pointer);
  context->magic = 0;
  if (context->allocated) free(context);
}

uint32_t graphc_abi_context_level(const void *context) {
  return checkContext(context) == GRAPHC_OK ? signature().levels[static_cast<const Context *>(context)->level] : 0;
}

const char *graphc_abi_context_message(const void *context) {
  return checkContext(context) == GRAPHC_OK ? static_cast<const Context *>(context)->message : "";
}
}
