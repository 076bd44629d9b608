// The attributes of graph_attributes.td: DimAttr and ShapeAttr. Passes and stages may include this; it names no op.
#pragma once
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Attributes.h"

#define GET_ATTRDEF_CLASSES
#include "dialects/graph/graph_attributes.h.inc"
