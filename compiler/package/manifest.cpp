// Keys are written in a fixed order. Numbers that may pass 2^53 are exact in the text; the hash is a string, as in the
// header.
#include "compiler/package/manifest.h"
#include "compiler/package/c_type.h"
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphc;
using namespace graphc::package;

static void writeTensor(llvm::json::OStream &json, const support::TensorDescription &tensor) {
  json.attribute("name", llvm::json::fixUTF8(tensor.name));
  json.attribute("doc", llvm::json::fixUTF8(tensor.doc));
  json.attribute("dtype", cType(tensor.dtype).name);
  json.attributeArray("dims", [&] {
    for (int64_t dim : tensor.dims) json.value(dim);
  });
  json.attribute("bytes", tensor.bytes);
}

/// Only where a dim decides: an axis as the graph writes it.
static void writeSizes(llvm::json::OStream &json, const support::ArgumentDescription &arg,
                       llvm::ArrayRef<support::DimDescription> dims) {
  if (arg.sizes.empty()) return;
  json.attributeArray("sizes", [&] {
    for (const support::SizeExpression &size : arg.sizes) json.value(llvm::json::fixUTF8(size.text(dims)));
  });
}

static void writeDims(llvm::json::OStream &json, const support::EntryDescription &entry) {
  if (entry.dims.empty()) return;
  json.attributeArray("dims", [&] {
    for (const support::DimDescription &dim : entry.dims)
      json.object([&] {
        json.attribute("name", llvm::json::fixUTF8(dim.name));
        json.attribute("doc", llvm::json::fixUTF8(dim.doc));
        json.attribute("min", dim.min);
        json.attribute("max", dim.max);
        json.attribute("multiple_of", dim.multipleOf);
      });
  });
  json.attributeArray("requires", [&] {
    for (const support::RequirementDescription &requirement : entry.requirements)
      json.value(llvm::json::fixUTF8(requirement.text));
  });
}

/// Sizes with code of their own: [{ "B": 8 }]; a dim that is left out may have any.
static void writeVariants(llvm::json::OStream &json, const support::EntryDescription &entry) {
  if (entry.variants.empty()) return;
  json.attributeArray("specialized", [&] {
    for (const support::VariantDescription &variant : entry.variants)
      json.object([&] {
        for (auto [dim, value] : llvm::zip(entry.dims, variant.values))
          if (value) json.attribute(llvm::json::fixUTF8(dim.name), *value);
      });
  });
}

static void writeEntry(llvm::json::OStream &json, const support::EntryDescription &entry, const std::string &symbol) {
  json.attribute("name", llvm::json::fixUTF8(entry.name));
  json.attribute("symbol", llvm::json::fixUTF8(symbol));
  json.attribute("doc", llvm::json::fixUTF8(entry.doc));
  json.attribute("needs_model", entry.needsModel);
  json.attribute("writes_model", entry.writesModel);
  json.attribute("workspace_bytes", support::arenaBytes(entry));
  json.attribute("flops", entry.flops);
  json.attribute("memory_bytes", entry.memoryBytes);
  writeDims(json, entry);
  writeVariants(json, entry);
  json.attributeArray("args", [&] {
    for (const support::ArgumentDescription &arg : entry.args)
      json.object([&] {
        writeTensor(json, arg);
        writeSizes(json, arg, entry.dims);
        json.attribute("direction", arg.output ? "output" : "input");
      });
  });
}

std::string graphc::package::manifestText(const support::LibraryDescription &library,
                                          const std::vector<FileEntry> &files) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::json::OStream json(out, /*IndentSize=*/2);
  std::vector<std::string> symbols = support::entrySymbols(library);
  json.object([&] {
    json.attribute("abi", GRAPHC_ABI_VERSION);
    json.attribute("name", llvm::json::fixUTF8(library.name));
    json.attribute("doc", llvm::json::fixUTF8(library.doc));
    json.attribute("signature_hash", "0x" + llvm::utohexstr(support::signatureHash(library), /*LowerCase=*/true, 16));
    json.attributeArray("levels", [&] {
      for (const support::IsaLevel *level : library.levels) json.value(level->name);
    });
    json.attribute("model_bytes", support::modelBytes(library));
    json.attribute("context_bytes", support::contextBytes(library));
    json.attribute("params_bytes", library.paramsBytes);
    json.attribute("weights_embedded", !library.image.empty());
    json.attributeArray("entries", [&] {
      for (size_t i = 0; i < library.entries.size(); ++i)
        json.object([&] { writeEntry(json, library.entries[i], symbols[i]); });
    });
    json.attributeArray("params", [&] {
      for (const support::ParamDescription &param : library.params) json.object([&] { writeTensor(json, param); });
    });
    json.attributeArray("files", [&] {
      for (const FileEntry &file : files)
        json.object([&] {
          json.attribute("name", llvm::json::fixUTF8(file.name));
          json.attribute("bytes", file.bytes);
        });
    });
  });
  out << '\n';
  return text;
}
