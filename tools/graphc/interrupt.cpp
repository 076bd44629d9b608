// SIGINT, SIGTERM and SIGHUP are blocked everywhere and awaited by one thread of their own: there ordinary code may
// run, so folders are removed without the limits of a signal handler. SIGPIPE keeps its default: `graphc ops | head -1`
// ends silently.
#include "tools/graphc/interrupt.h"
#include "compiler/driver/driver.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <pthread.h>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

using namespace graphc;

static constexpr int interruptedExitCode = 130;
static constexpr size_t probeBytes = size_t(16) << 20;
static constexpr const char *outOfMemoryText = "graphc: error: out of memory\n";
static std::atomic<int> exitCode{interruptedExitCode};
static std::atomic<bool> awaiting{false};
static pthread_t awaitingThread;

namespace {
struct Folders {
  std::mutex mutex;
  std::set<std::string> paths;
};
} // namespace

/// Never destroyed: the signal thread may outlive main's statics. Made by installHandlers, since a first use that finds
/// no memory would wait for itself.
static Folders &folders() {
  static Folders *instance = new Folders;
  return *instance;
}

/// write(2) alone: callable from a signal handler and without memory.
static void say(const char *text) {
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written; // nothing left to do if stderr is gone
}

static void removeFolders() {
  std::unique_lock<std::mutex> lock(folders().mutex, std::try_to_lock);
  if (!lock.owns_lock()) return; // out of memory while a folder was being noted: no folder has content then
  for (const std::string &path : folders().paths) llvm::sys::fs::remove_directories(path, /*IgnoreErrors=*/true);
}

static void *awaitInterrupt(void *signals) {
  int number = 0;
  sigwait(static_cast<sigset_t *>(signals), &number);
  llvm::sys::RunInterruptHandlers(); // removes the files that output folders and the linker are writing
  removeFolders();
  _exit(exitCode.load());
}

/// The crashed thread may hold any lock, so it only wakes the awaiting thread, which cleans up; the alarm ends a
/// deadlock there.
static void crashed(int) {
  // MLIR does not check what malloc gives it: a fault while the address space is exhausted is one of that kind.
  void *probe = mmap(nullptr, probeBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  bool exhausted = probe == MAP_FAILED;
  say(exhausted ? outOfMemoryText : "graphc: error: internal error: the compiler crashed\n");
  exitCode = exhausted ? driver::Limit : driver::Internal;
  if (!awaiting.load()) _exit(exitCode.load());
  struct sigaction late = {};
  late.sa_handler = [](int) { _exit(exitCode.load()); };
  sigaction(SIGALRM, &late, nullptr);
  alarm(2);
  pthread_kill(awaitingThread, SIGTERM);
  for (;;) pause();
}

/// Given back when memory runs out, so that cleaning up has some.
static constexpr size_t reserveBytes = size_t(256) << 10;
static std::atomic<void *> reserve{nullptr};

static void outOfMemory() {
  std::set_new_handler([] { _exit(driver::Limit); }); // what cleaning up lacks ends it
  free(reserve.exchange(nullptr));
  say(outOfMemoryText);
  removeFolders();
  _exit(driver::Limit);
}

static void fatalError(void *, const char *reason, bool) {
  say("graphc: error: internal error: ");
  say(reason);
  say("\n");
  removeFolders();
  _exit(driver::Internal);
}

static void installCrashHandlers() {
  static char signalStack[size_t(64) << 10];
  stack_t stack = {};
  stack.ss_sp = signalStack;
  stack.ss_size = sizeof signalStack;
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = crashed;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigaction(number, &action, nullptr);
}

void cli::installHandlers() {
  folders();
  reserve = malloc(reserveBytes);
  std::set_new_handler(outOfMemory);
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { outOfMemory(); });
  llvm::install_fatal_error_handler(fatalError);
  installCrashHandlers();
  static sigset_t awaited;
  sigemptyset(&awaited);
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction current = {};
    sigaction(number, nullptr, &current);
    if (current.sa_handler != SIG_IGN || number == SIGTERM) sigaddset(&awaited, number); // nohup keeps its meaning
  }
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &awaited, &before);
  awaiting = pthread_create(&awaitingThread, nullptr, awaitInterrupt, &awaited) == 0;
  if (!awaiting) pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

cli::TemporaryFolder::TemporaryFolder() {
  const char *parent = getenv("TMPDIR");
  std::string pattern = std::string(parent && *parent == '/' ? parent : "/tmp") + "/graphc-XXXXXX";
  std::lock_guard<std::mutex> lock(folders().mutex); // no interrupt between making and noting it
  if (!mkdtemp(pattern.data())) {
    message = "cannot make a temporary folder '" + pattern + "': " + strerror(errno);
    return;
  }
  folder = pattern;
  folders().paths.insert(folder);
}

cli::TemporaryFolder::~TemporaryFolder() {
  if (folder.empty()) return;
  llvm::sys::fs::remove_directories(folder, /*IgnoreErrors=*/true);
  std::lock_guard<std::mutex> lock(folders().mutex);
  folders().paths.erase(folder);
}
