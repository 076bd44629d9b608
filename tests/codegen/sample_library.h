// A small library made by hand, for tests of codegen and package: its bodies are LLVM dialect text, its description is
// filled here.
//   predict(x f32[8], scale f32, none f32[0]) -> y f32[8]    y = x * scale + w, by way of the workspace
//   total(x f32[8], k u8, i i16) -> t f32                    t = x[0] + k + i
//   load                                                     as total, under a name that the runtime claims
#pragma once
#include "compiler/codegen/codegen.h"
#include "compiler/package/package.h"
#include <string>

namespace graphc::test {

support::LibraryDescription sampleLibrary(const std::string &name);
/// The object or text, or "" with the sentence in `error`. `moduleText` replaces the bodies. All functions get the
/// attributes of the library's lowest level; a body for a further one stands in the text under its own symbol.
std::string generateSample(const support::LibraryDescription &library, const codegen::Options &options,
                           codegen::Emit emit, std::string &error, const char *moduleText = nullptr);
/// Writes the four files into `folder`; returns the error or "".
std::string writeSample(const support::LibraryDescription &library, const std::string &folder, int optLevel = 2,
                        const char *moduleText = nullptr);

/// A folder that goes away with everything in it.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  std::string path;
};

std::string fileBytes(const std::string &path);

} // namespace graphc::test
