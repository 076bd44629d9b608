// Types as written (R3, R4, R10): "f32[B, 2*T+1]", in layer inputs also "?t[..., ?n]". Parsed once; evaluated where
// dims and attributes are known; bound against an actual type where a layer is used.
#pragma once
#include "compiler/frontend/static_expression.h"
#include "mlir/IR/BuiltinTypes.h"

namespace graphc::frontend {

struct DimSyntax {
  enum Kind { Size, Binder, Rest } kind = Size;
  std::string binder; // of a Rest: what follows the dots, often nothing
  std::optional<Expression> size;
};

struct TypeSyntax {
  support::JsonValue origin;
  std::string dtype; // "f32", or the name of a dtype attribute or binder
  bool dtypeIsBinder = false;
  uint32_t dtypeBegin = 0, dtypeEnd = 0; // bytes of the string that are the dtype
  std::vector<DimSyntax> dims;
};

/// nullopt after reporting G3014. Binders are refused unless `binders`; `...` and `...name` are refused
/// unless `rests`.
std::optional<TypeSyntax> parseType(support::JsonValue origin, bool binders, bool rests,
                                    support::Diagnostics &diagnostics);
/// The same of bytes [begin, end) of the string `origin`.
std::optional<TypeSyntax> parseType(support::JsonValue origin, size_t begin, size_t end, bool binders, bool rests,
                                    support::Diagnostics &diagnostics);
/// The type in an environment; null after reporting (negative sizes, too large: G3011).
mlir::RankedTensorType evaluateType(const TypeSyntax &syntax, const Environment &environment, SizeOf sizeOf,
                                    mlir::MLIRContext *context, support::Diagnostics &diagnostics);
/// Binds ?names and rests of `syntax` to those of `actual`; false if it does not fit (nothing reported) or a size in it
/// cannot be evaluated (reported).
bool bindType(const TypeSyntax &syntax, mlir::RankedTensorType actual, Environment &environment,
              support::Diagnostics &diagnostics);

/// Element types by name; null for unknown names.
mlir::Type elementType(mlir::MLIRContext *context, llvm::StringRef name);
std::string elementName(mlir::Type type);
llvm::ArrayRef<llvm::StringRef> dtypeNames();
/// ", did you mean 'f32'?" for a word that is no dtype, or "".
std::string dtypeMeant(llvm::StringRef word);
/// "f32[B, 64]" and "[B, 64]".
std::string typeText(mlir::Type type);
std::string shapeText(mlir::Type type);
/// True, or false after reporting G3011: rank <= 16 and bytes < 2^47.
bool checkSize(llvm::ArrayRef<graph::Dim> shape, mlir::Type element, support::Span span,
               support::Diagnostics &diagnostics);

} // namespace graphc::frontend
