// See faults.h. Atomic, for the tests with two threads.
#include "faults.h"
#include <atomic>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

namespace faults {

long allocations = 0, openDescriptors = 0;
static std::atomic<long> allocationsLeft{0}, operationsLeft{0};
static std::atomic<bool> hit{false};
static int operationError = 0;

void failAllocation(long n) {
  hit = false;
  allocationsLeft = n;
}

void failFileOperation(long n, int error) {
  hit = false;
  operationError = error;
  operationsLeft = n;
}

bool reached() { return hit; }

void reset() {
  allocations = 0;
  allocationsLeft = 0;
  operationsLeft = 0;
  hit = false;
}

static bool strikes(std::atomic<long> &left) {
  if (left <= 0 || --left != 0) return false;
  hit = true;
  return true;
}

static bool allocationFails() {
  __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
  return strikes(allocationsLeft);
}

static bool operationFails() {
  if (!strikes(operationsLeft)) return false;
  errno = operationError;
  return true;
}

} // namespace faults

extern "C" {
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
int __real_open(const char *path, int flags, mode_t mode);
ssize_t __real_pread(int file, void *out, size_t bytes, off_t offset);
ssize_t __real_write(int file, const void *data, size_t bytes);
int __real_fsync(int file);
int __real_rename(const char *from, const char *to);
int __real_close(int file);

void *__wrap_malloc(size_t bytes) { return faults::allocationFails() ? nullptr : __real_malloc(bytes); }
void *__wrap_calloc(size_t count, size_t bytes) {
  return faults::allocationFails() ? nullptr : __real_calloc(count, bytes);
}
void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return faults::allocationFails() ? nullptr : __real_aligned_alloc(alignment, bytes);
}
int __wrap_open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (faults::operationFails()) return -1;
  int file = __real_open(path, flags, mode);
  faults::openDescriptors += file >= 0;
  return file;
}
ssize_t __wrap_pread(int file, void *out, size_t bytes, off_t offset) {
  return faults::operationFails() ? -1 : __real_pread(file, out, bytes, offset);
}
ssize_t __wrap_write(int file, const void *data, size_t bytes) {
  return faults::operationFails() ? -1 : __real_write(file, data, bytes);
}
int __wrap_fsync(int file) { return faults::operationFails() ? -1 : __real_fsync(file); }
int __wrap_rename(const char *from, const char *to) { return faults::operationFails() ? -1 : __real_rename(from, to); }
int __wrap_close(int file) { // as Linux does it: closed even if it reports an error
  int result = __real_close(file);
  --faults::openDescriptors;
  return faults::operationFails() ? -1 : result;
}
}
