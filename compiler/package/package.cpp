// The four files in order; the manifest goes last, so a folder with a manifest is complete.
#include "compiler/package/package.h"
#include "compiler/package/archive.h"
#include "compiler/package/join_objects.h"
#include "compiler/package/manifest.h"
#include "compiler/package/shared_library.h"
#include "compiler/support/files.h"
#include "llvm/Support/FileSystem.h"

using namespace graphc;

bool graphc::package::writeLibrary(std::vector<std::string> objects, const support::LibraryDescription &library,
                                   const std::string &folder, std::string &error) {
  std::string archiveName = "lib" + library.name + ".a", sharedName = "lib" + library.name + ".so";
  std::string headerName = library.name + ".h", manifestName = library.name + ".manifest.json", reason;
  auto fail = [&](const std::string &file) {
    error = "cannot write '" + folder + "/" + file + "': " + reason;
    return false;
  };
  support::OutputFolder output(folder);
  auto failed = [&] {
    error = output.error();
    return false;
  };
  if (!output.open()) return failed();

  std::optional<std::string> object = joinObjects(std::move(objects), reason);
  if (!object) return fail(archiveName);
  std::optional<std::string> archive = archiveBytes(*object, library.name, reason);
  if (!archive) return fail(archiveName);
  if (!output.add(archiveName, *archive)) return failed();

  std::string sharedPath = output.reserve(sharedName);
  if (sharedPath.empty()) return failed();
  if (!linkSharedLibrary(*object, library.name, sharedPath, reason)) return fail(sharedName);
  uint64_t sharedBytes = 0;
  if (std::error_code code = llvm::sys::fs::file_size(sharedPath, sharedBytes)) {
    reason = code.message();
    return fail(sharedName);
  }

  std::string header = headerText(library);
  if (!output.add(headerName, header)) return failed();
  std::vector<FileEntry> files = {
      {archiveName, archive->size()}, {sharedName, sharedBytes}, {headerName, header.size()}};
  if (!output.add(manifestName, manifestText(library, files)) || !output.commit()) return failed();
  return true;
}
