// The bodies have the form that `lower` produces: pointers, then the dims, then the cell for a status.
#include "tests/codegen/dims_library.h"
#include "graphc/abi.h"

using namespace graphc;
using support::ArgumentDescription, support::SizeExpression;

const char *const test::dimsBodies = R"mlir(
module {
  llvm.func @scale(%x: !llvm.ptr, %k: !llvm.ptr, %y: !llvm.ptr, %n: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr,
                   %b: i64, %t: i64, %status: !llvm.ptr, %team: !llvm.ptr) {
    %zero = llvm.mlir.constant(0 : i64) : i64
    %one = llvm.mlir.constant(1 : i64) : i64
    %unlucky = llvm.mlir.constant(13 : i64) : i64
    %total = llvm.mul %b, %t : i64
    llvm.store %total, %n : i64, !llvm.ptr
    %wide = llvm.load %k : !llvm.ptr -> f64
    %factor = llvm.fptrunc %wide : f64 to f32
    llvm.br ^head(%zero : i64)
  ^head(%i: i64):
    %more = llvm.icmp "slt" %i, %total : i64
    llvm.cond_br %more, ^body, ^end
  ^body:
    %from = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %by = llvm.getelementptr %arena[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %to = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %value = llvm.load %from : !llvm.ptr -> f32
    %product = llvm.fmul %value, %factor : f32
    llvm.store volatile %product, %by : f32, !llvm.ptr
    %again = llvm.load volatile %by : !llvm.ptr -> f32
    llvm.store %again, %to : f32, !llvm.ptr
    %next = llvm.add %i, %one : i64
    llvm.br ^head(%next : i64)
  ^end:
    %bad = llvm.icmp "eq" %b, %unlucky : i64
    llvm.cond_br %bad, ^fail, ^done
  ^fail:
    %code = llvm.mlir.constant(-14 : i32) : i32
    llvm.store %code, %status : i32, !llvm.ptr
    llvm.br ^done
  ^done:
    llvm.return
  }
  llvm.func @scale.arena_bytes(%b: i64, %t: i64) -> i64 {
    %four = llvm.mlir.constant(4 : i64) : i64
    %total = llvm.mul %b, %t : i64
    %bytes = llvm.mul %total, %four : i64
    llvm.return %bytes : i64
  }
  // Variants say by their results that it was they who ran.
  llvm.func @scale.b5(%x: !llvm.ptr, %k: !llvm.ptr, %y: !llvm.ptr, %n: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %t: i64, %team: !llvm.ptr) {
    %thousand = llvm.mlir.constant(1000 : i64) : i64
    %told = llvm.add %thousand, %t : i64
    llvm.store volatile %told, %arena : i64, !llvm.ptr
    llvm.store %told, %n : i64, !llvm.ptr
    llvm.return
  }
  llvm.func @scale.b5t3(%x: !llvm.ptr, %k: !llvm.ptr, %y: !llvm.ptr, %n: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %status: !llvm.ptr, %team: !llvm.ptr) {
    %told = llvm.mlir.constant(2000 : i64) : i64
    llvm.store %told, %n : i64, !llvm.ptr
    %bad = llvm.mlir.constant(1 : i32) : i32
    llvm.store %bad, %status : i32, !llvm.ptr
    llvm.return
  }
  llvm.func @scale.b5.arena_bytes(%t: i64) -> i64 {
    %more = llvm.mlir.constant(64 : i64) : i64
    %bytes = llvm.mul %t, %more : i64
    llvm.return %bytes : i64
  }
  llvm.func @step(%half: !llvm.ptr, %flag: !llvm.ptr, %total: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %t: i64, %team: !llvm.ptr) {
    %steps = llvm.load %params : !llvm.ptr -> i64
    %sum = llvm.add %steps, %t : i64
    llvm.store %sum, %params : i64, !llvm.ptr
    llvm.store %sum, %total : i64, !llvm.ptr
    llvm.return
  }
}
)mlir";

static ArgumentDescription argument(const char *name, uint32_t dtype, std::vector<SizeExpression> sizes, bool output,
                                    const support::EntryDescription &entry) {
  ArgumentDescription arg;
  arg.name = name;
  arg.dtype = dtype;
  arg.output = output;
  arg.setSizes(std::move(sizes), entry.dims);
  return arg;
}

support::LibraryDescription test::dimsLibrary(const std::string &name) {
  support::LibraryDescription library;
  library.name = name;
  support::EntryDescription scale;
  scale.name = scale.body = "scale";
  scale.arenaFunction = "scale.arena_bytes";
  scale.dims = {{"B", "how many rows", 1, 512, 1}, {"T", "", 0, 16, 1}};
  SizeExpression b = SizeExpression::dim(0), t = SizeExpression::dim(1);
  scale.args = {argument("x", GRAPHC_F32, {b, t}, false, scale), argument("k", GRAPHC_F64, {}, false, scale),
                argument("y", GRAPHC_F32, {b, t}, true, scale), argument("n", GRAPHC_I64, {}, true, scale)};
  scale.requirements = {{"T <= B + 8", t, b + 8, GRAPHC_LE}};
  scale.mayFail = scale.needsModel = true;
  scale.arenaBytes = 512 * 16 * 4;
  scale.flops = 512 * 16;
  scale.flopsSize = b * t;
  support::EntryDescription step;
  step.name = step.body = "step";
  step.dims = {{"T", "", 0, 16, 1}};
  step.args = {argument("half", GRAPHC_F16, {}, false, step), argument("flag", GRAPHC_BOOL, {}, false, step),
               argument("total", GRAPHC_I64, {}, true, step)};
  step.needsModel = step.writesModel = true;
  library.entries = {scale, step};
  support::ParamDescription steps;
  steps.name = "steps";
  steps.dtype = GRAPHC_I64;
  steps.bytes = steps.storedBytes = 8;
  steps.init = GRAPHC_INIT_CONSTANT;
  library.params = {steps};
  library.paramsBytes = 64;
  return library;
}

support::LibraryDescription test::specializedLibrary(const std::string &name) {
  support::LibraryDescription library = dimsLibrary(name);
  support::VariantDescription rows, one;
  rows.body = "scale.b5";
  rows.values = {5, std::nullopt};
  rows.dims = {1};
  rows.arenaFunction = "scale.b5.arena_bytes";
  rows.arenaBytes = 16 * 64;
  one.body = "scale.b5t3";
  one.values = {5, 3};
  one.mayFail = true;
  one.arenaBytes = 128;
  library.entries[0].variants = {one, rows};
  return library;
}

std::string test::writeDimsLibrary(const support::LibraryDescription &library, const std::string &folder) {
  codegen::Options options;
  std::string error, object = generateSample(library, options, codegen::Emit::Object, error, dimsBodies);
  if (error.empty()) package::writeLibrary({object}, library, folder, error);
  return error;
}
