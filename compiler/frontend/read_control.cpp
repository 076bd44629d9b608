// Keys of nodes of control flow and of their regions.
#include "compiler/frontend/control.h"
#include "compiler/frontend/read_node.h"

namespace graphc::frontend {
using support::JsonValue;

bool isControlWord(llvm::StringRef op) { return op == "if" || op == "while" || op == "scan"; }

namespace {
class ControlReader {
public:
  ControlReader(JsonValue json, const Definition &around, support::Diagnostics &diagnostics)
      : json(json), around(around), diagnostics(diagnostics) {}

  std::shared_ptr<ControlDefinition> read() {
    size_t before = diagnostics.errorCount();
    llvm::StringRef op = json.find("op").string();
    std::string what = "'" + op.str() + "'";
    if (op == "if") {
      if (checkKeys(json, ifKeys(), what, diagnostics)) readIf();
    } else if (op == "while") {
      control->kind = ControlDefinition::While;
      if (checkKeys(json, whileKeys(), what, diagnostics)) readWhile();
    } else {
      control->kind = ControlDefinition::Scan;
      if (checkKeys(json, scanKeys(), what, diagnostics)) readScan();
    }
    return diagnostics.errorCount() == before ? control : nullptr;
  }

private:
  JsonValue json;
  const Definition &around;
  support::Diagnostics &diagnostics;
  std::shared_ptr<ControlDefinition> control = std::make_shared<ControlDefinition>();

  void readIf() {
    control->condition = readOperand(json.find("cond"), around.isLayer, diagnostics);
    readRegion("then", {});
    readRegion("else", {});
  }

  void readWhile() {
    readNamed("carry", control->carries);
    control->limit = json.find("max_iterations");
    control->onLimit = json.find("on_limit");
    if (control->onLimit && control->onLimit.string() != "error" && control->onLimit.string() != "stop")
      diagnostics.error("G2003", control->onLimit.span(),
                        "'on_limit' is 'error' or 'stop', this is '" + support::printable(control->onLimit.string()) +
                            "'");
    readGrad();
    readRegion("cond", {});
    readRegion("body", bodyKeys(/*collects=*/false));
  }

  void readGrad() {
    JsonValue grad = json.find("grad");
    if (!grad || !checkKeys(grad, gradKeys(), "'grad'", diagnostics)) return;
    control->mode = grad.find("mode");
    control->checkpoints = grad.find("checkpoints");
    control->replay = grad.find("replay");
    if (!control->mode) return;
    llvm::StringRef mode = control->mode.string();
    if (mode == "online" && control->kind != ControlDefinition::While)
      notSupported(control->mode.span(), mode.str(), diagnostics);
    else if (!llvm::is_contained({"auto", "tape", "carries", "segments", "online"}, mode))
      diagnostics.error("G2003", control->mode.span(),
                        "'mode' is 'auto', 'tape', 'carries', 'segments' or 'online', this is '" +
                            support::printable(mode) + "'");
  }

  void readScan() {
    readNamed("carry", control->carries);
    readNamed("over", control->over);
    control->axis = json.find("axis");
    control->length = json.find("length");
    control->index = json.find("index");
    if (control->index) checkName(control->index.string(), control->index.span(), diagnostics);
    control->reverse = json.find("reverse");
    readGrad();
    readRegion("body", bodyKeys(/*collects=*/true));
    if (control->over.empty() && !control->length)
      diagnostics.error("G0012", json.find("op").span(),
                        "'scan' needs 'over' or 'length' to say how many turns it has");
  }

  void readNamed(llvm::StringRef key, std::vector<NamedOperand> &all) {
    JsonValue members = json.find(key);
    for (JsonValue member = members ? members.firstChild() : JsonValue(); member; member = member.next()) {
      if (!checkName(member.key(), member.keySpan(), diagnostics)) continue;
      if (auto value = readOperand(member, around.isLayer, diagnostics))
        all.push_back({member, member.key().str(), std::move(*value)});
    }
  }

  /// `bodyKeys`: of a loop's body, whose outputs are named; none: outputs are a list, or the region a formula.
  void readRegion(llvm::StringRef word, llvm::ArrayRef<KeyRule> bodyKeys) {
    RegionDefinition region;
    region.word = word.str();
    Definition &content = region.content;
    content.name = around.name;
    content.scope = around.scope;
    content.isLayer = around.isLayer;
    content.isStandard = around.isStandard;
    content.json = json.find(word);
    bool isBody = !bodyKeys.empty();
    if (isBody) {
      if (control->index) content.arguments.push_back({control->index.string().str(), control->index.span()});
      for (const NamedOperand &one : control->over) content.arguments.push_back({one.name, one.json.keySpan()});
    }
    for (const NamedOperand &one : control->carries) content.arguments.push_back({one.name, one.json.keySpan()});
    if (!content.json.isObject() || content.json.find("type")) {
      addOutput(content, content.json, "");
    } else if (checkKeys(content.json, isBody ? bodyKeys : regionKeys(), "'" + word.str() + "'", diagnostics)) {
      JsonValue nodes = content.json.find("nodes"), outputs = content.json.find("outputs"),
                collect = content.json.find("collect");
      for (JsonValue member = nodes ? nodes.firstChild() : JsonValue(); member; member = member.next())
        if (auto node = readNode(member, content, diagnostics)) content.nodes.push_back(std::move(*node));
      if (outputs && !isBody && !outputs.isArray()) {
        addOutput(content, outputs, "");
      } else {
        for (JsonValue member = outputs ? outputs.firstChild() : JsonValue(); member; member = member.next())
          addOutput(content, member, isBody ? member.key() : "");
      }
      region.outputs = content.outputs.size();
      for (JsonValue member = collect ? collect.firstChild() : JsonValue(); member; member = member.next())
        if (checkName(member.key(), member.keySpan(), diagnostics)) addOutput(content, member, member.key());
      control->regions.push_back(std::move(region));
      return;
    }
    region.outputs = content.outputs.size();
    control->regions.push_back(std::move(region));
  }

  void addOutput(Definition &content, JsonValue json, llvm::StringRef name) {
    auto value = readOperand(json, around.isLayer, diagnostics);
    if (!value) return;
    OutputDefinition output;
    output.json = json;
    output.name = name.str();
    output.value = std::move(*value);
    content.outputs.push_back(std::move(output));
  }
};
} // namespace

std::shared_ptr<ControlDefinition> readControl(JsonValue json, const Definition &around,
                                               support::Diagnostics &diagnostics) {
  return ControlReader(json, around, diagnostics).read();
}
} // namespace graphc::frontend
