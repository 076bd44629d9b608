// Exactly the object's global symbols are exported, and codegen left global what is public. -z defs: a call to anything
// but libc and libm is found here rather than when a user's program loads the library. Libraries are named by soname,
// not through libc6-dev's linker script: no C compiler is needed where graphc runs.
#include "compiler/package/shared_library.h"
#include "compiler/package/run_linker.h"

bool graphc::package::linkSharedLibrary(const std::string &object, const std::string &name, const std::string &path,
                                        std::string &error) {
  MemoryFile input(object);
  if (!input) return error = input.error(), false;
  std::string inputPath = input.path(), soname = "lib" + name + ".so";
  std::vector<const char *> arguments = {"--threads=1",
                                         "-shared",
                                         "-o",
                                         path.c_str(),
                                         "-soname",
                                         soname.c_str(),
                                         "--build-id=sha1",
                                         "-zrelro",
                                         "-znow",
                                         "-znoexecstack",
                                         "-zdefs",
                                         "--hash-style=gnu",
                                         "--eh-frame-hdr",
                                         "--gc-sections",
                                         inputPath.c_str(),
                                         "--as-needed",
                                         "-L/lib/x86_64-linux-gnu",
                                         "-L/usr/lib/x86_64-linux-gnu",
                                         "-L/lib64",
                                         "-L/usr/lib64",
                                         "-l:libc.so.6",
                                         "-l:libm.so.6"};
  return runLinker(arguments, error);
}
