// NumPy's .npy files: format 1.0, 2.0 and 3.0 read, 1.0 written; little-endian, C order. Hostile files are the normal
// case. NumPy has no bf16: it is written as ml_dtypes writes its bfloat16, '<V2', and '<V2' or '|V2' (two bytes without
// meaning, which is what NumPy makes of it) are read as bf16. The header is read by a strict little parser of its own,
// and the product of the dims is compared with the file's size before memory is taken.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace graphc::support {

struct NpyArray {
  uint32_t dtype = 0; // graphc_dtype
  std::vector<int64_t> dims;
  std::string bytes;
};

/// nullopt with a sentence without subject in `error`: "holds big-endian numbers ('>f4'), only little-endian ones are
/// read".
std::optional<NpyArray> readNpy(llvm::StringRef file, std::string &error);
/// The file's bytes; nullopt with a sentence if there is no such dtype or the bytes do not match the dims.
std::optional<std::string> writeNpy(const NpyArray &array, std::string &error);

} // namespace graphc::support
