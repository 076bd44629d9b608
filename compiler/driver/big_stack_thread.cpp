// pthread directly: llvm::thread aborts where a thread cannot be made. The alternate signal stack lets a crash handler
// of the program report an exhausted stack instead of dying silently.
#include "compiler/driver/big_stack_thread.h"
#include <csignal>
#include <cstdlib>
#include <pthread.h>

static constexpr size_t stackBytes = size_t(64) << 20;
static constexpr size_t signalStackBytes = size_t(64) << 10;

static void *callWork(void *work) {
  stack_t signalStack = {};
  signalStack.ss_sp = malloc(signalStackBytes);
  signalStack.ss_size = signalStackBytes;
  bool installed = signalStack.ss_sp && sigaltstack(&signalStack, nullptr) == 0;
  (*static_cast<llvm::function_ref<void()> *>(work))();
  if (installed) {
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }
  free(signalStack.ss_sp);
  return nullptr;
}

void graphc::driver::runOnBigStack(llvm::function_ref<void()> work) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  bool started = pthread_attr_setstacksize(&attributes, stackBytes) == 0 &&
                 pthread_create(&thread, &attributes, callWork, &work) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) return work();
  pthread_join(thread, nullptr);
}
