// Any op by its signature: operands and attributes in, result types asked from the op itself. What the op says against
// them comes back as an MLIR diagnostic, is taken apart (shape_error.h) and shown on the operand or attribute in the
// JSON it is about.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/infer_op_types.h"
#include "dialects/graph/op_facts.h"
#include "dialects/graph/shape_error.h"
#include "mlir/IR/Diagnostics.h"

namespace graphc::frontend {
using support::Diagnostic;
using support::Span;

/// Messages about dtypes, where a label with the shape alone would tell nothing.
static bool isDtypeCode(llvm::StringRef code) { return code == "G4001" || code == "G4002"; }

/// The node as its function's author knows it: "h", "block.3.attention"; inside a standard layer the node that uses it.
static std::string nodePath(const Frame &frame) {
  const Frame *known = &frame;
  while (known->parent && known->definition && known->definition->isStandard) known = known->parent;
  const Frame *inner = &frame;
  while (inner != known && inner->parent != known) inner = inner->parent;
  if (inner != known) return llvm::StringRef(inner->drawPath).rtrim('.').str();
  return known->drawPath + llvm::StringRef(known->drawNode).ltrim('#').str();
}

mlir::Location BodyBuilder::location(const Frame &frame, Span span) const {
  mlir::Location result = program.location(span);
  for (const Frame *f = &frame; f->parent; f = f->parent)
    result = mlir::CallSiteLoc::get(result, program.location(f->use));
  return mlir::NameLoc::get(mlir::StringAttr::get(program.context, nodePath(frame)), result);
}

void BodyBuilder::bind(Frame &frame, llvm::StringRef name, mlir::Value value, std::string reason, Span span) {
  frame.values[name] = value;
  if (!value) return;
  auto [it, isNew] = provenance.try_emplace(value);
  if (isNew || it->second.depth > frame.depth) it->second = {name.str(), std::move(reason), span, frame.depth};
}

/// The named value that `value` has its shape from, or null: upstream through values of the same shape that have no
/// name of their own at this depth (the inside of layers and formulas).
mlir::Value BodyBuilder::shapeOrigin(mlir::Value value, int depth) const {
  constexpr size_t farthest = 64;
  llvm::SmallVector<mlir::Value> open{value};
  for (size_t i = 0; i < open.size() && i < farthest; ++i) {
    mlir::Operation *op = open[i].getDefiningOp();
    if (!op) continue;
    for (mlir::Value operand : op->getOperands()) {
      if (operand.getType() != value.getType() || llvm::is_contained(open, operand)) continue;
      auto it = provenance.find(operand);
      if (it != provenance.end() && it->second.depth <= depth) return operand;
      open.push_back(operand);
    }
  }
  return {};
}

/// Says where a shape comes from, at most three steps back.
void BodyBuilder::addProvenance(Diagnostic &diagnostic, mlir::Value value) const {
  for (int step = 0; step < 3 && value; ++step) {
    auto it = provenance.find(value);
    if (it == provenance.end()) return;
    support::Label note{it->second.span,
                        "'" + it->second.name + "' is " + shapeText(value.getType()) + ": " + it->second.reason};
    for (const support::Label &old : diagnostic.notes)
      if (old.text == note.text) return;
    diagnostic.notes.push_back(std::move(note));
    value = shapeOrigin(value, it->second.depth);
  }
}

void BodyBuilder::report(Frame &frame, Diagnostic diagnostic, mlir::Value about) {
  for (Frame *f = &frame; f->parent; f = f->parent) {
    diagnostic.notes.push_back({diagnostic.span, "in layer '" + f->definition->name + "'"});
    diagnostic.span = f->use;
    diagnostic.labels.clear(); // they point into the layer
    diagnostic.label.clear();
    for (const OperandValue &operand : f->useOperands)
      if (about && operand.value == about) {
        diagnostic.span = operand.span;
        diagnostic.label = isDtypeCode(diagnostic.code) ? typeText(about.getType()) : shapeText(about.getType());
      }
  }
  program.diagnostics.report(std::move(diagnostic));
}

void BodyBuilder::error(Frame &frame, llvm::StringRef code, Span span, const llvm::Twine &message, mlir::Value about) {
  Diagnostic diagnostic;
  diagnostic.code = code.str();
  diagnostic.message = message.str();
  diagnostic.span = span;
  if (about) addProvenance(diagnostic, about);
  report(frame, std::move(diagnostic), about);
}

void BodyBuilder::relay(Frame &frame, support::Diagnostics &collected) {
  for (const Diagnostic &diagnostic : collected.all()) report(frame, diagnostic);
}

/// Bare numbers become scalars of the dtype that the other operands have (R8): conditions aside, which are bool like
/// true and false.
bool BodyBuilder::giveDtype(Frame &frame, llvm::MutableArrayRef<OperandValue> operands) {
  mlir::Type element, boolean = builder.getI1Type();
  for (const OperandValue &operand : operands) {
    mlir::Type own =
        operand.value ? mlir::cast<mlir::RankedTensorType>(operand.value.getType()).getElementType() : mlir::Type();
    if (own && (!element || element == boolean)) element = own;
  }
  for (OperandValue &operand : operands) {
    if (!operand.number) continue;
    bool isTruth = operand.number->kind == StaticValue::Boolean;
    mlir::Type type = isTruth && (!element || operands.size() > 1) ? boolean : element;
    if (!type) {
      error(frame, "G4006", operand.span,
            operand.number->kind == StaticValue::Size
                ? "the dtype of the number '" + operand.number->toString() + "' cannot be told, bring a tensor in"
                : "the dtype of this number cannot be told, write { \"type\": \"f32[]\", \"value\": " +
                      operand.number->toString() + " }");
      return false;
    }
    operand.value = constant(mlir::RankedTensorType::get({}, type), *operand.number, operand.span, frame);
    operand.number.reset();
    if (!operand.value) return false;
  }
  return true;
}

bool BodyBuilder::count(Frame &frame, uint64_t nodes, Span span) {
  constexpr uint64_t most = 1000000;
  built = std::min(built + nodes, most + 1);
  if (built <= most) return true;
  if (!tooLarge)
    error(frame, "G1016", span, "this makes more than 1000000 nodes once all calls and repetitions are resolved");
  tooLarge = true;
  return false;
}

llvm::SmallVector<mlir::Value> BodyBuilder::buildOp(Frame &frame, const graph::OpSignature &op,
                                                    llvm::ArrayRef<OperandValue> given,
                                                    llvm::ArrayRef<mlir::NamedAttribute> attributes,
                                                    const llvm::StringMap<Span> &attributeSpans, Span opSpan) {
  if (llvm::any_of(given, [](const OperandValue &operand) { return operand.poisoned(); })) return {};
  llvm::SmallVector<OperandValue> operands(given);
  if (op.takesKey() && !giveKey(frame, op, operands, opSpan)) return {};
  if (!giveDtype(frame, operands) || !count(frame, 1, opSpan)) return {};
  auto name = mlir::RegisteredOperationName::lookup(("graph." + op.mnemonic).str(), program.context);
  if (!name) {
    notSupported(opSpan, op.mnemonic, program.diagnostics);
    return {};
  }
  mlir::OperationState state(location(frame, opSpan), *name);
  for (const OperandValue &operand : operands) state.operands.push_back(operand.value);
  auto dictionary = builder.getDictionaryAttr(attributes);

  std::string complaint;
  mlir::ScopedDiagnosticHandler handler(program.context, [&](mlir::Diagnostic &diagnostic) {
    if (complaint.empty()) complaint = diagnostic.str();
    return mlir::success();
  });
  bool good = mlir::succeeded(graph::inferOpTypes(state, dictionary));
  mlir::Operation *built = nullptr;
  if (good) {
    state.addAttributes(attributes);
    built = builder.create(state);
    good = mlir::succeeded(name->verifyInvariants(built));
  }
  if (!good) {
    if (built) built->erase();
    reportOpError(frame, complaint, op, operands, attributeSpans, opSpan);
    return {};
  }
  if (auto advisable = mlir::dyn_cast<graph::Advisable>(built))
    if (std::optional<graph::Advice> advice = advisable.advise()) warn(frame, *advice, op, opSpan);
  return llvm::SmallVector<mlir::Value>(built->getResults());
}

void BodyBuilder::reportOpError(Frame &frame, llvm::StringRef text, const graph::OpSignature &op,
                                llvm::ArrayRef<OperandValue> operands, const llvm::StringMap<Span> &attributeSpans,
                                Span opSpan) {
  Diagnostic diagnostic;
  diagnostic.span = opSpan;
  std::optional<graph::ParsedShapeError> parsed = graph::parseShapeError(text);
  mlir::Value about;
  if (!parsed) {
    diagnostic.code = "G4002";
    diagnostic.message = "'" + op.mnemonic.str() + "' is not defined for";
    for (const OperandValue &operand : operands) diagnostic.message += " " + typeText(operand.value.getType());
  } else {
    diagnostic.code = parsed->code;
    diagnostic.message = parsed->message;
    bool first = true, isDtype = isDtypeCode(parsed->code);
    for (const graph::About &a : parsed->about) {
      Span span = opSpan;
      std::string label;
      if (a.operand >= 0 && static_cast<size_t>(a.operand) < operands.size()) {
        const OperandValue &operand = operands[a.operand];
        span = operand.span;
        label = isDtype ? typeText(operand.value.getType()) : shapeText(operand.value.getType());
        if (first) about = operand.value;
        addProvenance(diagnostic, operand.value);
      } else if (auto it = attributeSpans.find(a.attribute); it != attributeSpans.end()) {
        span = it->second;
      }
      if (first) {
        diagnostic.span = span;
        diagnostic.label = label;
      } else if (span.begin != opSpan.begin) {
        diagnostic.labels.push_back({span, label});
      }
      first = false;
    }
  }
  report(frame, std::move(diagnostic), about);
}
} // namespace graphc::frontend
