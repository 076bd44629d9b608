// size_value: y = the value of a size in this call. One graph.loops without operands: the size comes from the entry's
// dims.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/loop_writer.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult SizeValueOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Shape shape = shapeOf(adaptor.getSize());
  if (shape.size() != 1) // (C1)
    return shapeError(location, "G3008", About::theAttribute("size"),
                      "'size' is one size, these are " + Twine(shape.size()));
  std::optional<Dtype> dtype = dtypeOf(adaptor.getDtype());
  if (!dtype || *dtype == Dtype::Bool) // (C2)
    return shapeError(location, "G4002", About::theAttribute("size"),
                      "the size '" + shape[0].text() + "' is a number, no " + typeName(adaptor.getDtype()));
  if (!isFloat(*dtype)) { // (C3)
    bool isSigned = *dtype < Dtype::U8;
    unsigned bits = 8 * dtypeBytes(*dtype) - isSigned;
    bool fits = (bits >= 63 || shape[0].high() < (int64_t(1) << bits)) && (isSigned || shape[0].low() >= 0);
    bool above = !isSigned || bits >= 63 || shape[0].low() >= -(int64_t(1) << bits);
    if (!fits || !above)
      return shapeError(location, "G4005", About::theAttribute("size"),
                        "the size '" + shape[0].text() + "' is from " + Twine(shape[0].low()) + " to " +
                            Twine(shape[0].high()) + ", which " + dtypeName(*dtype) + " does not hold");
  }
  return addResultType(location, {}, adaptor.getDtype(), About::theAttribute("size"), types);
}

FailureOr<SmallVector<Value>> SizeValueOp::lower(Lowering &l) {
  Dtype dtype = l.resultDtype();
  LoopWriter w(l, {}, {shapeOf(getSize())[0]}, LoopWriter::Out{{}, l.plainElement(dtype)});
  Value element;
  if (isFloat(dtype))
    element = w.create<arith::SIToFPOp>(l.computeType(dtype), w.fromIndex(w.size(0), w.getI64Type()));
  else
    element = w.fromIndex(w.size(0), l.plainElement(dtype));
  w.storeComputed(element, w.out(0), w.index(0), dtype);
  return w.results();
}

// Whoever evaluates a function puts numbers in place of its dims first.
LogicalResult SizeValueOp::evaluate(ArrayRef<HostTensor>, MutableArrayRef<HostTensor> results) {
  Dim size = shapeOf(getSize())[0];
  if (!size.isStatic()) return failure();
  HostTensor &y = results[0];
  setElement(y, 0, isFloat(y.dtype) ? Number(Jet(double(size.staticValue()))) : Number::of(size.staticValue()));
  return success();
}

Dim SizeValueOp::flops() { return 0; }
