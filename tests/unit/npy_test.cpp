// .npy files: what NumPy writes is read, what is written is what NumPy writes, and lies in the header are refused
// before memory is taken.
#include "compiler/support/npy.h"
#include "graphc/types.h"
#include <catch2/catch.hpp>

using namespace graphc::support;

static std::string npy(std::string header, std::string data, int major = 1) {
  std::string file("\x93NUMPY", 6);
  file += static_cast<char>(major);
  file += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) file += static_cast<char>(header.size() >> (8 * i));
  return file + header + data;
}

static std::string header(std::string descr, std::string shape, std::string order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

static std::string errorOf(const std::string &file) {
  std::string error;
  return readNpy(file, error) ? "" : error;
}

TEST_CASE("a file as NumPy writes it", "[npy]") {
  NpyArray array{GRAPHC_F32, {2, 3}, std::string(24, '\x01')};
  std::string error;
  std::optional<std::string> file = writeNpy(array, error);
  REQUIRE(file);
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  CHECK(*file == std::string("\x93NUMPY\x01\x00\x76\x00", 10) + text + std::string(118 - text.size() - 1, ' ') + "\n" +
                     array.bytes);
  CHECK((file->size() - 24) % 64 == 0);
}

TEST_CASE("every dtype and rank comes back", "[npy]") {
  struct {
    uint32_t dtype;
    unsigned bytes;
  } types[] = {{GRAPHC_F32, 4}, {GRAPHC_F64, 8}, {GRAPHC_F16, 2}, {GRAPHC_I8, 1},  {GRAPHC_I16, 2}, {GRAPHC_I32, 4},
               {GRAPHC_I64, 8}, {GRAPHC_U8, 1},  {GRAPHC_U16, 2}, {GRAPHC_U32, 4}, {GRAPHC_U64, 8}, {GRAPHC_BOOL, 1}};
  for (auto type : types) {
    for (const std::vector<int64_t> &dims :
         {std::vector<int64_t>{}, {1}, {0}, {5}, {2, 0, 3}, {2, 3, 4}, std::vector<int64_t>(16, 1)}) {
      size_t count = type.bytes;
      for (int64_t dim : dims) count *= static_cast<size_t>(dim);
      NpyArray array{type.dtype, dims, std::string(count, '\x01')};
      std::string error;
      std::optional<std::string> file = writeNpy(array, error);
      REQUIRE(file);
      std::optional<NpyArray> back = readNpy(*file, error);
      REQUIRE(back);
      CHECK(back->dtype == array.dtype);
      CHECK(back->dims == array.dims);
      CHECK(back->bytes == array.bytes);
    }
  }
}

TEST_CASE("headers that differ in form", "[npy]") {
  CHECK(errorOf(npy(header("<f4", "(2,)"), "12345678", 2)) == "");
  CHECK(errorOf(npy(header("<f4", "(2,)"), "12345678", 3)) == "");
  CHECK(errorOf(npy("{\"shape\":(2,1),\"descr\":\"<f4\",\"fortran_order\":False}", "12345678")) == "");
  CHECK(errorOf(npy(header("|u1", "(2L, 4L)"), "12345678")) == "");
  CHECK(errorOf(npy(header("<f4", "(2,)", "True"), "12345678")) == ""); // of one axis both orders are the same
  CHECK(errorOf(npy(header("=f4", "()"), "1234")) == "");
}

TEST_CASE("hostile files are refused with a reason", "[npy]") {
  const char *unreadable = "has a header that cannot be read";
  CHECK(errorOf("") == "is no .npy file");
  CHECK(errorOf("PK\x03\x04") == "is no .npy file");
  CHECK(errorOf(std::string("\x93NUMPY\x01", 7)) == "is no .npy file");
  CHECK(errorOf(npy(header("<f4", "(1,)"), "1234", 4)) == "has .npy format 4.0, only 1.0 to 3.0 are read");
  CHECK(errorOf(npy(header("<f4", "(1,)"), "1234", 0)) == "has .npy format 0.0, only 1.0 to 3.0 are read");
  CHECK(errorOf(npy("", "")) == "ends inside its header");
  CHECK(errorOf(std::string("\x93NUMPY\x01\x00\xff\xff{", 11)) == "ends inside its header");
  CHECK(errorOf(std::string("\x93NUMPY\x01\x00\x01", 9)) == "ends inside its header");
  CHECK(errorOf(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13)) ==
        "has a header of 4294967295 bytes, the limit is 65536");
  // 80 bytes that ask for gigabytes, for the whole address space, and for a product that wraps to what is there.
  CHECK(errorOf(npy(header("<f4", "(8589934592,)"), "1234")) == "has 4 bytes of data, its header asks for 34359738368");
  CHECK(errorOf(npy(header("<f8", "(9223372036854775807, 9223372036854775807)"), "")) ==
        "has 0 bytes of data, its header asks for more than any file has");
  CHECK(errorOf(npy(header("<f4", "(4294967296, 4294967296)"), "")) ==
        "has 0 bytes of data, its header asks for more than any file has");
  CHECK(errorOf(npy(header("<f4", "(4611686018427387905,)"), "1234")) ==
        "has 4 bytes of data, its header asks for more than any file has");
  CHECK(errorOf(npy(header("<f4", "(4294967296, 4294967296, 0)"), "")) == "");
  CHECK(errorOf(npy(header("<f4", "(2,)"), "1234567")) == "has 7 bytes of data, its header asks for 8");
  CHECK(errorOf(npy(header("<f4", "(2,)"), "123456789")) == "has 9 bytes of data, its header asks for 8");
  CHECK(errorOf(npy(header("<f4", "(9223372036854775808,)"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "(-1,)"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "(1.5,)"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "(0x1,)"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "(1"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "[1]"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "(__import__('os'),)"), "1234")) == unreadable);
  CHECK(errorOf(npy(header("<f4", "(1,)", "Maybe"), "1234")) == unreadable);
  CHECK(errorOf(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234")) == unreadable);
  CHECK(errorOf(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "1234")) == unreadable);
  CHECK(errorOf(npy("{'descr': '<f4', 'fortran_order': False}", "1234")) == unreadable);
  CHECK(errorOf(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "1234")) == unreadable);
  CHECK(errorOf(npy("{'x': '<f4', 'fortran_order': False, 'shape': (1,)}", "1234")) == unreadable);
  CHECK(errorOf(npy("{", "")) == unreadable);
  CHECK(errorOf(npy(std::string(65000, '('), "")) == unreadable);
  CHECK(errorOf(npy(header(">f4", "(1,)"), "1234")) ==
        "holds big-endian numbers ('>f4'), only little-endian ones are read");
  CHECK(errorOf(npy(header("|O", "(1,)"), "1234")) == "holds numbers of type '|O', which graphc does not know");
  CHECK(errorOf(npy(header("<c8", "(1,)"), "12345678")) == "holds numbers of type '<c8', which graphc does not know");
  CHECK(errorOf(npy(header("", "(1,)"), "1234")) == "holds numbers of type '', which graphc does not know");
  CHECK(errorOf(npy(header("<\x1b[2J", "(1,)"), "1234")) ==
        "holds numbers of type '<\\x1b[2J', which graphc does not know");
  CHECK(errorOf(npy(header("<f4", "(1, 1)", "True"), "1234")).find("holds its numbers in Fortran order") == 0);
  CHECK(errorOf(npy(header("|b1", "(2,)"), "\x01\x02")) == "holds a bool that is neither 0 nor 1");
  std::string rank17 = "(1,";
  for (int i = 1; i < 17; ++i) rank17 += "1,";
  CHECK(errorOf(npy(header("<f4", rank17 + ")"), "1234")) == "has rank 17, the limit is 16");
}

TEST_CASE("what cannot be written says so", "[npy]") {
  std::string error;
  CHECK_FALSE(writeNpy({GRAPHC_F32, {2}, "1234"}, error));
  CHECK(error == "the bytes do not match the dims");
  CHECK_FALSE(writeNpy({99, {}, ""}, error));
  CHECK(error == "the type has no .npy form");
}

TEST_CASE("bf16 is what ml_dtypes writes", "[npy]") {
  std::string error;
  std::optional<std::string> file = writeNpy({GRAPHC_BF16, {2}, "1234"}, error);
  REQUIRE(file);
  CHECK(file->find("'descr': '<V2'") != std::string::npos);
  for (const std::string &text : {*file, npy(header("|V2", "(2,)"), "1234")}) {
    std::optional<NpyArray> array = readNpy(text, error);
    REQUIRE(array);
    CHECK(array->dtype == GRAPHC_BF16);
    CHECK(array->bytes == "1234");
  }
  CHECK(errorOf(npy(header("|V4", "(1,)"), "1234")) == "holds numbers of type '|V4', which graphc does not know");
  CHECK(errorOf(npy(header(">V2", "(2,)"), "1234")).find("holds big-endian numbers") == 0);
}
