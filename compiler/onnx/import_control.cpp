// If, Loop and Scan, whose bodies are graphs of their own. What the file alone decides is decided here: a branch that
// is always taken stands in the If's place; the turns of a Loop that are few and known stand one after the other, so
// that shapes may follow from their numbers; where they are many it is a scan. Only where turns are known may a Loop
// put together what they give, since the size of that is a shape. Any other Loop is a while.
#include "compiler/onnx/control.h"
#include "compiler/onnx/import_graph.h"

namespace graphc::onnx {

static constexpr int maxDepth = 64;          // of regions in one another
static constexpr int64_t mostExpanded = 256; // nodes of a Loop whose few turns are written one after the other
static constexpr int64_t mostSequences = 64; // of a batch that version 8 of Scan works through one by one

/// The graph that an attribute holds, or null after reporting that there is none.
static const ::onnx::GraphProto *graphOf(NodeBuilder &node, llvm::StringRef name) {
  const ::onnx::AttributeProto *attribute = node.find(name);
  if (attribute && attribute->has_g()) return &attribute->g();
  node.error("G0202", "attribute '" + name + "' is missing");
  return nullptr;
}

Values GraphImporter::importRegion(NodeBuilder &node, const ::onnx::GraphProto &graph, llvm::ArrayRef<Value> arguments,
                                   Surroundings around) {
  if (around.depth >= maxDepth) return node.error("G0202", "regions and functions are nested too deeply"), Values();
  Scope inner;
  inner.outer = &around.scope;
  size_t before = builder.diagnostics.errorCount();
  importInitializers(graph, inner);
  for (auto [input, argument] : llvm::zip(graph.input(), arguments)) inner.values[input.name()] = argument;
  importNodes(graph.node(), inner, around.opsets, around.depth + 1);
  Values results = outputs(graph, inner);
  if (builder.diagnostics.errorCount() != before) return node.failSilently(), Values();
  return results;
}

void GraphImporter::importIf(NodeBuilder &node, Surroundings around) {
  Value condition = node.in(0);
  const ::onnx::GraphProto *yes = graphOf(node, "then_branch"), *no = graphOf(node, "else_branch");
  if (node.failed()) return;
  Values results;
  if (condition.constant()) {
    std::optional<double> taken = node.knownReal(condition, "condition");
    if (taken) results = importRegion(node, *taken != 0 ? *yes : *no, {}, around);
  } else {
    results = buildIf(
        node, condition, [&](llvm::ArrayRef<Value>) { return importRegion(node, *yes, {}, around); },
        [&](llvm::ArrayRef<Value>) { return importRegion(node, *no, {}, around); });
  }
  for (auto [i, value] : llvm::enumerate(results)) node.result(i, value);
}

static constexpr llvm::StringLiteral manyParts =
    "what its turns give together has as many parts as there are turns, and that must follow from the file alone";

/// True if a Loop's body gives its condition back as it came, as exporters of counted loops write it.
static bool passesConditionOn(const ::onnx::GraphProto &body) {
  llvm::StringRef name = body.output(0).name();
  for (int i = body.node_size(); i-- > 0;) {
    const ::onnx::NodeProto &node = body.node(i);
    if (node.op_type() == "Identity" && node.input_size() == 1 && node.output_size() == 1 && node.output(0) == name)
      name = node.input(0);
  }
  return name == body.input(1).name();
}

void GraphImporter::importLoop(NodeBuilder &node, Surroundings around) {
  const ::onnx::GraphProto *body = graphOf(node, "body");
  Value most = node.optional(0), begins = node.optional(1);
  Values inits;
  for (size_t i = 2; i < node.inputCount(); ++i) inits.push_back(node.in(i));
  if (node.failed()) return;
  int64_t carries = static_cast<int64_t>(inits.size()), collected = body->output_size() - 1 - carries;
  if (body->input_size() != 2 + carries || collected < 0) {
    node.error("G0202", "its body does not take and give what the loop carries");
    return;
  }
  if (begins && begins.dtype() != graph::Dtype::Bool) {
    node.error("G0202", "its condition must be a bool");
    return;
  }
  std::optional<int64_t> limit;
  if (most && most.constant()) {
    std::optional<Ints> number = node.knownIntegers(most, "number of turns");
    if (!number || number->size() != 1) return;
    limit = std::max<int64_t>(number->front(), 0);
  }
  bool never = begins && begins.constant() && node.knownReal(begins, "condition") == 0.0;
  if (never) limit = 0;
  Value goesOn = node.number(graph::Dtype::Bool, 1);

  // The body runs where its condition holds, so it sees it hold.
  bool always = false; // ... and lets it hold
  auto turn = [&](Value number, llvm::ArrayRef<Value> values) {
    Values arguments{number, goesOn};
    arguments.append(values.begin(), values.end());
    Values results = importRegion(node, *body, arguments, around);
    if (node.failed()) return results;
    always = results[0].constant() && results[0].constant()->elements() == 1 && results[0].constant()->real(0) != 0;
    return results;
  };
  bool known = limit && (!begins || begins.constant());
  if (collected && !known) {
    node.error("G0205", manyParts);
    return;
  }
  if (known && *limit > 0 && *limit * std::max(body->node_size(), 1) <= mostExpanded) {
    Values values(inits);
    std::vector<Values> parts(collected);
    bool decided = true;
    for (int64_t i = 0; i < *limit; ++i) {
      Values given = turn(node.number(graph::Dtype::I64, static_cast<double>(i)), values);
      if (node.failed()) return;
      decided = given[0].constant() && given[0].constant()->elements() == 1;
      if (!decided) break; // by what is computed: a loop after all
      values.assign(given.begin() + 1, given.begin() + 1 + carries);
      for (int64_t k = 0; k < collected; ++k) parts[k].push_back(given[1 + carries + k]);
      if (!always) break;
    }
    if (decided) {
      for (const Values &part : parts) values.push_back(node.op("stack", part, {{"axis", int64_t(0)}}));
      for (auto [i, value] : llvm::enumerate(values)) node.result(i, value);
      return;
    }
  }
  if (known && (collected || never || passesConditionOn(*body))) {
    Values results = buildScan(node, inits, {}, *limit, /*reverse=*/false, [&](llvm::ArrayRef<Value> arguments) {
      Values given = turn(arguments[0], arguments.drop_front());
      return given.empty() ? given : Values(llvm::ArrayRef(given).drop_front());
    });
    if (!node.failed() && !always && !never) node.error("G0205", manyParts);
    if (node.failed()) return;
    for (auto [i, value] : llvm::enumerate(results)) node.result(i, value);
    return;
  }
  Values carried{begins ? node.reshape(begins, {}) : goesOn};
  carried.append(inits);
  if (most && !limit) most = node.reshape(node.cast(most, graph::Dtype::I64), {});
  Values results = buildWhile(
      node, carried, limit,
      [&](llvm::ArrayRef<Value> arguments) {
        if (!most || limit) return Values{arguments[1]};
        Value below = node.op("less", {arguments[0], most});
        return Values{node.op("and", {arguments[1], below})};
      },
      [&](llvm::ArrayRef<Value> arguments) {
        Values given = turn(arguments[0], arguments.drop_front(2));
        if (!given.empty()) given[0] = node.reshape(given[0], {});
        return given;
      });
  for (auto [i, value] : llvm::enumerate(llvm::ArrayRef(results).drop_front(results.empty() ? 0 : 1)))
    node.result(i, value);
}

/// The permutation that brings an axis to another place.
static Ints fromTo(int64_t rank, int64_t from, int64_t to) {
  Ints perm;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != from) perm.push_back(axis);
  perm.insert(perm.begin() + to, from);
  return perm;
}

/// One run of Scan over sequences whose axes are those that its attributes say.
Values GraphImporter::scanOnce(NodeBuilder &node, const ::onnx::GraphProto &body, const ScanParts &parts,
                               Surroundings around) {
  Values over;
  int64_t length = 0;
  for (auto [i, sequence] : llvm::enumerate(parts.over)) {
    int64_t axis = node.axis(parts.inputAxes.empty() ? 0 : parts.inputAxes[i], sequence.rank());
    if (node.failed()) return {};
    over.push_back(node.transpose(sequence, fromTo(sequence.rank(), axis, 0)));
    if (!parts.inputReversed.empty() && parts.inputReversed[i])
      over.back() = node.op("flip", over.back(), {{"axis", Ints{0}}});
    if (i == 0) length = over.back().dim(0);
  }
  Values results = buildScan(node, parts.inits, over, length, /*reverse=*/false, [&](llvm::ArrayRef<Value> arguments) {
    return importRegion(node, body, arguments.drop_front(), around);
  });
  for (size_t i = parts.inits.size(); i < results.size(); ++i) {
    size_t at = i - parts.inits.size();
    if (at < parts.outputReversed.size() && parts.outputReversed[at])
      results[i] = node.op("flip", results[i], {{"axis", Ints{0}}});
    if (at >= parts.outputAxes.size()) continue;
    int64_t axis = node.axis(parts.outputAxes[at], results[i].rank());
    if (node.failed()) return {};
    results[i] = node.transpose(results[i], fromTo(results[i].rank(), 0, axis));
  }
  return results;
}

void GraphImporter::importScan(NodeBuilder &node, Surroundings around) {
  const ::onnx::GraphProto *body = graphOf(node, "body");
  int64_t sequences = node.requiredInteger("num_scan_inputs");
  bool batched = node.opset < 9; // the first input: lengths; the first axis of all others: the batch
  int64_t first = batched ? 1 : 0, states = static_cast<int64_t>(node.inputCount()) - first - sequences;
  if (node.failed()) return;
  if (sequences < 1 || states < 0 || body->input_size() != states + sequences || body->output_size() < states) {
    node.error("G0202", "its body does not take and give what the scan has");
    return;
  }
  if (batched && node.has(0)) {
    node.unsupported("its input 'sequence_lens'");
    return;
  }
  ScanParts parts;
  for (int64_t i = 0; i < states; ++i) parts.inits.push_back(node.in(first + i));
  for (int64_t i = 0; i < sequences; ++i) parts.over.push_back(node.in(first + states + i));
  parts.inputReversed = node.integers(batched ? "directions" : "scan_input_directions");
  parts.inputAxes = node.integers("scan_input_axes");
  parts.outputReversed = node.integers("scan_output_directions");
  parts.outputAxes = node.integers("scan_output_axes");
  auto fits = [](const Ints &list, int64_t count) {
    return list.empty() || static_cast<int64_t>(list.size()) == count;
  };
  int64_t collected = body->output_size() - states;
  if (!fits(parts.inputReversed, sequences) || !fits(parts.inputAxes, sequences) ||
      !fits(parts.outputReversed, collected) || !fits(parts.outputAxes, collected))
    node.error("G0202", "an attribute has not one entry for each of its sequences");
  if (node.failed()) return;
  Values results;
  if (!batched) {
    results = scanOnce(node, *body, parts, around);
  } else {
    int64_t count = parts.over.front().dim(0);
    if (count < 1 || count > mostSequences) {
      node.unsupported("a batch of " + llvm::Twine(count));
      return;
    }
    std::vector<Values> each;
    for (int64_t i = 0; i < count && !node.failed(); ++i) {
      ScanParts one = parts;
      for (Values *list : {&one.inits, &one.over})
        for (Value &value : *list)
          value = node.reshape(node.slice(value, 0, i, i + 1), value.shape().drop_front(value.rank() ? 1 : 0));
      each.push_back(scanOnce(node, *body, one, around));
    }
    for (size_t i = 0; i < each.front().size() && !node.failed(); ++i) {
      Values all;
      for (const Values &one : each) all.push_back(one[i]);
      results.push_back(node.op("stack", all, {{"axis", int64_t(0)}}));
    }
  }
  if (node.failed()) return;
  for (auto [i, value] : llvm::enumerate(results)) node.result(i, value);
}

} // namespace graphc::onnx
