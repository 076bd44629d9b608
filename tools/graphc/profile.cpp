// Time stamps are the processor's counter, set against the clock over the whole profile. Every call of an entry does
// the same runs in the same order, so row i is the i-th run to begin. Speeds swing on shared machines: only the quieter
// half of the calls counts, all rows in the same calls, so that they never sum to more than those took.
#include "tools/graphc/profile.h"
#include "tools/graphc/fma_peak.h"
#include "llvm/ADT/STLExtras.h"
#include <chrono>
#include <numeric>
#include <x86intrin.h>

using namespace graphc;
using namespace graphc::cli;
using Clock = std::chrono::steady_clock;

static constexpr size_t maxEvents = size_t(1) << 20;
static constexpr size_t fewestCalls = 5;

namespace {

struct Event {
  int64_t run; // -1: the innermost that is open ends
  int64_t flops, bytes;
  uint64_t ticks;
};

/// What the hook fills: room is made beforehand, so that it costs the same always.
struct Recorder {
  std::vector<Event> events;
  size_t count = 0; // may pass the room: then nothing was kept of the rest
};
Recorder *recorder = nullptr; // the hook has no argument of ours; one profile is taken at a time

uint64_t ticksNow() {
  _mm_lfence(); // what came before is done
  return __rdtsc();
}

void record(int64_t run, int64_t flops, int64_t bytes) {
  uint64_t before = run < 0 ? ticksNow() : 0;
  size_t at = recorder->count++;
  if (at >= recorder->events.size()) return;
  Event &event = recorder->events[at];
  event = {run, flops, bytes, before};
  if (run >= 0) event.ticks = ticksNow(); // the last thing here, as for an end it is the first
}

class Sampler {
public:
  Sampler(const LoadedLibrary &library, const graphc_entry_info &entry, const ArgumentBuffers &buffers)
      : library(library), entry(entry), buffers(buffers) {}
  graphc_status run(double seconds, Profile &profile);

private:
  struct Call {
    size_t first; // event
    uint64_t began, ticks;
  };
  graphc_status call(Call &taken);
  void makeRows(Profile &profile) const;
  void fillRows(llvm::ArrayRef<Call> quiet, double secondsPerTick, Profile &profile) const;

  const LoadedLibrary &library;
  const graphc_entry_info &entry;
  const ArgumentBuffers &buffers;
  Recorder own;
  size_t perCall = 0; // events
};

} // namespace

graphc_status Sampler::call(Call &taken) {
  taken.first = own.count;
  taken.began = ticksNow();
  graphc_status status = library.call(entry, buffers);
  taken.ticks = ticksNow() - taken.began;
  return status;
}

/// The least that lies between the two stamps of a kernel that does nothing.
static double stampTicks() {
  constexpr int tries = 1000;
  Recorder empty;
  empty.events.resize(2 * tries);
  recorder = &empty;
  for (int i = 0; i < tries; ++i) {
    record(0, 0, 0);
    record(-1, 0, 0);
  }
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < tries; ++i) least = std::min(least, empty.events[2 * i + 1].ticks - empty.events[2 * i].ticks);
  return static_cast<double>(least);
}

void Sampler::makeRows(Profile &profile) const {
  std::vector<size_t> open;
  for (const Event &event : llvm::ArrayRef(own.events).take_front(perCall)) {
    if (event.run < 0) {
      open.pop_back();
      continue;
    }
    ProfileRow row;
    row.run = &library.runs()[event.run];
    row.callers = open;
    row.flops = static_cast<uint64_t>(event.flops);
    row.bytes = static_cast<uint64_t>(event.bytes);
    open.push_back(profile.rows.size());
    profile.rows.push_back(std::move(row));
  }
}

void Sampler::fillRows(llvm::ArrayRef<Call> quiet, double secondsPerTick, Profile &profile) const {
  double stamp = stampTicks();
  profile.stampSeconds = stamp * secondsPerTick;
  const Call &shown = quiet[quiet.size() / 2];
  profile.traced = static_cast<double>(shown.ticks) * secondsPerTick;
  for (const Call &call : quiet) {
    profile.seconds += static_cast<double>(call.ticks) * secondsPerTick / static_cast<double>(quiet.size());
    std::vector<std::pair<size_t, uint64_t>> open; // rows and their beginnings
    size_t next = 0;
    for (const Event &event : llvm::ArrayRef(own.events).slice(call.first, perCall)) {
      if (event.run >= 0) {
        open.push_back({next++, event.ticks});
        continue;
      }
      auto [at, began] = open.back();
      open.pop_back();
      ProfileRow &row = profile.rows[at];
      double ticks = std::max(0.0, static_cast<double>(event.ticks - began) - stamp);
      row.seconds += ticks * secondsPerTick / static_cast<double>(quiet.size());
      if (&call != &shown) continue;
      row.began = static_cast<double>(began - call.began) * secondsPerTick;
      row.lasted = static_cast<double>(event.ticks - began) * secondsPerTick;
    }
  }
}

graphc_status Sampler::run(double seconds, Profile &profile) {
  Call first;
  recorder = &own;
  if (graphc_status status = call(first); status != GRAPHC_OK) return status; // how many events there are
  perCall = own.count;
  size_t most = std::max(fewestCalls, maxEvents / std::max<size_t>(perCall, 1));
  own.events.resize(std::max<size_t>(most * perCall, 1));
  own.count = 0;
  std::vector<Call> calls;
  uint64_t ticksBefore = ticksNow();
  Clock::time_point start = Clock::now();
  double passed = 0;
  do {
    if (graphc_status status = call(calls.emplace_back()); status != GRAPHC_OK) return status;
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (calls.size() < most && (passed < seconds || calls.size() < fewestCalls));
  double secondsPerTick = passed / static_cast<double>(ticksNow() - ticksBefore);
  profile.calls = calls.size();
  makeRows(profile);
  llvm::sort(calls, [](const Call &a, const Call &b) { return a.ticks < b.ticks; });
  fillRows(llvm::ArrayRef(calls).take_front((calls.size() + 1) / 2), secondsPerTick, profile);
  return GRAPHC_OK;
}

double Profile::kernelSeconds() const {
  double sum = 0;
  for (const ProfileRow &row : rows)
    if (row.isKernel()) sum += row.seconds;
  return sum;
}

graphc_status cli::takeProfile(const LoadedLibrary &library, const graphc_entry_info &entry,
                               const ArgumentBuffers &buffers, unsigned threads, double seconds, Profile &profile) {
  constexpr int peaks = 5;
  for (int i = 0; i < peaks; ++i) profile.fmaPeak = std::max(profile.fmaPeak, measureFmaRoof(library.level(), threads));
  profile.bandwidths = measureBandwidths(library.level(), threads);
  library.setProfileHook(record);
  graphc_status status = Sampler(library, entry, buffers).run(seconds, profile);
  library.setProfileHook(nullptr);
  recorder = nullptr;
  for (ProfileRow &row : profile.rows) {
    double speed = bandwidthAt(profile.bandwidths, row.bytes).best();
    double byPeak = static_cast<double>(row.flops) / profile.fmaPeak * 1e-9;
    double byMemory = speed > 0 ? static_cast<double>(row.bytes) / speed * 1e-9 : 0;
    row.byMemory = byMemory > byPeak;
    row.roofSeconds = std::max(byMemory, byPeak);
  }
  return status;
}
