// What the front end knows of ops and how shape errors travel: generated table, spelling look-up, text round trip.
#include "dialects/graph/element_type.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/op_signature.h"
#include "dialects/graph/operand_type.h"
#include "dialects/graph/shape_error.h"
#include <catch2/catch.hpp>

using namespace graphc::graph;
using namespace mlir;

TEST_CASE("every op of the table is registered and owes all facts") {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<GraphDialect>();
  CHECK(opSignatures().size() >= 13);
  for (const OpSignature &op : opSignatures()) {
    INFO(op.mnemonic.str());
    auto name = RegisteredOperationName::lookup(("graph." + op.mnemonic).str(), &context);
    REQUIRE(name);
    CHECK(name->hasInterface<Lowerable>());
    CHECK(name->hasInterface<Evaluable>());
    CHECK(name->hasInterface<Costed>());
    CHECK(name->hasInterface<InferTypeOpInterface>());
    CHECK(!op.summary.empty());
    CHECK(op.description.contains("(C1)"));
    CHECK(!op.results.empty());
    CHECK(findOp(op.mnemonic) == &op);
  }
}

TEST_CASE("signatures say operands, attributes and spelling") {
  const OpSignature *matmul = findOp("matmul");
  REQUIRE(matmul);
  REQUIRE(matmul->operands.size() == 2);
  CHECK(matmul->operands[1].name == "b");
  REQUIRE(matmul->attributes.size() == 3);
  CHECK(matmul->attributes[0].name == "transpose_a");
  CHECK(matmul->attributes[0].kind == "bool");
  CHECK(matmul->attributes[0].fallback == "false");
  CHECK_FALSE(matmul->attributes[0].required);
  REQUIRE(findInfix("-"));
  CHECK(findInfix("-")->mnemonic == "sub");
  CHECK(findInfix("**") == nullptr);
  CHECK(findInfix("") == nullptr);
  REQUIRE(findPrefix("-"));
  CHECK(findPrefix("-")->mnemonic == "neg");
  CHECK(findPrefix("!") == nullptr);
  CHECK(findOp("matmu") == nullptr);
  CHECK(findOp("zzz") == nullptr);
  REQUIRE(findOp("constant"));
  CHECK_FALSE(findOp("constant")->callable);
}

TEST_CASE("a shape error survives its way through a diagnostic") {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  std::string text;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    text = diagnostic.str();
    return success();
  });
  CHECK(failed(
      shapeError(UnknownLoc::get(&context), "G3002", {About::theOperand(1), About::theAttribute("axis")}, "a: b, c")));
  std::optional<ParsedShapeError> parsed = parseShapeError(text);
  REQUIRE(parsed);
  CHECK(parsed->code == "G3002");
  CHECK(parsed->message == "a: b, c");
  REQUIRE(parsed->about.size() == 2);
  CHECK(parsed->about[0].operand == 1);
  CHECK(parsed->about[1].attribute == "axis");
  for (const char *other :
       {"", "'graph.exp' op failed", "G3002", "G3002 operand x: y", "G30021 operand 1: y", "G3002 axis: y"})
    CHECK_FALSE(parseShapeError(other));
  CHECK(failed(shapeError(std::nullopt, "G3002", About::theOperand(0), "silent")));
}

TEST_CASE("dtypes map to element types and back") {
  MLIRContext context;
  for (const char *name : {"f32", "f64", "f16", "bf16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool"}) {
    std::optional<Dtype> dtype = findDtype(name);
    REQUIRE(dtype);
    CHECK(dtypeName(*dtype) == name);
    CHECK(dtypeOf(elementType(&context, *dtype)) == dtype);
  }
  CHECK_FALSE(findDtype("f8"));
  CHECK_FALSE(dtypeOf(IndexType::get(&context)));
}

TEST_CASE("size limit counts without overflow") {
  CHECK(fitsMemory({}, 4));
  CHECK(fitsMemory({int64_t(1) << 44}, 4));
  CHECK_FALSE(fitsMemory({int64_t(1) << 45}, 4));
  CHECK_FALSE(fitsMemory({int64_t(1) << 32, int64_t(1) << 32, 1}, 4));
  CHECK_FALSE(fitsMemory({0, INT64_MAX, INT64_MAX}, 4));
  CHECK(fitsMemory({0, 7, 0}, 4));
}
