// resize: one pass per axis. A pass sees x as [outer, old size, inner]; for each position of the new axis it finds the
// coordinate and the weights (in f64, as the reference does), then mixes whole rows of inner elements.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/permute_axes.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

namespace {
enum class Mode { Nearest, Linear, Cubic };
enum class Coordinates { HalfPixel, PytorchHalfPixel, AlignCorners, Asymmetric, HalfPixelSymmetric };
enum class Nearest { RoundPreferFloor, RoundPreferCeil, Floor, Ceil };

constexpr llvm::StringRef modeWords[] = {"nearest", "linear", "cubic"};
constexpr llvm::StringRef coordinateWords[] = {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric",
                                               "half_pixel_symmetric"};
constexpr llvm::StringRef nearestWords[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};

/// Position of the word in the list; beyond it if it is none.
size_t wordIndex(ArrayRef<llvm::StringRef> words, llvm::StringRef word) {
  return llvm::find(words, word) - words.begin();
}

struct Resizing {
  Mode mode;
  Coordinates coordinates;
  Nearest nearest;
  double cubic;
  bool excludeOutside;
  std::optional<double> scale; // of this axis
};

template <class Op> Resizing resizingOf(Op op, size_t i) {
  Resizing r{Mode(wordIndex(modeWords, op.getMode())),
             Coordinates(wordIndex(coordinateWords, op.getCoordinates())),
             Nearest(wordIndex(nearestWords, op.getNearest())),
             op.getCubicCoeff().convertToDouble(),
             op.getExcludeOutside(),
             std::nullopt};
  if (op.getScale()) r.scale = (*op.getScale())[i];
  return r;
}

LogicalResult checkWord(std::optional<Location> location, llvm::StringRef attribute, llvm::StringRef word,
                        ArrayRef<llvm::StringRef> words) {
  if (wordIndex(words, word) < words.size()) return success();
  std::string list;
  for (llvm::StringRef one : words) list += (list.empty() ? "'" : ", '") + one.str() + "'";
  return shapeError(location, "G2003", About::theAttribute(attribute), "'" + attribute + "' must be one of " + list);
}

/// size * scale rounded down.
FailureOr<Dim> scaled(std::optional<Location> location, const Dim &size, double scale) {
  if (!(scale > 0) || scale > 1e9)
    return shapeError(location, "G2001", About::theAttribute("scale"), "'scale' must be positive and at most 1e9");
  // Where integers can say it they do, for numbers too: a product with 1/49 may round to less than 1.
  if (scale == std::floor(scale)) return size * Dim(int64_t(scale));
  double inverse = 1 / scale;
  if (inverse < 1e9 && inverse == std::floor(inverse) && 1 / inverse == scale) return size.floorDiv(int64_t(inverse));
  if (size.isStatic()) {
    double exact = std::floor(double(size.staticValue()) * scale);
    return Dim(int64_t(std::min(exact, double(int64_t(1) << 60))));
  }
  return shapeError(location, "G2001", {About::theAttribute("scale"), About::theOperand(0)},
                    "the scale of " + size.text() + " must be a whole number or one over a whole number, because its " +
                        "size is known only at the call");
}

/// The new size of axis i of the list.
template <class Op> FailureOr<Dim> newSize(std::optional<Location> location, Op op, size_t i, const Dim &old) {
  if (op.getScale()) return scaled(location, old, (*op.getScale())[i]);
  int64_t size = (*op.getSize())[i];
  if (size < 1 || size >= int64_t(1) << 31)
    return shapeError(location, "G2001", About::theAttribute("size"),
                      "'size' must be at least 1 and below 2^31, it is " + Twine(size));
  return Dim(size);
}

// The reference's scalar functions.

double coordinateOf(const Resizing &r, double j, double in, double out) {
  double scale = r.scale.value_or(out / in);
  switch (r.coordinates) {
  case Coordinates::HalfPixel:
    return (j + 0.5) / scale - 0.5;
  case Coordinates::PytorchHalfPixel:
    return out > 1 ? (j + 0.5) / scale - 0.5 : 0;
  case Coordinates::AlignCorners:
    return out > 1 ? j * (in - 1) / (out - 1) : 0;
  case Coordinates::Asymmetric:
    return j / scale;
  case Coordinates::HalfPixelSymmetric:
    return in / 2 * (1 - out / (scale * in)) + (j + 0.5) / scale - 0.5;
  }
  return 0;
}

double roundedOf(Nearest nearest, double x) {
  switch (nearest) {
  case Nearest::RoundPreferFloor:
    return std::ceil(x - 0.5);
  case Nearest::RoundPreferCeil:
    return std::floor(x + 0.5);
  case Nearest::Floor:
    return std::floor(x);
  case Nearest::Ceil:
    return std::ceil(x);
  }
  return x;
}

struct Tap {
  int64_t position;
  double weight;
};

SmallVector<Tap> tapsOf(const Resizing &r, int64_t j, int64_t in, int64_t out) {
  double x = coordinateOf(r, double(j), double(in), double(out));
  SmallVector<Tap> taps;
  double base = std::floor(x), t = x - base, a = r.cubic;
  if (r.mode == Mode::Nearest) {
    taps = {{int64_t(roundedOf(r.nearest, x)), 1}};
  } else if (r.mode == Mode::Linear) {
    taps = {{int64_t(base), 1 - t}, {int64_t(base) + 1, t}};
  } else {
    auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    taps = {{int64_t(base) - 1, far(t + 1)},
            {int64_t(base), near(t)},
            {int64_t(base) + 1, near(1 - t)},
            {int64_t(base) + 2, far(2 - t)}};
  }
  double sum = 0;
  for (Tap &tap : taps) {
    if (r.mode != Mode::Nearest && r.excludeOutside && (tap.position < 0 || tap.position >= in)) tap.weight = 0;
    sum += tap.weight;
    tap.position = std::clamp<int64_t>(tap.position, 0, in - 1);
  }
  if (r.mode != Mode::Nearest && r.excludeOutside)
    for (Tap &tap : taps) tap.weight /= sum;
  return taps;
}

/// The same as code.
struct TapWriter {
  LoopWriter &w;
  const Resizing &r;

  Value number(double value) { return w.create<arith::ConstantOp>(w.getF64FloatAttr(value)); }
  Value real(Value index) {
    return w.create<arith::SIToFPOp>(w.getF64Type(), w.create<arith::IndexCastOp>(w.getI64Type(), index));
  }
  Value whole(Value x) {
    return w.create<arith::IndexCastOp>(w.getIndexType(), w.create<arith::FPToSIOp>(w.getI64Type(), x));
  }
  Value add(Value a, Value b) { return w.create<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return w.create<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return w.create<arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return w.create<arith::DivFOp>(a, b); }
  Value floor(Value x) { return w.create<math::FloorOp>(x); }
  Value ceil(Value x) { return w.create<math::CeilOp>(x); }

  Value coordinate(Value j, Value in, Value out) {
    Value position = real(j), scale = r.scale ? number(*r.scale) : div(real(out), real(in));
    Value half = sub(div(add(position, number(0.5)), scale), number(0.5)), several = w.less(w.index(1), out);
    switch (r.coordinates) {
    case Coordinates::HalfPixel:
      return half;
    case Coordinates::PytorchHalfPixel:
      return w.select(several, half, number(0));
    case Coordinates::AlignCorners: {
      Value steps = real(w.max(w.sub(out, w.index(1)), w.index(1)));
      return w.select(several, div(mul(position, real(w.sub(in, w.index(1)))), steps), number(0));
    }
    case Coordinates::Asymmetric:
      return div(position, scale);
    case Coordinates::HalfPixelSymmetric: {
      Value moved = sub(number(1), div(real(out), mul(scale, real(in))));
      Value offset = mul(div(real(in), number(2)), moved);
      return sub(add(offset, div(add(position, number(0.5)), scale)), number(0.5));
    }
    }
    return half;
  }

  Value rounded(Value x) {
    switch (r.nearest) {
    case Nearest::RoundPreferFloor:
      return ceil(sub(x, number(0.5)));
    case Nearest::RoundPreferCeil:
      return floor(add(x, number(0.5)));
    case Nearest::Floor:
      return floor(x);
    case Nearest::Ceil:
      return ceil(x);
    }
    return x;
  }

  Value far(Value d) {
    double a = r.cubic;
    return sub(mul(add(mul(sub(mul(number(a), d), number(5 * a)), d), number(8 * a)), d), number(4 * a));
  }
  Value near(Value d) {
    double a = r.cubic;
    return add(mul(mul(sub(mul(number(a + 2), d), number(a + 3)), d), d), number(1));
  }

  /// Positions (clamped) and weights.
  void taps(Value j, Value in, Value out, LoopWriter::Values &positions, LoopWriter::Values &weights) {
    Value x = coordinate(j, in, out);
    if (r.mode == Mode::Nearest) {
      positions = {w.clamp(whole(rounded(x)), in)};
      return;
    }
    Value base = floor(x), t = sub(x, base), first = whole(base);
    if (r.mode == Mode::Linear) {
      positions = {first, w.add(first, w.index(1))};
      weights = {sub(number(1), t), t};
    } else {
      positions = {w.sub(first, w.index(1)), first, w.add(first, w.index(1)), w.add(first, w.index(2))};
      weights = {far(add(t, number(1))), near(t), near(sub(number(1), t)), far(sub(number(2), t))};
    }
    Value sum = number(0);
    for (auto [position, weight] : llvm::zip_equal(positions, weights)) {
      if (r.excludeOutside) {
        Value inside = w.both(w.less(w.index(-1), position), w.less(position, in));
        weight = w.select(inside, weight, number(0));
        sum = add(sum, weight);
      }
      position = w.clamp(position, in);
    }
    if (r.excludeOutside)
      for (Value &weight : weights) weight = div(weight, sum);
  }
};

/// One axis. `x` is of compute type unless the mode is nearest.
Value lowerAxis(Lowering &l, Value x, ArrayRef<Dim> from, ArrayRef<Dim> to, size_t axis, const Resizing &r) {
  Dim outer = elementCount(from.take_front(axis)), inner = elementCount(from.drop_front(axis + 1));
  Type element = getElementTypeOrSelf(x.getType());
  LoopWriter w(l, x, {outer, from[axis], to[axis], inner}, LoopWriter::Out{Shape(to), element});
  TapWriter writer{w, r};
  Value in = w.size(1), out = w.size(2), innerCount = w.size(3);
  w.loop(w.index(0), out, [&](Value j) {
    LoopWriter::Values positions, weights;
    writer.taps(j, in, out, positions, weights);
    if (element.isF32())
      for (Value &weight : weights) weight = w.create<arith::TruncFOp>(element, weight);
    w.loop(w.index(0), w.size(0), [&](Value o) {
      Value target = w.mul(w.add(w.mul(o, out), j), innerCount);
      LoopWriter::Values sources;
      for (Value position : positions) sources.push_back(w.mul(w.add(w.mul(o, in), position), innerCount));
      w.loop(w.index(0), innerCount, [&](Value i) {
        Value y = w.load(w.in(0), w.add(sources[0], i));
        if (!weights.empty()) y = w.create<arith::MulFOp>(y, weights[0]);
        for (size_t k = 1; k < sources.size(); ++k)
          y = w.create<arith::AddFOp>(y, w.create<arith::MulFOp>(w.load(w.in(0), w.add(sources[k], i)), weights[k]));
        w.store(y, w.out(0), w.add(target, i));
      });
    });
  });
  return w.results()[0];
}
} // namespace

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (failed(checkWord(location, "mode", adaptor.getMode(), modeWords)) || // (C3)
      failed(checkWord(location, "coordinates", adaptor.getCoordinates(), coordinateWords)) ||
      failed(checkWord(location, "nearest", adaptor.getNearest(), nearestWords)))
    return failure();
  ArrayRef<Dtype> dtypes = adaptor.getMode() == "nearest" ? ArrayRef<Dtype>(allDtypes) : ArrayRef<Dtype>(floatDtypes);
  auto x = operandType(location, "resize", adaptor.getOperands(), 0, dtypes); // (C5)
  if (failed(x)) return failure();
  auto axes = checkedAxes(location, adaptor.getAxis(), x->getRank(), "axis", "x", /*sort=*/false); // (C1)
  if (failed(axes)) return failure();
  if (bool(adaptor.getSize()) == bool(adaptor.getScale())) // (C2)
    return shapeError(location, "G2005", {About::theAttribute("size"), About::theAttribute("scale")},
                      "'resize' needs either 'size' or 'scale'");
  llvm::StringRef list = adaptor.getSize() ? "size" : "scale";
  size_t entries = adaptor.getSize() ? adaptor.getSize()->size() : adaptor.getScale()->size();
  if (entries != axes->size())
    return shapeError(location, "G2002", {About::theAttribute(list), About::theAttribute("axis")},
                      "'" + list + "' has " + Twine(entries) + " entries, for " + Twine(axes->size()) + " axes");
  Shape shape = shapeOf(*x);
  for (auto [i, axis] : llvm::enumerate(*axes)) {
    if (shape[axis].low() < 1) // (C4)
      return shapeError(location, "G3016", {About::theOperand(0), About::theAttribute("axis")},
                        "'resize' needs at least one element, axis " + Twine(axis) + " of " + shapeText(shape) +
                            (shape[axis].isStatic() ? " is empty" : " may be empty"));
    auto size = newSize(location, adaptor, i, shape[axis]); // (C2, C6)
    if (failed(size)) return failure();
    shape[axis] = *size;
  }
  return addResultType(location, shape, x->getElementType(), About::theOperand(0), types); // (C7)
}

FailureOr<SmallVector<Value>> ResizeOp::lower(Lowering &l) {
  Shape shape = l.operandShape(0);
  Dtype dtype = l.resultDtype();
  bool mixes = getMode() != "nearest";
  Value y = mixes ? l.tensorToCompute(l.in[0], shape, dtype) : l.in[0];
  for (auto [i, axis] : llvm::enumerate(getAxis())) {
    size_t position = axisFromFront(axis, shape.size());
    Shape next = shape;
    next[position] = *newSize(std::nullopt, *this, i, shape[position]);
    y = lowerAxis(l, y, shape, next, position, resizingOf(*this, i));
    shape = next;
  }
  return SmallVector<Value>{mixes ? l.tensorToStored(y, shape, dtype) : y};
}

LogicalResult ResizeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  HostTensor x = operands[0];
  for (auto [i, listed] : llvm::enumerate(getAxis())) {
    size_t axis = axisFromFront(listed, x.shape.size());
    int64_t in = x.shape[axis], inner = 1;
    auto size = newSize(std::nullopt, *this, i, Dim(in));
    if (failed(size)) return failure();
    int64_t out = size->staticValue();
    Resizing r = resizingOf(*this, i);
    SmallVector<int64_t> shape = x.shape;
    shape[axis] = out;
    for (size_t rest = axis + 1; rest < shape.size(); ++rest) inner *= shape[rest];
    HostTensor y(x.dtype, shape);
    for (int64_t at = 0, count = y.size(); at < count; ++at) {
      int64_t row = at / inner / out * in;
      SmallVector<Tap> taps = tapsOf(r, at / inner % out, in, out);
      auto element = [&](const Tap &tap) { return elementAt(x, (row + tap.position) * inner + at % inner); };
      Number sum = element(taps[0]);
      if (r.mode != Mode::Nearest) {
        sum.real = sum.real * Jet(taps[0].weight);
        for (const Tap &tap : llvm::drop_begin(taps)) sum.real = sum.real + element(tap).real * Jet(tap.weight);
      }
      setElement(y, at, sum);
    }
    x = std::move(y);
  }
  results[0] = std::move(x);
  return success();
}

Dim ResizeOp::flops() {
  if (getMode() == "nearest") return 0;
  return elementCount(shapeOf(getType())) * Dim((getMode() == "linear" ? 4 : 8) * int64_t(getAxis().size()));
}

// Along each axis a matrix product; the matrix is what this resize makes of the unit matrix.
Value ResizeOp::transpose(RuleBuilder &b, unsigned, ValueRange cts) {
  Value ct = cts[0];
  int64_t rank = typeOf(getX()).getRank();
  for (auto [i, given] : llvm::enumerate(getAxis())) {
    int64_t axis = axisFromFront(given, rank);
    Dim size = shapeOf(getX())[axis];
    Type position = b.indexType(size);
    Value isSame = b.equal(b.positions({size, Dim(1)}, position), b.positions({Dim(1), size}, position, 1));
    Value unit = b.cast(isSame, typeOf(ct).getElementType());
    NamedAttribute to =
        getSize() ? b.ints("size", (*getSize())[i]) : b.getNamedAttr("scale", b.getDenseF64ArrayAttr((*getScale())[i]));
    Value matrix = createLike(b, *this, unit, {b.ints("axis", 0), to})->getResult(0);
    Permutation toLast = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    toLast.erase(toLast.begin() + axis);
    toLast.push_back(axis);
    Value rows = b.op<MatmulOp>({b.permute(ct, toLast), matrix});
    ct = b.permute(rows, inverse(toLast));
  }
  return ct;
}
