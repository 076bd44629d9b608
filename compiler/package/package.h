// package: object -> lib<name>.a, lib<name>.so, <name>.h, <name>.manifest.json in a folder: all of them or none
// (OutputFolder). lld runs in this process; archive and shared library are deterministic.
#pragma once
#include "compiler/support/library_description.h"
#include <string>
#include <vector>

namespace graphc::package {

/// The C header's text.
std::string headerText(const support::LibraryDescription &library);
/// `objects` are one library's (codegen::generateObjects). False with a sentence in `error` that names the file.
bool writeLibrary(std::vector<std::string> objects, const support::LibraryDescription &library,
                  const std::string &folder, std::string &error);
} // namespace graphc::package
