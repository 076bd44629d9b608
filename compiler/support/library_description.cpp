// The signature hash: FNV-1a 64 over a canonical text, so it depends on names, types and their order and on nothing
// else.
#include "compiler/support/library_description.h"
#include "graphc/abi.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <numeric>

using namespace graphc::support;

uint64_t ParamDescription::readOffset() const {
  return offset + (layout == GRAPHC_LAYOUT_WINOGRAD ? (bytes + GRAPHC_ALIGN - 1) / GRAPHC_ALIGN * GRAPHC_ALIGN : 0);
}

static std::string canonical(const TensorDescription &tensor) {
  std::string text = tensor.name + ":" + std::to_string(tensor.dtype) + "[";
  for (int64_t dim : tensor.dims) text += std::to_string(dim) + ",";
  return text + "]";
}

static std::string canonical(const SizeExpression &size) {
  std::string text;
  for (const graphc_size_step &step : size.steps)
    text += std::to_string(step.kind) + ":" + std::to_string(step.value) + " ";
  return text;
}

static std::string canonicalDims(const EntryDescription &entry) {
  std::string text;
  for (const DimDescription &dim : entry.dims)
    text += "dim " + dim.name + " " + std::to_string(dim.min) + " " + std::to_string(dim.max) + " " +
            std::to_string(dim.multipleOf) + "\n";
  return text;
}

uint64_t graphc::support::stableHash(const std::string &text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

uint64_t graphc::support::signatureHash(const LibraryDescription &library) {
  std::string text = "graphc 1 " + library.name + "\n";
  for (const EntryDescription &entry : library.entries) {
    text += "entry " + entry.name + (entry.writesModel ? " written" : "") + (entry.needsModel ? " model\n" : "\n");
    text += canonicalDims(entry);
    for (const ArgumentDescription &arg : entry.args) {
      text += (arg.output ? "out " : "in ") + canonical(arg) + "\n";
      for (const SizeExpression &size : arg.sizes) text += canonical(size) + "\n";
    }
  }
  for (const ParamDescription &param : library.params) text += "param " + canonical(param) + "\n";
  uint64_t hash = stableHash(text);
  return hash ? hash : 1; // 0 stands for "not compared"
}

static uint64_t alignUp(uint64_t bytes) { return (bytes + GRAPHC_ALIGN - 1) / GRAPHC_ALIGN * GRAPHC_ALIGN; }

uint64_t graphc::support::arenaBytes(const EntryDescription &entry) {
  uint64_t most = entry.arenaBytes;
  for (const VariantDescription &variant : entry.variants) most = std::max(most, variant.arenaBytes);
  return most;
}

uint64_t graphc::support::arenaBytes(const LibraryDescription &library) {
  uint64_t most = 0;
  for (const EntryDescription &entry : library.entries) most = std::max(most, arenaBytes(entry));
  return most;
}

BodyDescription *graphc::support::findBody(LibraryDescription &library, const std::string &symbol) {
  for (EntryDescription &entry : library.entries) {
    if (entry.body == symbol) return &entry;
    for (VariantDescription &variant : entry.variants)
      if (variant.body == symbol) return &variant;
  }
  return nullptr;
}

uint64_t graphc::support::modelBytes(const LibraryDescription &library) {
  return alignUp(GRAPHC_MODEL_HEADER_BYTES +
                 (library.image.empty() || writesParams(library) ? library.paramsBytes : 0)); // else used in place
}

bool graphc::support::writesParams(const LibraryDescription &library) {
  bool lacksSome = !library.image.empty() && llvm::any_of(library.params, [](const ParamDescription &param) {
    return param.init != GRAPHC_INIT_NONE;
  });
  return lacksSome || llvm::any_of(library.entries, [](const EntryDescription &entry) { return entry.writesModel; });
}

std::vector<DimDescription> graphc::support::libraryDims(const LibraryDescription &library) {
  std::vector<DimDescription> all;
  for (const EntryDescription &entry : library.entries)
    for (const DimDescription &dim : entry.dims) {
      auto known = llvm::find_if(all, [&](const DimDescription &other) { return other.name == dim.name; });
      if (known == all.end()) {
        all.push_back(dim);
        continue;
      }
      known->min = std::min(known->min, dim.min);
      known->max = std::max(known->max, dim.max);
      known->multipleOf = std::gcd(known->multipleOf, dim.multipleOf);
    }
  return all;
}

/// Bytes of one element, in the order of graphc_dtype.
static constexpr uint64_t elementBytes[] = {4, 8, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8, 1};
static_assert(std::size(elementBytes) == GRAPHC_BOOL + 1, "one per graphc_dtype");

bool ArgumentDescription::setSizes(std::vector<SizeExpression> axes, const std::vector<DimDescription> &entryDims) {
  bool dynamic = false, empty = false, fits = dtype < std::size(elementBytes);
  uint64_t product = fits ? elementBytes[dtype] : 1;
  dims.clear();
  for (const SizeExpression &axis : axes) {
    std::optional<int64_t> most = axis.most(entryDims);
    if (!most || *most < 0) return false;
    empty |= *most == 0;
    fits = fits && !__builtin_mul_overflow(product, static_cast<uint64_t>(*most), &product) && product >> 62 == 0;
    dims.push_back(axis.isConstant() ? axis.constant() : -1);
    dynamic |= !axis.isConstant();
  }
  sizes = dynamic ? std::move(axes) : std::vector<SizeExpression>();
  bytes = empty ? 0 : product;
  return empty || fits;
}

uint64_t graphc::support::contextBytes(const LibraryDescription &library) {
  return alignUp(GRAPHC_CONTEXT_HEADER_BYTES + arenaBytes(library));
}
