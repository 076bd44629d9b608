// graphc bench: how long one call of an entry takes. Slices of calls and slices of the machine's multiply-add peak
// alternate within one run, so that a change of clock or a noisy neighbour meets both. Two shares of the peak are
// given, because on shared machines both speeds swing: like beside like in the quietest tenth of the run (calls at p10,
// peak at p90), and the median over slices of the calls beside the peak just before and after them.
#include "compiler/support/files.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/fma_peak.h"
#include "tools/graphc/loaded_library.h"
#include "tools/graphc/message.h"
#include "tools/graphc/profile.h"
#include "tools/graphc/random_inputs.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <chrono>
#include <cmath>

using namespace graphc;
using namespace graphc::cli;

using Clock = std::chrono::steady_clock;
static constexpr double warmUpSeconds = 0.1, sliceSeconds = 0.02, shortestSample = 20e-6;
static constexpr double maxSeconds = 3600;
static constexpr size_t maxSamples = size_t(1) << 22;

namespace {

struct Measurement {
  std::vector<double> samples; // seconds per call
  uint64_t calls = 0;
  std::vector<double> peaks;  // GFLOP/s of multiply-adds in registers, one per slice and one after the last
  std::vector<double> shares; // of the peak, one per slice
  double percentile(double share) const {
    return samples[std::min(samples.size() - 1, static_cast<size_t>(share * static_cast<double>(samples.size())))];
  }
  double fmaPeak() const { return peaks[peaks.size() * 9 / 10]; }
  double shareOfPeak(uint64_t flops) const { return static_cast<double>(flops) / percentile(0.1) * 1e-9 / fmaPeak(); }
  double medianSliceShare() const { return shares[shares.size() / 2]; }
};

class Bench {
public:
  Bench(const LoadedLibrary &library, const graphc_entry_info &entry, const support::IsaLevel &level, unsigned threads,
        const ArgumentBuffers &buffers)
      : library(library), entry(entry), level(level), threads(threads), buffers(buffers),
        flops(countOf(entry.flops, entry.flops_size, buffers.dims())) {}
  graphc_status run(double seconds, Measurement &result);

private:
  graphc_status timeCalls(uint64_t count, double &seconds);

  const LoadedLibrary &library;
  const graphc_entry_info &entry;
  const support::IsaLevel &level;
  const unsigned threads;
  const ArgumentBuffers &buffers;
  const uint64_t flops; // of one call
};

/// What is printed beside the measurement.
struct Subject {
  const graphc_entry_info &entry;
  const LoadedLibrary &library;
  const support::IsaLevel &level;
  unsigned threads;
  llvm::ArrayRef<int64_t> dims;
  std::string dimsText; // "B=1 T=8"
  uint64_t flops = countOf(entry.flops, entry.flops_size, dims);
  uint64_t memoryBytes = countOf(entry.memory_bytes, entry.memory_size, dims);
};

} // namespace

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// `seconds` becomes the time of one call, averaged over `count`.
graphc_status Bench::timeCalls(uint64_t count, double &seconds) {
  Clock::time_point start = Clock::now();
  for (uint64_t i = 0; i < count; ++i)
    if (graphc_status status = library.call(entry, buffers); status != GRAPHC_OK) return status;
  seconds = secondsSince(start) / static_cast<double>(count);
  return GRAPHC_OK;
}

graphc_status Bench::run(double seconds, Measurement &result) {
  double once = 0;
  Clock::time_point start = Clock::now();
  do {
    if (graphc_status status = timeCalls(1, once); status != GRAPHC_OK) return status;
  } while (secondsSince(start) < warmUpSeconds);
  // A call shorter than the clock's own cost is timed in groups.
  auto group = static_cast<uint64_t>(std::max(1.0, std::ceil(shortestSample / std::max(once, 1e-9))));
  start = Clock::now();
  result.peaks.push_back(measureFmaPeak(level, threads));
  do {
    uint64_t callsBefore = result.calls;
    Clock::time_point slice = Clock::now();
    do {
      double sample = 0;
      if (graphc_status status = timeCalls(group, sample); status != GRAPHC_OK) return status;
      result.calls += group;
      if (result.samples.size() < maxSamples) result.samples.push_back(sample);
    } while (secondsSince(slice) < sliceSeconds);
    double speed = static_cast<double>((result.calls - callsBefore) * flops) / secondsSince(slice) * 1e-9;
    result.peaks.push_back(measureFmaPeak(level, threads));
    result.shares.push_back(speed / ((result.peaks.end()[-1] + result.peaks.end()[-2]) / 2));
  } while (secondsSince(start) < seconds);
  llvm::sort(result.samples);
  llvm::sort(result.peaks);
  llvm::sort(result.shares);
  return GRAPHC_OK;
}

/// `profile` is null where none was asked for.
static void printJson(const Subject &subject, const Measurement &m, const Profile *profile) {
  double median = m.percentile(0.5), gflops = static_cast<double>(subject.flops) / median * 1e-9;
  const graphc_entry_info &entry = subject.entry;
  llvm::json::OStream out(llvm::outs());
  out.object([&] {
    out.attribute("entry", llvm::json::fixUTF8(entry.name));
    if (entry.dim_count)
      out.attributeObject("dims", [&] {
        for (uint32_t i = 0; i < entry.dim_count; ++i)
          out.attribute(llvm::json::fixUTF8(entry.dims[i].name), subject.dims[i]);
      });
    out.attribute("median_us", median * 1e6);
    out.attribute("min_us", m.samples.front() * 1e6);
    out.attribute("p10_us", m.percentile(0.1) * 1e6);
    out.attribute("p90_us", m.percentile(0.9) * 1e6);
    out.attribute("calls", static_cast<int64_t>(m.calls));
    out.attribute("compile_s", subject.library.compileSeconds());
    out.attribute("gflops", gflops);
    out.attribute("fma_peak_gflops", m.fmaPeak());
    out.attribute("share_of_peak", m.shareOfPeak(subject.flops));
    out.attribute("median_slice_share", m.medianSliceShare());
    out.attribute("gbytes_per_s", static_cast<double>(subject.memoryBytes) / median * 1e-9);
    out.attribute("level", subject.level.name);
    out.attribute("threads", subject.threads);
    if (profile) out.attributeObject("profile", [&] { writeProfile(out, *profile, subject.level, subject.threads); });
  });
  llvm::outs() << "\n";
}

static void printText(const Subject &subject, const Measurement &m, const Profile *profile) {
  double median = m.percentile(0.5), gflops = static_cast<double>(subject.flops) / median * 1e-9;
  llvm::raw_ostream &out = llvm::outs();
  out << support::printable(subject.entry.name) << (subject.dimsText.empty() ? "" : " at " + subject.dimsText) << ", "
      << subject.level.name << ", " << subject.threads << (subject.threads == 1 ? " thread, " : " threads, ") << m.calls
      << " calls, compiled in " << llvm::format("%.2f s\n", subject.library.compileSeconds());
  out << llvm::format("  time      median %.2f us, min %.2f, p10 %.2f, p90 %.2f\n", median * 1e6,
                      m.samples.front() * 1e6, m.percentile(0.1) * 1e6, m.percentile(0.9) * 1e6);
  out << llvm::format("  compute   %.2f GFLOP/s at the median\n", gflops);
  out << llvm::format(
      "  share     %.1f%% of the multiply-add peak of %.1f GFLOP/s (quietest tenth of both), %.1f%% slice by slice\n",
      100 * m.shareOfPeak(subject.flops), m.fmaPeak(), 100 * m.medianSliceShare());
  out << llvm::format("  memory    %.2f GB/s\n", static_cast<double>(subject.memoryBytes) / median * 1e-9);
  if (profile) printProfile(out, *profile, subject.level, subject.threads);
}

/// Exit code, after a message.
static int writeTrace(llvm::StringRef path, const std::string &text) {
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  support::OutputFolder output(folder.empty() ? llvm::StringRef(".") : folder);
  if (output.open() && output.add(llvm::sys::path::filename(path), text) && output.commit()) return driver::Ok;
  return fail(driver::File, output.error());
}

int cli::runBench(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  std::optional<unsigned> threads = readThreads(arguments);
  if (!threads) return driver::Usage;
  llvm::StringRef secondsText = arguments.getLastArgValue(OPT_seconds, "2");
  double seconds = 0;
  if (secondsText.getAsDouble(seconds) || !(seconds > 0 && seconds <= maxSeconds))
    return usageError("'--seconds' wants a number above 0, up to 3600, not '" + support::printable(secondsText) + "'");
  bool profiles = arguments.hasArg(OPT_profile) || arguments.hasArg(OPT_trace);
  request.profile = profiles;
  LoadedLibrary library;
  if (int exitCode = library.build(arguments, request)) return exitCode;
  const graphc_entry_info *entry = library.findEntry(arguments.getLastArgValue(OPT_entry));
  if (!entry) return driver::Usage;
  BoundDims bound(*entry);
  if (int exitCode = bound.bindOptions(arguments.getAllArgValues(OPT_dim))) return exitCode;
  std::string dimsText = bound.bindRest();
  ArgumentBuffers buffers(*entry, bound);
  if (!buffers.isComplete()) return fail(driver::Limit, "no memory for the tensors");
  fillRandomInputs(*entry, buffers);
  if (int exitCode = library.makeContext(*entry, buffers.dims(), *threads)) return exitCode;
  Measurement measurement; // of the calls as they are: without the hook
  Profile profile;
  double share = profiles ? 0.5 : 1;
  graphc_status status = Bench(library, *entry, library.level(), *threads, buffers).run(seconds * share, measurement);
  if (profiles && status == GRAPHC_OK)
    status = takeProfile(library, *entry, buffers, *threads, seconds * share, profile);
  if (status != GRAPHC_OK)
    return fail(driver::Mistake, "'" + llvm::Twine(entry->name) + "' failed: " + library.message(status));
  auto print = arguments.hasArg(OPT_json) ? printJson : printText;
  print(Subject{*entry, library, library.level(), *threads, buffers.dims(), dimsText}, measurement,
        profiles ? &profile : nullptr);
  if (!arguments.hasArg(OPT_trace)) return driver::Ok;
  return writeTrace(arguments.getLastArgValue(OPT_trace), traceText(profile, entry->name, library.level(), *threads));
}
