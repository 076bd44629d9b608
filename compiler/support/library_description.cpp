// The signature hash: FNV-1a 64 over a canonical text, so it depends on names, types and their order and on nothing else.
#include "compiler/support/library_description.h"

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
