// The functions that only read constants.
#include "core/library.h"
#include <string.h>

using namespace graphc::runtime;

extern "C" {

size_t graphc_abi_model_bytes() { return modelBytes(); }

size_t graphc_abi_context_bytes() { return contextBytes(); }

const graphc_signature *graphc_abi_signature() { return library().signature; }

const char *graphc_abi_status_name(graphc_status status) {
  int code; // a C caller may pass any number, which the C++ enum cannot hold
  static_assert(sizeof(code) == sizeof(status), "the ABI passes a status as int");
  memcpy(&code, &status, sizeof(code));
  switch (code) {
  case GRAPHC_OK:
    return "GRAPHC_OK";
  case GRAPHC_ERR_NULL:
    return "GRAPHC_ERR_NULL";
  case GRAPHC_ERR_SIZE:
    return "GRAPHC_ERR_SIZE";
  case GRAPHC_ERR_ALIGN:
    return "GRAPHC_ERR_ALIGN";
  case GRAPHC_ERR_ALIAS:
    return "GRAPHC_ERR_ALIAS";
  case GRAPHC_ERR_VERSION:
    return "GRAPHC_ERR_VERSION";
  case GRAPHC_ERR_BUSY:
    return "GRAPHC_ERR_BUSY";
  case GRAPHC_ERR_ITER:
    return "GRAPHC_ERR_ITER";
  case GRAPHC_ERR_DEPTH:
    return "GRAPHC_ERR_DEPTH";
  case GRAPHC_ERR_TAPE:
    return "GRAPHC_ERR_TAPE";
  case GRAPHC_ERR_IO:
    return "GRAPHC_ERR_IO";
  case GRAPHC_ERR_FORMAT:
    return "GRAPHC_ERR_FORMAT";
  case GRAPHC_ERR_MEMORY:
    return "GRAPHC_ERR_MEMORY";
  case GRAPHC_ERR_DEVICE:
    return "GRAPHC_ERR_DEVICE";
  case GRAPHC_ERR_INDEX:
    return "GRAPHC_ERR_INDEX";
  case GRAPHC_ERR_SHAPE:
    return "GRAPHC_ERR_SHAPE";
  }
  return "unknown status"; // a number from a newer library, or none of ours
}
}
