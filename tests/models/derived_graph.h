// Functions of the language with their derivatives expanded, called by reference evaluation: what the tests of
// derivatives share.
#pragma once
#include "compiler/autodiff/autodiff.h"
#include "compiler/driver/driver.h"
#include "dialects/graph/evaluate_function.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "tests/models/compiled_library.h"
#include "tests/models/graph_text.h"
#include <catch2/catch.hpp>
#include <cmath>

namespace graphc::test {
using graph::Dtype;
using graph::HostTensor;
using Tensors = llvm::SmallVector<HostTensor>;

inline HostTensor tensor(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values) {
  HostTensor made(Dtype::F64, shape);
  REQUIRE(made.size() == int64_t(values.size()));
  for (auto [x, value] : llvm::zip_equal(made.floats, values)) x = value;
  return made;
}
inline HostTensor scalar(double value) { return tensor({}, {value}); }

class DerivedGraph {
public:
  /// The members of "functions", and of the file beside it.
  explicit DerivedGraph(const std::string &functions, const std::string &beside = "\"name\": \"net\"")
      : context(mlir::MLIRContext::Threading::DISABLED) {
    driver::loadDialects(context);
    std::string messages;
    module = readText(
        context, R"json({ "graphc": 1, )json" + beside + R"json(, "functions": {)json" + functions + "} }", messages);
    INFO(messages);
    REQUIRE(bool(module));
    mlir::PassManager passes(&context);
    autodiff::buildPipeline(passes);
    REQUIRE(mlir::succeeded(passes.run(*module)));
  }

  Tensors call(llvm::StringRef name, const Tensors &inputs) {
    auto function = module->lookupSymbol<mlir::func::FuncOp>(name);
    REQUIRE(bool(function));
    Tensors results;
    auto read = [&](llvm::StringRef path) -> mlir::FailureOr<HostTensor> { return params.at(path.str()); };
    REQUIRE(mlir::succeeded(graph::evaluateFunction(function, inputs, read, results)));
    return results;
  }
  std::map<std::string, HostTensor> params;

  /// All of it; "" or what went wrong.
  std::string compile(CompiledLibrary &library) {
    return library.build(*module, graphc::support::nativeIsaLevel(), /*optLevel=*/2);
  }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

inline void checkValues(const HostTensor &got, llvm::ArrayRef<double> wanted) {
  REQUIRE(got.size() == int64_t(wanted.size()));
  for (auto [x, y] : llvm::zip_equal(got.floats, wanted)) {
    if (std::isinf(y))
      CHECK(x.v == y);
    else
      CHECK(x.v == Approx(y).epsilon(1e-12).margin(1e-12));
  }
}

} // namespace graphc::test
