// Paths are made of [A-Za-z0-9_.] only, so the header needs no escapes.
#include "compiler/onnx/weight_table.h"
#include "compiler/support/public_names.h"

namespace graphc::onnx {

std::string WeightTable::add(ConstantRef constant) {
  std::string wanted = "predict." + support::identifier(constant->name), path = wanted;
  for (unsigned i = 2; !paths.insert(path).second; ++i) path = wanted + "_" + std::to_string(i);
  rows.push_back({path, std::move(constant)});
  return path;
}

/// safetensors writes "F32" for f32, "BOOL" for bool.
static std::string fileDtype(graph::Dtype dtype) { return graph::dtypeName(dtype).upper(); }

std::string WeightTable::safetensors() const {
  if (rows.empty()) return "";
  std::string header = "{";
  uint64_t offset = 0;
  for (const Row &row : rows) {
    header += (header.size() > 1 ? ",\"" : "\"") + row.path + "\":{\"dtype\":\"" + fileDtype(row.constant->dtype) +
              "\",\"shape\":[";
    for (size_t i = 0; i < row.constant->shape.size(); ++i)
      header += (i ? "," : "") + std::to_string(row.constant->shape[i]);
    uint64_t end = offset + row.constant->bytes->size();
    header += "],\"data_offsets\":[" + std::to_string(offset) + "," + std::to_string(end) + "]}";
    offset = end;
  }
  header += "}";
  while (header.size() % 8) header += ' ';
  std::string file(8, '\0');
  for (unsigned i = 0; i < 8; ++i) file[i] = static_cast<char>(uint64_t(header.size()) >> (8 * i));
  file.reserve(file.size() + header.size() + offset);
  file += header;
  for (const Row &row : rows) file += *row.constant->bytes;
  return file;
}

} // namespace graphc::onnx
