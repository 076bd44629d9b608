// The context block: this header, then the workspace of one call. `busy` is the only word that two threads may touch at
// once.
#pragma once
#include "core/library.h"
#include "core/message.h"

namespace graphc::runtime {

struct alignas(GRAPHC_ALIGN) Context {
  static constexpr uint64_t alive = 0x747865746e6f4347u; // cleared by destroy

  uint64_t magic;
  const graphc_library *owner;
  uint32_t allocated; // 1: destroy frees
  uint32_t busy;      // atomic: 1 while a call runs
  uint64_t workspace; // bytes behind this header: all that a call may use
  graphc_team team;   // parallel_for null: none
  uint32_t level;     // position in signature().levels of the code that calls run
  char message[GRAPHC_CONTEXT_HEADER_BYTES - 52];

  Message say() { return Message(message, sizeof(message)); }
  uint64_t bytes() const { return GRAPHC_CONTEXT_HEADER_BYTES + workspace; }
  char *arena() { return reinterpret_cast<char *>(this) + GRAPHC_CONTEXT_HEADER_BYTES; }
  /// False if a call is running; then nothing else of the context may be touched.
  bool enter() { return __atomic_exchange_n(&busy, 1u, __ATOMIC_ACQUIRE) == 0; }
  void leave() { __atomic_store_n(&busy, 0u, __ATOMIC_RELEASE); }
};
static_assert(sizeof(Context) == GRAPHC_CONTEXT_HEADER_BYTES, "stated in abi.h");

/// Bytes of the block that a context for a call with these (checked) dims needs; UINT64_MAX if none is enough.
uint64_t contextBytesFor(uint32_t entry, const int64_t *dims);
/// GRAPHC_OK if `pointer` is a live context of this library.
graphc_status checkContext(const void *pointer);

} // namespace graphc::runtime
