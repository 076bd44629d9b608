// Derived functions of the language, by reference evaluation: what rules give at the kinks (one row each), and that
// grad, vjp, jvp, hvp, jacobian, derivatives of derivatives, calls and params agree with formulas written out.
#include "tests/models/derived_graph.h"

using namespace graphc::test;
using Graph = DerivedGraph;

TEST_CASE("what derivatives are at the kinks") {
  const double inf = INFINITY;
  struct Kink {
    const char *formula;
    double x, y, byX, byY;
  } kinks[] = {
      {"relu(x)", 0, 0, 0, 0},
      {"abs(x)", 0, 0, 0, 0},
      {"sign(x) * x", 0, 0, 0, 0},
      {"max(x, y)", 2, 2, 0.5, 0.5},
      {"min(x, y)", 2, 2, 0.5, 0.5},
      {"clamp(x, y, 3)", 1, 1, 1, 0},
      {"clamp(x, 0, y)", 1, 1, 1, 0},
      {"clamp(x, y, y)", 0, 1, 0, 1},
      {"sqrt(x)", 0, 0, inf, 0},
      {"pow(x, 0)", 0, 0, 0, 0},
      {"pow(x, 1)", 0, 0, 1, 0},
      {"pow(x, 2)", 0, 0, 0, 0},
      {"pow(x, y)", 0, 2, 0, 0},
      {"floor(x) * y", 1, 3, 0, 1},
      {"round(x) + y", 0.5, 0, 0, 1},
      {"mod(x, y)", 6, 3, 1, -2},
      {"leaky_relu(x, slope=0.25)", 0, 0, 0.25, 0},
      {"elu(x)", 0, 0, 1, 0},
      {"hard_tanh(x)", 1, 0, 1, 0},
      {"hard_tanh(x)", -1, 0, 1, 0},
      {"hard_sigmoid(x, alpha=0.25)", 2, 0, 0.25, 0},
      {"hard_swish(x)", 3, 0, 1.5, 0},
      {"select(x < y, x, y)", 2, 2, 0, 1},
      {"reduce_max(stack(x, y, axis=0))", 2, 2, 0.5, 0.5},
      {"reduce_min(stack(x, y, axis=0))", 2, 2, 0.5, 0.5},
      {"prod(stack(x, y, axis=0))", 0, 3, 3, 0},
      {"sum(cumsum(sort(stack(x, y, axis=0)), axis=0))", 2, 2, 2, 1},
      {"stop_gradient(x) * y", 3, 5, 0, 3},
  };
  for (const Kink &kink : kinks) {
    INFO(kink.formula << " at x = " << kink.x << ", y = " << kink.y);
    std::string formula = kink.formula;
    Graph graph(R"json("f": { "inputs": { "x": "f64[]", "y": "f64[]" }, "outputs": { "z": ")json" + formula +
                R"json( + 0 * (x + y)" } },
      "g": { "derive": "vjp", "of": "f", "value": false }, "t": { "derive": "jvp", "of": "f", "value": false })json");
    Tensors gradient = graph.call("g", {scalar(kink.x), scalar(kink.y), scalar(1)});
    checkValues(gradient[0], kink.byX);
    checkValues(gradient[1], kink.byY);
    checkValues(graph.call("t", {scalar(kink.x), scalar(kink.y), scalar(1), scalar(0)})[0], kink.byX);
  }
}

TEST_CASE("kinds of derivatives") {
  Graph graph(
      R"json("f": { "inputs": { "x": "f64[2]", "y": "f64[2]" }, "outputs": { "s": "sum(x * x * x * y)", "v": "x * y" } },
    "g": { "derive": "grad", "of": "f" }, "v": { "derive": "vjp", "of": "f", "wrt": "y", "value": false },
    "j": { "derive": "jvp", "of": "f", "prefix": "t_" }, "h": { "derive": "hvp", "of": "f", "wrt": ["x"] },
    "rows": { "derive": "jacobian", "of": "f", "output": "s", "value": false },
    "columns": { "derive": "jacobian", "of": "f", "output": "v", "wrt": ["x"], "value": false },
    "gg": { "inputs": { "x": "f64[2]", "y": "f64[2]" }, "nodes": [ { "op": "g", "in": ["x", "y"], "out": { "d_x": "dx" } } ],
            "outputs": { "z": "sum(dx * dx)" } },
    "ggg": { "derive": "grad", "of": "gg", "value": false })json");
  Tensors at{tensor({2}, {2, 3}), tensor({2}, {5, 7})};
  Tensors g = graph.call("g", at);
  REQUIRE(g.size() == 4);
  checkValues(g[0], {8 * 5 + 27 * 7});
  checkValues(g[2], {3 * 4 * 5, 3 * 9 * 7});
  checkValues(g[3], {8, 27});
  Tensors v = graph.call("v", {at[0], at[1], scalar(2), tensor({2}, {10, 100})});
  REQUIRE(v.size() == 1);
  checkValues(v[0], {2 * 8 + 10 * 2, 2 * 27 + 100 * 3});
  Tensors j = graph.call("j", {at[0], at[1], tensor({2}, {1, 0}), tensor({2}, {0, 1})});
  REQUIRE(j.size() == 4);
  checkValues(j[2], {3 * 4 * 5 + 27});
  checkValues(j[3], {5, 3});
  Tensors h = graph.call("h", {at[0], at[1], tensor({2}, {1, 2})});
  REQUIRE(h.size() == 3); // s, v, hv_x
  checkValues(h[2], {6 * 2 * 5 * 1, 6 * 3 * 7 * 2});
  Tensors rows = graph.call("rows", at), columns = graph.call("columns", at);
  checkValues(rows[0], {60, 189});
  checkValues(rows[1], {8, 27});
  checkValues(columns[0], {5, 0, 0, 7});
  Tensors third = graph.call("ggg", at); // of 9 x^4 y^2
  checkValues(third[0], {36 * 8 * 25, 36 * 27 * 49});
  checkValues(third[1], {18 * 16 * 5, 18 * 81 * 7});
}

TEST_CASE("params and calls: a layer that is used twice") {
  Graph graph(R"json("net": { "inputs": { "x": "f64[1, 2]" }, "nodes": [
      { "op": "dense", "in": "x", "out": "h", "units": 2, "use_bias": false, "name": "a" },
      { "op": "dense", "in": "h", "out": "y", "units": 2, "use_bias": false, "name": "b", "shares": "a" } ], "outputs": ["y"] },
    "loss": { "inputs": { "x": "f64[1, 2]" }, "outputs": { "l": "sum(net(x) + net(2 * x))" } },
    "g": { "derive": "grad", "of": "loss", "wrt": ["net.**", "x"], "value": false })json");
  graph.params["net.a.weight"] = tensor({2, 2}, {1, 2, 3, 4});
  // l = 3 x W W 1: by W: 3 (x^T (W 1)^T + (x W)^T 1^T)
  Tensors g = graph.call("g", {tensor({1, 2}, {1, 10})});
  REQUIRE(g.size() == 2);
  checkValues(g[0], {3 * (1 * 3 + 2 * 7), 3 * (3 * 3 + 4 * 7)});
  checkValues(g[1], {3 * (1 * 3 + 31), 3 * (1 * 7 + 31), 3 * (10 * 3 + 42), 3 * (10 * 7 + 42)});
}

TEST_CASE("forward mode through a loop whose body derives: Newton's method") {
  Graph graph(
      R"json("f": { "inputs": { "x": "f64[]", "a": "f64[]", "b": "f64[]" }, "outputs": { "y": "pow(x, 5) + a*x - b" } },
    "slope": { "derive": "grad", "of": "f", "wrt": ["x"] },
    "solve": { "inputs": { "a": "f64[]", "b": "f64[]" }, "nodes": [
      { "op": "while", "max_iterations": 50,
        "carry": { "x": { "type": "f64[]", "value": 1 }, "step": { "type": "f64[]", "value": 1 } }, "cond": "abs(step) > 1e-12",
        "body": { "nodes": [ { "op": "slope", "in": ["x", "a", "b"], "out": ["y", "dy"] }, { "out": "s", "formula": "y / dy" } ],
                  "outputs": { "x": "x - s", "step": "s" } }, "out": { "x": "root" } } ], "outputs": { "x": "root" } },
    "push": { "derive": "jvp", "of": "solve" }, "twice": { "derive": "jvp", "of": "push", "wrt": ["a"], "prefix": "e_" })json");
  Tensors root = graph.call("push", {scalar(2), scalar(5), scalar(1), scalar(0)});
  double x = root[0].floats[0].v, slope = 5 * std::pow(x, 4) + 2;
  checkValues(root[1], {-x / slope});
  checkValues(graph.call("push", {scalar(2), scalar(5), scalar(0), scalar(1)})[1], {1 / slope});
  // d^2 x / d b d a of x^5 + a x = b
  Tensors second = graph.call("twice", {scalar(2), scalar(5), scalar(0), scalar(1), scalar(1)});
  double byA = -x / slope, byB = 1 / slope;
  checkValues(second.back(), {-(20 * x * x * x * byA + 1) * byB / slope});
}
