// The one mapping between the language's dtypes, their names and MLIR's element types: i8..i64 are signless (read as
// signed), u8..u64 are ui8..ui64, bool is i1.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "mlir/IR/Types.h"
#include <optional>

namespace graphc::graph {
/// "f32"
llvm::StringRef dtypeName(Dtype dtype);
std::optional<Dtype> findDtype(llvm::StringRef name);
/// Bytes of an element in memory (bool: 1).
unsigned dtypeBytes(Dtype dtype);
mlir::Type elementType(mlir::MLIRContext *context, Dtype dtype);
std::optional<Dtype> dtypeOf(mlir::Type elementType);
/// For messages: the dtype's name, or the type as MLIR prints it if the language has no such dtype.
std::string typeName(mlir::Type elementType);
} // namespace graphc::graph
