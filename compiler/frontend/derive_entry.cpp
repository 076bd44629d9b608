// Inside the language the derivative by a param is a result of its own, `d_` and the param's path. C gets one buffer,
// `d_params`: the logical tensors in path order, row-major, one behind the other. The entry is a function of its own
// around the derived one, made once it is known what is an entry.
#include "compiler/frontend/derive_function.h"
#include "dialects/graph/flat_tensors.h"
#include "dialects/graph/requirement.h"
#include "dialects/graph/structure.h"
#include "mlir/IR/SymbolTable.h"

namespace graphc::frontend {

/// Derivatives by params have the path in their name, so a dot.
static bool isOfParam(mlir::DictionaryAttr attributes) {
  auto name = attributes ? attributes.getAs<mlir::StringAttr>("graph.name") : mlir::StringAttr();
  return name && name.getValue().contains('.');
}

void packParameterDerivatives(const Definition &definition, Program &program) {
  BuiltFunction &built = program.functions[functionKey(definition, false)];
  auto inner = mlir::cast<mlir::func::FuncOp>(built.op);
  std::vector<unsigned> arguments, results; // of params
  std::vector<mlir::RankedTensorType> argumentTypes, resultTypes;
  for (unsigned i = 0; i < inner.getNumArguments(); ++i)
    if (isOfParam(inner.getArgAttrDict(i))) {
      arguments.push_back(i);
      argumentTypes.push_back(mlir::cast<mlir::RankedTensorType>(inner.getArgumentTypes()[i]));
    }
  for (unsigned i = 0; i < inner.getNumResults(); ++i)
    if (isOfParam(inner.getResultAttrDict(i))) {
      results.push_back(i);
      resultTypes.push_back(mlir::cast<mlir::RankedTensorType>(inner.getResultTypes()[i]));
    }
  if (arguments.empty() && results.empty()) return;
  for (const std::vector<mlir::RankedTensorType> *types : {&argumentTypes, &resultTypes})
    for (mlir::RankedTensorType type : *types)
      if (type.getElementType() != types->front().getElementType()) {
        program.diagnostics.error("G4001", definition.derive->kind.span(),
                                  "'" + definition.name + "' gives derivatives by params of " +
                                      typeText(types->front()) + " and of " + typeText(type) +
                                      ", an entry gives them as one buffer, so they must have one dtype");
        return;
      }

  mlir::OpBuilder builder(inner);
  mlir::Location location = inner.getLoc();
  std::string name = inner.getSymName().str();
  (void)mlir::SymbolTable::replaceAllSymbolUses(inner, builder.getStringAttr(name + "#apart"), program.module);
  inner.setSymName(name + "#apart");
  auto entry = builder.create<mlir::func::FuncOp>(location, name, builder.getFunctionType({}, {}));
  for (mlir::NamedAttribute attribute : llvm::to_vector(inner->getDiscardableAttrs()))
    entry->setAttr(attribute.getName(), attribute.getValue());
  mlir::Block *block = new mlir::Block();
  entry.getBody().push_back(block);
  builder.setInsertionPointToEnd(block);

  auto flat = [&](llvm::ArrayRef<mlir::RankedTensorType> types) {
    int64_t count = 0;
    for (mlir::RankedTensorType type : types) count += type.getNumElements();
    return mlir::RankedTensorType::get({count}, types.front().getElementType());
  };
  llvm::StringRef kind = definition.derive->kind.string();
  std::string prefix = definition.derive->prefix ? definition.derive->prefix.string().str()
                       : kind == "hvp"           ? "hv_"
                                                 : "d_";
  auto named = [&](const std::string &text) {
    return builder.getDictionaryAttr(builder.getNamedAttr("graph.name", builder.getStringAttr(text)));
  };
  llvm::SmallVector<mlir::Attribute> argumentAttributes, resultAttributes;
  llvm::SmallVector<mlir::Value> operands(inner.getNumArguments());
  for (unsigned i = 0; i < inner.getNumArguments(); ++i) {
    if (!isOfParam(inner.getArgAttrDict(i))) {
      operands[i] = block->addArgument(inner.getArgumentTypes()[i], inner.getArgument(i).getLoc());
      argumentAttributes.push_back(inner.getArgAttrDict(i));
    } else if (i == arguments.front()) {
      mlir::Value all = block->addArgument(flat(argumentTypes), location);
      argumentAttributes.push_back(named((kind == "hvp" ? std::string("v_") : prefix) + "params"));
      for (auto [at, tensor] : llvm::zip_equal(arguments, graph::takeFlat(builder, location, all, argumentTypes)))
        operands[at] = tensor;
    }
  }
  auto call = builder.create<graph::CallOp>(location, inner.getResultTypes(),
                                            mlir::FlatSymbolRefAttr::get(inner.getSymNameAttr()), operands);
  llvm::SmallVector<mlir::Value> returned, ofParams;
  for (unsigned i = 0; i < inner.getNumResults(); ++i)
    if (isOfParam(inner.getResultAttrDict(i))) {
      ofParams.push_back(call.getResult(i));
    } else {
      returned.push_back(call.getResult(i));
      resultAttributes.push_back(inner.getResultAttrDict(i));
    }
  if (!ofParams.empty()) {
    returned.push_back(graph::joinFlat(builder, location, ofParams));
    resultAttributes.push_back(named(prefix + "params"));
  }
  builder.create<mlir::func::ReturnOp>(location, returned);
  entry.setFunctionType(builder.getFunctionType(block->getArgumentTypes(), mlir::ValueRange(returned).getTypes()));
  entry.setArgAttrsAttr(builder.getArrayAttr(argumentAttributes));
  entry.setResAttrsAttr(builder.getArrayAttr(resultAttributes));
  program.functions[name + "#apart"] = built;
  built.op = entry;
}

} // namespace graphc::frontend
