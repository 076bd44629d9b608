// Logic of bools, which are one bit where they are computed with.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// and
Value AndOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitAnd(x[0], x[1]); }
Number AndOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(x[0].integer && x[1].integer); }

// or
Value OrOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitOr(x[0], x[1]); }
Number OrOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(x[0].integer || x[1].integer); }

// xor
Value XorOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitXor(x[0], x[1]); }
Number XorOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(!x[0].integer != !x[1].integer); }

// not
Value NotOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitXor(x[0], b.integer(x[0], 1)); }
Number NotOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(!x[0].integer); }
