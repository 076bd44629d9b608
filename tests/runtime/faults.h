// The linker's --wrap puts these between the runtime and libc: they count allocations and make the n-th call fail.
#pragma once

namespace faults {
/// Allocations since the last reset (malloc, calloc, aligned_alloc of the program itself, not of libstdc++).
extern long allocations;
extern long openDescriptors; // opens minus closes by the runtime
/// The n-th (from 1) allocation, or file operation (open, pread, write, fsync, rename, close), from now on fails; 0:
/// none.
void failAllocation(long n);
void failFileOperation(long n, int error);
/// True if the armed fault was reached.
bool reached();
void reset();
} // namespace faults
