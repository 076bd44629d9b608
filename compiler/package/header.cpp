// <name>.h: self-contained C99 that C++ reads too. Exact bytes as macros, equal to what the functions return; shapes
// and docs as comments. Macro and parameter names give way by trailing '_' where two meet; the graph's texts stay
// inside comments.
#include "compiler/package/c_comment.h"
#include "compiler/package/c_type.h"
#include "compiler/package/package.h"
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphc;
using namespace graphc::package;
using llvm::StringRef;
using support::ArgumentDescription, support::EntryDescription;

extern "C" const char graphc_public_types_begin[], graphc_public_types_end[];

namespace {

class Header {
public:
  explicit Header(const support::LibraryDescription &library)
      : library(library), name(library.name), upper(name.upper()), out(text) {
    allDims = support::libraryDims(library);
    // One rule for all entries of a file: they take a model if the file owns params.
    hasModel = !library.params.empty();
    for (const EntryDescription &entry : library.entries) hasModel |= entry.needsModel;
  }

  std::string write() {
    introduction();
    out << "#ifndef GRAPHC_LIBRARY_" << name << "_H\n#define GRAPHC_LIBRARY_" << name << "_H\n\n"
        << StringRef(graphc_public_types_begin, graphc_public_types_end - graphc_public_types_begin)
        << "\n#ifdef __cplusplus\n"
        << "extern \"C\" {\n#endif\n\n";
    sizes();
    objects();
    std::vector<std::string> symbols = support::entrySymbols(library);
    for (size_t i = 0; i < symbols.size(); ++i) entry(library.entries[i], symbols[i]);
    out << "#ifdef __cplusplus\n}\n#endif\n#endif\n";
    return std::move(text);
  }

private:
  void introduction();
  void sizes();
  void dimMacros();
  void contextSize();
  void tensorBytes();
  void objects();
  void makers(StringRef object, const std::string &bytesParameters);
  void entry(const EntryDescription &entry, const std::string &symbol);
  void argumentLine(const EntryDescription &entry, const ArgumentDescription &arg);
  std::vector<std::string> macroNames();
  std::string contextBytesParameters();
  std::vector<std::string> parameters(const EntryDescription &entry);
  std::string docSuffix(StringRef doc, StringRef indent) { return doc.empty() ? "" : ": " + commentText(doc, indent); }

  const support::LibraryDescription &library;
  StringRef name;
  std::string upper, text;
  llvm::raw_string_ostream out;
  std::vector<support::DimDescription> allDims;
  bool hasModel = false;
};

void Header::introduction() {
  out << "/* " << name << docSuffix(library.doc, "   ") << "\n\n"
      << "   Made by graphc: edit the graph, not this file. C99 and C++; link lib" << name << ".a or lib" << name
      << ".so, and libm.\n"
      << "   Needs a processor of level " << library.levels.front()->name << ", else GRAPHC_ERR_DEVICE";
  for (const support::IsaLevel *level : llvm::ArrayRef(library.levels).drop_front())
    out << (level == library.levels[1] ? "; has code for " : ", ") << level->name;
  out << (library.levels.size() > 1 ? " too.\n" : ".\n")
      << "   Tensors are dense and row-major, aligned to their element; f16 and bf16 are the bits in uint16_t, bool is "
         "uint8_t 0 or 1.\n"
      << "   Beside each tensor stands its size in bytes, which is checked. Inputs may overlap each other; an output "
         "overlaps nothing.\n"
      << "   Calls return a graphc_status, never allocate, print or end the program. A context serves one call at a "
         "time\n"
      << "   (GRAPHC_ERR_BUSY)";
  if (hasModel) out << "; any number of contexts may call one const model at once";
  out << ". No fast-math: results follow IEEE 754. */\n";
}

void Header::sizes() {
  out << "/* Of all names, types and their order; init compares header and library. */\n"
      << "#define " << upper << "_SIGNATURE_HASH UINT64_C(0x"
      << llvm::utohexstr(support::signatureHash(library), true, 16) << ")\n\n";
  bool inPlace = !library.image.empty() && !support::writesParams(library);
  bool lacksSome = llvm::any_of(library.params,
                                [](const support::ParamDescription &param) { return param.init != GRAPHC_INIT_NONE; });
  if (hasModel) {
    out << "/* Params, in the order of the graph"
        << (library.image.empty() ? ""
            : lacksSome           ? "; values from weight files are embedded in the library, the others are initial"
                                  : "; their values are embedded in the library")
        << ".\n";
    for (const support::ParamDescription &param : library.params)
      out << "   " << commentText(param.name, "   ") << ' ' << typeText(param) << docSuffix(param.doc, "     ") << '\n';
    out << "*/\n#define " << upper << "_PARAM_COUNT " << library.params.size() << "\n\n"
        << "/* Exact memory of a model" << (inPlace ? "" : ": params and header") << "; = " << name
        << "_model_bytes(). */\n"
        << "#define " << upper << "_MODEL_BYTES " << support::modelBytes(library) << '\n';
  } else {
    out << "#define " << upper << "_PARAM_COUNT 0\n\n";
  }
  dimMacros();
  contextSize();
  tensorBytes();
}

/// Of the dims, whatever their spelling: three names for each, made free of the fixed macros.
std::vector<std::string> Header::macroNames() {
  std::vector<std::string> claimed, wanted;
  for (StringRef macro : {"_SIGNATURE_HASH", "_PARAM_COUNT", "_MODEL_BYTES", "_CONTEXT_BYTES", "_CONTEXT_BYTES_MAX"})
    claimed.push_back(upper + macro.str());
  for (const support::DimDescription &dim : allDims)
    for (StringRef macro : {"_MIN", "_MAX", "_MULTIPLE_OF"})
      wanted.push_back(upper + "_" + StringRef(dim.name).upper() + macro.str());
  return support::freeIdentifiers(wanted, claimed);
}

void Header::dimMacros() {
  if (allDims.empty()) return;
  std::vector<std::string> macros = macroNames();
  out << "/* Dims: what a call may give, else GRAPHC_ERR_SHAPE. */\n";
  for (size_t i = 0; i < allDims.size(); ++i) {
    const support::DimDescription &dim = allDims[i];
    if (!dim.doc.empty()) out << "/* " << dim.name << docSuffix(dim.doc, "   ") << " */\n";
    out << "#define " << macros[3 * i] << " INT64_C(" << dim.min << ")\n"
        << "#define " << macros[3 * i + 1] << " INT64_C(" << dim.max << ")\n";
    if (dim.multipleOf > 1) out << "#define " << macros[3 * i + 2] << " INT64_C(" << dim.multipleOf << ")\n";
  }
  out << '\n';
}

void Header::contextSize() {
  uint64_t bytes = support::contextBytes(library);
  if (allDims.empty()) {
    out << "/* Exact memory of a context: workspace and header; = " << name << "_context_bytes(). */\n"
        << "#define " << upper << "_CONTEXT_BYTES " << bytes << "\n\n";
    return;
  }
  out << "/* Memory of a context for the largest dims: workspace and header; " << name
      << "_context_bytes(...) for less. */\n"
      << "#define " << upper << "_CONTEXT_BYTES_MAX " << bytes << "\n\n";
}

/// Only of tensors whose size no dim decides.
void Header::tensorBytes() {
  std::vector<std::string> claimed = macroNames(), wanted;
  for (StringRef macro : {"_SIGNATURE_HASH", "_PARAM_COUNT", "_MODEL_BYTES", "_CONTEXT_BYTES", "_CONTEXT_BYTES_MAX"})
    claimed.push_back(upper + macro.str());
  std::vector<uint64_t> bytes;
  for (const EntryDescription &entry : library.entries)
    for (const ArgumentDescription &arg : entry.args) {
      if (!arg.sizes.empty()) continue;
      wanted.push_back(upper + "_" + StringRef(entry.name).upper() + "_" + StringRef(arg.name).upper() + "_BYTES");
      bytes.push_back(arg.bytes);
    }
  if (wanted.empty()) return;
  out << "/* Bytes of the tensors. */\n";
  for (auto [macro, size] : llvm::zip_equal(support::freeIdentifiers(wanted, claimed), bytes))
    out << "#define " << macro << ' ' << size << '\n';
  out << '\n';
}

/// "void", or the dims of the library.
std::string Header::contextBytesParameters() {
  std::vector<std::string> wanted;
  for (const support::DimDescription &dim : allDims) wanted.push_back(dim.name);
  std::string result;
  for (const std::string &parameter : support::freeIdentifiers(wanted))
    result += (result.empty() ? "int64_t " : ", int64_t ") + parameter;
  return result.empty() ? "void" : result;
}

/// `$` stands for the library's name.
void substitute(llvm::raw_ostream &out, StringRef pattern, StringRef name) {
  while (!pattern.empty()) {
    auto [before, after] = pattern.split('$');
    out << before;
    if (before.size() != pattern.size()) out << name;
    pattern = after;
  }
}

/// The ways to make a model or a context. C callers get the comparison with their own header by inline functions; the
/// library has functions of the same names too, for dlopen.
void Header::makers(StringRef object, const std::string &bytesParameters) {
  auto line = [&](StringRef pattern) {
    std::string text;
    for (char c : pattern) text += c == '@' ? object.str() : std::string(1, c);
    substitute(out, text, name);
  };
  line("typedef struct $_@ $_@;\nsize_t $_@_bytes(");
  out << bytesParameters << ");\n";
  line("graphc_status $_@_init_for(uint64_t hash, void *memory, size_t bytes, const graphc_options *options, $_@ "
       "**@);\n");
  line("graphc_status $_@_create_for(uint64_t hash, const graphc_options *options, $_@ **@);\n");
  line("static inline graphc_status $_@_init(void *memory, size_t bytes, const graphc_options *options, $_@ **@) {\n");
  line("  return $_@_init_for(");
  out << upper;
  line("_SIGNATURE_HASH, memory, bytes, options, @);\n}\n");
  line("static inline graphc_status $_@_create(const graphc_options *options, $_@ **@) {\n");
  line("  return $_@_create_for(");
  out << upper;
  line("_SIGNATURE_HASH, options, @);\n}\nvoid $_@_destroy($_@ *@);\n");
}

void Header::objects() {
  if (hasModel) {
    out << "/* A model: the params in one block. Memory of the caller's, aligned to GRAPHC_ALIGN, or created. */\n";
    makers("model", "void");
    substitute(out, R"(/* Reads every param from a safetensors file, all or nothing; writes one. */
graphc_status $_load($_model *model, const char *path);
graphc_status $_save(const $_model *model, const char *path);
const char *$_model_message(const $_model *model);

)",
               name);
  }
  bool draws = llvm::any_of(library.params, [](auto &param) { return param.init == GRAPHC_INIT_SEED; });
  if (draws)
    substitute(
        out,
        R"(/* The seed of the random numbers that entries draw (rng.seed), and rng.calls back to 0: the same seed and calls give the
   same numbers. A model begins with the seed of its options (0 without), or with what its weights carry. */
graphc_status $_seed($_model *model, uint64_t seed);

)",
        name);
  out << "/* A context: workspace and the last message. Memory of the caller's, aligned to GRAPHC_ALIGN, or created. "
         "*/\n";
  if (!allDims.empty())
    out << "/* A context smaller than " << upper << "_CONTEXT_BYTES_MAX serves calls whose dims fit, else "
        << "GRAPHC_ERR_MEMORY. The memory\n   that given dims need (0 where they are not allowed) is what init takes, "
        << "or context_bytes of the options of create. */\n";
  makers("context", contextBytesParameters());
  substitute(out,
             R"(/* Threads for large calls, the caller's counted (1 to 1024): put both into the options of a context,
   parallel_for = $_parallel_for and pool. One pool may serve many contexts; where it is in use already, a call works on its
   own thread. The results are the same bits. Destroy it after the last call that may use it. With a glibc below 2.34
   link -lpthread. */
graphc_status $_pool_create(int64_t threads, graphc_pool **pool);
void $_pool_destroy(graphc_pool *pool);
void $_parallel_for(void *pool, void (*body)(void *env, int64_t from, int64_t to), void *env, int64_t count);

)",
             name);
  substitute(out, R"(/* What the last failing call found: which argument, wanted, got. Valid until the next call. */
const char *$_context_message(const $_context *context);
/* The x86-64 level (2, 3, 4) of the code that its calls run: the highest of library and processor, or the options'. */
uint32_t $_context_level(const $_context *context);
/* "GRAPHC_ERR_SIZE" for GRAPHC_ERR_SIZE. */
const char *$_status_name(graphc_status status);
/* Names, types, shapes and bytes of all entries and params. */
const graphc_signature *$_signature(void);

)",
             name);
}

void Header::argumentLine(const EntryDescription &entry, const ArgumentDescription &arg) {
  out << "     " << commentText(arg.name, "     ") << ' ' << typeText(arg, entry.dims) << (arg.output ? " out" : " in")
      << docSuffix(arg.doc, "       ") << '\n';
}

/// The parameters after context and model (which have no names here, so that no tensor's can meet them).
std::vector<std::string> Header::parameters(const EntryDescription &entry) {
  std::vector<std::string> wanted, sizes;
  for (const support::DimDescription &dim : entry.dims) wanted.push_back(dim.name);
  for (const ArgumentDescription &arg : entry.args) wanted.push_back(arg.name);
  std::vector<std::string> names = support::freeIdentifiers(wanted);
  for (const ArgumentDescription &arg : entry.args) sizes.push_back(arg.name + "_bytes");
  sizes = support::freeIdentifiers(sizes, names);

  std::vector<std::string> result;
  size_t dims = entry.dims.size();
  for (size_t i = 0; i < dims; ++i) result.push_back("int64_t " + names[i]);
  for (size_t i = 0; i < entry.args.size(); ++i) {
    const ArgumentDescription &arg = entry.args[i];
    const std::string &argument = names[dims + i];
    std::string type = cType(arg.dtype).ctype.str();
    if (!arg.dims.empty())
      result.push_back((arg.output ? "" : "const ") + type + " *" + argument + ", size_t " + sizes[i]);
    else
      result.push_back(type + (arg.output ? " *" : " ") + argument);
  }
  return result;
}

void Header::entry(const EntryDescription &entry, const std::string &symbol) {
  out << "/* " << entry.name << docSuffix(entry.doc, "   ") << '\n';
  for (const ArgumentDescription &arg : entry.args) argumentLine(entry, arg);
  for (const support::RequirementDescription &requirement : entry.requirements)
    out << "     requires " << commentText(requirement.text, "       ") << ", else GRAPHC_ERR_SHAPE\n";
  if (entry.writesModel) out << "     Changes state of the model: no other call may use the model meanwhile.\n";
  out << "*/\ngraphc_status " << symbol << '(' << name << "_context *";
  if (entry.needsModel) out << (entry.writesModel ? ", " : ", const ") << name << "_model *";
  for (const std::string &parameter : parameters(entry)) out << ",\n    " << parameter;
  out << ");\n\n";
}

} // namespace

std::string graphc::package::headerText(const support::LibraryDescription &library) { return Header(library).write(); }
