// pthread directly, for a thread that cannot be made is no error here.
#include "compiler/codegen/parallel_work.h"
#include "llvm/ADT/SmallVector.h"
#include <algorithm>
#include <atomic>
#include <pthread.h>

static constexpr size_t stackBytes = size_t(64) << 20;

namespace {
struct Work {
  llvm::function_ref<void(size_t)> run;
  size_t count;
  std::atomic<size_t> next{0};
  void take() {
    for (size_t i = next++; i < count; i = next++) run(i);
  }
};
} // namespace

void graphc::codegen::inParallel(size_t count, unsigned threads, llvm::function_ref<void(size_t)> work) {
  Work shared{work, count};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stackBytes);
  llvm::SmallVector<pthread_t> others;
  auto main = [](void *pointer) -> void * { return static_cast<Work *>(pointer)->take(), nullptr; };
  for (size_t i = 1; i < std::min<size_t>(threads, count); ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, main, &shared) != 0) break;
    others.push_back(thread);
  }
  pthread_attr_destroy(&attributes);
  shared.take();
  for (pthread_t other : others) pthread_join(other, nullptr);
}
