// The C names of a produced library, decided once for the symbols (codegen) and the header and manifest (package):
// symbols are <name>_<function>; a name that C, C++, a standard macro or the library itself claims gets trailing '_'
// until it is free. Names from a JSON graph are identifiers already
// ([A-Za-z_][A-Za-z0-9_]*), those of an ONNX model may be any text.
#pragma once
#include "compiler/support/library_description.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace graphc::support {

/// The runtime's functions that every library shows, without prefix: graphc_abi_load becomes <name>_load.
llvm::ArrayRef<llvm::StringRef> runtimeFunctions();
/// True for keywords, types of the standard headers and macros that any C or C++ program may meet.
bool isReservedInC(llvm::StringRef name);
/// True for 'graphc' and 'graphc_...': the names that all libraries share begin so, a library's own must not.
bool isSharedPrefix(llvm::StringRef libraryName);
/// An identifier that reads like `text`: bytes that none may have become '_'; a digit in front gets one before it.
std::string identifier(llvm::StringRef text);
/// `wanted`, each made an identifier and free of reserved words, of `claimed` and of each other by trailing '_'; names
/// that are free keep their spelling.
std::vector<std::string> freeIdentifiers(llvm::ArrayRef<std::string> wanted, llvm::ArrayRef<std::string> claimed = {});
/// Symbols of the entries, in their order.
std::vector<std::string> entrySymbols(const LibraryDescription &library);

} // namespace graphc::support
