// lld -r puts sections together and leaves hidden symbols as they are: global still, so that two libraries in one
// program would clash. LLVM's objcopy makes them local. lld writes to a file with a name, so a temporary one there must
// be.
#include "compiler/package/join_objects.h"
#include "compiler/package/run_linker.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ObjCopy/CommonConfig.h"
#include "llvm/ObjCopy/ELF/ELFConfig.h"
#include "llvm/ObjCopy/ELF/ELFObjcopy.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"
#include <deque>

using namespace llvm;

static std::optional<std::string> makeHiddenLocal(MemoryBufferRef bytes, std::string &error) {
  Expected<std::unique_ptr<object::ObjectFile>> object = object::ObjectFile::createELFObjectFile(bytes);
  if (!object) return error = toString(object.takeError()), std::nullopt;
  objcopy::CommonConfig common;
  objcopy::ELFConfig elf;
  elf.LocalizeHidden = true;
  SmallString<0> result;
  raw_svector_ostream out(result);
  Error failed =
      objcopy::elf::executeObjcopyOnBinary(common, elf, *cast<object::ELFObjectFileBase>(object->get()), out);
  if (failed) return error = toString(std::move(failed)), std::nullopt;
  return std::string(result);
}

std::optional<std::string> graphc::package::joinObjects(std::vector<std::string> objects, std::string &error) {
  if (objects.size() == 1) return std::move(objects.front());
  std::deque<MemoryFile> inputs; // do not move
  std::vector<std::string> paths;
  for (std::string &object : objects) {
    if (!inputs.emplace_back(object)) return error = inputs.back().error(), std::nullopt;
    paths.push_back(inputs.back().path());
    std::string().swap(object);
  }
  SmallString<128> joined;
  if (std::error_code code = sys::fs::createTemporaryFile("graphc", "o", joined))
    return error = "no temporary file: " + code.message(), std::nullopt;
  sys::RemoveFileOnSignal(joined);
  auto remove = make_scope_exit([&] {
    sys::fs::remove(joined);
    sys::DontRemoveFileOnSignal(joined);
  });
  std::vector<const char *> arguments = {"--threads=1", "-r", "-o", joined.c_str()};
  for (const std::string &path : paths) arguments.push_back(path.c_str());
  if (!runLinker(arguments, error)) return std::nullopt;
  inputs.clear();
  ErrorOr<std::unique_ptr<MemoryBuffer>> bytes = MemoryBuffer::getFile(joined);
  if (!bytes) return error = "the joined object cannot be read: " + bytes.getError().message(), std::nullopt;
  return makeHiddenLocal((*bytes)->getMemBufferRef(), error);
}
