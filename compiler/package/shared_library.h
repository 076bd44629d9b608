// shared_library: one object -> a shared library that needs libc and libm alone, by lld in this process.
#pragma once
#include <string>

namespace graphc::package {

/// Writes `path`. False with lld's words in `error`.
bool linkSharedLibrary(const std::string &object, const std::string &name, const std::string &path, std::string &error);

} // namespace graphc::package
