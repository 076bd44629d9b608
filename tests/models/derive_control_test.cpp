// Reverse mode through control flow where case files (tests/control) cannot go: params in regions, functions that
// regions call and derive, states and random numbers. A loop must give what its turns written out give.
#include "tests/models/derived_graph.h"

using namespace graphc::test;
using Graph = DerivedGraph;

namespace {
void checkSame(const Tensors &got, const Tensors &wanted) {
  REQUIRE(got.size() == wanted.size());
  for (auto [g, w] : llvm::zip_equal(got, wanted)) {
    llvm::SmallVector<double> values;
    for (const graphc::graph::Jet &x : w.floats) values.push_back(x.v);
    checkValues(g, values);
  }
}
} // namespace

TEST_CASE("reverse mode: params that regions read") {
  // The same weights before, in and behind the loop, and in a branch.
  Graph graph(R"json(
    "cell": { "inputs": { "h": "f64[2]", "x": "f64[2]" }, "params": { "w": { "type": "f64[2, 2]", "init": 0 }, "b": { "type": "f64[2]", "init": 0 } },
              "outputs": { "y": "tanh(matmul(h, w) + x + b)" } },
    "loop": { "inputs": { "xs": "f64[3, 2]", "h": "f64[2]" }, "nodes": [
      { "op": "scan", "over": { "x": "xs" }, "carry": { "s": "h" }, "body": { "nodes": [ { "op": "cell", "in": ["s", "x"], "out": "n" } ], "outputs": { "s": "n" }, "collect": { "all": "n * x" } }, "out": ["last", "all"] },
      { "op": "if", "cond": "sum(h) > 0", "then": "cell(last, h)", "else": "last * 2", "out": "z" } ],
      "outputs": { "l": "sum(z * z) + sum(all)" } },
    "written": { "inputs": { "xs": "f64[3, 2]", "h": "f64[2]" }, "nodes": [
      { "op": "unstack", "in": "xs", "axis": 0, "out": ["x0", "x1", "x2"] },
      { "out": "a", "formula": "cell(h, x0)" }, { "out": "b", "formula": "cell(a, x1)" }, { "out": "c", "formula": "cell(b, x2)" },
      { "out": "z", "formula": "cell(c, h)" } ],
      "outputs": { "l": "sum(z * z) + sum(a * x0) + sum(b * x1) + sum(c * x2)" } },
    "g": { "derive": "grad", "of": "loop", "wrt": ["**", "xs", "h"] }, "w": { "derive": "grad", "of": "written", "wrt": ["**", "xs", "h"] },
    "gh": { "derive": "hvp", "of": "loop", "wrt": ["**", "xs", "h"] }, "wh": { "derive": "hvp", "of": "written", "wrt": ["**", "xs", "h"] },
    "g2": { "inputs": { "xs": "f64[3, 2]", "h": "f64[2]" }, "nodes": [ { "op": "g", "in": ["xs", "h"], "out": { "d_xs": "dx", "d_h": "dh" } } ], "outputs": { "n": "sum(dx * dx) + sum(dh)" } },
    "w2": { "inputs": { "xs": "f64[3, 2]", "h": "f64[2]" }, "nodes": [ { "op": "w", "in": ["xs", "h"], "out": { "d_xs": "dx", "d_h": "dh" } } ], "outputs": { "n": "sum(dx * dx) + sum(dh)" } },
    "gg": { "derive": "grad", "of": "g2", "wrt": ["**", "xs", "h"] }, "ww": { "derive": "grad", "of": "w2", "wrt": ["**", "xs", "h"] })json");
  graph.params["cell.w"] = tensor({2, 2}, {0.5, -0.25, 1, 0.75});
  graph.params["cell.b"] = tensor({2}, {0.125, -0.5});
  Tensors at{tensor({3, 2}, {0.1, -0.4, 0.8, 0.3, -0.7, 0.2}), tensor({2}, {0.6, 0.2})};
  checkSame(graph.call("g", at), graph.call("w", at));
  checkSame(graph.call("gg", at), graph.call("ww", at));
  Tensors along = at;
  along.append(
      {tensor({3, 2}, {1, 0, 2, -1, 1, 1}), tensor({2}, {2, 1}), tensor({2}, {3, 1}), tensor({2, 2}, {1, 2, -1, 0.5})});
  checkSame(graph.call("gh", along), graph.call("wh", along));
}
