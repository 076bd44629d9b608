// What the produced library offers, as plain data: filled by `lower`, read by `codegen` (descriptor and wrappers) and
// `package` (header, manifest). Stages share this struct and the IR, nothing else.
#pragma once
#include "compiler/support/isa_level.h"
#include "compiler/support/profiled_run.h"
#include "compiler/support/size_expression.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace graphc::support {

struct TensorDescription {
  std::string name, doc;
  uint32_t dtype = 0;        // graphc_dtype of runtime/include/graphc/types.h
  std::vector<int64_t> dims; // -1 where the entry's dims decide (arguments only)
  uint64_t bytes = 0;        // at most, where the entry's dims decide
};

struct ParamDescription : TensorDescription { // name is the path
  uint64_t offset = 0, storedBytes = 0;
  uint32_t layout = 0; // GRAPHC_LAYOUT_*
  uint32_t init = 0;   // GRAPHC_INIT_*
  double a = 0, b = 0;
  std::string values; // of GRAPHC_INIT_VALUES: `bytes` of elements, row-major

  /// Where code reads it in the params block: behind the rows, where it lies so for saving alone.
  uint64_t readOffset() const;
};

struct ArgumentDescription : TensorDescription {
  bool output = false;
  std::vector<SizeExpression> sizes; // one per axis, over the entry's dims; empty if all of `dims` are numbers

  /// Sets sizes, dims and bytes. False where a size is none, or the tensor at its largest passes 2^62 bytes.
  bool setSizes(std::vector<SizeExpression> axes, const std::vector<DimDescription> &entryDims);
};

/// "requires" of the graph that is not decided at build: checked at every call.
struct RequirementDescription {
  std::string text; // as in the graph
  SizeExpression left, right;
  uint32_t relation = 0; // GRAPHC_EQ ...
};

/// Code of an entry, for some of its calls or for all.
struct BodyDescription {
  /// Symbol of the LLVM function, at a level by symbolAtLevel: void(ptr arg0, ..., ptr argN-1, ptr params, ptr arena,
  /// i64 dims..., [ptr status]). The last one only with mayFail: an i32 that is 0 before the call and that the body
  /// sets to a graphc_status, or to any positive number for GRAPHC_ERR_INDEX.
  std::string body;
  bool mayFail = false;
  /// Symbol of the LLVM function i64(i64 dims...) that gives the workspace of one call; empty: arenaBytes is what every
  /// call needs.
  std::string arenaFunction;
  uint64_t arenaBytes = 0;       // with arenaFunction: the most that dims within their bounds can need
  uint64_t arenaBytesBefore = 0; // under a memory limit: what it would have been without
  unsigned repeatedRuns = 0;     // likewise: kernel calls that are done twice for it
};

/// A body for the calls whose dims have these values ("specialize").
struct VariantDescription : BodyDescription {
  std::vector<std::optional<int64_t>> values; // one per dim of the entry; nullopt: any
  std::vector<size_t> dims;                   // those that the body takes, as positions among the entry's
};

struct EntryDescription : BodyDescription { // the body takes all of `dims`, whatever their values
  std::string name, doc;
  std::vector<DimDescription> dims;      // in the order of C arguments
  std::vector<ArgumentDescription> args; // inputs in written order, then outputs: the order of C arguments
  std::vector<RequirementDescription> requirements;
  bool needsModel = false;
  bool writesModel = false;                 // the body writes params (state): C callers give a model that is not const
  std::vector<VariantDescription> variants; // a call takes the first that fits, else the entry's own body
  uint64_t flops = 0, memoryBytes = 0;      // of one call; at the largest dims where the two sizes below say more
  std::optional<SizeExpression> flopsSize, memorySize; // over the dims
};

struct LibraryDescription {
  std::string name, doc;
  IsaLevels levels = {&isaLevels().front()}; // that it has code for
  std::vector<EntryDescription> entries;
  std::vector<ParamDescription> params;
  uint64_t paramsBytes = 0;
  std::string image; // packed params to embed, or empty
  std::vector<std::string>
      limits;                    // behind the entry's name when a limit was passed: " passed the limit of 'while' ..."
  std::vector<ProfiledRun> runs; // of a library built for a profile; else none
};

/// FNV-1a of 64 bits: the same in every version and on every machine.
uint64_t stableHash(const std::string &text);
/// Hash of all names, types and their order: in header, descriptor and manifest (FNV-1a 64 over a canonical text).
uint64_t signatureHash(const LibraryDescription &library);
/// What <name>_model_bytes() and <name>_context_bytes() return, and the header states.
uint64_t modelBytes(const LibraryDescription &library);
uint64_t contextBytes(const LibraryDescription &library);
/// The most workspace that any call needs, of an entry or of all.
uint64_t arenaBytes(const EntryDescription &entry);
uint64_t arenaBytes(const LibraryDescription &library);
/// The entry or variant whose body has this symbol; null if there is none.
BodyDescription *findBody(LibraryDescription &library, const std::string &symbol);
/// True if an image is each model's beginning, not its params: some entry writes them, or the image lacks some, which
/// have an initial value then.
bool writesParams(const LibraryDescription &library);
/// The dims of all entries, each name once, in order of appearance; with the widest bounds where entries differ. The
/// arguments of <name>_context_bytes.
std::vector<DimDescription> libraryDims(const LibraryDescription &library);

} // namespace graphc::support
