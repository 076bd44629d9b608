// Encoded so that no tensor name leaves the folder or means something to a shell.
#include "tools/graphc/tensor_file_name.h"
#include "llvm/ADT/StringExtras.h"

std::string graphc::cli::tensorFileName(llvm::StringRef tensor) {
  std::string name;
  for (unsigned char byte : tensor) {
    bool plain =
        llvm::isAlnum(byte) || byte == '_' || byte == '-' || (byte == '.' && !name.empty()); // no hidden files, no ".."
    if (plain) {
      name += static_cast<char>(byte);
      continue;
    }
    name += '%';
    name += llvm::hexdigit(byte >> 4);
    name += llvm::hexdigit(byte & 15);
  }
  return name + ".npy";
}
