// lld reads files only, so the object goes in as an anonymous file in memory: nothing to clean up, no disk to fill.
// Exactly the object's global symbols are exported, and codegen left global what is public. -z defs: a call to anything
// but libc and libm is found here rather than when a user's program loads the library. Libraries are named by soname,
// not through libc6-dev's linker script: no C compiler is needed where graphc runs.
#include "compiler/package/shared_library.h"
#include "lld/Common/Driver.h"
#include "llvm/Support/raw_ostream.h"
#include <cerrno>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

LLD_HAS_DRIVER(elf)

namespace {

class MemoryFile {
public:
  explicit MemoryFile(const std::string &bytes) : descriptor(memfd_create("graphc", MFD_CLOEXEC)) {
    size_t written = 0;
    while (descriptor >= 0 && written < bytes.size()) {
      ssize_t count = write(descriptor, bytes.data() + written, bytes.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      written += count;
    }
    complete = descriptor >= 0 && written == bytes.size();
    if (!complete) reason = errno;
  }
  ~MemoryFile() {
    if (descriptor >= 0) close(descriptor);
  }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  explicit operator bool() const { return complete; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }
  int reason = 0;

private:
  int descriptor;
  bool complete = false;
};

/// "ld.lld: error: x\nld.lld: error: y\n" as "x; y".
std::string oneSentence(llvm::StringRef output) {
  std::string result;
  llvm::SmallVector<llvm::StringRef> lines;
  output.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef line : lines) {
    line.consume_front("ld.lld: ");
    line.consume_front("error: ");
    result += (result.empty() ? "" : "; ") + line.trim().str();
  }
  return result.empty() ? "the linker failed" : result;
}

} // namespace

bool graphc::package::linkSharedLibrary(const std::string &object, const std::string &name, const std::string &path,
                                        std::string &error) {
  MemoryFile input(object);
  if (!input) {
    error = std::string("no memory for the object: ") + std::strerror(input.reason);
    return false;
  }
  std::string inputPath = input.path(), soname = "lib" + name + ".so";
  std::vector<const char *> arguments = {"ld.lld",
                                         "--threads=1",
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
  static std::mutex oneAtATime; // lld's state is global
  std::lock_guard<std::mutex> lock(oneAtATime);
  static bool usable = true; // lld may say that its state is spoilt after a crash
  std::string output;
  if (usable) {
    llvm::raw_string_ostream out(output);
    static const lld::DriverDef drivers[] = {{lld::Gnu, &lld::elf::link}};
    lld::Result result = lld::lldMain(arguments, out, out, drivers);
    usable = result.canRunAgain;
    if (result.retCode == 0) return true;
  }
  error = oneSentence(output);
  return false;
}
