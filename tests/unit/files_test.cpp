// Reading and writing files that a user names: everything that is no plain file in its place is refused, and a failed
// write leaves nothing behind. Runs as root too: a folder that root may not write is made by a file-size limit or a
// read-only mount, not by mode.
#include "compiler/support/beneath.h"
#include "compiler/support/files.h"
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace graphc::support;
namespace fs = std::filesystem;

namespace {
/// A folder of its own, removed at the end.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "graphc-unit-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string operator/(const std::string &name) const { return (path / name).string(); }
  void write(const std::string &name, const std::string &text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
  }
  std::string read(const std::string &name) const {
    std::ifstream stream(path / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// Names in the folder, sorted.
  std::vector<std::string> names(const std::string &folder = "") const {
    std::vector<std::string> list;
    for (const auto &entry : fs::directory_iterator(path / folder)) list.push_back(entry.path().filename().string());
    std::sort(list.begin(), list.end());
    return list;
  }
};
} // namespace

static constexpr uint64_t megabyte = 1 << 20;

TEST_CASE("openData reads regular files and nothing else", "[files]") {
  Scratch scratch;
  scratch.write("good", "bytes");
  scratch.write("empty", "");
  DataFile good = openData(scratch / "good", megabyte);
  REQUIRE(good);
  CHECK(good.bytes->getBuffer() == "bytes");
  CHECK(openData(scratch / "good", 5));
  CHECK(openData(scratch / "empty", 0));
  DataFile large = openData(scratch / "good", 4);
  CHECK(large.error == "'" + (scratch / "good") + "' has 5 bytes, the limit is 4");
  CHECK(openData(scratch / "none", megabyte).error ==
        "cannot open '" + (scratch / "none") + "': No such file or directory");
  CHECK(openData(scratch.path.string(), megabyte).error == "'" + scratch.path.string() + "' is a folder, not a file");
  CHECK(openData("/dev/zero", megabyte).error == "'/dev/zero' is no regular file");
  REQUIRE(mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  CHECK(openData(scratch / "fifo", megabyte).error ==
        "'" + (scratch / "fifo") + "' is no regular file"); // and does not block
  CHECK(openData(llvm::StringRef("a\0b", 3), megabyte).error == "'a\\x00b' holds a zero byte");
  CHECK(openData("", megabyte).error == "cannot open '': No such file or directory");
}

TEST_CASE("file names of any bytes", "[files]") {
  Scratch scratch;
  for (std::string name : {std::string("a b"), std::string("a$b#c"), std::string("-o"), std::string("a\nb"),
                           std::string("\xff\xfe"), std::string("*?[x]"), std::string(255, 'n')}) {
    INFO(name);
    {
      OutputFolder out(scratch / "lib $#\xff");
      REQUIRE(out.open());
      REQUIRE(out.add(name, "text of " + name));
      REQUIRE(out.commit());
    }
    DataFile file = openData(scratch / ("lib $#\xff/" + name), megabyte);
    REQUIRE(file);
    CHECK(file.bytes->getBuffer() == "text of " + name);
    CHECK(openDataBeneath(scratch / "lib $#\xff", name, megabyte));
  }
}

namespace {
struct Escape {
  std::string path, reason;
};
using Opener = int (*)(int, llvm::StringRef, std::string &);
} // namespace

/// A graph's folder `in` beside a secret, with every kind of way out.
static void makeWays(const Scratch &scratch) {
  scratch.write("secret", "secret");
  scratch.write("in/w.bin", "weights");
  scratch.write("in/sub/w.bin", "more");
  scratch.write("outside/w.bin", "secret");
  auto link = [&](const std::string &target, const std::string &name) {
    REQUIRE(symlink(target.c_str(), (scratch / name).c_str()) == 0);
  };
  link("../secret", "in/up");
  link(scratch / "secret", "in/absolute");
  link("../outside", "in/folder");
  link(scratch / "outside", "in/absolute_folder");
  link("up", "in/chain");
  link("sub/../../secret", "in/through_sub");
  link("../../secret", "in/sub/up_twice");
  link("loop", "in/loop");
  link("/proc/self/root", "in/magic");
  link("/proc/self/cwd", "in/cwd");
  REQUIRE(mkfifo((scratch / "in/fifo").c_str(), 0600) == 0);
}

TEST_CASE("no way leads out of the folder", "[files]") {
  Scratch scratch;
  makeWays(scratch);
  const std::string lexical[] = {"..",
                                 "../secret",
                                 "../in/w.bin",
                                 "sub/../w.bin",
                                 "sub/../../secret",
                                 "./../secret",
                                 ".//..//secret",
                                 "sub/..",
                                 "/etc/passwd",
                                 scratch / "secret",
                                 "/",
                                 "//etc/passwd",
                                 scratch / "in/w.bin",
                                 "../",
                                 "sub/../../../../../etc/passwd",
                                 "x/../../secret",
                                 "folder/../secret",
                                 "folder/..",
                                 "...//../secret",
                                 "",
                                 std::string("w.bin\0x", 7),
                                 std::string("\0", 1),
                                 "/proc/self/mem",
                                 "/dev/zero"};
  const std::string links[] = {"up",          "absolute",       "folder/w.bin", "absolute_folder/w.bin", "chain",
                               "through_sub", "sub/up_twice",   "loop",         "magic/etc/passwd",      "cwd/secret",
                               "./up",        "sub/./up_twice", "folder",       "absolute_folder"};
  const std::string noFile[] = {".", "sub", "sub/", "./", "fifo", "none", "sub/none", "w.bin/", "w.bin/x", "\xff"};
  size_t count = 0;
  for (Opener open : {openBeneath, openBeneathByWalk}) {
    int folder = ::open((scratch / "in").c_str(), O_PATH | O_DIRECTORY);
    REQUIRE(folder >= 0);
    for (const std::string &path : lexical) {
      std::string error;
      INFO(path);
      CHECK(open(folder, path, error) == -1);
      CHECK(!error.empty());
      ++count;
    }
    for (const std::string &path : links) {
      std::string error;
      INFO(path);
      CHECK(open(folder, path, error) == -1);
      CHECK(!error.empty());
      ++count;
    }
    std::string error;
    int good = open(folder, "sub/w.bin", error);
    CHECK(good >= 0);
    close(good);
    close(folder);
  }
  for (const std::string &path : noFile) {
    INFO(path);
    DataFile file = openDataBeneath(scratch / "in", path, megabyte);
    CHECK_FALSE(file);
    CHECK(!file.error.empty());
    ++count;
  }
  CHECK(count >= 60);
}

TEST_CASE("what may be read beneath, and what the refusals say", "[files]") {
  Scratch scratch;
  makeWays(scratch);
  std::string in = scratch / "in";
  CHECK(openDataBeneath(in, "w.bin", megabyte).bytes->getBuffer() == "weights");
  CHECK(openDataBeneath(in, "./sub//w.bin", megabyte).bytes->getBuffer() == "more");
  CHECK(openDataBeneath(in, "w.bin", 3).error == "'w.bin' has 7 bytes, the limit is 3");
  CHECK(openDataBeneath(in, "../secret", megabyte).error == "'../secret' leaves the folder of the file that names it");
  CHECK(openDataBeneath(in, "/etc/passwd", megabyte).error ==
        "'/etc/passwd' is an absolute path: a file named in a file must lie in its folder");
  CHECK(openDataBeneath(in, "up", megabyte).error ==
        "'up' leaves the folder of the file that names it by a symbolic link");
  CHECK(openDataBeneath(in, "fifo", megabyte).error == "'fifo' is no regular file");
  CHECK(openDataBeneath(in, "none", megabyte).error == "cannot open 'none': No such file or directory");
  REQUIRE(link((scratch / "secret").c_str(), (scratch / "in/hard").c_str()) == 0);
  CHECK(openDataBeneath(in, "hard", megabyte).error.find("'hard' is a hard link") == 0);
  REQUIRE(symlink("sub/w.bin", (scratch / "in/inside").c_str()) == 0);
  CHECK(openDataBeneath(in, "inside", megabyte).bytes->getBuffer() == "more"); // a link that stays inside
  int folder = ::open(in.c_str(), O_PATH | O_DIRECTORY);
  std::string error;
  CHECK(openBeneathByWalk(folder, "inside", error) == -1); // the walk follows none
  close(folder);
  CHECK(openDataBeneath(scratch / "nowhere", "w.bin", megabyte).error.find("cannot open '") == 0);
}

TEST_CASE("all files appear together", "[files]") {
  Scratch scratch;
  mode_t mask = umask(022);
  {
    OutputFolder out(scratch / "a/b/lib");
    REQUIRE(out.open());
    REQUIRE(out.add("net.h", "header"));
    std::string reserved = out.reserve("libnet.so");
    REQUIRE(!reserved.empty());
    std::ofstream(reserved) << "library";
    for (const std::string &name : scratch.names("a/b/lib")) CHECK(name.find(".graphc-") == 0);
    REQUIRE(out.commit());
  }
  umask(mask);
  CHECK(scratch.names("a/b/lib") == std::vector<std::string>{"libnet.so", "net.h"});
  CHECK(scratch.read("a/b/lib/net.h") == "header");
  CHECK(scratch.read("a/b/lib/libnet.so") == "library");
  struct stat info;
  REQUIRE(stat((scratch / "a/b/lib/net.h").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0644);
  { // again, over the old files
    OutputFolder out(scratch / "a/b/lib/");
    REQUIRE(out.open());
    REQUIRE(out.add("net.h", "new"));
    REQUIRE(out.commit());
  }
  CHECK(scratch.read("a/b/lib/net.h") == "new");
}

TEST_CASE("without commit nothing is left", "[files]") {
  Scratch scratch;
  {
    OutputFolder out(scratch / "x/y");
    REQUIRE(out.open());
    REQUIRE(out.add("net.h", "header"));
    out.reserve("libnet.so");
  }
  CHECK(scratch.names().empty());
  scratch.write("old/net.h", "old");
  {
    OutputFolder out(scratch / "old");
    REQUIRE(out.open());
    REQUIRE(out.add("net.h", "new"));
  }
  CHECK(scratch.read("old/net.h") == "old");
  CHECK(scratch.names("old") == std::vector<std::string>{"net.h"});
}

TEST_CASE("what stands in the way is named, and nothing is left", "[files]") {
  Scratch scratch;
  scratch.write("file", "x");
  {
    OutputFolder out(scratch / "file");
    CHECK_FALSE(out.open());
    CHECK(out.error() == "cannot make the folder '" + (scratch / "file") + "': Not a directory");
  }
  {
    OutputFolder out(scratch / "file/lib");
    CHECK_FALSE(out.open());
  }
  {
    OutputFolder out(scratch / "new/lib");
    REQUIRE(out.open());
    for (const char *name : {"", ".", "..", "a/b", "../x"}) {
      INFO(name);
      CHECK_FALSE(out.add(name, "x"));
      CHECK(out.reserve(name).empty());
    }
  }
  {
    OutputFolder out(scratch / "new/lib");
    REQUIRE(out.open());
    scratch.write("new/lib/net.so/inside", "a folder of that name");
    REQUIRE(out.add("net.h", "x"));
    REQUIRE(out.add("net.so", "x"));
    CHECK_FALSE(out.commit());
    CHECK(out.error() == "cannot write '" + (scratch / "new/lib/net.so") + "': Is a directory");
  }
  CHECK(scratch.names("new/lib") == std::vector<std::string>{"net.so"});
}

/// Runs `body` in a child, so that limits and identities do not reach the other tests; true if it returned true.
template <typename Body> static bool inChild(Body body) {
  pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE("a file-size limit is reported and leaves nothing", "[files]") {
  Scratch scratch;
  CHECK(inChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{4096, 4096};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    OutputFolder out(scratch / "lib");
    bool reported = out.open() && out.add("small.h", "fits") && !out.add("large.a", std::string(megabyte, 'x'));
    return reported && out.error() == "cannot write '" + (scratch / "lib/large.a") + "': File too large";
  }));
  CHECK(scratch.names().empty());
}

TEST_CASE("a folder without the right to write", "[files]") {
  Scratch scratch;
  fs::create_directory(scratch.path / "lib");
  fs::permissions(scratch.path / "lib", fs::perms(0555));
  fs::permissions(scratch.path, fs::perms(0755));
  CHECK(inChild([&] {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && setresuid(nobody, nobody, nobody) != 0) return false;
    OutputFolder out(scratch / "lib");
    OutputFolder inside(scratch / "lib/new");
    return out.open() && !out.add("net.h", "x") &&
           out.error() == "cannot write '" + (scratch / "lib/net.h") + "': Permission denied" && !inside.open() &&
           inside.error() == "cannot make the folder '" + (scratch / "lib/new") + "': Permission denied";
  }));
  CHECK(scratch.names("lib").empty());
}

TEST_CASE("a full disk is reported and leaves nothing", "[files]") {
  Scratch scratch;
  fs::create_directory(scratch.path / "small");
  // Needs the right to mount; the file-size limit above covers the same code where that is missing.
  if (mount("none", (scratch / "small").c_str(), "tmpfs", 0, "size=64k") != 0) return;
  {
    OutputFolder out(scratch / "small/lib");
    CHECK(out.open());
    CHECK(out.add("net.h", "fits"));
    CHECK_FALSE(out.add("libnet.a", std::string(megabyte, 'x')));
    CHECK(out.error() == "cannot write '" + (scratch / "small/lib/libnet.a") + "': No space left on device");
  }
  CHECK(scratch.names("small").empty());
  umount((scratch / "small").c_str());
}
