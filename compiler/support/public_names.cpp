// Two rounds, so that a graph with both "load" and "load_" gives the second its own spelling whatever their order.
#include "compiler/support/public_names.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace graphc::support;
using llvm::StringRef;

static constexpr StringRef functions[] = {
    "model_bytes",
    "model_init_for",
    "model_init",
    "model_create_for",
    "model_create",
    "model_destroy",
    "context_bytes",
    "context_init_for",
    "context_create_for",
    "context_init",
    "context_create",
    "context_destroy",
    "context_message",
    "context_level",
    "model_message",
    "load",
    "save",
    "seed",
    "pool_create",
    "pool_destroy",
    "parallel_for",
    "status_name",
    "signature",
};

// Keywords of C99 to C23 and C++98 to C++23; typedefs that prototypes of the header use; macros that the standard
// headers or gcc in its gnu modes define in lower case or that are common enough to hit a parameter.
static constexpr StringRef reserved[] = {
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "atomic_cancel",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "reflexpr",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "synchronized",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "typeof_unqual",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "size_t",
    "ptrdiff_t",
    "max_align_t",
    "nullptr_t",
    "intptr_t",
    "uintptr_t",
    "intmax_t",
    "uintmax_t",
    "int8_t",
    "int16_t",
    "int32_t",
    "int64_t",
    "uint8_t",
    "uint16_t",
    "uint32_t",
    "uint64_t",
    "graphc_status",
    "assert",
    "complex",
    "errno",
    "fileno",
    "i386",
    "imaginary",
    "linux",
    "major",
    "minor",
    "near",
    "noreturn",
    "offsetof",
    "setjmp",
    "signbit",
    "stderr",
    "stdin",
    "stdout",
    "unix",
    "va_arg",
    "va_copy",
    "va_end",
    "va_start",
    "isnan",
    "isinf",
    "isfinite",
    "BUFSIZ",
    "EOF",
    "I",
    "NULL",
    "NAN",
    "INFINITY",
    "HUGE_VAL",
    "M_PI",
    "M_E",
    "DOMAIN",
    "SING",
    "OVERFLOW",
    "UNDERFLOW",
    "RAND_MAX",
};

llvm::ArrayRef<StringRef> graphc::support::runtimeFunctions() { return functions; }

bool graphc::support::isSharedPrefix(StringRef libraryName) {
  return libraryName == "graphc" || libraryName.starts_with("graphc_");
}

bool graphc::support::isReservedInC(StringRef name) {
  static const llvm::StringSet<> words = [] {
    llvm::StringSet<> set;
    for (StringRef word : reserved) set.insert(word);
    return set;
  }();
  // Names with "__" or '_' and a capital belong to the implementation: __attribute__, _Bool, _Complex, __linux__, ...
  bool implementation = name.size() > 1 && name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
  // Such a name with one more '_' is none that a compiler knows.
  return words.contains(name) || (implementation && !name.ends_with("___"));
}

std::string graphc::support::identifier(StringRef text) {
  std::string name;
  for (char c : text) name += llvm::isAlnum(c) || c == '_' ? c : '_';
  return name.empty() || llvm::isDigit(name[0]) ? "_" + name : name;
}

std::vector<std::string> graphc::support::freeIdentifiers(llvm::ArrayRef<std::string> given,
                                                          llvm::ArrayRef<std::string> claimed) {
  std::vector<std::string> wanted;
  for (const std::string &name : given) wanted.push_back(identifier(name));
  llvm::StringSet<> taken;
  for (const std::string &name : claimed) taken.insert(name);
  std::vector<std::string> names(wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i)
    if (!isReservedInC(wanted[i]) && taken.insert(wanted[i]).second) names[i] = wanted[i];
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!names[i].empty()) continue;
    names[i] = wanted[i] + "_";
    while (isReservedInC(names[i]) || !taken.insert(names[i]).second) names[i] += '_';
  }
  return names;
}

std::vector<std::string> graphc::support::entrySymbols(const LibraryDescription &library) {
  std::string prefix = library.name + "_";
  std::vector<std::string> wanted, claimed = {prefix + "model", prefix + "context"}; // the types' names
  for (StringRef function : functions) claimed.push_back(prefix + function.str());
  for (const EntryDescription &entry : library.entries) wanted.push_back(prefix + entry.name);
  return freeIdentifiers(wanted, claimed);
}
