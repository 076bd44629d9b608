// Sizes of named dims: what stands in a dim's place is in normal form, inside roundings too, so that equal sizes are
// equal.
#include "dialects/graph/dim.h"
#include "dialects/graph/graph_dialect.h"
#include "mlir/IR/MLIRContext.h"
#include <catch2/catch.hpp>

using namespace graphc::graph;

TEST_CASE("other sizes in place of dims", "[dim]") {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<GraphDialect>();
  auto dim = [&](const char *name, int64_t multiple) {
    return DimAttr::get(&context, name, multiple, 64 * multiple, multiple);
  };
  DimAttr b = dim("B", 1), m = dim("M", 8), t = dim("T", 1), z = dim("Z", 1);
  Dim size = (Dim::named(b) + Dim::named(t)).floorDiv(2) * Dim::named(m);
  auto with = [&](DimAttr wanted, Dim value) {
    return size.substitute([&](DimAttr given) { return given == wanted ? std::optional<Dim>(value) : std::nullopt; });
  };
  CHECK(with(b, Dim::named(z)) == (Dim::named(z) + Dim::named(t)).floorDiv(2) * Dim::named(m));
  CHECK(with(b, Dim::named(t)) == Dim::named(t) * Dim::named(m));
  CHECK(with(t, 5) == (Dim::named(b) + 5).floorDiv(2) * Dim::named(m));
  CHECK(with(m, 16) == (Dim::named(b) + Dim::named(t)).floorDiv(2) * 16);
  CHECK(with(z, 3) == size);
  CHECK(size.substitute([&](DimAttr given) { return std::optional<Dim>(given == m ? 16 : 3); }).is(48));
}

TEST_CASE("what a rounded division leaves is in normal form") {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<GraphDialect>();
  Dim t = Dim::named(DimAttr::get(&context, "T", 1, 100, 1)), b = Dim::named(DimAttr::get(&context, "B", 1, 9, 1));
  for (Dim whole : {t, t + b, t * b, t.floorDiv(3) * b + t}) {
    Dim quotient = whole.floorDiv(10), left = whole - quotient * 10;
    CAPTURE(left.text());
    CHECK(left + quotient * 10 == whole);
    CHECK(quotient * 10 + left == whole);
    CHECK(left == quotient * -10 + whole);
    CHECK(left.evaluate([](DimAttr) { return int64_t(7); }) == whole.evaluate([](DimAttr) { return int64_t(7); }) % 10);
    CHECK(left.substitute([](DimAttr) { return std::optional<Dim>(7); })
              .is(whole.substitute([](DimAttr) { return std::optional<Dim>(7); }).staticValue() % 10));
    CHECK(left.low() == 0);
    CHECK(left.high() == 9);
    CHECK((left * 2 + 1).high() == 19);
  }
}
