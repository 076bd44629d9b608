// `graphc bench --profile`: where the time of a call goes, kernel call by kernel call. The library calls a hook around
// each of its kernels (compiler/support/profiled_run.h), which takes time stamps.
#pragma once
#include "tools/graphc/loaded_library.h"
#include "tools/graphc/memory_bandwidth.h"
#include "llvm/Support/JSON.h"

namespace graphc::cli {

/// One kernel call, or a call of one of the library's own functions, in the order in which they begin.
struct ProfileRow {
  const support::ProfiledRun *run;
  std::vector<size_t> callers;   // rows of functions that it is in, outermost first
  uint64_t flops = 0, bytes = 0; // bytes: of its operands, each once
  double seconds = 0;            // without what the time stamps take; mean over the calls of the quieter half
  double began = 0, lasted = 0;  // in the one call that the trace shows, seconds from its beginning
  double roofSeconds = 0;        // what the machine needs at least: by its peak or by its memory
  bool byMemory = false;         // the second
  bool isKernel() const { return run->builder != "call"; }
};

struct Profile {
  std::vector<ProfileRow> rows;
  std::vector<Bandwidth> bandwidths;
  double fmaPeak = 0;      // GFLOP/s of the machine, at best, like the bandwidths
  double seconds = 0;      // of a call with time stamps, mean over the quieter half: at least all kernels together
  double stampSeconds = 0; // of one kernel's time stamps
  double traced = 0;       // seconds of the call that the trace shows
  uint64_t calls = 0;
  double kernelSeconds() const;
};

/// Measures the machine, then calls the entry for about that long.
graphc_status takeProfile(const LoadedLibrary &library, const graphc_entry_info &entry, const ArgumentBuffers &buffers,
                          unsigned threads, double seconds, Profile &profile);

// profile_report.cpp
/// Why a row is as it is: "matmul + add + relu as one kernel, ...".
std::string reasonOf(const ProfileRow &row, const support::IsaLevel &level, unsigned threads);
void printProfile(llvm::raw_ostream &out, const Profile &profile, const support::IsaLevel &level, unsigned threads);
void writeProfile(llvm::json::OStream &out, const Profile &profile, const support::IsaLevel &level, unsigned threads);
/// One call as a Chrome trace (chrome://tracing, Perfetto): complete events with what is known of them as arguments.
std::string traceText(const Profile &profile, llvm::StringRef entry, const support::IsaLevel &level, unsigned threads);

} // namespace graphc::cli
