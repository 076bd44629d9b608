// One program written in several ways: turns one after the other, a scan, a while, a function that calls itself; and
// the loops in every mode of "grad". Values and derivatives agree, bit for bit by reference evaluation, for numbers of
// turns around 0, and around those at which segments, checkpoints (S) and tapes (T) begin anew: 8 segments, S = 8 or
// 64, T = 4 or 64, of S states 4 or 48 while the loop runs. Compiled code gives the loops' the same bits, too.
#include "tests/models/compiled_library.h"
#include "tests/models/derived_graph.h"

using namespace graphc::test;

namespace {

const int64_t counts[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 3071, 3072, 3073, 4095, 4096, 4097};
/// By reference the tape of a recursion is copied with every call.
constexpr int64_t mostCallsBack = 1000;

/// The next h, of h, a, b and the turn's number.
std::string turn(const std::string &h, const std::string &number) {
  return "tanh(a * " + h + " + b * sin(0.5 * cast(" + number + ", dtype=f64)))";
}
const std::string inputs = R"json("inputs": { "h": "f64[3]", "a": "f64[3]", "b": "f64[3]" }, )json";

std::string unrolled(int64_t turns) {
  std::string nodes, last = "h";
  for (int64_t i = 0; i < turns; ++i) {
    std::string name = "h" + std::to_string(i + 1);
    nodes += (i ? ", " : "") + std::string("{ \"out\": \"n") + std::to_string(i) +
             "\", \"op\": \"identity\", \"in\": { \"type\": \"i64[]\", \"value\": " + std::to_string(i) + " } }, " +
             "{ \"out\": \"" + name + "\", \"formula\": \"" + turn(last, "n" + std::to_string(i)) + "\" }";
    last = name;
  }
  return "{ " + inputs + "\"nodes\": [" + nodes + "], \"outputs\": { \"y\": \"" + last + " * 1\" } }";
}
/// `keys`: further ones of the loop.
std::string scanned(const std::string &turns, const std::string &keys) {
  return "{ " + inputs + "\"nodes\": [ { \"op\": \"scan\", \"length\": " + turns + keys +
         ", \"index\": \"i\", \"carry\": { \"s\": \"h\" }, \"body\": { \"outputs\": { \"s\": \"" + turn("s", "i") +
         "\" } }, \"out\": \"last\" } ], \"outputs\": { \"y\": \"last * 1\" } }";
}
std::string looped(const std::string &turns, const std::string &keys) {
  return "{ " + inputs + "\"nodes\": [ { \"op\": \"while\"" + keys +
         ", \"carry\": { \"s\": \"h\", \"i\": { \"type\": \"i64[]\", \"value\": 0 } }, \"cond\": \"i < " + turns +
         "\", \"body\": { \"outputs\": { \"s\": \"" + turn("s", "i") +
         "\", \"i\": \"i + 1\" } }, \"out\": { \"s\": \"last\" } } ], \"outputs\": { \"y\": \"last * 1\" } }";
}
std::string recursed(int64_t turns) {
  std::string arguments = R"json("inputs": { "i": "i64[]", "h": "f64[3]", "a": "f64[3]", "b": "f64[3]" }, )json";
  return "{ " + inputs + "\"nodes\": [ { \"op\": \"turns\", \"in\": [{ \"type\": \"i64[]\", \"value\": 0 }, \"h\", " +
         "\"a\", \"b\"], \"out\": \"last\" } ], \"outputs\": { \"y\": \"last * 1\" } }, \"turns\": { " + arguments +
         "\"recursive\": { \"max_depth\": " + std::to_string(turns + 1) + " }, \"nodes\": [ { \"op\": \"if\", " +
         "\"cond\": \"i < " + std::to_string(turns) + "\", \"then\": \"turns(i + 1, " + turn("h", "i") +
         ", a, b)\", \"else\": \"h\", \"out\": \"s\" } ], \"outputs\": [\"s\"] }";
}
/// With derivatives, as members of "functions".
std::string withDerivatives(const std::string &name, const std::string &function) {
  auto derived = [&](const std::string &suffix, const std::string &kind, const std::string &of) {
    return ", \"" + name + suffix + "\": { \"derive\": \"" + kind + "\", \"of\": \"" + of + "\" }";
  };
  return "\"" + name + "\": " + function + derived("_jvp", "jvp", name) + derived("_vjp", "vjp", name);
}

/// But for the sign of zero: a loop's sums begin with 0.
bool areSame(const Tensors &a, const Tensors &b) {
  if (a.size() != b.size()) return false;
  for (auto [x, y] : llvm::zip(a, b)) {
    if (x.shape != y.shape || x.floats.size() != y.floats.size()) return false;
    for (auto [one, other] : llvm::zip(x.floats, y.floats))
      if (one.v != other.v) return false;
  }
  return true;
}

/// h, a, b, then tangents or cotangents.
Tensors pointWith(int further) {
  Tensors given{tensor({3}, {0.25, -0.5, 0.75}), tensor({3}, {0.9, 1.125, -0.75}), tensor({3}, {0.5, 0.3, -1})};
  for (int i = 0; i < further; ++i) given.push_back(tensor({3}, {1.0 + i, -0.5, 0.25 * i}));
  return given;
}

/// The loops, by name.
std::map<std::string, std::string> loops(int64_t turns) {
  std::string number = std::to_string(turns), limit = ", \"max_iterations\": " + number,
              above = ", \"max_iterations\": " + std::to_string(turns + 3);
  auto grad = [](const std::string &keys) { return ", \"grad\": { \"mode\": " + keys + " }"; };
  std::map<std::string, std::string> all;
  for (auto [name, mode] : {std::pair("tape", "\"tape\""),
                            {"carries", "\"carries\""},
                            {"segments", "\"segments\""},
                            {"segments_of_8", "\"segments\", \"checkpoints\": 8"}}) {
    all["scan_" + std::string(name)] = scanned(number, grad(mode));
    all["while_" + std::string(name)] = looped(number, limit + grad(mode));
  }
  all["while_segments_above"] = looped(number, above + grad("\"segments\", \"checkpoints\": 8"));
  all["while_online"] = looped(number, "");
  all["while_online_of_8"] = looped(number, limit + grad("\"online\", \"checkpoints\": 8, \"replay\": 4"));
  return all;
}
/// As "functions" of one graph: each form with its derivatives.
std::string forms(int64_t turns, bool withUnrolled) {
  std::string all = withDerivatives("recursion", recursed(turns));
  if (withUnrolled) all += ", " + withDerivatives("unrolled", unrolled(turns));
  for (const auto &[name, function] : loops(turns)) all += ", " + withDerivatives(name, function);
  return all;
}
std::vector<std::string> namesOfForms(int64_t turns) {
  std::vector<std::string> names{"recursion"};
  for (const auto &[name, function] : loops(turns)) names.push_back(name);
  return names;
}
} // namespace

TEST_CASE("turns written out, scan, while, recursion: the same bits by reference evaluation") {
  for (int64_t turns : counts) {
    CAPTURE(turns);
    bool withUnrolled = turns < 100 || turns == 4097; // which the loops' tape equals: it is long to evaluate
    DerivedGraph graph(forms(turns, withUnrolled));
    for (auto [suffix, further] : {std::pair("", 0), {"_jvp", 3}, {"_vjp", 1}}) {
      CAPTURE(suffix);
      Tensors given = pointWith(further),
              wanted = graph.call((withUnrolled ? "unrolled" : "scan_tape") + std::string(suffix), given);
      for (const HostTensor &tensor : wanted)
        for (const graphc::graph::Jet &x : tensor.floats) REQUIRE(std::isfinite(x.v));
      for (const std::string &form : namesOfForms(turns)) {
        CAPTURE(form);
        bool isLong = form == "recursion" && suffix == std::string("_vjp") && turns > mostCallsBack;
        if (!isLong) CHECK(areSame(graph.call(form + suffix, given), wanted));
      }
    }
  }
}

TEST_CASE("turns written out, scan, while, recursion: the same values compiled") {
  for (int64_t turns : {0, 1, 2, 5, 8, 9, 17, 63, 64, 65, 3072, 3073, 4096, 4097}) {
    CAPTURE(turns);
    bool withUnrolled = turns <= 2 || turns == 64; // long to compile
    std::string entries = R"json("name": "net", "entries": ["recursion")json";
    std::vector<std::string> all = namesOfForms(turns);
    if (withUnrolled) all.push_back("unrolled");
    for (const std::string &form : all)
      for (const char *suffix : {"", "_jvp", "_vjp"})
        if (form + suffix != "recursion") entries += ", \"" + form + suffix + "\"";
    DerivedGraph graph(forms(turns, withUnrolled), entries + "]");
    CompiledLibrary library;
    REQUIRE(graph.compile(library) == "");
    for (auto [suffix, further] : {std::pair("", 0), {"_jvp", 3}, {"_vjp", 1}}) {
      CAPTURE(suffix);
      Tensors given = pointWith(further), exact = graph.call("scan_tape" + std::string(suffix), given), first;
      for (const std::string &form : all) {
        CAPTURE(form);
        const graphc_entry_info *entry = library.find(form + suffix);
        REQUIRE(entry);
        CompiledLibrary::Outcome got = library.call(*entry, given, [](llvm::StringRef) { return int64_t(0); });
        REQUIRE(got.error == "");
        REQUIRE(got.status == GRAPHC_OK);
        REQUIRE(got.outputs.size() == exact.size());
        for (auto [x, y] : llvm::zip(got.outputs, exact))
          for (auto [one, other] : llvm::zip_equal(x.floats, y.floats))
            CHECK(one.v == Approx(other.v).epsilon(1e-11).margin(1e-13));
        if (first.empty()) first = got.outputs;
        if (form != "unrolled") CHECK(areSame(got.outputs, first)); // there sin(0.5 * i) is folded
      }
    }
  }
}
