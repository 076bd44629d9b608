// Compiled = reference evaluation, for one file of cases (tests/ops/<op>.json): all cases of a file are entries of one
// graph, compiled once per ISA level and -O level in this process; each entry then runs from the very .so that graphc
// ships, on random and on special values, with the workspace filled with 0xff before every call.
//
// A file:  { "ulp": 2, "relative_to_max": 1e-6,           // |got - want| <= ulp * spacing(want) + relative_to_max *
// max |want|
//            "values": "normal" | "special",              // special mixes in nan, infinities, -0, denormals and large
//            values "cases": [ { "inputs": { "a": "f32[$m, 3]" }, "output": "relu(a)", "sizes": { "m": [0, 1, 7] } } ]
//            }
// `output` is a formula of the language; every combination of sizes is one entry.
// usage: compare_ops CASES.json LEVEL|all OPT
#include "compiler/driver/driver.h"
#include "compiler/support/json_document.h"
#include "dialects/graph/evaluate_function.h"
#include "graphc/abi.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <random>

using namespace graphc;
using support::JsonValue;

namespace {

struct CaseFile {
  double ulp = 0, relativeToMax = 0;
  bool special = false;
  std::string graph;                // the graph file's text
  std::vector<std::string> entries; // names, in order
  std::vector<std::string> shown;   // what a message calls each
};

std::string replaceSizes(llvm::StringRef text, const std::map<std::string, int64_t> &sizes) {
  std::string result = text.str();
  for (const auto &[name, value] : sizes)
    for (size_t at = 0; (at = result.find("$" + name, at)) != std::string::npos;)
      result.replace(at, name.size() + 1, std::to_string(value));
  return result;
}

/// Every combination of the sizes of one case.
std::vector<std::map<std::string, int64_t>> combinations(JsonValue sizes) {
  std::vector<std::map<std::string, int64_t>> all(1);
  if (!sizes) return all;
  for (JsonValue name : sizes.children()) {
    std::vector<std::map<std::string, int64_t>> next;
    for (const auto &partial : all)
      for (JsonValue value : name.children()) {
        auto extended = partial;
        extended[name.key().str()] = *value.integer();
        next.push_back(extended);
      }
    all = next;
  }
  return all;
}

bool readCases(const std::string &path, support::Sources &sources, support::Diagnostics &diagnostics, CaseFile &cases) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) return false;
  support::JsonDocument document;
  if (!support::readJson(sources, sources.add(path, (*buffer)->getBuffer().str()), diagnostics, document)) return false;
  JsonValue root = document.root();
  if (JsonValue v = root.find("ulp")) cases.ulp = *v.real();
  if (JsonValue v = root.find("relative_to_max")) cases.relativeToMax = *v.real();
  if (JsonValue v = root.find("values")) cases.special = v.string() == "special";
  std::string functions, entries;
  for (JsonValue one : root.find("cases").children())
    for (const auto &sizes : combinations(one.find("sizes"))) {
      std::string name = "case_" + std::to_string(cases.entries.size()), inputs, shown;
      for (JsonValue input : one.find("inputs").children()) {
        std::string type = replaceSizes(input.string(), sizes);
        inputs += (inputs.empty() ? "" : ", ") + ("\"" + input.key().str() + "\": \"" + type + "\"");
        shown += (shown.empty() ? "" : ", ") + (input.key().str() + ": " + type);
      }
      std::string output = replaceSizes(one.find("output").string(), sizes);
      functions += (functions.empty() ? "" : ",\n") + ("    \"" + name + "\": { \"inputs\": { " + inputs +
                                                       " }, \"outputs\": { \"y\": \"" + output + "\" } }");
      entries += (entries.empty() ? "\"" : ", \"") + name + "\"";
      cases.entries.push_back(name);
      cases.shown.push_back(output + " of " + shown);
    }
  cases.graph = "{ \"graphc\": 1, \"name\": \"cases\",\n  \"functions\": {\n" + functions + " },\n  \"entries\": [" +
                entries + "] }\n";
  return !cases.entries.empty();
}

std::vector<float> randomValues(size_t count, bool special, std::mt19937 &random) {
  static const float specials[] = {NAN,    INFINITY, -INFINITY, 0.0f,    -0.0f, 1e-40f, -1e-45f, 3e38f,
                                   -3e38f, 88.72f,   -87.5f,    -103.0f, 20.0f, -20.0f, 1e-8f,   0.625f};
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float &value : values) value = special && random() % 3 == 0 ? specials[random() % 16] : 2 * normal(random);
  return values;
}

/// "" if the two agree within the file's tolerance.
std::string compare(const CaseFile &cases, const void *got, const graph::HostTensor &want) {
  double largest = 0;
  for (const graph::Jet &jet : want.floats)
    if (std::isfinite(jet.v)) largest = std::max(largest, std::fabs(jet.v));
  for (int64_t i = 0, n = want.size(); i < n; ++i) {
    if (!graph::isFloat(want.dtype)) {
      int64_t value =
          want.dtype == graph::Dtype::I64 ? static_cast<const int64_t *>(got)[i] : static_cast<const int32_t *>(got)[i];
      if (value != want.integers[i])
        return "element " + std::to_string(i) + " is " + std::to_string(value) + ", not " +
               std::to_string(want.integers[i]);
      continue;
    }
    float value = static_cast<const float *>(got)[i], wanted = float(want.floats[i].v);
    if (std::isnan(value) && std::isnan(wanted)) continue;
    if (value == wanted && (value != 0 || std::signbit(value) == std::signbit(wanted) || cases.relativeToMax > 0))
      continue;
    double spacing = std::max(double(std::nextafter(std::fabs(wanted), INFINITY)) - std::fabs(wanted), 1.4e-45);
    if (std::isfinite(value) && std::isfinite(wanted) && value != wanted &&
        std::fabs(double(value) - wanted) <= cases.ulp * spacing + cases.relativeToMax * largest)
      continue;
    char text[128];
    std::snprintf(text, sizeof text, "element %lld is %.9g, not %.9g (%.2f ulp)", (long long)i, double(value),
                  double(wanted), std::fabs(double(value) - wanted) / spacing);
    return text;
  }
  return "";
}

struct Library {
  void *handle = nullptr;
  const graphc_signature *signature = nullptr;
  std::vector<char> contextMemory;
  void *context = nullptr;
  char *arena = nullptr;
  size_t arenaBytes = 0;

  bool open(const std::string &path) {
    handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return llvm::errs() << dlerror() << "\n", false;
    auto find = [&](const char *name) { return dlsym(handle, name); };
    signature = reinterpret_cast<const graphc_signature *(*)()>(find("cases_signature"))();
    auto init = reinterpret_cast<graphc_status (*)(void *, size_t, const graphc_options *, void **)>(
        find("cases_context_init"));
    contextMemory.resize(signature->context_bytes + GRAPHC_ALIGN);
    char *aligned = contextMemory.data() + (-reinterpret_cast<uintptr_t>(contextMemory.data()) & (GRAPHC_ALIGN - 1));
    if (init(aligned, signature->context_bytes, nullptr, &context) != GRAPHC_OK) return false;
    arena = aligned + GRAPHC_CONTEXT_HEADER_BYTES;
    arenaBytes = signature->context_bytes - GRAPHC_CONTEXT_HEADER_BYTES;
    return true;
  }
  ~Library() {
    if (handle) dlclose(handle);
  }
};

/// Runs one entry compiled and by reference; "" if they agree.
std::string runCase(const CaseFile &cases, Library &library, mlir::ModuleOp module, size_t index,
                    std::mt19937 &random) {
  const graphc_entry_info &entry = library.signature->entries[index];
  std::vector<std::vector<float>> inputs;
  std::vector<graph::HostTensor> hostInputs, wanted;
  std::vector<char> result;
  std::vector<void *> args;
  std::vector<uint64_t> bytes;
  for (uint32_t i = 0; i < entry.arg_count; ++i) {
    const graphc_tensor_info &info = entry.args[i];
    bytes.push_back(info.bytes);
    if (info.direction == GRAPHC_OUTPUT) {
      result.assign(info.bytes + 8, '\xa5');
      args.push_back(result.data());
      continue;
    }
    inputs.push_back(randomValues(info.bytes / 4, cases.special, random));
    graph::HostTensor host(graph::Dtype::F32, llvm::ArrayRef<int64_t>(info.dims, info.rank));
    for (size_t k = 0; k < inputs.back().size(); ++k) host.floats[k].v = inputs.back()[k];
    hostInputs.push_back(std::move(host));
  }
  for (uint32_t i = 0, in = 0; i < entry.arg_count; ++i)
    if (entry.args[i].direction == GRAPHC_INPUT) args.insert(args.begin() + i, inputs[in++].data());
  std::memset(library.arena, 0xff, library.arenaBytes);
  graphc_status status = entry.invoke(library.context, nullptr, nullptr, args.data(), bytes.data());
  if (status != GRAPHC_OK) return "status " + std::to_string(status);
  if (std::string(result.data() + result.size() - 8, 8) != std::string(8, '\xa5'))
    return "wrote past the end of its output";
  auto function = module.lookupSymbol<mlir::func::FuncOp>(entry.name);
  llvm::SmallVector<graph::HostTensor> results;
  auto noParameters = [](llvm::StringRef) -> mlir::FailureOr<graph::HostTensor> { return mlir::failure(); };
  if (!function || mlir::failed(graph::evaluateFunction(function, hostInputs, noParameters, results)))
    return "the reference evaluation failed";
  return compare(cases, result.data(), results[0]);
}

int compareAt(const CaseFile &cases, const support::IsaLevel &level, int optLevel) {
  llvm::SmallString<64> folder;
  if (llvm::sys::fs::createUniqueDirectory("graphc-compare", folder)) return 1;
  std::string input = (folder + "/cases.json").str();
  std::error_code error;
  llvm::raw_fd_ostream(input, error) << cases.graph;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  driver::loadDialects(context);
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  driver::CompileOptions options;
  options.input = input;
  options.outputFolder = folder.str().str();
  options.level = &level;
  options.optLevel = optLevel;
  options.keepOptimizedGraph = true;
  driver::CompileResult compiled = driver::compile(context, sources, diagnostics, options, llvm::outs());
  diagnostics.render(llvm::errs(), support::DiagnosticFormat::Human, false);
  size_t wrong = 0;
  if (compiled.exitCode != 0) {
    llvm::errs() << "compile failed: " << compiled.error << "\n";
    wrong = 1;
  } else {
    Library library;
    std::mt19937 random(1);
    if (!library.open((folder + "/libcases.so").str())) wrong = 1;
    for (size_t i = 0; wrong == 0 || (library.context && i < cases.entries.size()); ++i) {
      if (i == cases.entries.size()) break;
      std::string message = runCase(cases, library, *compiled.graph, i, random);
      if (message.empty()) continue;
      ++wrong;
      llvm::errs() << level.name << " -O" << optLevel << ": " << cases.shown[i] << ": " << message << "\n";
    }
  }
  llvm::sys::fs::remove_directories(folder);
  llvm::outs() << level.name << " -O" << optLevel << ": " << cases.entries.size() << " cases, " << wrong << " wrong\n";
  return wrong != 0;
}
} // namespace

int main(int argc, char **argv) {
  if (argc != 4) return llvm::errs() << "usage: compare_ops CASES.json LEVEL|all OPT\n", 2;
  support::Sources sources;
  support::Diagnostics diagnostics(sources);
  CaseFile cases;
  if (!readCases(argv[1], sources, diagnostics, cases)) {
    diagnostics.render(llvm::errs(), support::DiagnosticFormat::Human, false);
    return llvm::errs() << argv[1] << ": no cases\n", 1;
  }
  int failed = 0;
  for (const support::IsaLevel &level : support::isaLevels())
    if (level.number <= support::nativeIsaLevel().number &&
        (llvm::StringRef(argv[2]) == "all" || level.name == argv[2]))
      failed |= compareAt(cases, level, std::atoi(argv[3]));
  return failed;
}
