// Sizes over dims: folding, bounds, texts and what is no size.
#include "compiler/support/library_description.h"
#include "graphc/types.h"
#include <catch2/catch.hpp>

using namespace graphc::support;

static const std::vector<DimDescription> dims = {{"B", "", 1, 510, 8}, {"T", "", 0, 100, 1}};
static const SizeExpression b = SizeExpression::dim(0), t = SizeExpression::dim(1);

TEST_CASE("numbers among themselves are one number", "[size]") {
  CHECK(SizeExpression(6).isConstant());
  CHECK((SizeExpression(2) * 3 + 1).constant() == 7);
  CHECK((SizeExpression(-7).floorDiv(2)).constant() == -4);
  CHECK((SizeExpression(-7).mod(2)).constant() == 1);
  CHECK_FALSE((SizeExpression(INT64_MAX) + 1).isConstant()); // left to whoever evaluates it
  CHECK_FALSE((SizeExpression(INT64_MAX) + 1).evaluate({}));
  CHECK(b.asDim() == 0);
  CHECK_FALSE((b + 0).asDim());
}

TEST_CASE("sizes have values, bounds and texts", "[size]") {
  SizeExpression size = b * 2 + t.floorDiv(3) * (t + -1);
  CHECK(size.evaluate({8, 10}) == 16 + 3 * 9);
  CHECK(size.text(dims) == "B*2 + T/3*(T - 1)");
  CHECK((b * 2).most(dims) == 2 * 504); // the largest multiple of 8
  CHECK((SizeExpression(200) + t * -1).most(dims) == 200);
  CHECK(t.mod(7).most(dims) == 6);
  CHECK(t.mod(700).most(dims) == 100);
  CHECK(t.floorDiv(3).most(dims) == 33);
  CHECK_FALSE((b * INT64_MAX).most(dims));
  CHECK_FALSE((b * t).evaluate({INT64_MAX, 2}));
}

TEST_CASE("what is no size is found", "[size]") {
  CHECK(b.isValid(1));
  CHECK_FALSE(t.isValid(1));
  CHECK_FALSE(b.floorDiv(0).isValid(2));
  CHECK_FALSE(b.floorDiv(t).isValid(2));
  CHECK_FALSE(SizeExpression::dim(-1).isValid(2));
  SizeExpression broken;
  broken.steps.push_back({GRAPHC_SIZE_ADD, 0, 0});
  CHECK_FALSE(broken.isValid(2));
  CHECK(broken.text(dims) == "?");
  broken.steps.assign(1, {17, 0, 0});
  CHECK_FALSE(broken.isValid(2));
  broken.steps.clear();
  CHECK_FALSE(broken.isValid(2));
  SizeExpression deep = t;
  for (int i = 0; i < GRAPHC_SIZE_DEPTH; ++i) deep = t + deep;
  CHECK_FALSE(deep.isValid(2));
}

TEST_CASE("an argument's sizes give its dims and most bytes", "[size]") {
  ArgumentDescription arg;
  arg.dtype = GRAPHC_F16;
  REQUIRE(arg.setSizes({b, 3}, dims));
  CHECK(arg.dims == std::vector<int64_t>{-1, 3});
  CHECK(arg.sizes.size() == 2);
  CHECK(arg.bytes == 504 * 3 * 2);
  REQUIRE(arg.setSizes({5, 3}, dims));
  CHECK(arg.sizes.empty());
  CHECK(arg.bytes == 30);
  REQUIRE(arg.setSizes({}, dims));
  CHECK(arg.bytes == 2);
  REQUIRE(arg.setSizes({int64_t(1) << 60, 0, int64_t(1) << 60}, dims));
  CHECK(arg.bytes == 0);
  CHECK_FALSE(arg.setSizes({int64_t(1) << 60, b}, dims));
  CHECK_FALSE(arg.setSizes({-1}, dims));
  arg.dtype = 99;
  CHECK_FALSE(arg.setSizes({1}, dims));
}

TEST_CASE("the dims of a library are each name once, with the widest bounds", "[size]") {
  LibraryDescription library;
  library.entries.resize(2);
  library.entries[0].dims = dims;
  library.entries[1].dims = {{"T", "", 5, 200, 4}, {"U", "", 1, 2, 1}};
  std::vector<DimDescription> all = libraryDims(library);
  REQUIRE(all.size() == 3);
  CHECK(all[1].min == 0);
  CHECK(all[1].max == 200);
  CHECK(all[1].multipleOf == 1);
  CHECK(all[2].name == "U");
}
