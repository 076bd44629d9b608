// What graphc gradcheck prints: one table per entry, the op with the largest error below it; the same as JSON.
#include "compiler/driver/check_gradients.h"
#include "llvm/Support/Format.h"
#include <cmath>

namespace graphc::driver {

double CheckedThing::error() const {
  double most = 0;
  for (const Comparison &one : comparisons)
    if (!one.atKink) most = std::max(most, one.error / one.limit);
  return most;
}

bool CheckedThing::good() const {
  return llvm::all_of(comparisons, [](const Comparison &one) { return one.good(); });
}

bool GradientReport::good() const {
  return llvm::all_of(entries, [](const Entry &entry) { return entry.good; });
}

static const CheckedThing *worst(const std::vector<CheckedThing> &things) {
  const CheckedThing *worst = nullptr;
  for (const CheckedThing &thing : things)
    if (!worst || thing.error() > worst->error()) worst = &thing;
  return worst;
}

static const Comparison *worst(const CheckedThing &thing) {
  const Comparison *worst = nullptr;
  for (const Comparison &one : thing.comparisons)
    if (!one.atKink && (!worst || one.error / one.limit > worst->error / worst->limit)) worst = &one;
  return worst;
}

static std::string described(const CheckedThing &thing) {
  std::string text = "'" + support::printable(thing.kind) + "'";
  if (!thing.name.empty()) text += " of node '" + support::printable(thing.name) + "'";
  return thing.place.empty() ? text : text + " at " + support::printable(thing.place);
}

static void printComparisons(llvm::raw_ostream &os, llvm::StringRef indent, const CheckedThing &thing) {
  for (const Comparison &one : thing.comparisons)
    if (one.atKink)
      os << indent << llvm::format("%-28s", one.name.c_str()) << "at a kink, where it says nothing\n";
    else
      os << indent << llvm::format("%-28s error %8.1e   limit %.0e   ", one.name.c_str(), one.error, one.limit)
         << (one.good() ? "good\n" : "WRONG\n");
  if (!thing.remark.empty()) os << indent << thing.remark << "\n";
}

void GradientReport::print(llvm::raw_ostream &os) const {
  for (const Entry &entry : entries) {
    os << "entry '" << entry.whole.name << "'\n";
    printComparisons(os, "  ", entry.whole);
    for (const CheckedThing &rule : entry.rules) {
      os << "  rules of '" << rule.name << "'" << (rule.place.empty() ? "" : " at " + rule.place) << "\n";
      printComparisons(os, "    ", rule);
    }
    os << "  " << entry.ops.size() << " ops alone";
    if (entry.skipped) os << ", " << entry.skipped << " not";
    const CheckedThing *op = worst(entry.ops);
    const Comparison *comparison = op ? worst(*op) : nullptr;
    if (comparison)
      os << "; largest error: " << described(*op) << ", " << comparison->name << ", "
         << llvm::format("%.1e", comparison->error) << (comparison->good() ? "" : " WRONG");
    os << "\n";
  }
  os << (good() ? "all derivatives agree\n" : "derivatives disagree\n");
}

static void printThing(llvm::json::OStream &out, const CheckedThing &thing) {
  out.object([&] {
    out.attribute("name", thing.name);
    if (!thing.kind.empty()) out.attribute("op", thing.kind);
    if (!thing.place.empty()) out.attribute("place", thing.place);
    out.attribute("good", thing.good());
    if (!thing.remark.empty()) out.attribute("remark", thing.remark);
    out.attributeArray("comparisons", [&] {
      for (const Comparison &one : thing.comparisons)
        out.object([&] {
          out.attribute("name", one.name);
          if (std::isfinite(one.error)) out.attribute("error", one.error);
          out.attribute("limit", one.limit);
          out.attribute("at_kink", one.atKink);
          out.attribute("good", one.good());
        });
    });
  });
}

void GradientReport::printJson(llvm::json::OStream &out) const {
  out.object([&] {
    out.attribute("good", good());
    out.attributeArray("entries", [&] {
      for (const Entry &entry : entries)
        out.object([&] {
          out.attribute("name", entry.whole.name);
          out.attribute("good", entry.good);
          out.attributeBegin("whole");
          printThing(out, entry.whole);
          out.attributeEnd();
          auto list = [&](llvm::StringRef name, const std::vector<CheckedThing> &things) {
            out.attributeArray(name, [&] {
              for (const CheckedThing &thing : things) printThing(out, thing);
            });
          };
          list("rules", entry.rules);
          list("ops", entry.ops);
          out.attribute("skipped", int64_t(entry.skipped));
        });
    });
  });
}

} // namespace graphc::driver
