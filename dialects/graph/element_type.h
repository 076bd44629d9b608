// The one mapping between the language's dtypes, their names and MLIR's element types: i8..i64 are signless (read as
// signed), u8..u64 are ui8..ui64, bool is i1.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "mlir/IR/Types.h"
#include <optional>

namespace graphc::graph {
// What ops are defined for, as messages list it.
inline constexpr Dtype floatDtypes[] = {Dtype::F32, Dtype::F64, Dtype::F16, Dtype::BF16};
inline constexpr Dtype integerDtypes[] = {Dtype::I8, Dtype::I16, Dtype::I32, Dtype::I64,
                                          Dtype::U8, Dtype::U16, Dtype::U32, Dtype::U64};
inline constexpr Dtype numberDtypes[] = {Dtype::F32, Dtype::F64, Dtype::F16, Dtype::BF16, Dtype::I8,  Dtype::I16,
                                         Dtype::I32, Dtype::I64, Dtype::U8,  Dtype::U16,  Dtype::U32, Dtype::U64};
inline constexpr Dtype signedDtypes[] = {Dtype::F32, Dtype::F64, Dtype::F16, Dtype::BF16,
                                         Dtype::I8,  Dtype::I16, Dtype::I32, Dtype::I64};
inline constexpr Dtype boolDtypes[] = {Dtype::Bool};
inline constexpr Dtype allDtypes[] = {Dtype::F32, Dtype::F64, Dtype::F16, Dtype::BF16, Dtype::I8,
                                      Dtype::I16, Dtype::I32, Dtype::I64, Dtype::U8,   Dtype::U16,
                                      Dtype::U32, Dtype::U64, Dtype::Bool};

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
