// Rules of the user (custom_derivative, R29) by reference evaluation: that they are what derivatives go by, in both
// modes, inside calls, of second order, and with named sizes.
#include "tests/models/derived_graph.h"

using namespace graphc::test;

TEST_CASE("rules take the place of the function's own derivative") {
  DerivedGraph graph(R"json(
    "f": { "inputs": { "x": "f64[2]", "n": "i64[]", "c": "f64[]" }, "outputs": { "y": "x * x", "m": "n + 1", "z": "sum(x) * c" },
           "custom_derivative": { "jvp": "f_jvp", "vjp": "f_vjp" } },
    "f_jvp": { "inputs": { "d_x": "f64[2]", "z": "f64[]", "d_c": "f64[]" },
               "outputs": { "d_z": "z * d_c", "d_y": "7 * d_x" } },
    "f_vjp": { "inputs": { "d_z": "f64[]", "c": "f64[]", "d_y": "f64[2]" }, "outputs": { "d_c": "d_z + c", "d_x": "5 * d_y" } },
    "of": { "inputs": { "x": "f64[2]", "n": "i64[]", "c": "f64[]" },
            "nodes": [ { "op": "f", "in": ["x", "n", "c"], "out": ["y", "m", "z"] } ], "outputs": { "l": "sum(y) + 10 * z" } },
    "jvp": { "derive": "jvp", "of": "of", "value": false },
    "by_c": { "derive": "jvp", "of": "f", "wrt": "c", "value": false },
    "grad": { "derive": "grad", "of": "of", "value": false },
    "part": { "derive": "grad", "of": "of", "wrt": "x" } )json");
  Tensors x{tensor({2}, {1, 2}), HostTensor(Dtype::I64, {}), scalar(3)};
  Tensors tangents = x;
  tangents.append({tensor({2}, {1, 10}), scalar(2)});
  checkValues(graph.call("jvp", tangents)[0], {7 * 11 + 10 * (9 * 2)});
  Tensors byC = x;
  byC.push_back(scalar(2));
  Tensors only = graph.call("by_c", byC);
  checkValues(only[0], {0, 0}); // the tangent of x is zero
  checkValues(only[1], {18});
  Tensors gradients = graph.call("grad", x);
  checkValues(gradients[0], {5, 5});
  checkValues(gradients[1], {10 + 3});
  Tensors part = graph.call("part", x);
  checkValues(part[0], {5 + 10 * 9});
  checkValues(part[1], {5, 5});
}

TEST_CASE("a jvp rule alone is transposed for reverse mode, and derived again") {
  // z = x^2 y, whose rule says d_z = 2 x y d_x + 3 x^2 d_y: not its derivative by y, so that it shows.
  DerivedGraph graph(R"json(
    "f": { "inputs": { "x": "f64[2]", "y": "f64[]" }, "outputs": { "z": "x * x * y" }, "custom_derivative": { "jvp": "rule" } },
    "rule": { "inputs": { "x": "f64[2]", "y": "f64[]", "d_x": "f64[2]", "d_y": "f64[]" }, "outputs": { "d_z": "2*x*y*d_x + 3*x*x*d_y" } },
    "l": { "inputs": { "x": "f64[2]", "y": "f64[]" }, "outputs": { "l": "sum(f(x, y))" } },
    "g": { "derive": "grad", "of": "l", "value": false },
    "s": { "inputs": { "x": "f64[2]", "y": "f64[]" }, "nodes": [ { "op": "g", "in": ["x", "y"], "out": ["a", "b"] } ],
           "outputs": { "s": "sum(a) + b" } },
    "gg": { "derive": "grad", "of": "s", "value": false },
    "hv": { "derive": "hvp", "of": "l", "wrt": ["x"], "value": false } )json");
  Tensors at{tensor({2}, {1, 4}), scalar(10)};
  Tensors g = graph.call("g", at);
  checkValues(g[0], {20, 80});
  checkValues(g[1], {3 * (1 + 16)});
  // s = sum(2 x y) + sum(3 x^2): what is written in the rule is derived as it stands.
  Tensors second = graph.call("gg", at);
  checkValues(second[0], {20 + 6, 20 + 24});
  checkValues(second[1], {10});
  Tensors hv = at;
  hv.push_back(tensor({2}, {1, 2}));
  checkValues(graph.call("hv", hv)[0], {20, 40});
}

TEST_CASE("'forward' gives the vjp rule what it computed, and runs in the function's place") {
  DerivedGraph graph(R"json(
    "f": { "inputs": { "x": "f64[]" }, "outputs": { "y": "exp(x)" }, "custom_derivative": { "vjp": "back", "forward": "fore" } },
    "fore": { "inputs": { "x": "f64[]" }, "outputs": { "kept": "100 * x", "y": "exp(x)", "more": "x + 1" } },
    "back": { "inputs": { "more": "f64[]", "kept": "f64[]", "d_y": "f64[]" }, "outputs": { "d_x": "kept * more * d_y" } },
    "g": { "derive": "grad", "of": "f" },
    "gg": { "derive": "grad", "of": "g", "output": "d_x", "prefix": "dd_", "value": false },
    "hv": { "derive": "hvp", "of": "f", "value": false },
    "j": { "derive": "jacobian", "of": "f", "value": false } )json");
  Tensors g = graph.call("g", {scalar(2)});
  checkValues(g[0], {std::exp(2)});
  checkValues(g[1], {100 * 2 * 3});
  checkValues(graph.call("gg", {scalar(2)})[0], {100 * (2 * 2 + 1)});
  checkValues(graph.call("hv", {scalar(2), scalar(3)})[0], {300 * (2 * 2 + 1)});
  checkValues(graph.call("j", {scalar(2)})[0], {600});
}

TEST_CASE("\"jvp\": true derives the function itself in forward mode alone") {
  DerivedGraph graph(R"json(
    "f": { "inputs": { "x": "f64[]" }, "outputs": { "y": "x * x" }, "custom_derivative": { "vjp": "back", "jvp": true } },
    "back": { "inputs": { "d_y": "f64[]" }, "outputs": { "d_x": "9 * d_y" } },
    "g": { "derive": "grad", "of": "f", "value": false },
    "j": { "derive": "jvp", "of": "f", "value": false } )json");
  checkValues(graph.call("g", {scalar(2)})[0], {9});
  checkValues(graph.call("j", {scalar(2), scalar(1)})[0], {4});
}

TEST_CASE("a rule may call its function, which may stand in a layer of calls") {
  DerivedGraph graph(R"json(
    "f": { "inputs": { "x": "f64[]" }, "outputs": { "y": "exp(x)" }, "custom_derivative": { "jvp": "rule" } },
    "rule": { "inputs": { "x": "f64[]", "d_x": "f64[]" }, "outputs": { "d_y": "f(x) * d_x" } },
    "twice": { "inputs": { "x": "f64[]" }, "outputs": { "y": "f(f(x))" } },
    "g": { "derive": "grad", "of": "twice" },
    "gg": { "derive": "grad", "of": "g", "output": "d_x", "prefix": "dd_", "value": false } )json");
  double e = std::exp(0.5), ee = std::exp(e);
  checkValues(graph.call("g", {scalar(0.5)})[1], {ee * e});
  checkValues(graph.call("gg", {scalar(0.5)})[0], {ee * e * e + ee * e});
}
