// Calls of functions: graph.call with operands left out filled in, arguments checked against the function's inputs, and
// its dims bound to the sizes of the arguments (R5).
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::frontend {
using support::Span;

bool BodyBuilder::checkArguments(Frame &frame, const Definition &callee, mlir::TypeRange wanted,
                                 llvm::ArrayRef<const OperandValue *> inputs, Span callSpan,
                                 const std::string &drawPath, llvm::SmallVectorImpl<mlir::Value> &arguments) {
  Frame defaults; // where operands left out are worked out
  defaults.definition = &callee;
  defaults.environment.outer = &callee.scope->dims;
  defaults.environment.train = frame.environment.train;
  defaults.diagnostics = frame.diagnostics;
  defaults.nodeEffects.assign(1, {});
  defaults.drawPath = drawPath + ".";
  defaults.turns = frame.turns;
  for (size_t i = 0; i < callee.inputs.size(); ++i) {
    const InputDefinition &input = callee.inputs[i];
    mlir::Value value = inputValue(frame, defaults, input, inputs[i]);
    if (!value) return false;
    auto type = mlir::cast<mlir::RankedTensorType>(value.getType()),
         parameter = mlir::cast<mlir::RankedTensorType>(wanted[i]);
    bool fits = type.getElementType() == parameter.getElementType() && type.getRank() == parameter.getRank();
    if (fits) { // sizes, with the dims that this and the operands before bind
      arguments.push_back(value);
      fits = !graph::bindDims(wanted.take_front(i + 1), mlir::ValueRange(arguments).getTypes()).conflict;
      arguments.pop_back();
    }
    if (!fits) {
      support::Diagnostic diagnostic;
      diagnostic.code = "G3015";
      diagnostic.message = "'" + callee.name + "' expects " + input.name + ": " + typeText(wanted[i]) + ", this is " +
                           typeText(value.getType());
      diagnostic.span = inputs[i] ? inputs[i]->span : callSpan;
      addProvenance(diagnostic, value);
      diagnostic.notes.push_back(
          {input.type.origin.span(), "'" + input.name + "' of '" + callee.name + "' is declared here"});
      report(frame, std::move(diagnostic), value);
      return false;
    }
    defaults.values[input.name] = value;
    arguments.push_back(value);
  }
  return true;
}

/// A state that one of two calls writes and the other uses: in one formula nothing orders them.
static const std::string *conflict(const Effects &a, const Effects &b) {
  for (auto [writer, other] : {std::pair(&a, &b), std::pair(&b, &a)})
    for (const std::string &path : writer->writes)
      if (other->writes.count(path) || other->reads.count(path)) return &path;
  return nullptr;
}

/// A dim in no input of the callee is the caller's of that name, so both must be of one file.
bool BodyBuilder::checkOpenDims(Frame &frame, const Definition &callee, const BuiltFunction &function,
                                const graph::BoundDims &dims, Span callSpan) {
  llvm::SetVector<mlir::Attribute> open(function.sizesRead.begin(), function.sizesRead.end());
  for (mlir::Type type : mlir::cast<mlir::func::FuncOp>(function.op).getResultTypes())
    for (const graph::Dim &size : graph::shapeOf(mlir::cast<mlir::RankedTensorType>(type)))
      for (graph::DimAttr dim : size.symbols()) open.insert(dim);
  open.remove_if([&](mlir::Attribute dim) { return dims(mlir::cast<graph::DimAttr>(dim)).has_value(); });
  for (mlir::Attribute dim : function.sizesRead)
    if (open.contains(dim)) sizesRead.insert(dim);
  if (callee.scope == frame.definition->scope || frame.parent || open.empty()) return true;
  error(frame, "G3012", callSpan,
        "no input of '" + callee.name + "' says what '" + mlir::cast<graph::DimAttr>(open[0]).getName() +
            "' is, a dim of its file");
  return false;
}

/// Frames of a recursion have one size, so a call within it passes each named size as it is.
bool BodyBuilder::checkRecursiveDims(Frame &frame, const Definition &callee, const graph::BoundDims &dims,
                                     Span callSpan) {
  if (!llvm::is_contained(cycle, callee.name)) return true;
  std::map<std::string, std::string> changed; // by dim: a map, so that of several the same one is told
  for (auto &[dim, size] : dims.dims) {
    auto named = mlir::cast<graph::DimAttr>(dim);
    if (size != graph::Dim::named(named)) changed[named.getName().str()] = size.text();
  }
  if (changed.empty()) return true;
  auto &[name, size] = *changed.begin();
  error(frame, "G6014", callSpan,
        "this call passes " + size + " as '" + name + "' of '" + callee.name +
            "', but sizes stay the same from call to call of a recursion");
  return false;
}

llvm::SmallVector<mlir::Value> BodyBuilder::callFunction(Frame &frame, const Definition &callee,
                                                         llvm::ArrayRef<const OperandValue *> inputs, Span callSpan,
                                                         bool inFormula) {
  bool train = callee.train.value_or(frame.environment.train);
  auto it = program.functions.find(functionKey(callee, train));
  if (it == program.functions.end() || !it->second.op) return {}; // it has mistakes of its own
  const BuiltFunction &built = it->second;
  auto function = mlir::cast<mlir::func::FuncOp>(built.op);
  llvm::SmallVector<mlir::Value> arguments;
  std::string drawPath = nextDrawPath(frame);
  if (!checkArguments(frame, callee, function.getArgumentTypes(), inputs, callSpan, drawPath, arguments) ||
      !count(frame, built.nodes + 1, callSpan) || !passKeys(frame, built, drawPath, arguments, callSpan))
    return {};
  if (const std::string *path = conflict(effectsHere(frame), built.effects); inFormula && path) {
    error(frame, "G6007", callSpan,
          std::string("two calls in this formula use ") +
              (program.params.find(*path)->second.isState ? "state '" : "param '") + *path +
              "', give each a node and order them with 'after'");
    return {};
  }
  effectsHere(frame).add(built.effects);
  graph::BoundDims dims = graph::bindDims(function.getArgumentTypes(), mlir::ValueRange(arguments).getTypes());
  if (!checkRecursiveDims(frame, callee, dims, callSpan) || !checkOpenDims(frame, callee, built, dims, callSpan) ||
      !checkCalleeRequirements(frame, callee, function, dims, callSpan))
    return {};
  mlir::OperationState state(location(frame, callSpan), graph::CallOp::getOperationName());
  state.addAttribute("callee", mlir::FlatSymbolRefAttr::get(function.getNameAttr()));
  state.addOperands(arguments);
  for (mlir::Type type : function.getResultTypes()) state.addTypes(graph::substituteDims(type, dims));
  return llvm::SmallVector<mlir::Value>(builder.create(state)->getResults());
}
} // namespace graphc::frontend
