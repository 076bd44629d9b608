// random_normal, random_uniform, random_bernoulli: each element is a function of its bits (random_numbers.h), which are
// a function of the key and the element's position. One graph.loops over the blocks that Philox gives, four or two
// elements each; the last one may be cut.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/random_numbers.h"
#include "llvm/Support/Format.h"
#include <cmath>
#pragma STDC FP_CONTRACT OFF // random_uniform: a product and its sum round twice, as in the code

using namespace mlir;
using namespace graphc::graph;

template <typename Adaptor>
static LogicalResult inferDraw(std::optional<Location> location, StringRef mnemonic, Adaptor &adaptor,
                               ArrayRef<Dtype> dtypes, SmallVectorImpl<Type> &types) {
  RankedTensorType type = adaptor.getType();
  About attribute = About::theAttribute("type");
  std::optional<Dtype> dtype = dtypeOf(type.getElementType());
  if (!dtype || !llvm::is_contained(dtypes, *dtype)) // (C1)
    return shapeError(location, "G4002", attribute,
                      "'" + mnemonic + "' draws no " + typeName(type.getElementType()) + ", it draws " +
                          (dtypes.size() == 1 ? "bool" : "f32, f64, f16, bf16"));
  if (!isNamed(type)) // (C2)
    return shapeError(location, "G0014", attribute, "a size is neither a number nor a named dim");
  if (type.getRank() > maxRank)
    return shapeError(location, "G3008", attribute,
                      "a tensor has at most " + Twine(maxRank) + " axes, this one has " + Twine(type.getRank()));
  if (failed(checkKey(location, adaptor.getKey(), 0))) return failure(); // (C3)
  return addResultType(location, shapeOf(type), type.getElementType(), attribute, types);
}

static DrawnBits bitsOf(Dtype dtype) { return dtype == Dtype::F64 ? DrawnBits::Pair : DrawnBits::Word; }

/// `element` makes a value of compute type from an element's bits.
static SmallVector<Value> lowerDraw(Lowering &l, llvm::function_ref<Value(LoopWriter &, Value)> element) {
  Dtype dtype = l.resultDtype();
  DrawnBits bits = bitsOf(dtype);
  LoopWriter w(l, l.in[0], elementCount(l.resultShape()), LoopWriter::Out{l.resultShape(), l.plainElement(dtype)});
  Value key = w.load(w.in(0), w.index(0)), perBlock = w.index(elementsPerBlock(bits)),
        whole = w.div(w.size(0), perBlock);
  auto block = [&](Value at) { return drawBlock(w, key, w.fromIndex(at, w.getI64Type()), bits); };
  w.loop(w.index(0), whole, [&](Value at) {
    for (auto [i, drawn] : llvm::enumerate(block(at)))
      w.storeComputed(element(w, drawn), w.out(0), w.add(w.mul(at, perBlock), w.index(i)), dtype);
  });
  Value rest = w.rem(w.size(0), perBlock);
  w.when(w.less(w.index(0), rest), [&] {
    CodeBlock last = block(whole);
    w.loop(w.index(0), rest, [&](Value i) {
      Value drawn = last.back();
      for (size_t at = last.size() - 1; at-- > 0;) drawn = w.select(w.equal(i, w.index(at)), last[at], drawn);
      w.storeComputed(element(w, drawn), w.out(0), w.add(w.mul(whole, perBlock), i), dtype);
    });
  });
  return w.results();
}

static LogicalResult evaluateDraw(const HostTensor &key, HostTensor &y, llvm::function_ref<Number(uint64_t)> element) {
  for (int64_t i = 0, n = y.size(); i < n; ++i)
    setElement(y, i, element(drawBits(uint64_t(key.integers[0]), uint64_t(i), bitsOf(y.dtype))));
  return success();
}

/// Integer operations count as well: about 60 for Philox, shared by a block.
static Dim costOf(Type type, int64_t perElement) {
  return Dim(perElement + 20) * elementCount(shapeOf(cast<RankedTensorType>(type)));
}

// random_normal
LogicalResult RandomNormalOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  return inferDraw(location, "random_normal", adaptor, floatDtypes, types);
}

FailureOr<SmallVector<Value>> RandomNormalOp::lower(Lowering &l) {
  DrawnBits bits = bitsOf(l.resultDtype());
  return lowerDraw(l, [&](LoopWriter &w, Value drawn) {
    Value normal = normalOf(w, drawn, bits);
    return bits == DrawnBits::Pair ? normal : w.create<arith::TruncFOp>(w.getF32Type(), normal);
  });
}

LogicalResult RandomNormalOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  DrawnBits bits = bitsOf(results[0].dtype);
  return evaluateDraw(operands[0], results[0], [&](uint64_t drawn) {
    double normal = normalOf(drawn, bits);
    return Number(Jet(bits == DrawnBits::Pair ? normal : double(float(normal)))); // f16 and bf16 from f32, as the code
  });
}

Dim RandomNormalOp::flops() { return costOf(getY().getType(), 100); }

// random_uniform
namespace {
/// Of compute type: the dtype's own numbers.
struct Interval {
  APFloat low, width, last; // last: the largest below high
  bool valid;

  Interval(Type element, double from, double to) : low(from), width(to), last(to), valid(false) {
    bool lossy;
    const llvm::fltSemantics &own = cast<FloatType>(element).getFloatSemantics();
    const llvm::fltSemantics &computed = element.isF64() ? APFloat::IEEEdouble() : APFloat::IEEEsingle();
    low.convert(own, APFloat::rmNearestTiesToEven, &lossy);
    last.convert(own, APFloat::rmNearestTiesToEven, &lossy);
    bool ordered = low < last;
    width = last;
    for (APFloat *x : {&low, &width}) x->convert(computed, APFloat::rmNearestTiesToEven, &lossy);
    width.subtract(low, APFloat::rmNearestTiesToEven);
    last.next(/*nextDown=*/true);
    last.convert(computed, APFloat::rmNearestTiesToEven, &lossy);
    valid = ordered && width.isFinite();
  }
};
} // namespace

LogicalResult RandomUniformOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  if (failed(inferDraw(location, "random_uniform", adaptor, floatDtypes, types))) return failure();
  double low = adaptor.getLow().convertToDouble(), high = adaptor.getHigh().convertToDouble();
  Type element = adaptor.getType().getElementType();
  if (Interval(element, low, high).valid) return success(); // (C4)
  std::string text;
  llvm::raw_string_ostream(text) << "no " << typeName(element) << " can be drawn with 'low' " << llvm::format("%g", low)
                                 << " and 'high' " << llvm::format("%g", high)
                                 << ", 'low' must be less and both finite";
  return shapeError(location, "G2001", {About::theAttribute("high"), About::theAttribute("low")}, text);
}

FailureOr<SmallVector<Value>> RandomUniformOp::lower(Lowering &l) {
  Interval interval(l.resultType().getElementType(), getLow().convertToDouble(), getHigh().convertToDouble());
  DrawnBits bits = bitsOf(l.resultDtype());
  auto type = cast<FloatType>(l.computeType(l.resultDtype()));
  return lowerDraw(l, [&](LoopWriter &w, Value drawn) -> Value {
    auto number = [&](const APFloat &value) { return w.create<arith::ConstantOp>(w.getFloatAttr(type, value)); };
    bool pair = bits == DrawnBits::Pair;
    Value shift = w.create<arith::ConstantOp>(w.getI64IntegerAttr(pair ? 11 : 8));
    Value k = w.create<arith::ShRUIOp>(drawn, shift);
    if (!pair) k = w.create<arith::TruncIOp>(w.getI32Type(), k);
    Value share = w.create<arith::MulFOp>(w.create<arith::SIToFPOp>(type, k), // exact
                                          w.create<arith::ConstantOp>(w.getFloatAttr(type, pair ? 0x1p-53 : 0x1p-24)));
    Value x = w.create<arith::AddFOp>(number(interval.low), w.create<arith::MulFOp>(number(interval.width), share));
    Value last = number(interval.last);
    return w.select(w.create<arith::CmpFOp>(arith::CmpFPredicate::OLT, x, last), x, last);
  });
}

LogicalResult RandomUniformOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  Interval interval(getY().getType().getElementType(), getLow().convertToDouble(), getHigh().convertToDouble());
  bool pair = bitsOf(results[0].dtype) == DrawnBits::Pair;
  return evaluateDraw(operands[0], results[0], [&](uint64_t drawn) {
    if (pair) {
      double low = interval.low.convertToDouble(), width = interval.width.convertToDouble();
      return Number(Jet(std::min(low + width * (double(drawn >> 11) * 0x1p-53), interval.last.convertToDouble())));
    }
    float low = interval.low.convertToFloat(), width = interval.width.convertToFloat();
    float x = low + width * (float(drawn >> 8) * 0x1p-24f);
    return Number(Jet(double(std::min(x, interval.last.convertToFloat()))));
  });
}

Dim RandomUniformOp::flops() { return costOf(getY().getType(), 5); }

// random_bernoulli
LogicalResult RandomBernoulliOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  if (failed(inferDraw(location, "random_bernoulli", adaptor, boolDtypes, types))) return failure();
  double p = adaptor.getP().convertToDouble();
  if (p >= 0 && p <= 1) return success(); // (C4)
  std::string text;
  llvm::raw_string_ostream(text) << "'p' is " << llvm::format("%g", p) << ", a probability is between 0 and 1";
  return shapeError(location, "G2001", About::theAttribute("p"), text);
}

/// What words must be less than: 0 ... 2^32.
static uint64_t thresholdOf(const APFloat &p) { return uint64_t(std::floor(p.convertToDouble() * 0x1p32 + 0.5)); }

FailureOr<SmallVector<Value>> RandomBernoulliOp::lower(Lowering &l) {
  auto threshold = l.getI64IntegerAttr(int64_t(thresholdOf(getP())));
  return lowerDraw(l, [&](LoopWriter &w, Value drawn) -> Value {
    return w.create<arith::CmpIOp>(arith::CmpIPredicate::ult, drawn, w.create<arith::ConstantOp>(threshold));
  });
}

LogicalResult RandomBernoulliOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  uint64_t threshold = thresholdOf(getP());
  return evaluateDraw(operands[0], results[0], [&](uint64_t drawn) { return Number::of(drawn < threshold); });
}

Dim RandomBernoulliOp::flops() { return costOf(getY().getType(), 1); }
