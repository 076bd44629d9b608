// Builds safetensors files, right and wrong ones.
#pragma once
#include "graphc/safetensors.h"
#include <string>

/// 8 bytes of length, the header, then `data` zero bytes.
inline std::string safetensors(const std::string &header, size_t data = 0) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return file + header + std::string(data, '\0');
}

/// One tensor's entry, without comma.
inline std::string tensor(const std::string &name, const std::string &dtype, const std::string &shape,
                          const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}
