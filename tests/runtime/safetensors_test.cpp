// The safetensors reader on right files and on hostile ones. Each file is copied to a block of exactly its size, so
// that a sanitizer sees any byte read outside.
#include "faults.h"
#include "safetensors_text.h"
#include <catch2/catch.hpp>
#include <memory>
#include <string.h>
#include <vector>

using Catch::Contains;

namespace {

struct Opened {
  std::unique_ptr<char[]> bytes;
  graphc_safetensors file = {};
  graphc_status status;
  char message[GRAPHC_SAFETENSORS_MESSAGE] = "";

  explicit Opened(const std::string &text, uint64_t claimedBytes = 0) : bytes(new char[text.size()]) {
    memcpy(bytes.get(), text.data(), text.size());
    status = graphc_safetensors_open(bytes.get(), claimedBytes ? claimedBytes : text.size(), &file, message);
  }
};

void accepted(const std::string &file, uint64_t tensors) {
  Opened opened(file);
  INFO(opened.message);
  CHECK(opened.status == GRAPHC_OK);
  CHECK(opened.file.tensor_count == tensors);
}

void refused(const std::string &file, const char *message) {
  Opened opened(file);
  INFO(file.substr(0, 200));
  CHECK(opened.status == GRAPHC_ERR_FORMAT);
  CHECK_THAT(std::string(opened.message), Contains(message));
}

void refusedHeader(const std::string &header, const char *message, size_t data = 0) {
  refused(safetensors(header, data), message);
}

const std::string a = tensor("a", "F32", "[2,3]", "[0,24]");

} // namespace

TEST_CASE("safetensors: right files") {
  accepted(safetensors("{}"), 0);
  accepted(safetensors("{" + a + "}", 24), 1);
  accepted(safetensors("{" + a + "}     ", 24), 1);
  accepted(safetensors("{ \"__metadata__\" : { \"format\" : \"pt\" , \"\\u00e9\":\"\\n\" } ,\n\t" + a + " }", 24), 1);
  accepted(safetensors("{\"__metadata__\":{}}"), 0);
  accepted(safetensors("{" + a + ",\"b\":{\"data_offsets\":[24,25],\"shape\":[],\"dtype\":\"U8\"}}", 25), 2);
  // out of order, with empty tensors between
  accepted(safetensors("{" + tensor("z", "I64", "[1]", "[24,32]") + "," + tensor("e", "F32", "[0,5]", "[24,24]") + "," +
                           a + "," + tensor("f", "F32", "[0]", "[32,32]") + "}",
                       32),
           4);
  accepted(safetensors("{" + tensor("\xf0\x9f\x98\x80", "BOOL", "[3]", "[0,3]") + "}", 3), 1);
  accepted(safetensors("{" + tensor("x", "F8_E4M3", "[4]", "[0,4]") + "}", 4), 1); // a type that graphc does not know
  accepted(safetensors("{" + tensor("x", "F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]") + "}", 4), 1);
  accepted(safetensors("{\"\":{\"\\u0064type\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4), 1);
}

TEST_CASE("safetensors: what visit and find give") {
  Opened opened(safetensors("{" + tensor("b", "F16", "[3]", "[24,30]") + "," + a + "," +
                                tensor("q\\\"\\u00e9\\ud83d\\ude00\\/", "X9", "[2]", "[30,31]") + "}",
                            31));
  REQUIRE(opened.status == GRAPHC_OK);
  std::vector<graphc_safetensors_tensor> seen;
  auto add = [](void *env, const graphc_safetensors_tensor *tensor) {
    static_cast<std::vector<graphc_safetensors_tensor> *>(env)->push_back(*tensor);
    return 0;
  };
  CHECK(graphc_safetensors_visit(&opened.file, add, &seen) == 0);
  REQUIRE(seen.size() == 3);
  CHECK(std::string(seen[0].name, seen[0].name_bytes) == "b");
  CHECK(seen[0].dtype == GRAPHC_F16);
  CHECK(seen[1].rank == 2);
  CHECK(seen[1].dims[1] == 3);
  CHECK(seen[1].begin == opened.file.data_begin);
  CHECK(seen[0].begin == opened.file.data_begin + 24);
  CHECK(seen[0].bytes == 6);
  CHECK(seen[2].dtype == UINT32_MAX);
  graphc_safetensors_tensor found = {};
  CHECK(graphc_safetensors_find(&opened.file, "a", &found) == 1);
  CHECK(found.bytes == 24);
  CHECK(graphc_safetensors_find(&opened.file, "q\"\xc3\xa9\xf0\x9f\x98\x80/", &found) == 1); // escapes resolved
  CHECK(graphc_safetensors_find(&opened.file, "ab", &found) == 0);
  CHECK(graphc_safetensors_find(&opened.file, "", &found) == 0);
  auto stop = [](void *, const graphc_safetensors_tensor *) { return 5; };
  CHECK(graphc_safetensors_visit(&opened.file, stop, nullptr) == 5);
}

TEST_CASE("safetensors hostile: lengths that lie") {
  refused("", "the file has 0 bytes");
  refused("1234567", "the file has 7 bytes");
  refused(std::string(8, '\0'), "does not begin with '{'");
  refused(std::string(8, '\xff'), "claims 18446744073709551615 bytes");
  refused(std::string("\x03\0\0\0\0\0\0\0{}", 10), "claims 3 bytes, the file has 2");
  refused(std::string("\0\0\0\0\0\0\0\x80{}", 10), "claims 9223372036854775808");
  refused(std::string("\xf8\xff\xff\xff\xff\xff\xff\xff{}", 10), "claims"); // 8 + length wraps to 0
  Opened huge(std::string("\x01\xe1\xf5\x05\0\0\0\0", 8), 1ull << 40);      // 100,000,001
  CHECK(huge.status == GRAPHC_ERR_FORMAT);
  CHECK_THAT(std::string(huge.message), Contains("more than 100000000"));
  refused(safetensors("{" + a + "}", 24).substr(0, 30), "claims");
}

TEST_CASE("safetensors hostile: not the format's JSON") {
  refusedHeader(" {}", "does not begin with '{'");
  refusedHeader("[]", "does not begin with '{'");
  refusedHeader("\xef\xbb\xbf{}", "does not begin with '{'");
  refusedHeader("{", "string expected");
  refusedHeader("{}x", "text after");
  refusedHeader("{}{}", "text after");
  refusedHeader(std::string("{}\0", 3), "text after");
  refusedHeader("{\"a\"}", "':' expected");
  refusedHeader("{\"a\":1}", "'{' expected");
  refusedHeader("{\"a\":null}", "'{' expected");
  refusedHeader("{\"a\":{}}", "tensor 'a' lacks dtype, shape and data_offsets");
  refusedHeader("{a:{}}", "string expected");
  refusedHeader("{" + a + ",}", "string expected", 24);
  refusedHeader("{" + a + " \"b\":{}}", "'}' expected", 24);
  refusedHeader("{/*c*/" + a + "}", "string expected", 24);
  refusedHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "lacks one of");
  refusedHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", "a field other than", 4);
  refusedHeader("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                "has a field twice", 4);
  refusedHeader("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", "string expected", 4);
  refusedHeader("{\"__metadata__\":null}", "'{' expected");
  refusedHeader("{\"__metadata__\":{\"a\":1}}", "string expected");
  refusedHeader("{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", "string expected");
  refusedHeader("{\"__metadata__\":{},\"__metadata__\":{}}", "twice");
}

TEST_CASE("safetensors hostile: strings") {
  refusedHeader("{\"a", "a string has no end");
  refusedHeader("{\"a\\", "an escape is cut off");
  refusedHeader("{\"a\\u12", "an escape is cut off");
  refusedHeader("{\"a\\x\":{}}", "unknown escape");
  refusedHeader("{\"a\\u12g4\":{}}", "four hexadecimal digits");
  refusedHeader("{\"\\ud800\":{}}", "half a surrogate pair");
  refusedHeader("{\"\\udc00\":{}}", "half a surrogate pair");
  refusedHeader("{\"\\ud800\\u0041\":{}}", "half a surrogate pair");
  refusedHeader("{\"a\nb\":{}}", "control character");
  for (const char *bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf8\x88\x80\x80\x80", "\xc3", "\xf0\x9f\x98", "\xff"}) {
    refusedHeader("{" + tensor(bad, "F32", "[1]", "[0,4]") + "}", "not valid UTF-8", 4);
  }
  refusedHeader("{\"\xf0\x9f\x98", "not valid UTF-8"); // cut at the very end
}

TEST_CASE("safetensors hostile: numbers") {
  for (const char *shape :
       {"[-1]", "[+1]", "[1.0]", "[1e0]", "[01]", "[\"1\"]", "[null]", "[[1]]", "[1,]", "[,1]", "[1 1]", "1", "{}",
        "[18446744073709551616]", "[9223372036854775808]", "[1", "[", "[0x1]", "[NaN]"}) {
    refusedHeader("{" + tensor("a", "F32", shape, "[0,4]") + "}", "header byte", 4);
  }
  refusedHeader("{" + tensor("a", "F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]") + "}", "more than 16 dims", 4);
  for (const char *offsets :
       {"[0]", "[0,4,8]", "[]", "[0,-4]", "[0,4.0]", "[0,18446744073709551620]", "4", "{\"0\":4}"}) {
    refusedHeader("{" + tensor("a", "F32", "[1]", offsets) + "}", "header byte", 4);
  }
}

TEST_CASE("safetensors hostile: shapes and products that wrap") {
  for (const char *shape : {"[4294967296,4294967296]", "[4611686018427387905]", "[2,9223372036854775807]",
                            "[9223372036854775807,9223372036854775807,0]", "[65536,65536,65536,65536]"}) {
    refusedHeader("{" + tensor("a", "F32", shape, "[0,4]") + "}", "a shape too large", 4);
  }
  refusedHeader("{" + tensor("x", "F4", "[4294967296,4294967296]", "[0,4]") + "}", "a shape too large", 4);
  refusedHeader("{" + tensor("a", "F32", "[2]", "[0,4]") + "}", "does not match its bytes", 4);
  refusedHeader("{" + tensor("a", "F64", "[1]", "[0,4]") + "}", "does not match its bytes", 4);
  refusedHeader("{" + tensor("a", "F32", "[0]", "[0,4]") + "}", "does not match its bytes", 4);
  refusedHeader("{" + tensor("a", "F32", "[]", "[0,0]") + "}", "does not match its bytes");
}

TEST_CASE("safetensors hostile: ranges") {
  const char *u8 = "U8";
  refusedHeader("{" + tensor("a", u8, "[4]", "[4,0]") + "}", "ends before it begins", 4);
  refusedHeader("{" + tensor("a", u8, "[5]", "[0,5]") + "}", "ends past the end", 4);
  refusedHeader("{" + tensor("a", u8, "[4]", "[18446744073709551612,18446744073709551615]") + "}", "ends past the end",
                4);
  refusedHeader("{" + tensor("a", u8, "[4]", "[0,4]") + "}", "the file at", 5); // trailing byte
  refusedHeader("{}", "the file at", 1);                                        // data of nobody
  refusedHeader("{" + tensor("a", u8, "[3]", "[1,4]") + "}", "leaves a hole", 4);
  refusedHeader("{" + tensor("a", u8, "[2]", "[0,2]") + "," + tensor("b", u8, "[1]", "[3,4]") + "}", "leaves a hole",
                4);
  refusedHeader("{" + tensor("a", u8, "[3]", "[0,3]") + "," + tensor("b", u8, "[2]", "[2,4]") + "}",
                "'b' overlaps another", 4);
  refusedHeader("{" + tensor("a", u8, "[4]", "[0,4]") + "," + tensor("b", u8, "[4]", "[0,4]") + "}", "overlaps another",
                4);
  refusedHeader("{" + tensor("a", u8, "[4]", "[0,4]") + "," + tensor("b", u8, "[0]", "[2,2]") + "}", "overlaps another",
                4);
  refusedHeader("{" + tensor("x", "F4", "[9]", "[0,2]") + "," + tensor("y", "F4", "[9]", "[1,4]") + "}",
                "overlaps another", 4);
}

TEST_CASE("safetensors hostile: names twice") {
  std::string b = tensor("b", "U8", "[1]", "[0,1]");
  refusedHeader("{" + b + "," + tensor("b", "U8", "[1]", "[1,2]") + "}", "tensor 'b' stands there twice", 2);
  refusedHeader("{" + b + "," + tensor("\\u0062", "U8", "[1]", "[1,2]") + "}", "stands there twice", 2);
  refusedHeader("{" + tensor("", "U8", "[0]", "[0,0]") + "," + b + "," + tensor("", "U8", "[0]", "[1,1]") + "}",
                "twice", 1);
  accepted(safetensors("{" + b + "," + tensor("b\\u0000", "U8", "[1]", "[1,2]") + "}", 2), 2);
}

TEST_CASE("safetensors hostile: depth, count and terminal escapes") {
  refusedHeader(std::string(1000000, '{'), "string expected");
  refusedHeader("{\"a\":" + std::string(1000000, '['), "'{' expected");
  refusedHeader("{\"a\":{\"shape\":" + std::string(1000000, '['), "non-negative integer expected");
  std::string many = "{", reversed = "{";
  const int n = 50000;
  for (int i = 0; i < n; ++i) {
    auto entry = [](int i) {
      return tensor("t" + std::to_string(i), "U8", "[1]", "[" + std::to_string(i) + "," + std::to_string(i + 1) + "]");
    };
    many += (i ? "," : "") + entry(i);
    reversed += (i ? "," : "") + entry(n - 1 - i);
  }
  accepted(safetensors(many + "}", n), n);
  accepted(safetensors(reversed + "}", n), n);
  refusedHeader(many + "," + tensor("t7", "U8", "[0]", "[0,0]") + "}", "'t7' stands there twice", n);
  refusedHeader("{\"\x7f\xc2\x9b\xe2\x80\xae\":{}}", "tensor '\\x7f\\xc2\\x9b\\xe2\\x80\\xae' lacks");
  Opened longName(safetensors("{\"" + std::string(100000, 'n') + "\":{}}"));
  CHECK(strlen(longName.message) < GRAPHC_SAFETENSORS_MESSAGE);
  CHECK_THAT(std::string(longName.message), Contains("nnn...' lacks"));
}

TEST_CASE("safetensors: memory failure is a status, a null message is allowed") {
  std::string file = safetensors("{" + a + "}", 24);
  graphc_safetensors out;
  char message[GRAPHC_SAFETENSORS_MESSAGE];
  faults::failAllocation(1);
  CHECK(graphc_safetensors_open(file.data(), file.size(), &out, message) == GRAPHC_ERR_MEMORY);
  CHECK(faults::reached());
  faults::reset();
  CHECK(graphc_safetensors_open(file.data(), file.size(), &out, nullptr) == GRAPHC_OK);
  CHECK(graphc_safetensors_open(file.data(), 9, &out, nullptr) == GRAPHC_ERR_FORMAT);
}

TEST_CASE("safetensors: every prefix and every single-byte change of a right file is refused or stays inside") {
  std::string file =
      safetensors("{\"__metadata__\":{\"k\":\"v\\u00e9\"}," + a + "," + tensor("b", "U8", "[1]", "[24,25]") + "}", 25);
  for (size_t length = 0; length < file.size(); ++length)
    REQUIRE(Opened(file.substr(0, length)).status == GRAPHC_ERR_FORMAT);
  auto touch = [](void *env, const graphc_safetensors_tensor *tensor) {
    const graphc_safetensors &file = *static_cast<graphc_safetensors *>(env);
    return tensor->begin >= file.data_begin && tensor->begin + tensor->bytes <= file.file_bytes ? 0 : 1;
  };
  for (size_t at = 0; at < file.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      std::string changed = file;
      changed[at] = static_cast<char>(value);
      Opened opened(changed);
      if (opened.status == GRAPHC_OK) REQUIRE(graphc_safetensors_visit(&opened.file, touch, &opened.file) == 0);
    }
}
