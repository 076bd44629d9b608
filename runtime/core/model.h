// The model block: this header, then the packed params (unless the library carries them as an image, used in place; an
// image that entries write is copied into each model).
// A pointer from a caller is a model only if magic and library say so; both are compared before anything else is read.
#pragma once
#include "core/library.h"
#include "core/message.h"

namespace graphc::runtime {

struct alignas(GRAPHC_ALIGN) Model {
  static constexpr uint64_t alive = 0x6c65646f4d706147u; // cleared by destroy

  uint64_t magic;
  const graphc_library *owner; // the build that made it
  uint32_t allocated;          // 1: destroy frees
  uint32_t waiting;            // 1 + index of the first param that has no value until load; 0: all have
  char message[GRAPHC_MODEL_HEADER_BYTES - 24];

  Message say() { return Message(message, sizeof(message)); }
  const char *params() const {
    return paramsInImage() ? static_cast<const char *>(library().image)
                           : reinterpret_cast<const char *>(this) + GRAPHC_MODEL_HEADER_BYTES;
  }
  /// Only where the params are not in the image.
  char *ownParams() { return reinterpret_cast<char *>(this) + GRAPHC_MODEL_HEADER_BYTES; }
};
static_assert(sizeof(Model) == GRAPHC_MODEL_HEADER_BYTES, "stated in abi.h");

/// GRAPHC_OK if `pointer` is a live model of this library.
graphc_status checkModel(const void *pointer);

/// Writes the initial values into a zeroed params block; returns `waiting` (see Model).
uint32_t writeInitialValues(char *params, uint64_t seed);

} // namespace graphc::runtime
