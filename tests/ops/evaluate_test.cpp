// Reference evaluation against formulas written independently here (long double where it matters), on broadcasting,
// empty tensors and special values; tangents against differences.
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/host_tensor_attr.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace graphc::graph;
using namespace mlir;

namespace {
const double inf = std::numeric_limits<double>::infinity(), quietNan = std::nan("");

HostTensor tensor(llvm::ArrayRef<int64_t> shape, std::vector<double> values) {
  HostTensor t(Dtype::F32, shape);
  REQUIRE(size_t(t.size()) == values.size());
  for (size_t i = 0; i < values.size(); ++i) t.floats[i] = Jet(double(float(values[i])));
  return t;
}

/// Values of no particular pattern in [-2, 2), exact in f32.
HostTensor mixed(llvm::ArrayRef<int64_t> shape, uint32_t seed) {
  HostTensor t(Dtype::F32, shape);
  for (Jet &x : t.floats) {
    seed = seed * 1664525u + 1013904223u;
    x = Jet(double(seed >> 16) / 16384 - 2);
  }
  return t;
}

struct Program {
  MLIRContext context{MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module;

  explicit Program(const std::string &text) {
    context.loadDialect<GraphDialect, func::FuncDialect>();
    module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
    REQUIRE(module);
  }
  HostTensor run(llvm::ArrayRef<HostTensor> arguments) {
    llvm::SmallVector<HostTensor> results;
    auto function = module->lookupSymbol<func::FuncOp>("f");
    auto noParameters = [](StringRef) -> FailureOr<HostTensor> { return failure(); };
    REQUIRE(succeeded(evaluateFunction(function, arguments, noParameters, results)));
    REQUIRE(results.size() == 1);
    return results[0];
  }
};

std::string unary(const std::string &op, const std::string &in, const std::string &out) {
  return "func.func @f(%x: " + in + ") -> " + out + " {\n %y = graph." + op + " : " + in + "\n return %y : " + out +
         "\n}";
}
std::string binary(const std::string &op, const std::string &a, const std::string &b, const std::string &out) {
  return "func.func @f(%a: " + a + ", %b: " + b + ") -> " + out + " {\n %y = graph." + op + " %a, %b : " + a + ", " +
         b + "\n return %y : " + out + "\n}";
}

void checkValues(const HostTensor &got, llvm::ArrayRef<int64_t> shape, const std::vector<double> &wanted) {
  CHECK(llvm::ArrayRef(got.shape) == shape);
  REQUIRE(got.floats.size() == wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    INFO("element " << i);
    if (std::isnan(wanted[i])) {
      CHECK(std::isnan(got.floats[i].v));
    } else {
      CHECK(got.floats[i].v == double(float(wanted[i])));
      CHECK(std::signbit(got.floats[i].v) == std::signbit(wanted[i]));
    }
  }
}

/// Tangents of the function along random directions of all arguments, against differences of its (f32-rounded) values.
void checkTangents(const std::string &text, llvm::SmallVector<HostTensor> arguments) {
  Program program(text);
  const double h = 1.0 / 64;
  llvm::SmallVector<HostTensor> first, second;
  for (size_t i = 0; i < arguments.size(); ++i) {
    first.push_back(mixed(arguments[i].shape, 11 + i));
    second.push_back(mixed(arguments[i].shape, 77 + i));
  }
  auto moved = [&](double s, double t) {
    llvm::SmallVector<HostTensor> at = arguments;
    for (size_t i = 0; i < at.size(); ++i)
      for (size_t j = 0; j < at[i].floats.size(); ++j)
        at[i].floats[j] = Jet(at[i].floats[j].v + s * first[i].floats[j].v + t * second[i].floats[j].v);
    return program.run(at);
  };
  llvm::SmallVector<HostTensor> seeded = arguments;
  for (size_t i = 0; i < seeded.size(); ++i)
    for (size_t j = 0; j < seeded[i].floats.size(); ++j)
      seeded[i].floats[j] = Jet(arguments[i].floats[j].v, first[i].floats[j].v, second[i].floats[j].v, 0);
  HostTensor got = program.run(seeded), up = moved(h, 0), down = moved(-h, 0);
  HostTensor pp = moved(h, h), pm = moved(h, -h), mp = moved(-h, h), mm = moved(-h, -h);
  for (size_t i = 0; i < got.floats.size(); ++i) {
    INFO("element " << i);
    CHECK(got.floats[i].d1 == Approx((up.floats[i].v - down.floats[i].v) / (2 * h)).epsilon(2e-3).margin(2e-3));
    double d12 = (pp.floats[i].v - pm.floats[i].v - mp.floats[i].v + mm.floats[i].v) / (4 * h * h);
    CHECK(got.floats[i].d12 == Approx(d12).epsilon(2e-2).margin(2e-2));
  }
}
} // namespace

TEST_CASE("elementwise functions, special values") {
  std::vector<double> x = {0.0, -0.0, 1.5, -2.25, 100, -100, 1e-30, inf, -inf, quietNan};
  using Formula = double (*)(double);
  std::pair<const char *, Formula> ops[] = {
      {"exp %x", [](double v) { return double(expl(v)); }},
      {"tanh %x", [](double v) { return double(tanhl(v)); }},
      {"relu %x", [](double v) { return v < 0 ? 0.0 : v; }},
      {"sigmoid %x", [](double v) { return double(1 / (1 + expl(-(long double)v))); }},
      {"identity %x", [](double v) { return v; }}};
  for (auto [op, formula] : ops) {
    INFO(op);
    std::vector<double> wanted;
    for (double v : x) wanted.push_back(formula(double(float(v))));
    checkValues(Program(unary(op, "tensor<10xf32>", "tensor<10xf32>")).run(tensor({10}, x)), {10}, wanted);
    CHECK(Program(unary(op, "tensor<3x0xf32>", "tensor<3x0xf32>")).run(tensor({3, 0}, {})).floats.empty());
    CHECK(Program(unary(op, "tensor<f32>", "tensor<f32>")).run(tensor({}, {0.5})).floats[0].v ==
          double(float(formula(0.5))));
  }
}

TEST_CASE("arithmetic broadcasts like NumPy") {
  using Formula = float (*)(float, float);
  std::pair<const char *, Formula> ops[] = {{"add", [](float a, float b) { return a + b; }},
                                            {"sub", [](float a, float b) { return a - b; }},
                                            {"mul", [](float a, float b) { return a * b; }},
                                            {"div", [](float a, float b) { return a / b; }}};
  HostTensor a = mixed({2, 1, 3}, 1), b = mixed({4, 1}, 2);
  for (auto [op, formula] : ops) {
    INFO(op);
    std::vector<double> wanted;
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 4; ++j)
        for (int k = 0; k < 3; ++k) wanted.push_back(formula(float(a.floats[i * 3 + k].v), float(b.floats[j].v)));
    checkValues(Program(binary(op, "tensor<2x1x3xf32>", "tensor<4x1xf32>", "tensor<2x4x3xf32>")).run({a, b}), {2, 4, 3},
                wanted);
    HostTensor empty = Program(binary(op, "tensor<0x3xf32>", "tensor<1x3xf32>", "tensor<0x3xf32>"))
                           .run({mixed({0, 3}, 1), mixed({1, 3}, 2)});
    CHECK(empty.floats.empty());
  }
  std::vector<double> special = {0.0, -0.0, inf, -inf, quietNan};
  std::vector<double> ratios, sums;
  for (double v : special)
    for (double w : special) {
      ratios.push_back(v / w);
      sums.push_back(v + w);
    }
  HostTensor column = tensor({5, 1}, special), row = tensor({5}, special);
  checkValues(Program(binary("div", "tensor<5x1xf32>", "tensor<5xf32>", "tensor<5x5xf32>")).run({column, row}), {5, 5},
              ratios);
  checkValues(Program(binary("add", "tensor<5x1xf32>", "tensor<5xf32>", "tensor<5x5xf32>")).run({column, row}), {5, 5},
              sums);
}

TEST_CASE("matmul in all its shapes") {
  auto sum = [](const HostTensor &a, int64_t rowA, const HostTensor &b, int64_t startB, int64_t n, int64_t k) {
    long double total = 0;
    for (int64_t i = 0; i < k; ++i) total += (long double)a.floats[rowA * k + i].v * b.floats[startB + i * n].v;
    return double(total);
  };
  HostTensor a = mixed({5, 7}, 3), b = mixed({7, 3}, 4);
  std::vector<double> wanted;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 3; ++j) wanted.push_back(sum(a, i, b, j, 3, 7));
  checkValues(Program(binary("matmul", "tensor<5x7xf32>", "tensor<7x3xf32>", "tensor<5x3xf32>")).run({a, b}), {5, 3},
              wanted);

  HostTensor row = mixed({7}, 5);
  wanted = {sum(row, 0, b, 0, 3, 7), sum(row, 0, b, 1, 3, 7), sum(row, 0, b, 2, 3, 7)};
  checkValues(Program(binary("matmul", "tensor<7xf32>", "tensor<7x3xf32>", "tensor<3xf32>")).run({row, b}), {3},
              wanted);

  // Batches [2, 1] and [3] broadcast to [2, 3].
  HostTensor left = mixed({2, 1, 2, 4}, 6), right = mixed({3, 4, 2}, 7);
  wanted.clear();
  for (int g = 0; g < 2; ++g)
    for (int h = 0; h < 3; ++h)
      for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) wanted.push_back(sum(left, g * 2 + i, right, h * 8 + j, 2, 4));
  checkValues(
      Program(binary("matmul", "tensor<2x1x2x4xf32>", "tensor<3x4x2xf32>", "tensor<2x3x2x2xf32>")).run({left, right}),
      {2, 3, 2, 2}, wanted);

  HostTensor none = Program(binary("matmul", "tensor<2x0xf32>", "tensor<0x3xf32>", "tensor<2x3xf32>"))
                        .run({mixed({2, 0}, 1), mixed({0, 3}, 1)});
  checkValues(none, {2, 3}, std::vector<double>(6, 0.0));
  CHECK(Program(binary("matmul", "tensor<0x2xf32>", "tensor<2x3xf32>", "tensor<0x3xf32>"))
            .run({mixed({0, 2}, 1), mixed({2, 3}, 1)})
            .floats.empty());
}

TEST_CASE("softmax along any axis") {
  HostTensor x = mixed({2, 3, 4}, 9);
  for (int axis : {0, 1, 2, -1}) {
    std::string op = "softmax %x {axis = " + std::to_string(axis) + " : i64}";
    HostTensor y = Program(unary(op, "tensor<2x3x4xf32>", "tensor<2x3x4xf32>")).run(x);
    int along = axis < 0 ? axis + 3 : axis, length = int(x.shape[along]), inner = along == 2 ? 1 : along == 1 ? 4 : 12;
    for (int i = 0; i < 24; ++i) {
      long double total = 0;
      int start = i - i / inner % length * inner;
      for (int j = 0; j < length; ++j) total += expl(x.floats[start + j * inner].v);
      INFO("axis " << axis << " element " << i);
      CHECK(y.floats[i].v == Approx(double(expl(x.floats[i].v) / total)).epsilon(1e-7));
    }
  }
  HostTensor rows = tensor({5, 3}, {1e4, 1e4, -inf, quietNan, 0, 1, inf, 0, 1, -inf, -inf, -inf, -1e30, 3, 3});
  checkValues(Program(unary("softmax %x", "tensor<5x3xf32>", "tensor<5x3xf32>")).run(rows), {5, 3},
              {0.5, 0.5, 0, quietNan, quietNan, quietNan, quietNan, quietNan, quietNan, quietNan, quietNan, quietNan, 0,
               0.5, 0.5});
  CHECK(Program(unary("softmax %x", "tensor<5x0xf32>", "tensor<5x0xf32>")).run(tensor({5, 0}, {})).floats.empty());
  CHECK(Program(unary("softmax %x {axis = 0 : i64}", "tensor<2x0xf32>", "tensor<2x0xf32>"))
            .run(tensor({2, 0}, {}))
            .floats.empty());
}

TEST_CASE("argmax takes the first of equals and the first NaN") {
  HostTensor x = tensor({4, 3}, {1, 5, 5, quietNan, 9, quietNan, -inf, -inf, -inf, 2, quietNan, 3});
  HostTensor y = Program(unary("argmax %x", "tensor<4x3xf32>", "tensor<4xi32>")).run(x);
  CHECK(y.dtype == Dtype::I32);
  CHECK(y.integers == std::vector<int64_t>{1, 0, 0, 1});
  y = Program(unary("argmax %x {axis = 0 : i64, dtype = i64, keep_dims = true}", "tensor<4x3xf32>", "tensor<1x3xi64>"))
          .run(x);
  CHECK(y.dtype == Dtype::I64);
  CHECK(llvm::ArrayRef(y.shape) == llvm::ArrayRef<int64_t>({1, 3}));
  CHECK(y.integers == std::vector<int64_t>{1, 3, 1});
  CHECK(Program(unary("argmax %x {axis = 1 : i64}", "tensor<0x3xf32>", "tensor<0xi32>"))
            .run(tensor({0, 3}, {}))
            .integers.empty());
}

TEST_CASE("tangents of ops are those of their values") {
  checkTangents(binary("add", "tensor<2x3xf32>", "tensor<3xf32>", "tensor<2x3xf32>"),
                {mixed({2, 3}, 1), mixed({3}, 2)});
  checkTangents(binary("mul", "tensor<2x1xf32>", "tensor<3xf32>", "tensor<2x3xf32>"),
                {mixed({2, 1}, 1), mixed({3}, 2)});
  checkTangents(binary("div", "tensor<3xf32>", "tensor<3xf32>", "tensor<3xf32>"),
                {mixed({3}, 1), tensor({3}, {3, -4, 5})});
  checkTangents(binary("matmul", "tensor<2x3xf32>", "tensor<3x2xf32>", "tensor<2x2xf32>"),
                {mixed({2, 3}, 1), mixed({3, 2}, 2)});
  checkTangents(unary("softmax %x", "tensor<2x4xf32>", "tensor<2x4xf32>"), {mixed({2, 4}, 3)});
  checkTangents(unary("tanh %x", "tensor<5xf32>", "tensor<5xf32>"), {mixed({5}, 4)});
  checkTangents(unary("sigmoid %x", "tensor<5xf32>", "tensor<5xf32>"), {mixed({5}, 5)});
}

TEST_CASE("functions call functions and read parameters") {
  Program program(R"(
    graph.parameter @"net.w" : tensor<2xf32> init "none" (0.0, 0.0)
    func.func private @g(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
      %w = graph.read_parameter @"net.w" : tensor<2xf32>
      %y = graph.mul %x, %w : tensor<2xf32>, tensor<2xf32>
      return %x, %y : tensor<2xf32>, tensor<2xf32>
    }
    func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
      %a, %b = graph.call @g(%x) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
      %c, %d = graph.call @g(%b) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
      %one = graph.constant dense<1.0> : tensor<f32>
      %y = graph.add %d, %one : tensor<2xf32>, tensor<f32>
      return %y : tensor<2xf32>
    })");
  llvm::SmallVector<HostTensor> results;
  auto parameters = [](StringRef path) -> FailureOr<HostTensor> {
    CHECK(path == "net.w");
    return tensor({2}, {3, -2});
  };
  auto function = program.module->lookupSymbol<func::FuncOp>("f");
  REQUIRE(succeeded(evaluateFunction(function, tensor({2}, {1, 10}), parameters, results)));
  checkValues(results[0], {2}, {10, 41});

  ScopedDiagnosticHandler quiet(&program.context, [](Diagnostic &) { return success(); });
  CHECK(failed(evaluateFunction(function, tensor({1}, {1}), parameters, results)));
  auto none = [](StringRef) -> FailureOr<HostTensor> { return failure(); };
  CHECK(failed(evaluateFunction(function, tensor({2}, {1, 10}), none, results)));
}

TEST_CASE("calls and control flow are observed after what they call, and may be changed") {
  Program program(R"(
    func.func @same(%x: tensor<f32>) -> tensor<f32> {
      %y = graph.identity %x : tensor<f32>
      return %y : tensor<f32>
    }
    func.func @other(%x: tensor<f32>) -> tensor<f32> {
      %y = graph.exp %x : tensor<f32>
      return %y : tensor<f32>
    }
    func.func @turn(%c: tensor<f32>, %b: tensor<i1>) -> tensor<f32> {
      %y = graph.if @same @other(%b, %c) : (tensor<i1>, tensor<f32>) -> tensor<f32>
      return %y : tensor<f32>
    }
    func.func @f(%b: tensor<i1>, %x: tensor<f32>) -> tensor<f32> {
      %a = graph.if @same @other(%b, %x) : (tensor<i1>, tensor<f32>) -> tensor<f32>
      %c = graph.call @same(%a) : (tensor<f32>) -> tensor<f32>
      %y = graph.scan @turn carry(%c) over() captures(%b) length <() -> (2)>
          : (tensor<f32>, tensor<i1>) -> tensor<f32>
      return %y : tensor<f32>
    })");
  std::string seen;
  auto observe = [&](const EvaluatedOp &evaluated) {
    seen += evaluated.op->getName().stripDialect().str() + " ";
    if (isa<IfOp>(evaluated.op)) {
      CHECK(evaluated.operands.size() == 2);
      evaluated.results[0].floats[0].v += 1;
    }
  };
  HostTensor yes(Dtype::Bool, {});
  yes.integers = {1};
  llvm::SmallVector<HostTensor> results;
  auto noParameters = [](StringRef) -> FailureOr<HostTensor> { return failure(); };
  REQUIRE(succeeded(evaluateFunction(program.module->lookupSymbol<func::FuncOp>("f"), {yes, tensor({}, {5})},
                                     noParameters, results, observe)));
  CHECK(seen == "identity if identity call identity if identity if scan ");
  CHECK(results[0].floats[0].v == 8);
}

TEST_CASE("endless calls end") {
  Program program(
      "func.func @f(%x: tensor<f32>) -> tensor<f32> {\n %y = graph.call @f(%x) : (tensor<f32>) -> tensor<f32>\n "
      "return %y : tensor<f32>\n}");
  ScopedDiagnosticHandler quiet(&program.context, [](Diagnostic &) { return success(); });
  llvm::SmallVector<HostTensor> results;
  auto none = [](StringRef) -> FailureOr<HostTensor> { return failure(); };
  CHECK(failed(evaluateFunction(program.module->lookupSymbol<func::FuncOp>("f"), tensor({}, {1}), none, results)));
}

TEST_CASE("host tensors become attributes and come back") {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  for (const HostTensor &t :
       {tensor({2, 2}, {1, -0.0, inf, quietNan}), tensor({3}, {2, 2, 2}), tensor({0}, {}), tensor({}, {7})}) {
    auto back = fromAttribute(toAttribute(&context, t));
    REQUIRE(succeeded(back));
    std::vector<double> values;
    for (const Jet &x : t.floats) values.push_back(x.v);
    checkValues(*back, t.shape, values);
  }
  CHECK(toAttribute(&context, tensor({3}, {2, 2, 2})).isSplat());
  CHECK_FALSE(toAttribute(&context, tensor({2}, {0.0, -0.0})).isSplat());
  HostTensor integers(Dtype::I32, {3});
  integers.integers = {-5, 0, 2147483647};
  CHECK(fromAttribute(toAttribute(&context, integers))->integers == integers.integers);
}

TEST_CASE("results are rounded to the dtype") {
  HostTensor t(Dtype::F16, {2});
  t.floats = {Jet(1.0 + 1.0 / 4096, 1e9, 0, 0), Jet(65520)};
  t.round();
  CHECK(t.floats[0].v == 1.0);
  CHECK(t.floats[0].d1 == inf);
  CHECK(t.floats[1].v == inf);
  HostTensor b(Dtype::BF16, {1});
  b.floats = {Jet(1.01)};
  b.round();
  CHECK(b.floats[0].v == 1.0078125);
}
