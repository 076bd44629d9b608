// lld reads files only, so objects go in as files in memory. Its state is global: one run at a time.
#include "compiler/package/run_linker.h"
#include "lld/Common/Driver.h"
#include "llvm/Support/raw_ostream.h"
#include <cerrno>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

using namespace graphc::package;

MemoryFile::MemoryFile(const std::string &bytes) : descriptor(memfd_create("graphc", MFD_CLOEXEC)) {
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

MemoryFile::~MemoryFile() {
  if (descriptor >= 0) close(descriptor);
}

std::string MemoryFile::error() const { return std::string("no memory for the object: ") + std::strerror(reason); }

/// "ld.lld: error: x\nld.lld: error: y\n" as "x; y".
static std::string oneSentence(llvm::StringRef output) {
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

bool graphc::package::runLinker(std::vector<const char *> arguments, std::string &error) {
  static std::mutex oneAtATime;
  std::lock_guard<std::mutex> lock(oneAtATime);
  static bool usable = true; // lld may say that its state is spoilt after a crash
  std::string output;
  if (usable) {
    arguments.insert(arguments.begin(), "ld.lld");
    llvm::raw_string_ostream out(output);
    static const lld::DriverDef drivers[] = {{lld::Gnu, &lld::elf::link}};
    lld::Result result = lld::lldMain(arguments, out, out, drivers);
    usable = result.canRunAgain;
    if (result.retCode == 0) return true;
  }
  error = oneSentence(output);
  return false;
}
