// See npy.h. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "compiler/support/npy.h"
#include "compiler/support/diagnostics.h"
#include "graphc/types.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

using namespace graphc::support;
using llvm::StringRef;

namespace {
struct Type {
  StringRef descr; // without the byte order
  uint32_t dtype;
  unsigned bytes;
};
/// The header's three entries.
struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortranOrder;
  std::optional<std::vector<int64_t>> shape;
};
} // namespace

static constexpr StringRef magic("\x93NUMPY", 6);
static constexpr size_t maxHeader = 64 << 10;
static constexpr size_t maxRank = 16;
static constexpr Type types[] = {
    {"f4", GRAPHC_F32, 4}, {"f8", GRAPHC_F64, 8},  {"f2", GRAPHC_F16, 2}, {"i1", GRAPHC_I8, 1},  {"i2", GRAPHC_I16, 2},
    {"i4", GRAPHC_I32, 4}, {"i8", GRAPHC_I64, 8},  {"u1", GRAPHC_U8, 1},  {"u2", GRAPHC_U16, 2}, {"u4", GRAPHC_U32, 4},
    {"u8", GRAPHC_U64, 8}, {"b1", GRAPHC_BOOL, 1}, {"V2", GRAPHC_BF16, 2}};

/// Product of the dims and the element size, or nullopt above 2^62.
static std::optional<uint64_t> byteCount(llvm::ArrayRef<int64_t> dims, unsigned elementBytes) {
  if (llvm::is_contained(dims, 0)) return 0;
  uint64_t total = elementBytes;
  for (int64_t dim : dims)
    if (dim < 0 || __builtin_mul_overflow(total, static_cast<uint64_t>(dim), &total) || total >> 62)
      return std::nullopt;
  return total;
}

namespace {
/// Parses the Python dict literal that NumPy writes: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : rest(text) {}
  bool parse(Header &header);

private:
  bool take(StringRef token) {
    rest = rest.ltrim(" \t\n");
    return rest.consume_front(token);
  }
  bool string(std::string &value);
  bool boolean(bool &value);
  bool shape(std::vector<int64_t> &value);
  bool entry(Header &header);

  StringRef rest;
};
} // namespace

bool HeaderParser::string(std::string &value) {
  StringRef quote = take("'") ? "'" : take("\"") ? "\"" : "";
  if (quote.empty()) return false;
  size_t end = rest.find(quote);
  if (end == StringRef::npos || rest.substr(0, end).contains('\\')) return false;
  value = rest.substr(0, end).str();
  rest = rest.substr(end + 1);
  return true;
}

bool HeaderParser::boolean(bool &value) {
  value = take("True");
  return value || take("False");
}

bool HeaderParser::shape(std::vector<int64_t> &value) {
  if (!take("(")) return false;
  while (!take(")")) {
    rest = rest.ltrim(" \t\n");
    StringRef digits = rest.take_while(llvm::isDigit);
    int64_t dim = 0;
    if (digits.empty() || digits.getAsInteger(10, dim)) return false; // also where it does not fit
    rest = rest.substr(digits.size());
    rest.consume_front("L"); // Python 2
    value.push_back(dim);
    if (!take(",")) return take(")");
  }
  return true;
}

bool HeaderParser::entry(Header &header) {
  std::string key;
  if (!string(key) || !take(":")) return false;
  if (key == "descr" && !header.descr) return string(header.descr.emplace());
  if (key == "fortran_order" && !header.fortranOrder) return boolean(header.fortranOrder.emplace());
  if (key == "shape" && !header.shape) return shape(header.shape.emplace());
  return false; // unknown or given twice
}

bool HeaderParser::parse(Header &header) {
  if (!take("{")) return false;
  while (!take("}")) {
    if (!entry(header)) return false;
    if (take(",")) continue;
    if (!take("}")) return false;
    break;
  }
  return rest.trim(" \t\n").empty() && header.descr && header.fortranOrder && header.shape;
}

/// Splits the file into header text and data.
static bool split(StringRef file, StringRef &header, StringRef &data, std::string &error) {
  if (!file.consume_front(magic) || file.size() < 2) {
    error = "is no .npy file";
    return false;
  }
  unsigned major = static_cast<unsigned char>(file[0]), minor = static_cast<unsigned char>(file[1]);
  size_t lengthBytes = major == 1 ? 2 : 4;
  if (major < 1 || major > 3 || minor != 0) {
    error = "has .npy format " + std::to_string(major) + "." + std::to_string(minor) + ", only 1.0 to 3.0 are read";
    return false;
  }
  file = file.substr(2);
  uint64_t length = 0;
  if (file.size() >= lengthBytes)
    length = major == 1 ? llvm::support::endian::read16le(file.data()) : llvm::support::endian::read32le(file.data());
  file = file.substr(lengthBytes); // clamps
  if (length > maxHeader) {
    error = "has a header of " + std::to_string(length) + " bytes, the limit is " + std::to_string(maxHeader);
    return false;
  }
  if (length == 0 || length > file.size()) {
    error = "ends inside its header";
    return false;
  }
  header = file.substr(0, length);
  data = file.substr(length);
  return true;
}

static const Type *findType(StringRef descr, std::string &error) {
  StringRef order = descr.substr(0, 1), name = descr.substr(1);
  const Type *type = llvm::find_if(types, [&](const Type &t) { return t.descr == name; });
  bool known = type != std::end(types);
  if (known && order == ">" && type->bytes > 1)
    error = "holds big-endian numbers ('" + descr.str() + "'), only little-endian ones are read";
  else if (!known || !StringRef("<|=>").contains(order) || order.empty())
    error = "holds numbers of type '" + printable(descr) + "', which graphc does not know";
  else
    return type;
  return nullptr;
}

std::optional<NpyArray> graphc::support::readNpy(StringRef file, std::string &error) {
  StringRef headerText, data;
  if (!split(file, headerText, data, error)) return std::nullopt;
  Header header;
  if (!HeaderParser(headerText).parse(header)) {
    error = "has a header that cannot be read";
    return std::nullopt;
  }
  const Type *type = findType(*header.descr, error);
  if (!type) return std::nullopt;
  NpyArray array;
  array.dtype = type->dtype;
  array.dims = std::move(*header.shape);
  if (array.dims.size() > maxRank)
    error = "has rank " + std::to_string(array.dims.size()) + ", the limit is " + std::to_string(maxRank);
  else if (*header.fortranOrder && array.dims.size() > 1)
    error = "holds its numbers in Fortran order; write it with numpy.ascontiguousarray";
  else if (std::optional<uint64_t> bytes = byteCount(array.dims, type->bytes); !bytes || *bytes != data.size())
    error = "has " + std::to_string(data.size()) + " bytes of data, its header asks for " +
            (bytes ? std::to_string(*bytes) : "more than any file has");
  else if (type->dtype == GRAPHC_BOOL && !llvm::all_of(data, [](unsigned char c) { return c <= 1; }))
    error = "holds a bool that is neither 0 nor 1";
  else {
    array.bytes = data.str();
    return array;
  }
  return std::nullopt;
}

std::optional<std::string> graphc::support::writeNpy(const NpyArray &array, std::string &error) {
  const Type *type = llvm::find_if(types, [&](const Type &t) { return t.dtype == array.dtype; });
  if (type == std::end(types)) {
    error = "the type has no .npy form";
    return std::nullopt;
  }
  std::optional<uint64_t> bytes = byteCount(array.dims, type->bytes);
  if (!bytes || *bytes != array.bytes.size() || array.dims.size() > maxRank) {
    error = "the bytes do not match the dims";
    return std::nullopt;
  }
  std::string header = "{'descr': '" + std::string(type->bytes == 1 ? "|" : "<") + type->descr.str() +
                       "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < array.dims.size(); ++i) header += (i ? ", " : "") + std::to_string(array.dims[i]);
  header += array.dims.size() == 1 ? ",), }" : "), }";
  constexpr size_t prefix = 10, alignment = 64; // magic, version, length; the data begin at a multiple of 64
  header.append(alignment - 1 - (prefix + header.size()) % alignment, ' ');
  header += '\n';
  std::string file = magic.str() + std::string("\x01\x00", 2);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  return file + header + array.bytes;
}
