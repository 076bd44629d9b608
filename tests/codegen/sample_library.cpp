// The bodies have the form that `lower` produces: pointers in, no result.
#include "tests/codegen/sample_library.h"
#include "graphc/abi.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace graphc;
using support::ArgumentDescription;

static const char *const bodies = R"mlir(
module {
  llvm.func @predict(%x: !llvm.ptr, %scale: !llvm.ptr, %none: !llvm.ptr, %y: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %team: !llvm.ptr) {
    %zero = llvm.mlir.poison : vector<8xf32>
    %index = llvm.mlir.constant(0 : i32) : i32
    %s = llvm.load %scale : !llvm.ptr -> f32
    %one = llvm.insertelement %s, %zero[%index : i32] : vector<8xf32>
    %all = llvm.shufflevector %one, %zero [0, 0, 0, 0, 0, 0, 0, 0] : vector<8xf32>
    %v = llvm.load %x {alignment = 4 : i64} : !llvm.ptr -> vector<8xf32>
    %p = llvm.fmul %v, %all : vector<8xf32>
    llvm.store volatile %p, %arena {alignment = 64 : i64} : vector<8xf32>, !llvm.ptr
    %q = llvm.load volatile %arena {alignment = 64 : i64} : !llvm.ptr -> vector<8xf32>
    %w = llvm.load %params {alignment = 64 : i64} : !llvm.ptr -> vector<8xf32>
    %r = llvm.fadd %q, %w : vector<8xf32>
    llvm.store %r, %y {alignment = 4 : i64} : vector<8xf32>, !llvm.ptr
    llvm.return
  }
  llvm.func @sample_total(%x: !llvm.ptr, %k: !llvm.ptr, %i: !llvm.ptr, %t: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %team: !llvm.ptr) {
    %a = llvm.load %x : !llvm.ptr -> f32
    %k8 = llvm.load %k : !llvm.ptr -> i8
    %kf = llvm.uitofp %k8 : i8 to f32
    %i16 = llvm.load %i : !llvm.ptr -> i16
    %if = llvm.sitofp %i16 : i16 to f32
    %b = llvm.fadd %a, %kf : f32
    %c = llvm.fadd %b, %if : f32
    llvm.store %c, %t : f32, !llvm.ptr
    llvm.return
  }
}
)mlir";

static ArgumentDescription tensor(const char *name, uint32_t dtype, std::vector<int64_t> dims, uint64_t bytes,
                                  bool output = false) {
  ArgumentDescription arg;
  arg.name = name;
  arg.doc = std::string("the ") + name;
  arg.dtype = dtype;
  arg.dims = std::move(dims);
  arg.bytes = bytes;
  arg.output = output;
  return arg;
}

support::LibraryDescription test::sampleLibrary(const std::string &name) {
  support::LibraryDescription library;
  library.name = name;
  library.doc = "A sample.";
  support::EntryDescription predict;
  predict.name = "predict";
  predict.doc = "y = x * scale + w";
  predict.body = "predict";
  predict.args = {tensor("x", GRAPHC_F32, {8}, 32), tensor("scale", GRAPHC_F32, {}, 4),
                  tensor("none", GRAPHC_F32, {0}, 0), tensor("y", GRAPHC_F32, {8}, 32, true)};
  predict.needsModel = true;
  predict.arenaBytes = 64;
  predict.flops = 16;
  predict.memoryBytes = 100;
  support::EntryDescription total;
  total.name = "total";
  total.body = "sample_total";
  total.args = {tensor("x", GRAPHC_F32, {8}, 32), tensor("k", GRAPHC_U8, {}, 1), tensor("i", GRAPHC_I16, {}, 2),
                tensor("t", GRAPHC_F32, {}, 4, true)};
  total.needsModel = true;
  support::EntryDescription load = total;
  load.name = "load";
  library.entries = {predict, total, load};
  support::ParamDescription w;
  static_cast<support::TensorDescription &>(w) = tensor("w", GRAPHC_F32, {8}, 32);
  w.storedBytes = 32;
  w.init = GRAPHC_INIT_CONSTANT;
  w.a = 0.5;
  library.params = {w};
  library.paramsBytes = 64;
  return library;
}

std::string test::generateSample(const support::LibraryDescription &library, const codegen::Options &options,
                                 codegen::Emit emit, std::string &error, const char *moduleText) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::LLVM::LLVMDialect>();
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceString<mlir::ModuleOp>(moduleText ? moduleText : bodies, &context);
  if (!module) {
    error = "the test's module does not parse";
    return "";
  }
  mlir::Builder b(&context);
  const support::IsaLevel &level = *library.levels.front();
  for (auto function : module->getOps<mlir::LLVM::LLVMFuncOp>())
    if (!function.isExternal() && !function.getPassthrough())
      function.setPassthroughAttr(b.getArrayAttr({b.getStrArrayAttr({"target-cpu", level.name}),
                                                  b.getStrArrayAttr({"prefer-vector-width", level.vectorBits})}));
  return codegen::generate(*module, library, options, emit, error).value_or("");
}

std::string test::writeSample(const support::LibraryDescription &library, const std::string &folder, int optLevel,
                              const char *moduleText) {
  codegen::Options options;
  options.optLevel = optLevel;
  std::string error, object = generateSample(library, options, codegen::Emit::Object, error, moduleText);
  if (error.empty()) package::writeLibrary({object}, library, folder, error);
  return error;
}

test::TemporaryFolder::TemporaryFolder() {
  llvm::SmallString<64> folder;
  if (!llvm::sys::fs::createUniqueDirectory("graphc-test", folder)) path = folder.str().str();
}

test::TemporaryFolder::~TemporaryFolder() { llvm::sys::fs::remove_directories(path); }

std::string test::fileBytes(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  return buffer ? (*buffer)->getBuffer().str() : "";
}
