// A tensor's type as the language writes it, for messages: "f32[64, 128]".
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace graphc::driver {

/// "f32" ...; "an unknown type" for a number that is no graphc_dtype.
llvm::StringRef dtypeName(uint32_t dtype);
/// Bytes of one element, 0 for an unknown dtype.
uint64_t dtypeBytes(uint32_t dtype);
/// "[64, 128]"
std::string describeDims(llvm::ArrayRef<int64_t> dims);
std::string describeTensor(uint32_t dtype, llvm::ArrayRef<int64_t> dims);

} // namespace graphc::driver
