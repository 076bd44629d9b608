// What every op of the language owes to the tests, op by op from the generated table: the example in its description
// parses; each numbered constraint has a test in tests/ops/*.mlir that expects its error; cases of tests/ops/*.json run
// it; and what the optimizer folds of those cases is what the reference evaluation says. An op without them fails here.
#include "compiler/driver/driver.h"
#include "compiler/optimize/optimize.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/host_tensor_attr.h"
#include "dialects/graph/op_signature.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Parser/Parser.h"
#include "tests/models/case_file.h"
#include "tests/models/graph_text.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <catch2/catch.hpp>

using namespace graphc;
using graph::HostTensor;
using graph::OpSignature;

namespace {
/// Files of tests/ops with this ending, sorted.
std::vector<std::string> filesOf(llvm::StringRef ending) {
  std::vector<std::string> paths;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(GRAPHC_TEST_OPS, error), end; it != end && !error; it.increment(error))
    if (llvm::StringRef(it->path()).ends_with(ending)) paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string textOf(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  REQUIRE(buffer);
  return (*buffer)->getBuffer().str();
}

/// The ```mlir block of a description, "" if none.
llvm::StringRef exampleOf(llvm::StringRef description) {
  llvm::StringRef block = description.split("```mlir").second;
  return block.split("```").first.trim();
}

/// "a, b" cut at commas outside of brackets.
llvm::SmallVector<llvm::StringRef> splitTypes(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> types;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : ',';
    if (c == '<' || c == '[' || c == '(') ++depth;
    if ((c == '>' && (i == 0 || text[i - 1] != '-')) || c == ']' || c == ')') --depth;
    if (c != ',' || depth != 0) continue;
    if (!text.slice(begin, i).trim().empty()) types.push_back(text.slice(begin, i).trim());
    begin = i + 1;
  }
  return types;
}

/// The example as a function of the values that it uses and does not define; their types are those that its lines end
/// in.
std::string asFunction(llvm::StringRef example) {
  llvm::StringSet<> known;
  std::string arguments;
  llvm::SmallVector<llvm::StringRef> lines;
  example.split(lines, '\n');
  for (llvm::StringRef line : lines) {
    auto [left, right] = line.split(" = graph.");
    auto [body, tail] = right.rsplit(" : ");
    auto [inputs, outputs] = tail.split("->");
    inputs = inputs.trim();
    if (inputs.consume_front("(")) inputs = inputs.rsplit(")").first;
    llvm::SmallVector<llvm::StringRef> types = splitTypes(inputs);
    size_t operand = 0;
    for (size_t at = body.find('%'); at != llvm::StringRef::npos; at = body.find('%', at + 1), ++operand) {
      llvm::StringRef name = body.substr(at + 1).take_while([](char c) { return (llvm::isAlnum(c)) || c == '_'; });
      if (!known.insert(name).second || operand >= types.size()) continue;
      arguments += (arguments.empty() ? "%" : ", %") + name.str() + ": " + types[operand].str();
    }
    for (llvm::StringRef result : splitTypes(left)) known.insert(result.ltrim('%').split(':').first);
  }
  return "func.func @example(" + arguments + ") {\n" + example.str() + "\n  return\n}\n";
}

/// Numbers n of "(Cn)".
std::vector<int> constraintsOf(llvm::StringRef description) {
  std::vector<int> numbers;
  for (llvm::StringRef rest = description; rest.contains("- (C");) {
    rest = rest.split("- (C").second;
    int number = 0;
    if (!rest.split(')').first.getAsInteger(10, number)) numbers.push_back(number);
  }
  return numbers;
}

/// Whether some function @<op>_c<n>... expects an error.
bool hasErrorTest(llvm::StringRef tests, const std::string &name) {
  for (llvm::StringRef rest = tests; rest.contains("@" + name);) {
    rest = rest.split("@" + name).second;
    if (!rest.starts_with("(") && !rest.starts_with("_")) continue;
    if (rest.split("// -----").first.contains("expected-error")) return true;
  }
  return false;
}

/// Puts constants in the place of the arguments and runs the optimizer. The results that became constants must be those
/// of the reference evaluation. Returns how many did.
size_t checkFolding(mlir::ModuleOp module, llvm::StringRef name, llvm::ArrayRef<HostTensor> inputs) {
  auto function = module.lookupSymbol<mlir::func::FuncOp>(name);
  llvm::SmallVector<HostTensor> wanted;
  if (mlir::failed(graph::evaluateFunction(function, inputs, test::noParameter, wanted))) return 0; // a wrong index
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockBegin(&function.front());
  for (auto [argument, input] : llvm::zip(function.getArguments(), inputs)) {
    mlir::Operation *constant = module.getContext()->getLoadedDialect("graph")->materializeConstant(
        builder, graph::toAttribute(module.getContext(), input), argument.getType(), function.getLoc());
    REQUIRE(constant);
    argument.replaceAllUsesWith(constant->getResult(0));
  }
  mlir::PassManager passes(module.getContext());
  optimize::buildPipeline(passes);
  REQUIRE(mlir::succeeded(passes.run(module)));
  function = module.lookupSymbol<mlir::func::FuncOp>(name);
  size_t folded = 0;
  for (auto [i, value] : llvm::enumerate(function.front().getTerminator()->getOperands())) {
    mlir::Attribute constant;
    if (!mlir::matchPattern(value, mlir::m_Constant(&constant))) continue;
    mlir::FailureOr<HostTensor> got = graph::fromAttribute(constant);
    REQUIRE(mlir::succeeded(got));
    CHECK(test::compareTensors(*got, wanted[i], test::Tolerance()) == "");
    ++folded;
  }
  return folded;
}
} // namespace

TEST_CASE("the example of every op parses") {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  driver::loadDialects(context);
  for (const OpSignature &op : graph::opSignatures()) {
    llvm::StringRef example = exampleOf(op.description);
    INFO(op.mnemonic.str() << "\n" << asFunction(example));
    CHECK(example.contains("graph." + op.mnemonic.str()));
    mlir::OwningOpRef<mlir::ModuleOp> module = mlir::parseSourceString<mlir::ModuleOp>(asFunction(example), &context);
    CHECK(bool(module));
  }
}

TEST_CASE("every constraint of every op has a test") {
  std::string tests;
  for (const std::string &path : filesOf(".mlir")) tests += textOf(path) + "// -----\n";
  for (const OpSignature &op : graph::opSignatures()) {
    std::vector<int> constraints = constraintsOf(op.description);
    INFO(op.mnemonic.str());
    CHECK(!constraints.empty());
    for (int number : constraints) {
      std::string name = op.mnemonic.str() + "_c" + std::to_string(number);
      INFO("no function @" << name << " with an expected error in tests/ops/*.mlir");
      CHECK(hasErrorTest(tests, name));
    }
  }
}

/// Adds the ops of a file's cases with named dims; nothing if there is no such file.
static void noteNamed(const std::string &path, llvm::StringSet<> &run) {
  test::CaseFile file;
  if (test::readCaseFile(path, 1, test::Named::Yes, file) != "") return;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  driver::loadDialects(context);
  for (size_t i = 0; i < file.functions.size(); ++i) {
    if (!file.functions[i].named) continue;
    std::string messages;
    mlir::OwningOpRef<mlir::ModuleOp> module = test::readText(context, file.graph({i}), messages);
    INFO(file.functions[i].shown << ": " << messages);
    REQUIRE(bool(module));
    module->walk([&](mlir::Operation *op) { run.insert(op->getName().stripDialect()); });
  }
}

TEST_CASE("cases run every op, and folding agrees with evaluation") {
  llvm::StringSet<> run;
  size_t folded = 0;
  for (const std::string &path : filesOf(".json")) {
    INFO(path);
    test::CaseFile file;
    CHECK(test::readCaseFile(path, 1, test::Named::No, file) == "");
    // Each call costs an optimizer run: a few of every file, spread over it.
    size_t step = file.calls.size() / 12 + 1;
    std::vector<size_t> chosen;
    for (size_t i = 0; i < file.calls.size(); i += step) chosen.push_back(i);
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    driver::loadDialects(context);
    mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &) { return mlir::success(); });
    std::mt19937 random(1);
    for (size_t index : chosen) {
      const test::CaseCall &call = file.calls[index];
      std::string messages;
      mlir::OwningOpRef<mlir::ModuleOp> module = test::readText(context, file.graph({call.function}), messages);
      INFO(file.functions[call.function].shown << ": " << messages);
      CHECK(bool(module));
      if (!module) continue;
      module->walk([&](mlir::Operation *op) {
        if (op->getName().getDialectNamespace() == "graph") run.insert(op->getName().stripDialect());
      });
      auto function = module->lookupSymbol<mlir::func::FuncOp>(file.functions[call.function].name);
      llvm::SmallVector<HostTensor> inputs;
      for (auto [argument, input] : llvm::zip(function.getArgumentTypes(), call.inputs)) {
        auto type = mlir::cast<mlir::RankedTensorType>(argument);
        inputs.push_back(
            test::drawTensor(*graph::dtypeOf(type.getElementType()), type.getShape(), input.values, random));
      }
      folded += checkFolding(*module, function.getSymName().str(), inputs);
    }
  }
  CHECK(folded > 0);
  for (const OpSignature &op : graph::opSignatures()) // what stands only where sizes are named dims
    if (!run.contains(op.mnemonic)) noteNamed(GRAPHC_TEST_OPS "/" + op.mnemonic.str() + ".json", run);
  for (const OpSignature &op : graph::opSignatures()) {
    INFO("no case of tests/ops/*.json runs '" << op.mnemonic.str() << "'");
    CHECK(run.contains(op.mnemonic));
  }
}
