// Registration of the graph dialect: the ops of ops/*.td and the structure ops.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/stackable.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace graphc::graph;

#include "dialects/graph/graph_dialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/graph/graph_attributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/graph/graph_ops.cpp.inc"

void GraphDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/graph/graph_ops.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/graph/structure.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/graph/reverse_while.cpp.inc"
      >();
  attachStackable(*getContext());
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/graph/graph_attributes.cpp.inc"
      >();
}

/// The one way to make a constant without naming its op: used by the front end, by folders and by fold-constants.
Operation *GraphDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location location) {
  auto elements = dyn_cast<DenseElementsAttr>(value);
  if (!elements || elements.getType() != type) return nullptr;
  return builder.create<ConstantOp>(location, type, elements);
}
