// What the programs of this folder begin with: the library of arguments LIBRARY LEVEL, if this machine has the level.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>

inline bool hasLevel(const std::string &level) {
  __builtin_cpu_init();
  if (level == "x86-64-v4") return __builtin_cpu_supports("x86-64-v4");
  if (level == "x86-64-v3") return __builtin_cpu_supports("x86-64-v3");
  return __builtin_cpu_supports("x86-64-v2");
}

/// Ends the program: with 2 on wrong arguments or a library that does not load, with 0 on a machine without the level.
inline void *openLibrary(int argc, char **argv) {
  if (argc < 3) std::exit(2);
  if (!hasLevel(argv[2])) std::exit(0);
  void *library = dlopen(argv[1], RTLD_NOW);
  if (library) return library;
  std::fprintf(stderr, "%s\n", dlerror());
  std::exit(2);
}
