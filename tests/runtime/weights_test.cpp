// Loading and saving weights: round trips through panels, all or nothing, faults at every step, nothing left behind.
#include "fake_library.h"
#include "faults.h"
#include "safetensors_text.h"
#include "temporary_folder.h"
#include <catch2/catch.hpp>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace fake;
using Catch::Contains;

static std::string modelBlock(const Session &session) {
  return std::string(static_cast<char *>(session.model) + GRAPHC_MODEL_HEADER_BYTES, paramsBytes);
}

/// A file of the fake library's four params with values 1, 2, 3...; `header` may be spoilt.
static std::string weights(std::string header = {}) {
  const std::string right =
      "{" + tensor("net.b", "F32", "[18]", "[0,72]") + "," + tensor("net.w", "F32", "[3,18]", "[72,288]") + "," +
      tensor("a \\\"scale\\\"\\n", "F32", "[]", "[288,292]") + "," + tensor("empty", "F32", "[0,4]", "[292,292]") + "}";
  std::string file = safetensors(header.empty() ? right : header);
  for (int i = 0; i < 73; ++i) {
    float value = static_cast<float>(i + 1);
    file.append(reinterpret_cast<char *>(&value), 4);
  }
  return file;
}

static std::string replaced(std::string text, const std::string &from, const std::string &to) {
  size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("load: logical row-major tensors, in any order, into packed params") {
  TemporaryFolder folder;
  Session session;
  REQUIRE(graphc_abi_load(session.model, folder.write("w.safetensors", weights()).c_str()) == GRAPHC_OK);
  CHECK(session.modelMessage().empty());
  std::vector<float> b = session.values(B), w = session.values(W);
  for (int i = 0; i < 18; ++i) CHECK(b[i] == i + 1);
  for (int i = 0; i < 54; ++i) CHECK(w[i] == i + 19);
  CHECK(session.values(S) == std::vector<float>{73});
  const float *panels = reinterpret_cast<const float *>(static_cast<char *>(session.model) + 512);
  CHECK(panels[48 + 2] == 0); // padding
  CHECK(faults::openDescriptors == 0);
}

TEST_CASE("save and load: the round trip keeps every bit, and the file is the format's") {
  TemporaryFolder folder;
  Session first(1), second(2);
  REQUIRE(modelBlock(first) != modelBlock(second));
  std::string path = folder.file("saved.safetensors");
  REQUIRE(graphc_abi_save(first.model, path.c_str()) == GRAPHC_OK);
  CHECK(folder.count() == 1);
  REQUIRE(graphc_abi_load(second.model, path.c_str()) == GRAPHC_OK);
  CHECK(modelBlock(first) == modelBlock(second));
  std::string file = TemporaryFolder::read(path);
  graphc_safetensors opened;
  char message[GRAPHC_SAFETENSORS_MESSAGE];
  REQUIRE(graphc_safetensors_open(file.data(), file.size(), &opened, message) == GRAPHC_OK);
  CHECK(opened.tensor_count == 4);
  CHECK(opened.data_begin % 8 == 0);
  graphc_safetensors_tensor w;
  REQUIRE(graphc_safetensors_find(&opened, "net.w", &w) == 1);
  CHECK(memcmp(file.data() + w.begin, first.values(W).data(), 216) == 0); // row-major, not packed
  REQUIRE(graphc_abi_save(second.model, path.c_str()) == GRAPHC_OK);      // over an existing file, the same bytes
  CHECK(TemporaryFolder::read(path) == file);
}

TEST_CASE("load: panels wider and longer than the buffers of load and save, of every type that lies so") {
  struct Type {
    uint32_t dtype, bytes;
  };
  for (auto [dtype, bytes] : {Type{GRAPHC_F32, 4}, Type{GRAPHC_BF16, 2}, Type{GRAPHC_I8, 1}}) {
    Restore restore;
    static const int64_t dims[] = {155, 131}; // rows, panels and groups cut by the buffers' ends and their own
    const uint64_t group = 4 / bytes, packed = 9 * ((155 + group - 1) / group) * 64;
    params[S] = {"big", "", dims, 155 * 131 * bytes, 2, dtype};
    std::vector<char> rows(155 * 131 * bytes), back(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<char>(i * 37 + i / 251);
    storage[S] = {640, packed, GRAPHC_LAYOUT_PANELS, GRAPHC_INIT_VALUES, 0, 0, rows.data()};
    graphc_library_description.params_bytes = 640 + packed;
    TemporaryFolder folder;
    Session first(1), second(1);
    char *firstBlock = static_cast<char *>(first.model) + GRAPHC_MODEL_HEADER_BYTES,
         *secondBlock = static_cast<char *>(second.model) + GRAPHC_MODEL_HEADER_BYTES;
    memset(secondBlock + 640, 99, packed);
    std::string path = folder.file("big.safetensors");
    REQUIRE(graphc_abi_save(first.model, path.c_str()) == GRAPHC_OK);
    REQUIRE(graphc_abi_load(second.model, path.c_str()) == GRAPHC_OK);
    CHECK(memcmp(firstBlock, secondBlock, 640 + packed) == 0);
    graphc_unpack_panels(firstBlock + 640, bytes, 155, 131, back.data());
    CHECK(back == rows);
    std::string file = TemporaryFolder::read(path);
    CHECK(memcmp(file.data() + file.size() - rows.size(), rows.data(), rows.size()) == 0);
  }
}

TEST_CASE("filters for Winograd: rows are saved, the products' matrices are made by init and load") {
  constexpr int channels = 2, filters = 18, stored = 2 * channels * 16;
  constexpr double g[6][3] = {{1 / 4.0, 0, 0},
                              {-1 / 6.0, -1 / 6.0, -1 / 6.0},
                              {-1 / 6.0, 1 / 6.0, -1 / 6.0},
                              {1 / 24.0, 1 / 12.0, 1 / 6.0},
                              {1 / 24.0, -1 / 12.0, 1 / 6.0},
                              {0, 0, 1}};
  Restore restore;
  static const int64_t dims[] = {3, 3, channels, filters};
  const uint64_t bytes = 9 * channels * filters * 4, first = (bytes + 63) / 64 * 64, packed = first + 36 * stored * 4;
  params[S] = {"filters", "", dims, bytes, 4, GRAPHC_F32};
  storage[S] = {640, packed, GRAPHC_LAYOUT_WINOGRAD, GRAPHC_INIT_NORMAL, 1, 0, nullptr};
  graphc_library_description.params_bytes = 640 + packed;
  TemporaryFolder folder;
  Session one(1), other(2);
  auto check = [&](const Session &session) {
    const float *rows = reinterpret_cast<const float *>(static_cast<char *>(session.model) + 512 + 640);
    const float *matrices = rows + first / 4;
    for (int i = 0; i < 6; ++i)
      for (int j = 0; j < 6; ++j)
        for (int c = 0; c < channels; ++c)
          for (int f = 0; f < 32; ++f) {
            double sum = 0;
            for (int a = 0; a < 3 && f < filters; ++a)
              for (int b = 0; b < 3; ++b) sum += g[i][a] * g[j][b] * rows[((a * 3 + b) * channels + c) * filters + f];
            float made = matrices[(i * 6 + j) * stored + f / 16 * channels * 16 + c * 16 + f % 16];
            REQUIRE(std::abs(made - sum) <= 1e-7 * (std::abs(sum) + 1));
          }
  };
  check(one);
  std::string path = folder.file("w.safetensors");
  REQUIRE(graphc_abi_save(one.model, path.c_str()) == GRAPHC_OK);
  std::vector<float> values = one.values(S);
  std::string file = TemporaryFolder::read(path);
  CHECK(memcmp(file.data() + file.size() - bytes, values.data(), bytes) == 0);
  REQUIRE(graphc_abi_load(other.model, path.c_str()) == GRAPHC_OK);
  CHECK(memcmp(static_cast<char *>(one.model) + 512, static_cast<char *>(other.model) + 512, 640 + packed) == 0);
  check(other);
}

TEST_CASE("load: missing, extra and differing tensors are named, and change nothing") {
  TemporaryFolder folder;
  Session session;
  std::string before = modelBlock(session);
  const std::string header =
      "{" + tensor("net.b", "F32", "[18]", "[0,72]") + "," + tensor("net.w", "F32", "[3,18]", "[72,288]") + "," +
      tensor("a \\\"scale\\\"\\n", "F32", "[]", "[288,292]") + "," + tensor("empty", "F32", "[0,4]", "[292,292]") + "}";
  struct Case {
    const char *from, *to, *message;
  };
  for (Case k : {
           Case{"net.w", "net.wieght", "has no tensor 'net.w' f32[3,18], but one that the model lacks: 'net.wieght'"},
           Case{"\"empty\"", "\"Empty\"", "has no tensor 'empty' f32[0,4], but one that the model lacks: 'Empty'"},
           Case{"[3,18]", "[18,3]", "tensor 'net.w' is f32[18,3] in the file, the model wants f32[3,18]"},
           Case{"[3,18]", "[54]", "tensor 'net.w' is f32[54] in the file"},
           Case{"\"F32\",\"shape\":[18]", "\"I32\",\"shape\":[18]",
                "tensor 'net.b' is i32[18] in the file, the model wants f32[18]"},
           Case{"\"F32\",\"shape\":[18]", "\"F4\",\"shape\":[18]", "tensor 'net.b' is unknown type[18] in the file"},
           Case{"[0,4]", "[0,5]", "tensor 'empty' is f32[0,5]"},
           Case{"\"empty\"", "\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[292,292]},\"empty\"",
                "has a tensor that the model lacks: 'x'"},
           Case{"}}", "}", "header byte"},
           Case{"[72,288]", "[72,284]", "does not match its bytes"},
       }) {
    std::string path = folder.write("w.safetensors", weights(replaced(header, k.from, k.to)));
    CHECK(graphc_abi_load(session.model, path.c_str()) == GRAPHC_ERR_FORMAT);
    CHECK_THAT(session.modelMessage(), Contains(k.message));
    CHECK(modelBlock(session) == before);
  }
  std::string path = folder.write("w.safetensors", weights("{}").substr(0, 10));
  CHECK(graphc_abi_load(session.model, path.c_str()) == GRAPHC_ERR_FORMAT);
  CHECK_THAT(session.modelMessage(), Contains("has no tensor 'net.w'"));
  CHECK(faults::openDescriptors == 0);
}

TEST_CASE("load: files that are none") {
  TemporaryFolder folder;
  Session session;
  std::string before = modelBlock(session);
  auto fails = [&](const std::string &path, graphc_status status, const char *message) {
    CHECK(graphc_abi_load(session.model, path.c_str()) == status);
    CHECK_THAT(session.modelMessage(), Contains(message));
  };
  fails(folder.file("absent"), GRAPHC_ERR_IO, "cannot open '");
  fails(folder.file("absent"), GRAPHC_ERR_IO, "no such file or directory");
  fails(folder.path, GRAPHC_ERR_IO, "it is a directory");
  fails("/dev/zero", GRAPHC_ERR_IO, "it is no regular file");
  fails("", GRAPHC_ERR_IO, "no such file");
  REQUIRE(mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  fails(folder.file("fifo"), GRAPHC_ERR_IO, "it is no regular file"); // and does not wait
  fails(folder.write("empty", ""), GRAPHC_ERR_FORMAT, "the file has 0 bytes");
  fails(folder.write("text", "not a weights file at all"), GRAPHC_ERR_FORMAT, "claims");
  std::string whole = weights();
  for (size_t length : {size_t(7), size_t(8), size_t(100), whole.size() - 1})
    CHECK(graphc_abi_load(session.model, folder.write("cut", whole.substr(0, length)).c_str()) == GRAPHC_ERR_FORMAT);
  CHECK(modelBlock(session) == before);
  CHECK(faults::openDescriptors == 0);
}

TEST_CASE("load: a param without initial value is served by it") {
  Restore restore;
  storage[B].init = GRAPHC_INIT_NONE;
  TemporaryFolder folder;
  Session session;
  float x[6] = {}, y[36];
  REQUIRE(graphc_abi_load(session.model, folder.write("bad", "x").c_str()) == GRAPHC_ERR_FORMAT);
  CHECK(session.predict(x, 1, y) == GRAPHC_ERR_FORMAT);
  REQUIRE(graphc_abi_load(session.model, folder.write("w", weights()).c_str()) == GRAPHC_OK);
  REQUIRE(session.predict(x, 1, y) == GRAPHC_OK);
  CHECK(y[17] == 18);
}

TEST_CASE("load: a fault at any allocation or file operation changes nothing") {
  TemporaryFolder folder;
  std::string path = folder.write("w.safetensors", weights());
  Session session;
  std::string before = modelBlock(session);
  int allocationFaults = 0, fileFaults = 0;
  for (long n = 1; n < 100; ++n) {
    faults::failAllocation(n);
    graphc_status status = graphc_abi_load(session.model, path.c_str());
    if (!faults::reached()) break;
    ++allocationFaults;
    CHECK(status == GRAPHC_ERR_MEMORY);
    CHECK_THAT(session.modelMessage(), Contains("out of memory"));
    CHECK(modelBlock(session) == before);
  }
  faults::reset();
  Session other;
  before = modelBlock(other);
  for (long n = 1; n < 100; ++n) {
    faults::failFileOperation(n, EIO);
    graphc_status status = graphc_abi_load(other.model, path.c_str());
    if (!faults::reached()) break;
    ++fileFaults;
    if (status == GRAPHC_OK) break; // the last operation is closing a file that was read whole
    CHECK(status == GRAPHC_ERR_IO);
    CHECK_THAT(other.modelMessage(), Contains("the device failed"));
    CHECK(modelBlock(other) == before);
  }
  faults::reset();
  CHECK(allocationFaults == 5); // header, table, order, places, values
  CHECK(fileFaults >= 6);       // open, length, header, three tensors with data, close
  CHECK(faults::openDescriptors == 0);
}

TEST_CASE("save: a fault at any file operation keeps the old file and leaves nothing behind") {
  TemporaryFolder folder;
  std::string path = folder.write("w.safetensors", "the old content");
  Session session;
  int reached = 0;
  for (long n = 1; n < 100; ++n) {
    faults::failFileOperation(n, ENOSPC);
    graphc_status status = graphc_abi_save(session.model, path.c_str());
    if (!faults::reached()) break;
    ++reached;
    CHECK(status == GRAPHC_ERR_IO);
    CHECK_THAT(session.modelMessage(), Contains("no space left on the device"));
    CHECK(TemporaryFolder::read(path) == "the old content");
    CHECK(folder.count() == 1);
  }
  faults::reset();
  CHECK(reached == 5); // open, write, fsync, close, rename
  CHECK(TemporaryFolder::read(path) != "the old content");
  CHECK(faults::openDescriptors == 0);
}

TEST_CASE("save: places that cannot be written") {
  TemporaryFolder folder;
  Session session;
  CHECK(graphc_abi_save(session.model, folder.file("absent/w").c_str()) == GRAPHC_ERR_IO);
  CHECK_THAT(session.modelMessage(), Contains("no such file or directory"));
  CHECK(graphc_abi_save(session.model, std::string(5000, 'p').c_str()) == GRAPHC_ERR_IO);
  CHECK_THAT(session.modelMessage(), Contains("the name is too long"));
  REQUIRE(mkdir(folder.file("folder").c_str(), 0700) == 0);
  CHECK(graphc_abi_save(session.model, folder.file("folder").c_str()) == GRAPHC_ERR_IO);
  CHECK_THAT(session.modelMessage(), Contains("it is a directory"));
  CHECK(folder.count() == 1);
}

TEST_CASE("panels: packing and back, for widths around the panel's") {
  for (int64_t k : {0, 1, 2, 7})
    for (int64_t n : {0, 1, 15, 16, 17, 31, 32, 33}) {
      std::vector<float> rows(k * n), back(k * n, -1), panels((n + 15) / 16 * k * 16, -1);
      for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i + 1);
      graphc_pack_panels(rows.data(), 4, k, n, panels.data());
      for (int64_t row = 0; row < k; ++row)
        for (int64_t column = 0; column < (n + 15) / 16 * 16; ++column)
          REQUIRE(panels[(column / 16 * k + row) * 16 + column % 16] == (column < n ? rows[row * n + column] : 0));
      graphc_unpack_panels(panels.data(), 4, k, n, back.data());
      CHECK(back == rows);
    }
}

template <typename Element> static void checkGroups(uint64_t group) {
  for (uint64_t k : {0, 1, 2, 3, 4, 5, 9})
    for (uint64_t n : {0, 1, 16, 33}) {
      uint64_t groups = (k + group - 1) / group, columns = (n + 15) / 16 * 16;
      std::vector<Element> rows(k * n), back(k * n, 99), panels(groups * group * columns, 99);
      for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Element>(i * 37 + 1);
      graphc_pack_panels(rows.data(), sizeof(Element), int64_t(k), int64_t(n), panels.data());
      for (uint64_t row = 0; row < groups * group; ++row)
        for (uint64_t column = 0; column < columns; ++column) {
          uint64_t at = ((column / 16 * groups + row / group) * 16 + column % 16) * group + row % group;
          REQUIRE(panels[at] == (row < k && column < n ? rows[row * n + column] : 0));
        }
      graphc_unpack_panels(panels.data(), sizeof(Element), int64_t(k), int64_t(n), back.data());
      CHECK(back == rows);
    }
}

TEST_CASE("panels: small elements of k lie side by side in groups of four bytes") {
  checkGroups<uint16_t>(2);
  checkGroups<int8_t>(4);
}
