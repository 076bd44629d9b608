// A NewArchiveMember keeps references to the object's bytes and to the member's name: both outlive it here.
#include "compiler/package/archive.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"

using namespace llvm;

std::optional<std::string> graphc::package::archiveBytes(const std::string &object, const std::string &name,
                                                         std::string &error) {
  std::string member = name + ".o";
  std::vector<NewArchiveMember> members;
  members.emplace_back(MemoryBufferRef(object, member));
  Expected<std::unique_ptr<MemoryBuffer>> bytes = writeArchiveToBuffer(
      members, SymtabWritingMode::NormalSymtab, object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (bytes) return (*bytes)->getBuffer().str();
  error = toString(bytes.takeError());
  return std::nullopt;
}
