// package: object -> lib<name>.a, lib<name>.so, <name>.h, <name>.manifest.json in a folder: all of them or none
// (OutputFolder). lld runs in this process; archive and shared library are deterministic.
#pragma once
#include "compiler/support/library_description.h"
#include <string>

namespace graphc::package {

/// The C header's text.
std::string headerText(const support::LibraryDescription &library);
/// False with a sentence in `error` that names the file.
bool writeLibrary(const std::string &object, const support::LibraryDescription &library, const std::string &folder,
                  std::string &error);
} // namespace graphc::package
