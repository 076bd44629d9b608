// einsum. Each operand alone is brought to distinct letters that others or the result need (diagonals by a copy, sums
// by a reduction); then operand after operand joins the product, by a matmul over the letters that end there, or
// elementwise if none does; last the axes are put in the result's order.
#include "dialects/graph/einsum_equation.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permuted.h"
#include "dialects/graph/strided_copy.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc::graph;

namespace {
using Labels = EinsumEquation::Labels;

SmallVector<Shape> shapesOf(ValueRange operands) {
  SmallVector<Shape> shapes;
  for (Value operand : operands) shapes.push_back(shapeOf(cast<RankedTensorType>(operand.getType())));
  return shapes;
}

bool has(ArrayRef<int> labels, int label) { return llvm::is_contained(labels, label); }

Value product(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType())) return b.create<arith::MulFOp>(x, y);
  return b.create<arith::MulIOp>(x, y);
}

/// A tensor whose axes are distinct labels.
struct Term {
  Value value;
  Labels labels;
  bool isParam = false;
};

struct EinsumLowering {
  Lowering &l;
  const EinsumEquation &e;

  Shape shapeOf(ArrayRef<int> labels) {
    Shape shape;
    for (int label : labels) shape.push_back(e.sizes.at(label));
    return shape;
  }
  Dim count(ArrayRef<int> labels) { return elementCount(shapeOf(labels)); }

  /// Is the label in the result, or in an operand from `first` on?
  bool isNeeded(int label, size_t first) {
    if (has(e.result, label)) return true;
    for (size_t i = first; i < e.operands.size(); ++i)
      if (has(e.operands[i], label)) return true;
    return false;
  }

  Value diagonal(Value x, ArrayRef<Dim> shape, ArrayRef<int> labels, ArrayRef<int> distinct) {
    SmallVector<StridedAxis> dense = denseAxes(shape), axes;
    for (int label : distinct) {
      Dim stride = 0;
      for (auto [axis, other] : llvm::enumerate(labels))
        if (other == label) stride = stride + dense[axis].stride;
      axes.push_back({e.sizes.at(label), stride});
    }
    return stridedCopy(l, x, 0, axes, shapeOf(distinct));
  }

  Value sum(Value x, ArrayRef<int> labels, ArrayRef<int> kept) {
    Value init = l.filled(shapeOf(kept), l.getZeroAttr(getElementTypeOrSelf(x.getType())));
    SmallVector<AffineExpr> axes;
    SmallVector<utils::IteratorType> iterators;
    for (auto [axis, label] : llvm::enumerate(labels)) {
      iterators.push_back(has(kept, label) ? utils::IteratorType::parallel : utils::IteratorType::reduction);
      if (has(kept, label)) axes.push_back(l.getAffineDimExpr(axis));
    }
    SmallVector<AffineMap> maps{l.getMultiDimIdentityMap(labels.size()),
                                AffineMap::get(labels.size(), 0, axes, l.getContext())};
    auto generic = l.create<linalg::GenericOp>(
        TypeRange(init.getType()), x, init, maps, iterators, [](OpBuilder &b, Location where, ValueRange s) {
          Value next = isa<FloatType>(s[1].getType()) ? Value(b.create<arith::AddFOp>(where, s[1], s[0]))
                                                      : Value(b.create<arith::AddIOp>(where, s[1], s[0]));
          b.create<linalg::YieldOp>(where, next);
        });
    return generic.getResult(0);
  }

  /// Operand i without stretched axes, diagonals and letters that end in it.
  Term term(size_t i, Value x) {
    Shape from = l.operandShape(i), shape;
    Labels labels, distinct, kept;
    for (auto [label, size] : llvm::zip_equal(e.operands[i], from)) {
      if (e.isStretched(size, label)) continue;
      labels.push_back(label);
      shape.push_back(size);
      if (!has(distinct, label)) distinct.push_back(label);
    }
    x = l.reshape(x, from, shape);
    if (distinct.size() != labels.size()) x = diagonal(x, shape, labels, distinct);
    for (int label : distinct) {
      bool elsewhere = has(e.result, label);
      for (size_t other = 0; other < e.operands.size(); ++other)
        elsewhere |= other != i && has(e.operands[other], label);
      if (elsewhere) kept.push_back(label);
    }
    if (kept.size() != distinct.size()) x = sum(x, distinct, kept);
    return {x, kept};
  }

  Value ordered(const Term &term, ArrayRef<int> labels) {
    SmallVector<int64_t> perm;
    for (int label : labels) perm.push_back(llvm::find(term.labels, label) - term.labels.begin());
    return permuted(l, term.value, shapeOf(term.labels), perm);
  }

  /// Without axes of one element.
  Term squeezed(const Term &x) {
    Labels labels;
    for (int label : x.labels)
      if (!e.sizes.at(label).is(1)) labels.push_back(label);
    return {l.reshape(x.value, shapeOf(x.labels), shapeOf(labels)), labels};
  }

  /// One vector per batch times a matrix: each element of the matrix serves once, so a product that turns and packs it
  /// would read it three times. It is read where it lies, and summed.
  Term vectorTimes(const Term &vectors, const Term &matrices, ArrayRef<int> ending, ArrayRef<int> order) {
    Term x = squeezed(matrices), v = squeezed(vectors);
    Labels shared, kept, made;
    Shape aligned;
    for (int label : x.labels) {
      bool isShared = has(v.labels, label);
      if (isShared) shared.push_back(label);
      aligned.push_back(isShared ? e.sizes.at(label) : Dim(1));
      if (!has(ending, label)) kept.push_back(label);
    }
    Value repeated = l.reshape(ordered(v, shared), shapeOf(shared), aligned);
    Shape shape = shapeOf(x.labels);
    Type element = getElementTypeOrSelf(x.value.getType());
    Value products =
        l.elementwise({x.value, repeated}, {shape, aligned}, shape, element,
                      [](ImplicitLocOpBuilder &b, ValueRange each) { return product(b, each[0], each[1]); });
    Value y = kept.size() == x.labels.size() ? products : sum(products, x.labels, kept);
    for (int label : order)
      if (!e.sizes.at(label).is(1)) made.push_back(label);
    y = ordered({y, kept}, made);
    return {l.reshape(y, shapeOf(made), shapeOf(order)), Labels(order)};
  }

  /// The product of two, summed over the letters that no operand from `next` on and no result needs.
  Term multiply(const Term &a, const Term &b, size_t next, Type element) {
    Labels batch, ending, freeA, freeB;
    for (int label : a.labels)
      (!has(b.labels, label) ? freeA : isNeeded(label, next) ? batch : ending).push_back(label);
    for (int label : b.labels)
      if (!has(a.labels, label)) freeB.push_back(label);
    auto joined = [](ArrayRef<int> x, ArrayRef<int> y, ArrayRef<int> z) {
      Labels all(x);
      all.append(y.begin(), y.end());
      all.append(z.begin(), z.end());
      return all;
    };
    Labels orderA = joined(batch, freeA, ending), orderB = joined(batch, ending, freeB),
           orderY = joined(batch, freeA, freeB);
    Dim g = count(batch), m = count(freeA), n = count(freeB), k = count(ending);
    bool isPlain = isa<Float32Type, Float64Type>(element) && getElementTypeOrSelf(a.value.getType()) == element;
    if (isPlain && !ending.empty() && m.is(1) && !b.isParam) return vectorTimes(a, b, ending, orderY);
    if (isPlain && !ending.empty() && n.is(1) && !a.isParam) return vectorTimes(b, a, ending, orderY);
    Value left = ordered(a, orderA), right = ordered(b, orderB);
    if (ending.empty()) {
      Shape ofA = {g, m, Dim(1)}, ofB = {g, Dim(1), n}, ofY = {g, m, n};
      left = l.reshape(left, shapeOf(orderA), ofA);
      right = l.reshape(right, shapeOf(orderB), ofB);
      Dtype dtype = l.operandDtype(0);
      bool narrow = getElementTypeOrSelf(left.getType()) != element;
      Value y = l.elementwise({left, right}, {ofA, ofB}, ofY, element, [&](ImplicitLocOpBuilder &body, ValueRange x) {
        Value p = narrow ? Lowering::toCompute(body, x[0], dtype) : x[0];
        Value q = narrow ? Lowering::toCompute(body, x[1], dtype) : x[1];
        return product(body, p, q);
      });
      return {l.reshape(y, ofY, shapeOf(orderY)), orderY};
    }
    bool batched = !batch.empty();
    auto matrix = [&](Dim rows, Dim columns) { return batched ? Shape{g, rows, columns} : Shape{rows, columns}; };
    left = l.reshape(left, shapeOf(orderA), matrix(m, k));
    right = l.reshape(right, shapeOf(orderB), matrix(k, n));
    Value init = l.filled(matrix(m, n), l.getZeroAttr(element));
    Value y = batched ? l.create<linalg::BatchMatmulOp>(ValueRange{left, right}, ValueRange(init)).getResult(0)
                      : l.create<linalg::MatmulOp>(ValueRange{left, right}, ValueRange(init)).getResult(0);
    return {l.reshape(y, matrix(m, n), shapeOf(orderY)), orderY};
  }
};
} // namespace

LogicalResult EinsumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto in = operandTypes(location, "einsum", adaptor.getOperands(), numberDtypes); // (C4)
  if (failed(in)) return failure();
  auto e = einsumEquation(location, adaptor.getEquation(), shapesOf(adaptor.getOperands())); // (C1, C2, C3)
  if (failed(e)) return failure();
  Shape shape;
  for (int label : e->result) shape.push_back(e->sizes.at(label));
  return addResultType(location, shape, in->front().getElementType(), About::theAttribute("equation"), types);
}

FailureOr<SmallVector<Value>> EinsumOp::lower(Lowering &l) {
  EinsumEquation e = *einsumEquation(std::nullopt, getEquation(), shapesOf((*this)->getOperands()));
  EinsumLowering lowering{l, e};
  Dtype dtype = l.resultDtype();
  Type compute = l.computeType(dtype);
  // Two operands are multiplied as they are: a contraction sums in the wider type. All else would round in between.
  bool asStored = e.operands.size() == 2;
  for (const Labels &labels : e.operands)
    for (int label : labels)
      asStored &= llvm::count(labels, label) == 1 &&
                  (has(e.operands[0], label) == has(e.operands.back(), label) || has(e.result, label));
  Term all;
  for (size_t i = 0; i < e.operands.size(); ++i) {
    Value x = asStored ? l.in[i] : l.tensorToCompute(l.in[i], l.operandShape(i), dtype);
    Term next = lowering.term(i, x);
    next.isParam =
        getOperand(i).getDefiningOp<ReadParameterOp>() != nullptr; // such a matrix is packed when it is loaded
    all = i ? lowering.multiply(all, next, i + 1, compute) : next;
  }
  Value y = lowering.ordered(all, e.result);
  return SmallVector<Value>{l.tensorToStored(y, l.resultShape(), dtype)};
}

LogicalResult EinsumOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  SmallVector<Shape> shapes;
  for (const HostTensor &operand : operands) shapes.push_back(Shape(operand.shape.begin(), operand.shape.end()));
  auto e = einsumEquation(std::nullopt, getEquation(), shapes);
  if (failed(e)) return failure();
  HostTensor &y = results[0];
  // Every combination of all letters, those of the result outermost.
  Labels labels = e->result;
  for (auto &[label, size] : e->sizes)
    if (!has(labels, label)) labels.push_back(label);
  int64_t inner = 1, outer = y.size();
  for (size_t i = e->result.size(); i < labels.size(); ++i) inner *= e->sizes.at(labels[i]).staticValue();
  std::map<int, int64_t> at;
  for (int64_t i = 0; i < outer; ++i) {
    Jet sum;
    uint64_t whole = 0;
    for (int64_t j = 0; j < inner; ++j) {
      int64_t rest = i * inner + j;
      for (int label : llvm::reverse(labels)) {
        int64_t size = e->sizes.at(label).staticValue();
        at[label] = rest % size;
        rest /= size;
      }
      Jet real(1.0);
      uint64_t integer = 1;
      for (auto [operand, axes] : llvm::zip_equal(operands, e->operands)) {
        int64_t from = 0;
        for (auto [label, size] : llvm::zip_equal(axes, operand.shape))
          from = from * size + (size == 1 ? 0 : at[label]);
        Number x = elementAt(operand, from);
        if (x.isReal())
          real = real * x.real;
        else
          integer *= uint64_t(x.integer);
      }
      sum = sum + real;
      whole += integer;
    }
    if (isFloat(y.dtype))
      y.floats[i] = sum;
    else
      y.integers[i] = int64_t(whole);
  }
  return success();
}

Dim EinsumOp::flops() {
  auto e = einsumEquation(std::nullopt, getEquation(), shapesOf((*this)->getOperands()));
  if (failed(e)) return 0;
  Dim count = (*this)->getNumOperands();
  for (auto &[label, size] : e->sizes) count = count * size;
  return count;
}

/// Letters of an equation for labels; those of "..." get letters that are free.
class Letters {
public:
  explicit Letters(const EinsumEquation &e) {
    std::string free;
    for (char c = 'a'; c <= 'z'; ++c) free += {c, char(c - 'a' + 'A')};
    for (auto &[label, size] : e.sizes)
      if (!EinsumEquation::isEllipsis(label)) free.erase(free.find(char(label)), 1), letters[label] = char(label);
    for (auto &[label, size] : e.sizes)
      if (EinsumEquation::isEllipsis(label)) letters[label] = free.back(), free.pop_back();
  }
  std::string of(ArrayRef<int> labels) const {
    std::string text;
    for (int label : labels) text += letters.at(label);
    return text;
  }

private:
  std::map<int, char> letters;
};

StringRef EinsumOp::noDerivative() {
  auto e = einsumEquation(std::nullopt, getEquation(), shapesOf(getOperands()));
  return succeeded(e) && e->sizes.size() > 52 ? "has no rule for more axes than there are letters" : "";
}

// An einsum of the other operands and ct, over what operand i does not name. Letters that it alone names are repeated
// then, and a letter that stands twice in it gets zeros beside the diagonal.
Value EinsumOp::transpose(RuleBuilder &b, unsigned i, ValueRange cts) {
  SmallVector<Shape> shapes = shapesOf(getOperands());
  EinsumEquation e = *einsumEquation(std::nullopt, getEquation(), shapes);
  Letters letters(e);
  SmallVector<Value> factors;
  std::string equation;
  Labels known; // by a factor
  auto use = [&](Value x, ArrayRef<int> labels) {
    equation += (factors.empty() ? "" : ",") + letters.of(labels);
    factors.push_back(x);
    known.append(labels.begin(), labels.end());
  };
  for (unsigned j = 0; j < shapes.size(); ++j) {
    if (j == i) continue;
    Labels labels; // without axes of 1 that are repeated
    Shape shape;
    for (auto [label, size] : llvm::zip_equal(e.operands[j], shapes[j]))
      if (!e.isStretched(size, label)) labels.push_back(label), shape.push_back(size);
    use(b.reshape(getOperands()[j], shape), labels);
  }
  use(cts[0], e.result);
  Labels wanted; // distinct
  Shape partly, whole, spread;
  for (auto [label, size] : llvm::zip_equal(e.operands[i], shapes[i])) {
    bool again = has(wanted, label);
    spread.push_back(again ? Dim(1) : size);
    if (again || e.isStretched(size, label)) continue;
    wanted.push_back(label);
    partly.push_back(has(known, label) ? size : Dim(1));
    whole.push_back(size);
  }
  Labels found;
  llvm::copy_if(wanted, std::back_inserter(found), [&](int label) { return has(known, label); });
  Value sum = b.op<EinsumOp>(factors, b.word("equation", equation + "->" + letters.of(found)));
  sum = b.reshape(b.broadcast(b.reshape(sum, partly), whole), spread);
  for (size_t axis = 0; axis < spread.size(); ++axis) {
    ArrayRef<int> labels = e.operands[i];
    size_t first = llvm::find(labels, labels[axis]) - labels.begin();
    if (first == axis) continue;
    auto along = [&](size_t at) {
      Shape line(spread.size(), Dim(1));
      line[at] = shapes[i][axis];
      return b.positions(line, b.indexType(line[at]), int64_t(at));
    };
    sum = b.only(b.equal(along(first), along(axis)), sum);
  }
  return sum;
}
