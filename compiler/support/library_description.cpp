// The signature hash: FNV-1a 64 over a canonical text, so it depends on names, types and their order and on nothing
// else.
#include "compiler/support/library_description.h"
#include "graphc/abi.h"
#include <algorithm>

using namespace graphc::support;

static std::string canonical(const TensorDescription &tensor) {
  std::string text = tensor.name + ":" + std::to_string(tensor.dtype) + "[";
  for (int64_t dim : tensor.dims) text += std::to_string(dim) + ",";
  return text + "]";
}

uint64_t graphc::support::signatureHash(const LibraryDescription &library) {
  std::string text = "graphc 1 " + library.name + "\n";
  for (const EntryDescription &entry : library.entries) {
    text += "entry " + entry.name + (entry.needsModel ? " model\n" : "\n");
    for (const ArgumentDescription &arg : entry.args) text += (arg.output ? "out " : "in ") + canonical(arg) + "\n";
  }
  for (const ParamDescription &param : library.params) text += "param " + canonical(param) + "\n";
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3u;
  return hash ? hash : 1; // 0 stands for "not compared"
}

static uint64_t alignUp(uint64_t bytes) { return (bytes + GRAPHC_ALIGN - 1) / GRAPHC_ALIGN * GRAPHC_ALIGN; }

uint64_t graphc::support::arenaBytes(const LibraryDescription &library) {
  uint64_t most = 0;
  for (const EntryDescription &entry : library.entries) most = std::max(most, entry.arenaBytes);
  return most;
}

uint64_t graphc::support::modelBytes(const LibraryDescription &library) {
  return alignUp(GRAPHC_MODEL_HEADER_BYTES +
                 (library.image.empty() ? library.paramsBytes : 0)); // an image is used in place
}

uint64_t graphc::support::contextBytes(const LibraryDescription &library) {
  return alignUp(GRAPHC_CONTEXT_HEADER_BYTES + arenaBytes(library));
}
