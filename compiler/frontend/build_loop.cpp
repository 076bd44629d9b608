// `while` and `scan` of functions that their regions become (control_regions.h). Types are checked here: of conditions,
// carries and sequences.
#include "compiler/frontend/control_regions.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/Matchers.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

class LoopBuilder : ControlRegions {
public:
  using ControlRegions::ControlRegions;

  llvm::SmallVector<mlir::Value> build() {
    return control.kind == ControlDefinition::While ? buildWhile() : buildScan();
  }

private:
  mlir::Type turnType() { return scalar(builder.getI64Type()); }
  llvm::SmallVector<llvm::StringRef> carryNames() {
    llvm::SmallVector<llvm::StringRef> names;
    for (const NamedOperand &carry : control.carries) names.push_back(carry.name);
    return names;
  }

  /// How the way back finds the turns.
  template <class Op> void noteMode(Op op, bool isBounded) {
    llvm::StringRef mode = control.mode ? control.mode.string() : "auto";
    bool isOnline = mode == "online" || (mode == "auto" && !isBounded), inSegments = mode == "segments";
    auto needs = [&](JsonValue said, llvm::StringRef modes) {
      fail("G0012", said.keySpan(), "'" + said.key() + "' needs \"mode\": " + modes + " beside it");
    };
    if (control.checkpoints && !isOnline && !inSegments) needs(control.checkpoints, "\"online\" or \"segments\"");
    if (control.replay && !isOnline) needs(control.replay, "\"online\"");
    if (isOnline && (control.checkpoints || control.replay)) noteOnline(op);
    if (inSegments && control.checkpoints)
      op->setAttr(graph::segmentsAttr, builder.getI64IntegerAttr(numberOf(control.checkpoints, 1)));
    if (mode == "auto") return;
    if (!isBounded && !isOnline)
      fail("G7006", control.mode.span(), "'" + mode + "' keeps something of every turn: it needs 'max_iterations'");
    else if ((mode == "carries" || inSegments || isOnline) && !graph::mayRunAgain(regions.back().function))
      fail("G7006", control.mode.span(),
           "'" + mode + "' runs every turn again on the way back, and these turns read or write state");
    else
      op.setGradAttr(builder.getStringAttr(mode));
  }

  /// How much memory a way back without a bound takes: states in all, and turns that are recorded at once.
  void noteOnline(mlir::Operation *op) {
    op->setAttr(graph::onlineAttr,
                builder.getDenseI64ArrayAttr({numberOf(control.checkpoints, 4), numberOf(control.replay, 1)}));
  }
  int64_t numberOf(JsonValue json, int64_t least) {
    auto value = json ? body.attributeValue(frame, json, "int") : std::nullopt;
    if (!value) return 64;
    if (value->integer < least || value->integer > maxOnline)
      fail("G2001", json.span(),
           "'" + json.key() + "' is " + llvm::Twine(least) + " to " + llvm::Twine(maxOnline) + ", this is " +
               llvm::Twine(value->integer));
    return value->integer;
  }
  static constexpr int64_t maxOnline = 1 << 20;

  bool readInits(llvm::SmallVectorImpl<mlir::Value> &inits) {
    bool good = true;
    for (const NamedOperand &carry : control.carries) {
      OperandValue value = body.operandValue(frame, carry.value);
      if (value.number) {
        fail("G4006", value.span,
             "the type of carry '" + carry.name +
                 "' cannot be told, write { \"type\": \"f32[]\", \"value\": " + value.number->toString() + " }");
        good = false;
      } else if (!value.value) {
        good = false;
      } else {
        inits.push_back(value.value);
      }
    }
    return good;
  }

  /// The next value of each carry, in their order.
  bool nextCarries(Region &region, llvm::ArrayRef<mlir::Value> inits, llvm::SmallVectorImpl<mlir::Value> &next) {
    const Definition &content = region.definition->content;
    llvm::ArrayRef<OutputDefinition> outputs = llvm::ArrayRef(content.outputs).take_front(region.definition->outputs);
    llvm::SmallVector<llvm::StringRef> names = carryNames();
    size_t before = errorCount();
    for (const OutputDefinition &output : outputs)
      if (!llvm::is_contained(names, output.name))
        fail("G6011", output.json.keySpan(),
             "'" + support::printable(output.name) + "' is no carry of this loop" +
                 support::didYouMean(output.name, names));
    for (size_t i = 0; i < inits.size(); ++i) {
      const NamedOperand &carry = control.carries[i];
      mlir::Value init = inits[i];
      auto found = llvm::find_if(outputs, [&](const OutputDefinition &output) { return output.name == carry.name; });
      if (found == outputs.end()) {
        JsonValue list = content.json.find("outputs");
        fail("G6011", list ? list.keySpan() : content.json.keySpan(), "the body gives no next '" + carry.name + "'");
        continue;
      }
      OperandValue &value = region.outputs[found - outputs.begin()];
      if (!settle(region, value, typeOf(init))) return false;
      if (value.value.getType() != init.getType()) {
        support::Diagnostic d;
        d.code = "G6003";
        d.message = "'" + carry.name + "' is " + typeText(init.getType()) + " on entry and " +
                    typeText(value.value.getType()) + " after a turn";
        d.span = value.span;
        d.labels.push_back({carry.json.span(), typeText(init.getType())});
        body.addProvenance(d, value.value);
        body.report(frame, std::move(d), value.value);
      }
      next.push_back(value.value);
    }
    return errorCount() == before;
  }

  std::optional<graph::Dim> size(JsonValue json) {
    auto value = body.attributeValue(frame, json, "dims");
    if (!value) return std::nullopt;
    if (value->list.size() != 1) {
      fail("G2002", json.span(), "expected one size, these are " + llvm::Twine(value->list.size()));
      return std::nullopt;
    }
    graph::Dim size = value->list[0].asSize();
    if (size.low() >= 0) return size;
    fail("G2001", json.span(), "a loop has 0 or more turns, this is " + value->list[0].toString());
    return std::nullopt;
  }

  void warnIfNever(const graph::Dim &turns, Span span) {
    if (turns.is(0)) body.warn(frame, "G8016", span, "this loop never runs");
  }

  llvm::SmallVector<mlir::Value> buildWhile() {
    llvm::SmallVector<mlir::Value> inits, next;
    if (!readInits(inits)) return {};
    std::optional<graph::Dim> limit;
    if (control.limit) {
      limit = size(control.limit);
      if (!limit) return {};
      warnIfNever(*limit, control.limit.span());
    } else if (control.onLimit) {
      fail("G0012", control.onLimit.keySpan(), "'on_limit' needs 'max_iterations' beside it");
      return {};
    }
    llvm::SmallVector<mlir::Type> arguments{turnType()};
    for (mlir::Value init : inits) arguments.push_back(init.getType());
    Region *condition = buildRegion(control.regions[0], arguments, true),
           *turn = buildRegion(control.regions[1], arguments, true);
    llvm::SmallVector<mlir::Type> types(mlir::ValueRange(inits).getTypes());
    types.push_back(turnType());
    llvm::SmallVector<llvm::StringRef> names = carryNames();
    names.push_back("iterations");
    if ((!condition || !turn) && body.program.guessing) return guess(types, names);
    if (!condition || !turn) return {};
    if (condition->outputs.size() != 1) {
      fail("G6002", control.regions[0].content.json.keySpan(),
           "the condition of 'while' is one bool, this gives " + llvm::Twine(condition->outputs.size()) + " results");
      return {};
    }
    OperandValue &truth = condition->outputs[0];
    if (!settle(*condition, truth, scalar(builder.getI1Type())) || !checkCondition(truth.value, truth.span) ||
        !nextCarries(*turn, inits, next))
      return {};
    if (mlir::matchPattern(truth.value, mlir::m_Constant()))
      body.warn(frame, "G8015", truth.span, "the condition is always the same, so the loop does not end by it");
    returnFrom(*condition, truth.value);
    returnFrom(*turn, next);
    bool usesTurn = finishRegions(true);
    auto unit = [&](bool set) { return set ? builder.getUnitAttr() : mlir::UnitAttr(); };
    auto op =
        builder.create<graph::WhileOp>(location(), types, symbol(0), symbol(1), inits, captures,
                                       limit ? graph::shapeAttr(body.program.context, *limit) : graph::ShapeAttr(),
                                       unit(control.onLimit && control.onLimit.string() == "stop"), unit(usesTurn),
                                       mlir::UnitAttr(), mlir::StringAttr());
    noteState(op);
    noteMode(op, bool(limit));
    return finish(op.getResults(), names);
  }

  /// The sequences with the turns along axis 0.
  bool readSequences(int64_t axis, std::optional<graph::Dim> &turns, llvm::SmallVectorImpl<mlir::Value> &over) {
    Span said = control.length ? control.length.span() : Span();
    for (const NamedOperand &one : control.over) {
      OperandValue value = body.operandValue(frame, one.value);
      if (value.number) fail("G3008", value.span, "'scan' goes over tensors, '" + one.name + "' is a number");
      if (!value.value) return false;
      int64_t rank = typeOf(value.value).getRank(), at = axis < 0 ? axis + rank : axis;
      if (at < 0 || at >= rank) {
        fail("G2004", control.axis ? control.axis.span() : value.span,
             "'" + one.name + "' is " + typeText(value.value.getType()) + " and has no axis " + llvm::Twine(axis),
             value.value);
        return false;
      }
      graph::Dim length = graph::shapeOf(typeOf(value.value))[at];
      if (turns && length != *turns) {
        support::Diagnostic d;
        d.code = "G6012";
        d.message = "'" + one.name + "' has " + length.text() + " slices along axis " + std::to_string(at) +
                    ", but there are " + turns->text() + " turns";
        d.span = value.span;
        d.labels.push_back({said, turns->text()});
        body.addProvenance(d, value.value);
        body.report(frame, std::move(d), value.value);
        return false;
      }
      turns = length;
      said = value.span;
      over.push_back(moved(value.value, at, 0));
    }
    return true;
  }

  /// With one axis at another place.
  mlir::Value moved(mlir::Value tensor, int64_t from, int64_t to) {
    graph::Permutation perm;
    for (int64_t axis = 0; axis < typeOf(tensor).getRank(); ++axis)
      if (axis != from) perm.push_back(axis);
    perm.insert(perm.begin() + to, from);
    return graph::permuteAxes(builder, tensor, perm);
  }

  llvm::SmallVector<mlir::Value> buildScan() {
    llvm::SmallVector<mlir::Value> inits, over, results;
    if (!readInits(inits)) return {};
    int64_t axis = 0;
    if (control.axis) {
      auto value = body.attributeValue(frame, control.axis, "int");
      if (!value) return {};
      axis = value->integer;
    }
    bool reverse = false;
    if (control.reverse) {
      std::optional<bool> value = body.condition(frame, control.reverse);
      if (!value) return {};
      reverse = *value;
    }
    std::optional<graph::Dim> turns;
    if (control.length && !(turns = size(control.length))) return {};
    if (!readSequences(axis, turns, over)) return {};
    warnIfNever(*turns, control.length ? control.length.span() : callee());
    llvm::SmallVector<mlir::Type> arguments{turnType()};
    for (mlir::Value init : inits) arguments.push_back(init.getType());
    for (mlir::Value sequence : over) arguments.push_back(graph::rowOf(sequence.getType()));
    around = builder; // behind the transposes
    Region *turn = buildRegion(control.regions[0], arguments, true);
    llvm::SmallVector<llvm::StringRef> names = carryNames();
    for (const OutputDefinition &output :
         llvm::ArrayRef(control.regions[0].content.outputs).drop_front(control.regions[0].outputs))
      names.push_back(output.name);
    llvm::SmallVector<mlir::Type> types(mlir::ValueRange(inits).getTypes());
    if (!turn && body.program.guessing) {
      types.resize(types.size() + control.regions[0].content.outputs.size() - control.regions[0].outputs);
      return guess(types, names);
    }
    if (!turn || !nextCarries(*turn, inits, results)) return {};
    llvm::SmallVector<int64_t> places;
    for (size_t i = control.regions[0].outputs; i < turn->outputs.size(); ++i) {
      OperandValue &collected = turn->outputs[i];
      builder.setInsertionPointToEnd(turn->block);
      if (!body.giveDtype(turn->frame, collected)) return {};
      int64_t rank = typeOf(collected.value).getRank() + 1, at = axis < 0 ? axis + rank : axis;
      if (at < 0 || at >= rank) {
        fail("G2004", collected.span,
             "each turn gives " + typeText(collected.value.getType()) + ", these cannot be put together along axis " +
                 llvm::Twine(axis),
             collected.value);
        return {};
      }
      places.push_back(at);
      types.push_back(graph::rowsOf(collected.value.getType(), *turns));
      results.push_back(collected.value);
    }
    if (types.empty()) {
      fail("G1008", control.regions[0].content.json.keySpan(), "the loop carries nothing and collects nothing");
      return {};
    }
    returnFrom(*turn, results);
    bool usesTurn = finishRegions(true);
    auto unit = [&](bool set) { return set ? builder.getUnitAttr() : mlir::UnitAttr(); };
    auto op = builder.create<graph::ScanOp>(location(), types, symbol(0), inits, over, captures, mlir::Value(),
                                            graph::shapeAttr(body.program.context, *turns), unit(reverse),
                                            unit(usesTurn), mlir::UnitAttr(), mlir::StringAttr());
    noteState(op);
    noteMode(op, true);
    llvm::SmallVector<mlir::Value> values(op->getResults());
    for (auto [i, at] : llvm::enumerate(places)) {
      mlir::Value &value = values[control.carries.size() + i];
      value = moved(value, 0, at);
    }
    return finish(values, names);
  }
};

llvm::SmallVector<mlir::Value> BodyBuilder::buildLoop(Frame &frame, const NodeDefinition &node) {
  return LoopBuilder(*this, frame, node).build();
}
} // namespace graphc::frontend
