// Opens each file once (graphc_safetensors_open checks all of it), then asks by name: no table of the file's tensors is
// built.
#include "compiler/driver/embed_weights.h"
#include "compiler/codegen/codegen.h"
#include "compiler/driver/describe_tensor.h"
#include "dialects/graph/element_bytes.h"
#include "graphc/abi.h"
#include "graphc/safetensors.h"
#include "llvm/ADT/Twine.h"
#include <cmath>
#include <cstring>
#include <set>

using namespace graphc;
using namespace graphc::driver;
using namespace graphc::support;

namespace {

struct OpenedFile {
  const WeightFile *file;
  graphc_safetensors tensors;
};

class Embedder {
public:
  Embedder(const ParamPlaces &places, LibraryDescription &library, Diagnostics &diagnostics)
      : places(places), library(library), diagnostics(diagnostics) {}

  bool open(const std::vector<WeightFile> &files);
  bool embed(ParamDescription &param);
  void warnOfUnused();

private:
  void error(const char *code, const ParamDescription &param, const llvm::Twine &message, std::string help = "");
  bool checkType(const ParamDescription &param, const OpenedFile &from, const graphc_safetensors_tensor &tensor);
  void warnOfNaN(const ParamDescription &param, const OpenedFile &from, const float *values, uint64_t count);
  bool convert(const ParamDescription &param, const OpenedFile &from, graph::Dtype dtype, const char *data,
               std::string &converted);
  bool transformFilters(const ParamDescription &param, const std::vector<float> &rows);
  bool pack(const ParamDescription &param, const OpenedFile &from, const graphc_safetensors_tensor &tensor);
  void collectUnused();
  std::string fileNames() const;

  const ParamPlaces &places;
  LibraryDescription &library;
  Diagnostics &diagnostics;
  std::vector<OpenedFile> opened;
  std::vector<std::string> unused; // names of all tensors that no param has, as the files spell them
};

} // namespace

static Span placeOf(const ParamPlaces &places, const std::string &path) {
  auto found = places.find(path);
  return found == places.end() ? Span() : found->second;
}

void Embedder::error(const char *code, const ParamDescription &param, const llvm::Twine &message, std::string help) {
  diagnostics.error(code, placeOf(places, param.name), message, std::move(help));
}

bool Embedder::open(const std::vector<WeightFile> &files) {
  bool good = true;
  for (const WeightFile &file : files) {
    char message[GRAPHC_SAFETENSORS_MESSAGE] = "";
    OpenedFile next = {&file, {}};
    if (graphc_safetensors_open(file.bytes.data(), file.bytes.size(), &next.tensors, message) != GRAPHC_OK) {
      diagnostics.error("G5006", file.place,
                        "'" + printable(file.path) + "' is no valid safetensors file: " + printable(message));
      good = false;
      continue;
    }
    opened.push_back(next);
  }
  collectUnused();
  return good;
}

std::string Embedder::fileNames() const {
  std::string names;
  for (const OpenedFile &file : opened) names += (names.empty() ? "'" : ", '") + printable(file.file->path) + "'";
  return names;
}

static const TensorSource *sourceOf(const WeightFile &file, const ParamDescription &param) {
  auto source = file.sources.find(param.name);
  return source == file.sources.end() ? nullptr : &source->second;
}

static const std::string &nameIn(const WeightFile &file, const ParamDescription &param) {
  const TensorSource *source = sourceOf(file, param);
  return source ? source->name : param.name;
}

/// The tensor's dims as the param sees them.
static std::vector<int64_t> dimsFor(const TensorSource *source, const graphc_safetensors_tensor &tensor) {
  std::vector<int64_t> dims(tensor.dims, tensor.dims + tensor.rank);
  if (!source || source->perm.size() != dims.size()) return dims;
  for (size_t axis = 0; axis < dims.size(); ++axis) dims[axis] = tensor.dims[source->perm[axis]];
  return dims;
}

/// The tensor's elements in the order of the param's axes; its dims were checked.
static std::string permuted(llvm::ArrayRef<int64_t> perm, const graphc_safetensors_tensor &tensor, const char *data) {
  std::string result(tensor.bytes, '\0');
  uint64_t count = 1;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) count *= static_cast<uint64_t>(tensor.dims[axis]);
  if (count == 0) return result;
  std::vector<uint64_t> stride(tensor.rank, 1), index(tensor.rank, 0);
  for (uint32_t axis = tensor.rank; axis-- > 1;)
    stride[axis - 1] = stride[axis] * static_cast<uint64_t>(tensor.dims[axis]);
  uint64_t element = tensor.bytes / count, from = 0;
  for (uint64_t i = 0; i < count; ++i) {
    memcpy(&result[i * element], data + from * element, element);
    for (size_t axis = perm.size(); axis-- > 0;) { // the next index of the param, and where it lies in the file
      from += stride[perm[axis]];
      if (++index[axis] < static_cast<uint64_t>(tensor.dims[perm[axis]])) break;
      from -= stride[perm[axis]] * index[axis];
      index[axis] = 0;
    }
  }
  return result;
}

void Embedder::collectUnused() {
  struct Search {
    std::set<llvm::StringRef> wanted;
    std::vector<std::string> &unused;
  } search{{}, unused};
  for (const OpenedFile &file : opened) {
    search.wanted.clear();
    for (const ParamDescription &param : library.params) search.wanted.insert(nameIn(*file.file, param));
    graphc_safetensors_visit(
        &file.tensors,
        [](void *env, const graphc_safetensors_tensor *tensor) {
          auto &search = *static_cast<Search *>(env);
          llvm::StringRef name(tensor->name, tensor->name_bytes);
          if (!search.wanted.count(name)) search.unused.push_back(name.str());
          return 0;
        },
        &search);
  }
}

void Embedder::warnOfUnused() {
  if (unused.empty()) return;
  Diagnostic warning;
  warning.severity = Severity::Warning;
  warning.code = "G5009";
  warning.message = std::to_string(unused.size()) + (unused.size() == 1 ? " tensor of " : " tensors of ") +
                    fileNames() + (unused.size() == 1 ? " belongs" : " belong") + " to no param of the graph: '" +
                    printable(unused[0]) + "'" + (unused.size() > 1 ? " ..." : "");
  diagnostics.report(std::move(warning));
}

bool Embedder::checkType(const ParamDescription &param, const OpenedFile &from,
                         const graphc_safetensors_tensor &tensor) {
  const TensorSource *source = sourceOf(*from.file, param);
  std::vector<int64_t> dims = dimsFor(source, tensor);
  llvm::ArrayRef<int64_t> wanted(param.dims);
  std::string file = "'" + printable(from.file->path) + "'";
  if (llvm::ArrayRef<int64_t>(dims) != wanted ||
      (source && !source->perm.empty() && source->perm.size() != dims.size())) {
    std::vector<int64_t> reversed(dims.rbegin(), dims.rend());
    bool transposed = dims.size() == 2 && llvm::ArrayRef<int64_t>(reversed) == wanted;
    error("G5002", param,
          "'" + param.name + "' is " + describeDims(dims) + " in " + file + " and " + describeDims(wanted) +
              " in the graph",
          transposed ? "the file seems to hold it transposed: graphc stores weights as [in, out]" : "");
    return false;
  }
  uint32_t stored = source && source->dtype ? static_cast<uint32_t>(*source->dtype) : param.dtype;
  if (tensor.dtype == stored) return true;
  std::string found = "'" + param.name + "' is " + dtypeName(tensor.dtype).str() + " in " + file + " and ";
  if (stored == param.dtype)
    error("G5003", param, found + dtypeName(param.dtype) + " in the graph",
          dtypeBytes(tensor.dtype) ? "give the param an entry in 'map' with \"dtype\": \"" +
                                         dtypeName(tensor.dtype).str() + "\", or convert the file's tensor"
                                   : "convert the file's tensor");
  else
    error("G5003", param, found + dtypeName(stored) + " in the 'map' of the graph");
  return false;
}

/// The elements of the file, which are of another dtype, as the param has them: floats are rounded, integers must fit.
bool Embedder::convert(const ParamDescription &param, const OpenedFile &from, graph::Dtype dtype, const char *data,
                       std::string &converted) {
  graph::Dtype wanted = static_cast<graph::Dtype>(param.dtype);
  unsigned step = graph::dtypeBytes(dtype), width = graph::dtypeBytes(wanted);
  uint64_t count = param.bytes / width;
  converted.assign(param.bytes, '\0');
  for (uint64_t i = 0; i < count; ++i, data += step) {
    char *to = &converted[i * width];
    if (graph::isFloat(dtype)) {
      graph::storeReal(wanted, graph::loadReal(dtype, data), to);
      continue;
    }
    int64_t value = graph::loadInteger(dtype, data);
    bool large = dtype == graph::Dtype::U64 && value < 0; // above the largest i64
    if (graph::isFloat(wanted)) {
      graph::storeReal(wanted, large ? static_cast<double>(static_cast<uint64_t>(value)) : static_cast<double>(value),
                       to);
      continue;
    }
    graph::storeInteger(wanted, value, to);
    bool isLarge = wanted == graph::Dtype::U64 && graph::loadInteger(wanted, to) < 0;
    if (graph::loadInteger(wanted, to) == value && isLarge == large) continue;
    error("G5003", param,
          "element " + llvm::Twine(i) + " of '" + param.name + "' in '" + printable(from.file->path) +
              "' does not fit " + dtypeName(param.dtype));
    return false;
  }
  return true;
}

void Embedder::warnOfNaN(const ParamDescription &param, const OpenedFile &from, const float *values, uint64_t count) {
  uint64_t found = 0, first = 0;
  for (uint64_t i = 0; i < count; ++i)
    if (std::isnan(values[i]) && found++ == 0) first = i;
  if (!found) return;
  std::vector<int64_t> index(param.dims.size());
  for (size_t axis = param.dims.size(); axis-- > 0;) {
    index[axis] = static_cast<int64_t>(first % static_cast<uint64_t>(param.dims[axis]));
    first /= static_cast<uint64_t>(param.dims[axis]);
  }
  Diagnostic warning;
  warning.severity = Severity::Warning;
  warning.code = "G5007";
  warning.message = "'" + param.name + "' holds " + std::to_string(found) + " NaN in '" + printable(from.file->path) +
                    "', the first at " + describeDims(index);
  warning.span = placeOf(places, param.name);
  diagnostics.report(std::move(warning));
}

/// Puts what convolutions read behind the filters' rows (GRAPHC_LAYOUT_WINOGRAD).
bool Embedder::transformFilters(const ParamDescription &param, const std::vector<float> &rows) {
  constexpr uint64_t matrices = 36, width = GRAPHC_PANEL_COLUMNS;
  if (param.layout != GRAPHC_LAYOUT_WINOGRAD || param.dims.size() != 4) return false;
  uint64_t channels = param.dims[2], filters = param.dims[3], first = param.readOffset() - param.offset;
  std::vector<float> panels(matrices * llvm::divideCeil(filters, width) * channels * width);
  if (first + panels.size() * sizeof(float) > param.storedBytes) return false;
  graphc_winograd_filters(rows.data(), int64_t(channels), int64_t(filters), panels.data());
  memcpy(library.image.data() + param.offset + first, panels.data(), panels.size() * sizeof(float));
  return true;
}

/// Copies one checked tensor to its place in the image, false after reporting why not. The file's data have no
/// alignment: they are copied to floats first.
bool Embedder::pack(const ParamDescription &param, const OpenedFile &from, const graphc_safetensors_tensor &tensor) {
  auto fail = [&] {
    diagnostics.error("G9900", Span(),
                      "internal error: the memory planned for '" + param.name + "' does not hold its weights");
    return false;
  };
  const char *data = from.file->bytes.data() + tensor.begin;
  const TensorSource *source = sourceOf(*from.file, param);
  std::string moved, converted;
  if (source && !source->perm.empty()) {
    moved = permuted(source->perm, tensor, data);
    data = moved.data();
  }
  if (source && source->dtype && static_cast<uint32_t>(*source->dtype) != param.dtype) {
    if (!convert(param, from, *source->dtype, data, converted)) return false;
    data = converted.data();
  } else if (tensor.bytes != param.bytes) {
    return fail();
  }
  char *stored = library.image.data() + param.offset;
  if (param.storedBytes > library.paramsBytes || param.offset > library.paramsBytes - param.storedBytes) return fail();
  std::vector<float> floats;
  if (param.dtype == GRAPHC_F32) {
    floats.resize(param.bytes / sizeof(float));
    if (!floats.empty()) memcpy(floats.data(), data, param.bytes);
    warnOfNaN(param, from, floats.data(), floats.size());
  }
  if (param.layout != GRAPHC_LAYOUT_PANELS) {
    if (param.bytes > param.storedBytes) return fail();
    if (param.bytes) memcpy(stored, data, param.bytes);
    return param.layout == GRAPHC_LAYOUT_ROWS || transformFilters(param, floats) || fail();
  }
  if (param.dims.size() < 2) return fail();
  uint64_t k = 1, n = param.dims.back(); // leading axes are rows of one matrix
  for (int64_t size : llvm::ArrayRef(param.dims).drop_back()) k *= uint64_t(size);
  if (!param.bytes) return true;
  uint64_t width = param.bytes / (k * n);
  if (GRAPHC_PANEL_GROUP % width != 0) return fail();
  uint64_t perColumn = llvm::alignTo(k * width, GRAPHC_PANEL_GROUP);
  if (llvm::alignTo(n, GRAPHC_PANEL_COLUMNS) * perColumn > param.storedBytes) return fail();
  graphc_pack_panels(data, uint32_t(width), int64_t(k), int64_t(n), stored);
  return true;
}

bool Embedder::embed(ParamDescription &param) {
  const OpenedFile *from = nullptr;
  graphc_safetensors_tensor tensor = {};
  for (const OpenedFile &file : opened) {
    graphc_safetensors_tensor candidate;
    if (!graphc_safetensors_find(&file.tensors, nameIn(*file.file, param).c_str(), &candidate)) continue;
    if (from) {
      error("G5001", param,
            "'" + param.name + "' is in two weight files: '" + printable(from->file->path) + "' and '" +
                printable(file.file->path) + "'");
      return false;
    }
    from = &file;
    tensor = candidate;
  }
  bool randomState = param.init == GRAPHC_INIT_SEED || param.init == GRAPHC_INIT_CALLS;
  if (!from && randomState) return true; // 0
  bool keepsInit =
      llvm::any_of(opened, [](const OpenedFile &file) { return file.file->partial; }) && param.init != GRAPHC_INIT_NONE;
  if (!from && keepsInit) return true;
  if (!from) {
    std::vector<llvm::StringRef> candidates(unused.begin(), unused.end());
    error("G5001", param, "'" + param.name + "' is not in " + fileNames() + didYouMean(param.name, candidates),
          unused.empty() ? "" : std::to_string(unused.size()) + " of the file's tensors belong to no param");
    return false;
  }
  if (!checkType(param, *from, tensor) || !pack(param, *from, tensor)) return false;
  param.init = GRAPHC_INIT_NONE;
  param.values.clear();
  return true;
}

bool graphc::driver::embedWeights(const std::vector<WeightFile> &files, const ParamPlaces &places,
                                  LibraryDescription &library, Diagnostics &diagnostics) {
  Embedder embedder(places, library, diagnostics);
  if (!embedder.open(files)) return false;
  if (library.paramsBytes > codegen::maxEmbeddedBytes) {
    diagnostics.error("G9004", Span(),
                      "the params take " + std::to_string(library.paramsBytes) + " bytes, more than can be embedded (" +
                          std::to_string(codegen::maxEmbeddedBytes) + ")",
                      "build without weights and load them in the program with " + library.name + "_load");
    return false;
  }
  library.image.assign(library.paramsBytes, '\0');
  bool good = true;
  for (ParamDescription &param : library.params) good &= embedder.embed(param);
  if (good) embedder.warnOfUnused();
  return good;
}

bool graphc::driver::checkEveryParamHasValue(const ParamPlaces &places, const LibraryDescription &library,
                                             Diagnostics &diagnostics) {
  if (!library.image.empty()) return true;
  bool good = true;
  for (const ParamDescription &param : library.params) {
    if (param.init != GRAPHC_INIT_NONE) continue;
    diagnostics.error("G5008", placeOf(places, param.name),
                      "param '" + param.name + "' has no \"init\" and no weight file",
                      "give it an \"init\", or its value with --weights");
    good = false;
  }
  return good;
}
