// What the produced library offers, as plain data: filled by `lower`, read by `codegen` (descriptor and wrappers) and
// `package` (header, manifest). Stages share this struct and the IR, nothing else.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace graphc::support {

struct TensorDescription {
  std::string name, doc;
  uint32_t dtype = 0; // graphc_dtype of runtime/include/graphc/types.h
  std::vector<int64_t> dims;
  uint64_t bytes = 0;
};

struct ParamDescription : TensorDescription { // name is the path
  uint64_t offset = 0, storedBytes = 0;
  uint32_t layout = 0; // GRAPHC_LAYOUT_*
  uint32_t init = 0;   // GRAPHC_INIT_*
  double a = 0, b = 0;
};

struct ArgumentDescription : TensorDescription {
  bool output = false;
};

struct EntryDescription {
  std::string name, doc;
  std::string body; // symbol of the LLVM function: void(ptr arg0, ..., ptr argN-1, ptr params, ptr arena[, ptr status])
  std::vector<ArgumentDescription> args; // inputs in written order, then outputs: the order of C arguments
  bool needsModel = false;
  bool mayFail = false; // the body has a status cell: an i32, 0 before the call, else afterwards if an index was wrong
  uint64_t arenaBytes = 0, flops = 0, memoryBytes = 0;
};

struct LibraryDescription {
  std::string name, doc;
  int level = 2; // x86-64-v2, v3, v4
  std::vector<EntryDescription> entries;
  std::vector<ParamDescription> params;
  uint64_t paramsBytes = 0;
  std::string image; // packed params to embed, or empty
};

/// Hash of all names, types and their order: in header, descriptor and manifest (FNV-1a 64 over a canonical text).
uint64_t signatureHash(const LibraryDescription &library);
/// What <name>_model_bytes() and <name>_context_bytes() return, and the header states.
uint64_t modelBytes(const LibraryDescription &library);
uint64_t contextBytes(const LibraryDescription &library);
/// Workspace of the largest entry.
uint64_t arenaBytes(const LibraryDescription &library);

} // namespace graphc::support
