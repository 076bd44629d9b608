// What is shown of a profile: a table, JSON, a Chrome trace. All from the same rows.
#include "compiler/support/diagnostics.h"
#include "tools/graphc/profile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace graphc;
using namespace graphc::cli;
using support::ProfiledNode, support::ProfiledRun;

namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Names without repetition: "h, p".
std::string nodeNames(const ProfiledRun &run) {
  llvm::SmallVector<std::string> names;
  for (const ProfiledNode &node : run.nodes) {
    std::string name = support::printable(node.name);
    if (!name.empty() && !llvm::is_contained(names, name)) names.push_back(name);
  }
  return llvm::join(names, ", ");
}

std::string pathOf(const Profile &profile, const ProfileRow &row) {
  std::string path;
  for (size_t caller : row.callers) path += nodeNames(*profile.rows[caller].run) + "/";
  return path + nodeNames(*row.run);
}

/// In the order of the graph, each once: "matmul + add + relu".
std::string opNames(const ProfiledRun &run) {
  std::string names;
  for (const ProfiledNode &node : run.nodes)
    if (!node.op.empty()) names += (names.empty() ? "" : " + ") + node.op;
  return names;
}

std::string placeOf(const ProfiledRun &run) {
  for (const ProfiledNode &node : run.nodes)
    if (!node.file.empty())
      return (support::printable(node.file) + ":" + llvm::Twine(node.line) + ":" + llvm::Twine(node.column)).str();
  return "";
}

const char *packingText(ProfiledRun::Packing packing) {
  switch (packing) {
  case ProfiledRun::Packing::None:
    return "";
  case ProfiledRun::Packing::AtBuild:
    return "at build";
  case ProfiledRun::Packing::AtLoad:
    return "at load";
  case ProfiledRun::Packing::PerCall:
    return "per call";
  }
  return "";
}

double speed(uint64_t count, double seconds) { return seconds > 0 ? static_cast<double>(count) / seconds * 1e-9 : 0; }

/// Of one row, in the JSON and in the trace's arguments.
void writeFacts(llvm::json::OStream &out, const Profile &profile, const ProfileRow &row, const support::IsaLevel &level,
                unsigned threads) {
  const ProfiledRun &run = *row.run;
  out.attribute("name", pathOf(profile, row));
  out.attributeArray("nodes", [&] {
    for (const ProfiledNode &node : run.nodes)
      out.object([&] {
        out.attribute("name", llvm::json::fixUTF8(node.name));
        out.attribute("op", node.op);
        if (node.file.empty()) return;
        out.attribute("file", llvm::json::fixUTF8(node.file));
        out.attribute("line", node.line);
        out.attribute("column", node.column);
      });
  });
  out.attribute("kernel", llvm::json::fixUTF8(run.kernel));
  out.attribute("builder", run.builder);
  out.attribute("result", run.result);
  out.attribute("time_us", row.seconds * 1e6);
  out.attribute("flops", static_cast<int64_t>(row.flops));
  out.attribute("bytes", static_cast<int64_t>(row.bytes));
  out.attribute("gflops", speed(row.flops, row.seconds));
  out.attribute("gbytes_per_s", speed(row.bytes, row.seconds));
  out.attribute("share_of_time", share(row.seconds, profile.seconds));
  out.attribute("share_of_roofline", share(row.roofSeconds, row.seconds));
  out.attribute("bound", row.byMemory ? "memory" : "compute");
  out.attribute("level", run.level);
  if (run.packing != ProfiledRun::Packing::None) out.attribute("packed", packingText(run.packing));
  out.attribute("vectors", run.vectors);
  out.attribute("shared", run.shared);
  out.attribute("why", reasonOf(row, level, threads));
}

} // namespace

std::string cli::reasonOf(const ProfileRow &row, const support::IsaLevel &level, unsigned threads) {
  const ProfiledRun &run = *row.run;
  std::string ops = opNames(run), text = ops.empty() ? run.builder : ops;
  if (!row.isKernel()) return "a function of the library, called";
  if (run.builder == "pack_panels") text = "packs the right-hand matrix of what follows, made by " + text;
  if (run.nodes.size() > 1) text += " as one kernel";
  if (run.builder != "elementwise") text += " (" + run.builder + ")";
  if (run.packing == ProfiledRun::Packing::PerCall)
    text += "; right-hand matrix packed in every call";
  else if (run.packing != ProfiledRun::Packing::None)
    text += "; right-hand matrix packed " + std::string(packingText(run.packing));
  if (run.vectors)
    text += "; vectors of " + std::to_string(level.lanes * 4) + " bytes";
  else
    text += run.builder == "loops" ? "; plain loops" : "; one element after the other";
  if (threads > 1) text += run.shared ? "; can be shared among threads" : "; one thread";
  return text;
}

void cli::printProfile(llvm::raw_ostream &out, const Profile &profile, const support::IsaLevel &level,
                       unsigned threads) {
  out << llvm::format("profile, %llu calls with time stamps, means of the quieter half\n",
                      static_cast<unsigned long long>(profile.calls));
  out << "      time us  of all   GFLOP/s      GB/s  roofline           node, place: why\n";
  size_t number = 0;
  for (const ProfileRow &row : profile.rows) {
    if (!row.isKernel()) continue;
    out << llvm::format("%3zu %9.2f %6.1f%% %9.2f %9.2f  %5.1f%% of ", ++number, row.seconds * 1e6,
                        100 * share(row.seconds, profile.seconds), speed(row.flops, row.seconds),
                        speed(row.bytes, row.seconds), 100 * share(row.roofSeconds, row.seconds))
        << (row.byMemory ? "memory   " : "compute  ");
    std::string path = pathOf(profile, row), place = placeOf(*row.run);
    out << (path.empty() ? row.run->kernel : path) << (place.empty() ? "" : ", " + place) << ": "
        << reasonOf(row, level, threads) << "\n";
  }
  double kernels = profile.kernelSeconds(), rest = profile.seconds - kernels;
  out << llvm::format("    %9.2f %6.1f%%  all kernels\n", kernels * 1e6, 100 * share(kernels, profile.seconds));
  out << llvm::format("    %9.2f %6.1f%%  no kernel: checks, calls and the time stamps themselves (%.2f us of it)\n",
                      rest * 1e6, 100 * share(rest, profile.seconds),
                      profile.stampSeconds * 1e6 * static_cast<double>(profile.rows.size()));
  out << llvm::format("    %9.2f  100.0%%  the call with time stamps\n", profile.seconds * 1e6);
  out << llvm::format("  roof: %.1f GFLOP/s; reading / copying:", profile.fmaPeak);
  for (const Bandwidth &at : profile.bandwidths)
    out << (&at == &profile.bandwidths.front() ? " " : ", ") << llvm::format("%.0f / %.0f GB/s at ", at.read, at.copy)
        << (at.bytes >> 20 ? llvm::Twine(at.bytes >> 20) + " MiB" : llvm::Twine(at.bytes >> 10) + " KiB");
  out << "\n";
}

void cli::writeProfile(llvm::json::OStream &out, const Profile &profile, const support::IsaLevel &level,
                       unsigned threads) {
  out.attribute("calls", static_cast<int64_t>(profile.calls));
  out.attribute("total_us", profile.seconds * 1e6);
  out.attribute("kernels_us", profile.kernelSeconds() * 1e6);
  out.attribute("rest_us", (profile.seconds - profile.kernelSeconds()) * 1e6);
  out.attribute("stamp_us", profile.stampSeconds * 1e6);
  out.attribute("fma_peak_gflops", profile.fmaPeak);
  out.attributeArray("bandwidths", [&] {
    for (const Bandwidth &at : profile.bandwidths)
      out.object([&] {
        out.attribute("bytes", static_cast<int64_t>(at.bytes));
        out.attribute("read_gbytes_per_s", at.read);
        out.attribute("copy_gbytes_per_s", at.copy);
      });
  });
  out.attributeArray("rows", [&] {
    for (const ProfileRow &row : profile.rows)
      if (row.isKernel()) out.object([&] { writeFacts(out, profile, row, level, threads); });
  });
}

std::string cli::traceText(const Profile &profile, llvm::StringRef entry, const support::IsaLevel &level,
                           unsigned threads) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream out(stream);
  auto event = [&](llvm::StringRef name, llvm::StringRef category, double began, double lasted, auto arguments) {
    out.object([&] {
      out.attribute("name", llvm::json::fixUTF8(name));
      out.attribute("cat", category);
      out.attribute("ph", "X");
      out.attribute("ts", began * 1e6);
      out.attribute("dur", lasted * 1e6);
      out.attribute("pid", 1);
      out.attribute("tid", 1);
      out.attributeObject("args", arguments);
    });
  };
  out.object([&] {
    out.attribute("displayTimeUnit", "ns");
    out.attributeArray("traceEvents", [&] {
      event(entry, "entry", 0, profile.traced, [] {});
      for (const ProfileRow &row : profile.rows) {
        std::string name = pathOf(profile, row);
        event(name.empty() ? row.run->kernel : name, row.isKernel() ? "kernel" : "function", row.began, row.lasted,
              [&] { writeFacts(out, profile, row, level, threads); });
      }
    });
  });
  stream << "\n";
  return text;
}
