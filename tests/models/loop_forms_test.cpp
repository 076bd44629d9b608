// One program written in several ways: turns one after the other, a scan, a while. Values and derivatives agree, bit
// for bit by reference evaluation, for numbers of turns around 0, and around the powers of two at which checkpoints and
// segments of loops begin anew; compiled code gives the loops' the same bits, too.
#include "tests/models/compiled_library.h"
#include "tests/models/derived_graph.h"

using namespace graphc::test;

namespace {

const int64_t counts[] = {0, 1, 2, 63, 64, 65, 4095, 4096, 4097};

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
std::string scanned(const std::string &turns) {
  return "{ " + inputs + "\"nodes\": [ { \"op\": \"scan\", \"length\": " + turns +
         ", \"index\": \"i\", \"carry\": { \"s\": \"h\" }, \"body\": { \"outputs\": { \"s\": \"" + turn("s", "i") +
         "\" } }, \"out\": \"last\" } ], \"outputs\": { \"y\": \"last * 1\" } }";
}
/// `keys`: further ones of the loop.
std::string looped(const std::string &turns, const std::string &keys) {
  return "{ " + inputs + "\"nodes\": [ { \"op\": \"while\"" + keys +
         ", \"carry\": { \"s\": \"h\", \"i\": { \"type\": \"i64[]\", \"value\": 0 } }, \"cond\": \"i < " + turns +
         "\", \"body\": { \"outputs\": { \"s\": \"" + turn("s", "i") +
         "\", \"i\": \"i + 1\" } }, \"out\": { \"s\": \"last\" } } ], \"outputs\": { \"y\": \"last * 1\" } }";
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

/// As "functions" of one graph: each form with its derivatives.
std::string forms(int64_t turns, bool withUnrolled) {
  std::string number = std::to_string(turns), limit = ", \"max_iterations\": " + number, all;
  if (withUnrolled) all = withDerivatives("unrolled", unrolled(turns)) + ", ";
  return all + withDerivatives("scanned", scanned(number)) + ", " + withDerivatives("looped", looped(number, limit)) +
         ", " + withDerivatives("carried", looped(number, limit + ", \"grad\": { \"mode\": \"carries\" }")) + ", " +
         withDerivatives("online", looped(number, ""));
}
} // namespace

TEST_CASE("turns written out, scan and while: the same bits by reference evaluation") {
  for (int64_t turns : counts) {
    CAPTURE(turns);
    DerivedGraph graph(forms(turns, true));
    for (auto [suffix, further] : {std::pair("", 0), {"_jvp", 3}, {"_vjp", 1}}) {
      CAPTURE(suffix);
      Tensors given = pointWith(further), wanted = graph.call("unrolled" + std::string(suffix), given);
      for (const HostTensor &tensor : wanted)
        for (const graphc::graph::Jet &x : tensor.floats) REQUIRE(std::isfinite(x.v));
      for (const char *form : {"scanned", "looped", "carried", "online"}) {
        CAPTURE(form);
        CHECK(areSame(graph.call(form + std::string(suffix), given), wanted));
      }
    }
  }
}

TEST_CASE("turns written out, scan and while: the same values compiled") {
  for (int64_t turns : counts) {
    CAPTURE(turns);
    bool withUnrolled = turns <= 2 || turns == 64; // long to compile
    std::string entries = R"json("name": "net", "entries": ["scanned")json";
    std::vector<std::string> loops{"scanned", "looped", "carried", "online"};
    if (withUnrolled) loops.push_back("unrolled");
    for (const std::string &form : loops)
      for (const char *suffix : {"", "_jvp", "_vjp"})
        if (form + suffix != "scanned") entries += ", \"" + form + suffix + "\"";
    DerivedGraph graph(forms(turns, withUnrolled), entries + "]");
    CompiledLibrary library;
    REQUIRE(graph.compile(library) == "");
    for (auto [suffix, further] : {std::pair("", 0), {"_jvp", 3}, {"_vjp", 1}}) {
      CAPTURE(suffix);
      Tensors given = pointWith(further), exact = graph.call("scanned" + std::string(suffix), given), first;
      for (const std::string &form : loops) {
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
