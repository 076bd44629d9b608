// Reads arrays that split.py wrote. A program with another source of data needs none of it.
#pragma once
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

// The payload of a .npy file that numpy wrote (version 1.0, C order); the caller knows its type. Empty, with a message
// on stderr, if it cannot be read.
template <typename T> std::vector<T> readNpy(const std::string &path) {
  std::vector<T> values;
  std::FILE *file = std::fopen(path.c_str(), "rb");
  unsigned char head[10];
  if (file && std::fread(head, 1, 10, file) == 10 && std::memcmp(head, "\x93NUMPY\x01", 7) == 0 &&
      std::fseek(file, head[8] | head[9] << 8, SEEK_CUR) == 0) {
    T value;
    while (std::fread(&value, sizeof value, 1, file) == 1) values.push_back(value);
  }
  if (file) std::fclose(file);
  if (values.empty()) std::fprintf(stderr, "digits_demo: cannot read %s (run split.py first)\n", path.c_str());
  return values;
}
