// What the reverse pass keeps (compiler/autodiff/choose_residuals.h): the choice is the best of all by trying all,
// gradients have the same bits as when everything is kept, and usual chains keep no more than they must.
#include "compiler/autodiff/choose_residuals.h"
#include "compiler/autodiff/passes.h"
#include "compiler/driver/derivative_check.h"
#include "compiler/driver/driver.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/evaluate_function.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "tests/models/derivative_function.h"
#include "tests/models/graph_text.h"
#include "tests/models/random_graph.h"
#include "llvm/ADT/SetVector.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace graphc;
using namespace graphc::test;
using graph::HostTensor;
using mlir::Value;

namespace {
using IsThere = llvm::function_ref<bool(Value)>;

/// What it costs if these are kept and what else is needed is made again; nullopt if that cannot be.
std::optional<int64_t> costOf(llvm::ArrayRef<Value> read, const llvm::DenseSet<Value> &kept, IsThere isThere) {
  int64_t cost = 0;
  for (Value value : kept) cost += autodiff::priceOfKeeping(value, isThere(value));
  llvm::SetVector<Value> needed(read.begin(), read.end());
  for (size_t i = 0; i < needed.size(); ++i) {
    if (kept.contains(needed[i])) continue;
    std::optional<int64_t> price = autodiff::priceOfRepeating(needed[i]);
    if (!price) return std::nullopt;
    cost += *price;
    for (Value operand : needed[i].getDefiningOp()->getOperands()) needed.insert(operand);
  }
  return cost;
}

struct Graph {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;

  Graph() {
    driver::loadDialects(context);
    module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  }
  void derive(bool keepAll) {
    mlir::PassManager passes(&context);
    passes.addPass(autodiff::createExpandDerivatives({keepAll}));
    REQUIRE(mlir::succeeded(passes.run(*module)));
  }
  mlir::func::FuncOp find(llvm::StringRef name) { return module->lookupSymbol<mlir::func::FuncOp>(name); }
};

bool sameBits(const HostTensor &a, const HostTensor &b) {
  if (a.shape != b.shape || a.integers != b.integers || a.floats.size() != b.floats.size()) return false;
  for (auto [x, y] : llvm::zip(a.floats, b.floats))
    if (std::memcmp(&x.v, &y.v, sizeof x.v) != 0 && !(std::isnan(x.v) && std::isnan(y.v))) return false;
  return true;
}

/// The results of @f.fwd behind those of f, of the one function f in `functions` and its gradient g.
int64_t keptBytes(const std::string &functions, bool keepAll) {
  Graph graph;
  std::string messages;
  graph.module = readText(graph.context,
                          R"json({ "graphc": 1, "name": "net", "functions": {)json" + functions +
                              R"json(, "g": { "derive": "vjp", "of": "f" } }, "entries": ["g"] })json",
                          messages);
  INFO(messages);
  REQUIRE(bool(graph.module));
  size_t results = graph.find("f").getNumResults();
  graph.derive(keepAll);
  int64_t bytes = 0;
  for (mlir::Type type : graph.find("f.fwd").getResultTypes().drop_front(results)) {
    auto tensor = mlir::cast<mlir::RankedTensorType>(type);
    bytes += tensor.getNumElements() * graph::dtypeBytes(*graph::dtypeOf(tensor.getElementType()));
  }
  return bytes;
}
} // namespace

TEST_CASE("no other choice of residuals is cheaper") {
  unsigned compared = 0, repeated = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Graph graph;
    std::mt19937 random(seed);
    mlir::func::FuncOp f =
        addRandomFunction(*graph.module, "f", 0, {unsigned(3 + random() % 10), false, false}, random);
    llvm::SmallVector<Value> values(f.getArguments()), read;
    f.walk([&](mlir::Operation *op) { values.append(op->result_begin(), op->result_end()); });
    if (values.size() > 14) continue;
    for (Value value : values)
      if (random() % 3 == 0) read.push_back(value);
    bool argumentsThere = random() % 2;
    llvm::DenseSet<Value> there;
    for (Value value : values)
      if (random() % 8 == 0 || (argumentsThere && mlir::isa<mlir::BlockArgument>(value))) there.insert(value);
    auto isThere = [&](Value value) { return there.contains(value); };
    std::optional<int64_t> got = costOf(read, autodiff::chooseResiduals(read, isThere), isThere), best;
    for (unsigned choice = 0; choice < 1u << values.size(); ++choice) {
      llvm::DenseSet<Value> kept;
      for (auto [i, value] : llvm::enumerate(values))
        if (choice >> i & 1) kept.insert(value);
      std::optional<int64_t> cost = costOf(read, kept, isThere);
      if (cost && (!best || *cost < *best)) best = cost;
    }
    INFO("seed " << seed);
    REQUIRE(got);
    CHECK(*got == *best);
    ++compared;
    repeated += *got != costOf(read, llvm::DenseSet<Value>(read.begin(), read.end()), isThere);
  }
  CHECK(compared >= 150);
  CHECK(repeated >= 50); // else the choice was never one
}

TEST_CASE("gradients have the same bits whatever is kept") {
  unsigned compared = 0, fewer = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    std::vector<HostTensor> gradients[2];
    size_t residuals[2] = {0, 0};
    for (bool keepAll : {false, true}) {
      Graph graph;
      std::mt19937 random(seed);
      bool control = seed % 2;
      mlir::func::FuncOp f = addRandomFunction(*graph.module, "f", 0, {14, control, false}, random);
      auto arguments = driver::floatPlaces(f.getArgumentTypes()), results = driver::floatPlaces(f.getResultTypes());
      if (graph::findDerivedControl(f) || lacksRules(f) || arguments.empty() || results.empty()) break;
      mlir::func::FuncOp vjp = derivativeFunction(*graph.module, "vjp", "vjp", f, arguments, results);
      graph.derive(keepAll);
      llvm::SmallVector<HostTensor> inputs, outputs;
      for (mlir::Type type : vjp.getArgumentTypes()) {
        ValueKind kind;
        kind.kind = random() % 2 ? ValueKind::Normal : ValueKind::Positive;
        inputs.push_back(drawTensor(type, [&](graph::DimAttr dim) { return randomSize(dim, seed); }, kind, random));
      }
      mlir::ScopedDiagnosticHandler quiet(&graph.context, [](mlir::Diagnostic &) { return mlir::success(); });
      if (mlir::failed(graph::evaluateFunction(vjp, inputs, noParameter, outputs))) break; // a wrong index
      gradients[keepAll].assign(outputs.begin(), outputs.end());
      for (auto function : graph.module->getOps<mlir::func::FuncOp>())
        if (function.getSymName().contains(".bwd")) residuals[keepAll] += function.getNumArguments();
    }
    INFO("seed " << seed);
    REQUIRE(gradients[0].size() == gradients[1].size());
    for (auto [a, b] : llvm::zip(gradients[0], gradients[1])) CHECK(sameBits(a, b));
    compared += !gradients[0].empty();
    fewer += residuals[0] != residuals[1];
  }
  CHECK(compared >= 100);
  CHECK(fewer >= 20);
}

TEST_CASE("what usual functions keep") {
  constexpr int64_t n = 64 * 128 * 4, h = 16 * 128 * 4;
  struct Row {
    const char *name, *function;
    int64_t all, kept; // bytes
  } rows[] = {
      {"five sigmoids behind a product",
       R"json("f": { "inputs": { "x": "f32[64, 128]", "w": "f32[128, 128]" }, "outputs": {
         "y": "sigmoid(sigmoid(sigmoid(sigmoid(sigmoid(matmul(x, w))))))" } })json",
       4 * n, n},
      {"five tanh and a product behind them",
       R"json("f": { "inputs": { "x": "f32[64, 128]", "w": "f32[128, 128]" }, "outputs": {
         "y": "matmul(tanh(tanh(tanh(tanh(tanh(x))))), w)" } })json",
       5 * n, 0},
      {"relu and gelu, products between them",
       R"json("f": { "inputs": { "x": "f32[64, 128]", "w": "f32[128, 128]" }, "outputs": {
         "y": "matmul(gelu(matmul(relu(matmul(x, w)), w)), w)" } })json",
       3 * n, 2 * n},
      {"softmax behind a product",
       R"json("f": { "inputs": { "x": "f32[64, 128]", "w": "f32[128, 128]" }, "outputs": {
         "y": "log(0.1 + softmax(0.5 * matmul(x, w), axis=-1))" } })json",
       2 * n + 4, n},
      {"layer_norm between products",
       R"json("f": { "inputs": { "x": "f32[64, 128]", "w": "f32[128, 128]" },
         "nodes": [ { "op": "layer_norm", "in": "matmul(x, w)", "out": "n" } ], "outputs": { "y": "matmul(n, w)" } })json",
       2 * n + 4 * 64 * 4, n + 64 * 4},
      {"dropout between products",
       R"json("f": { "inputs": { "x": "f32[64, 128]", "w": "f32[128, 128]", "k": "i64[]" }, "outputs": {
         "y": "matmul(select(random_bernoulli(k, type='bool[64, 128]', p=0.5), matmul(x, w), 0), w)" } })json",
       n + n / 4, n + 8},
      {"a turn of an LSTM",
       R"json("f": { "inputs": { "x": "f32[16, 128]", "h": "f32[16, 128]", "c": "f32[16, 128]",
                                 "w": "f32[128, 512]", "u": "f32[128, 512]", "b": "f32[512]" },
         "nodes": [ { "op": "split", "in": "matmul(x, w) + matmul(h, u) + b", "axis": 1, "parts": 4, "out": ["i", "o", "g", "s"] },
                    { "out": "c1", "formula": "sigmoid(o) * c + sigmoid(i) * tanh(g)" } ],
         "outputs": { "h1": "sigmoid(s) * tanh(c1)", "c1": "c1" } })json",
       5 * h, 4 * h},
      {"an LSTM over 7 turns", // its carries beside the gates: h is what it collects, a turn later
       R"json("f": { "inputs": { "xs": "f32[7, 16, 128]", "w": "f32[128, 512]", "u": "f32[128, 512]", "b": "f32[512]" },
         "nodes": [ { "op": "scan", "over": { "x": "xs" },
                      "carry": { "h": { "type": "f32[16, 128]", "value": 0 }, "c": { "type": "f32[16, 128]", "value": 0 } },
                      "body": { "nodes": [
                        { "op": "split", "in": "matmul(x, w) + matmul(h, u) + b", "axis": 1, "parts": 4, "out": ["i", "o", "g", "s"] },
                        { "out": "c1", "formula": "sigmoid(o) * c + sigmoid(i) * tanh(g)" },
                        { "out": "h1", "formula": "sigmoid(s) * tanh(c1)" } ],
                        "outputs": { "h": "h1", "c": "c1" }, "collect": { "hs": "h1" } },
                      "out": { "hs": "y" } } ],
         "outputs": ["y"] })json",
       7 * 7 * h, 7 * 6 * h},
      {"a recurrence whose carry is squashed, 7 turns",
       R"json("f": { "inputs": { "xs": "f32[7, 16, 128]", "k": "f32[128]" },
         "nodes": [ { "op": "scan", "over": { "x": "xs" }, "carry": { "h": { "type": "f32[16, 128]", "value": 0 } },
                      "body": { "outputs": { "h": "tanh(sigmoid(h * exp(k) + x))" } }, "out": "y" } ],
         "outputs": ["y"] })json",
       7 * 3 * h + 512, 7 * h + 512},
  };
  for (const Row &row : rows) {
    INFO(row.name);
    CHECK(keptBytes(row.function, true) == row.all);
    CHECK(keptBytes(row.function, false) == row.kept);
  }
}
