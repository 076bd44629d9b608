// Breadth first with a queue, so that neither a deep chain of files nor a cycle can overflow anything; cycles are found
// afterwards among the files that were read. A file's identity is its path as joined from the including files' folders:
// ".." is refused, so two spellings of one file are at worst read as two files, and their number is limited.
#include "compiler/frontend/include_files.h"
#include "compiler/support/files.h"
#include "llvm/Support/Path.h"

namespace graphc::frontend {
using support::JsonValue;

bool checkInFolder(JsonValue file, support::Diagnostics &diagnostics, bool isWeights) {
  llvm::StringRef name = file.string();
  bool leaves = llvm::sys::path::is_absolute(name);
  for (llvm::StringRef part : llvm::make_range(llvm::sys::path::begin(name), llvm::sys::path::end(name)))
    leaves |= part == "..";
  if (!leaves) return true;
  diagnostics.error("G5005", file.span(), "'" + support::printable(name) + "' leaves the folder of the graph file",
                    isWeights ? "put the file beside the graph, or name it on the command line with --weights"
                              : "put the file beside the graph");
  return false;
}

namespace {
constexpr uint64_t maxFileBytes = uint64_t(256) << 20;
constexpr size_t maxFiles = 256;

class Includer {
public:
  explicit Includer(Program &program) : program(program), diagnostics(program.diagnostics) {}

  bool run() {
    size_t before = diagnostics.errorCount();
    std::deque<FileScope *> open = {&program.main};
    byPath[program.main.path] = &program.main;
    for (; !open.empty(); open.pop_front()) {
      FileScope &file = *open.front();
      JsonValue includes = file.object("include");
      for (JsonValue member = includes ? includes.firstChild() : JsonValue(); member; member = member.next())
        if (FileScope *added = include(file, member)) open.push_back(added);
    }
    if (diagnostics.errorCount() == before) checkCycles();
    return diagnostics.errorCount() == before;
  }

private:
  Program &program;
  support::Diagnostics &diagnostics;
  std::map<std::string, FileScope *> byPath;
  struct Edge {
    FileScope *to;
    support::Span span;
  };
  std::map<const FileScope *, std::vector<Edge>> edges;

  /// The file, if it is read for the first time.
  FileScope *include(FileScope &from, JsonValue member) {
    if (!checkName(member.key(), member.keySpan(), diagnostics) ||
        !checkKind(member, aString, "an included file", diagnostics))
      return nullptr;
    std::string path = member.string().str();
    if (member.string().starts_with("std:")) {
      includeStandard(from, member);
      return nullptr;
    }
    if (!checkInFolder(member, diagnostics)) return nullptr;
    llvm::SmallString<128> joined(llvm::sys::path::parent_path(from.path));
    llvm::sys::path::append(joined, path);
    llvm::sys::path::remove_dots(joined);
    auto [it, isNew] = byPath.try_emplace(joined.str().str(), nullptr);
    FileScope *&file = it->second;
    if (isNew) file = read(from, member, joined);
    if (!file) return nullptr;
    from.includes[member.key()] = file;
    edges[&from].push_back({file, member.span()});
    return isNew ? file : nullptr;
  }

  FileScope *read(const FileScope &from, JsonValue member, llvm::StringRef path) {
    if (byPath.size() > maxFiles) {
      diagnostics.error("G1013", member.span(), "more than " + llvm::Twine(maxFiles) + " files are included");
      return nullptr;
    }
    llvm::StringRef folder = llvm::sys::path::parent_path(from.path);
    support::DataFile data = support::openDataBeneath(folder.empty() ? "." : folder, member.string(), maxFileBytes);
    if (!data) {
      diagnostics.error("G5004", member.span(), data.error);
      return nullptr;
    }
    uint32_t id = program.sources.add(path.str(), data.bytes->getBuffer().str());
    program.documents.emplace_back();
    support::JsonDocument &document = program.documents.back();
    if (!support::readJson(program.sources, id, diagnostics, document)) return nullptr;
    program.otherFiles.emplace_back();
    FileScope &file = program.otherFiles.back();
    file.path = path.str();
    file.prefix = from.prefix + member.key().str() + ".";
    file.root = document.root();
    return &file;
  }

  void includeStandard(FileScope &from, JsonValue member) {
    std::vector<llvm::StringRef> names;
    for (FileScope &file : program.otherFiles) {
      if (!file.isStandard) continue;
      if (file.path == member.string()) {
        from.includes[member.key()] = &file;
        return;
      }
      names.push_back(file.path);
    }
    diagnostics.error("G5004", member.span(),
                      "there is no '" + support::printable(member.string()) + "'" +
                          support::didYouMean(member.string(), names));
  }

  /// Depth first with an explicit stack.
  void checkCycles() {
    std::set<const FileScope *> done;
    std::vector<std::pair<const FileScope *, size_t>> stack = {{&program.main, 0}};
    while (!stack.empty()) {
      auto &[file, next] = stack.back();
      const std::vector<Edge> &out = edges[file];
      if (next == out.size()) {
        done.insert(file);
        stack.pop_back();
        continue;
      }
      Edge edge = out[next++];
      auto open = llvm::find_if(stack, [&](auto &entry) { return entry.first == edge.to; });
      if (open != stack.end()) {
        std::string chain;
        for (auto it = open; it != stack.end(); ++it)
          chain += llvm::sys::path::filename(it->first->path).str() + " -> ";
        diagnostics.error("G1013", edge.span,
                          "these files include each other: " +
                              support::printable(chain + llvm::sys::path::filename(edge.to->path).str()));
      } else if (!done.count(edge.to)) {
        stack.emplace_back(edge.to, 0);
      }
    }
  }
};
} // namespace

bool readIncludes(Program &program) { return Includer(program).run(); }
} // namespace graphc::frontend
