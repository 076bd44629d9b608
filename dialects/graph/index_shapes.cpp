// index_shapes.h.
#include "dialects/graph/index_shapes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace graphc::graph {

Shape takenShape(llvm::ArrayRef<Dim> x, llvm::ArrayRef<Dim> index, int64_t axis) {
  Shape shape(x.take_front(axis));
  llvm::append_range(shape, index);
  llvm::append_range(shape, x.drop_front(axis + 1));
  return shape;
}

FailureOr<Shape> slicesShape(std::optional<Location> location, llvm::ArrayRef<Dim> x, llvm::ArrayRef<Dim> index,
                             int64_t batchDims) {
  llvm::SmallVector<About> about = {About::theOperand(1), About::theOperand(0)};
  if (index.empty()) return shapeError(location, "G3008", about, "'index' needs an axis of positions, it is a scalar");
  if (!index.back().isStatic())
    return shapeError(location, "G3008", about,
                      "the last axis of 'index' says how many axes of 'x' are named and must be a number, it is " +
                          index.back().text());
  if (batchDims < 0 || batchDims >= int64_t(index.size()))
    return shapeError(location, "G2001", About::theAttribute("batch_dims"),
                      "'batch_dims' is " + llvm::Twine(batchDims) + ", it can be 0 to " +
                          llvm::Twine(index.size() - 1) + ", since 'index' has " + llvm::Twine(index.size()) + " axes");
  int64_t left = int64_t(x.size()) - batchDims, k = index.back().low();
  if (k > left)
    return shapeError(location, "G3008", about,
                      "'index' names " + llvm::Twine(k) + " axes and 'x' has " +
                          llvm::Twine(std::max<int64_t>(left, 0)) + (batchDims ? " behind 'batch_dims'" : ""));
  for (int64_t axis = 0; axis < batchDims; ++axis)
    if (axis >= int64_t(x.size()) || x[axis] != index[axis])
      return shapeError(location, "G3018", about,
                        "the first " + llvm::Twine(batchDims) + " axes of 'x' and 'index' must agree, 'x' is " +
                            shapeText(x) + " and 'index' " + shapeText(index));
  Shape shape(index.drop_back());
  llvm::append_range(shape, x.drop_front(batchDims + k));
  return shape;
}

LogicalResult checkedWithin(std::optional<Location> location, llvm::ArrayRef<Dim> index, llvm::ArrayRef<Dim> x,
                            int64_t axis) {
  bool fits = index.size() == x.size();
  for (size_t i = 0; fits && i < x.size(); ++i) fits = int64_t(i) == axis || (x[i] - index[i]).low() >= 0;
  if (fits) return success();
  return shapeError(location, "G3018", {About::theOperand(1), About::theOperand(0)},
                    "'index' is " + shapeText(index) + ", it must have the rank of 'x', which is " + shapeText(x) +
                        ", and be no longer than it along any axis but axis " + llvm::Twine(axis));
}

void flattenAround(int64_t &axis, Shape &index, Shape &x) {
  auto join = [](Shape &shape, size_t from, size_t to) {
    Dim product = elementCount(llvm::ArrayRef(shape).slice(from, to - from));
    shape.erase(shape.begin() + from, shape.begin() + to);
    shape.insert(shape.begin() + from, product);
  };
  auto agree = [&](size_t from, size_t to) {
    return llvm::ArrayRef(index).slice(from, to - from) == llvm::ArrayRef(x).slice(from, to - from);
  };
  size_t rank = x.size(), behind = axis + 1;
  if (behind < rank && agree(behind, rank)) {
    join(index, behind, rank);
    join(x, behind, rank);
  }
  if (axis == 0 || !agree(0, axis)) return;
  join(index, 0, axis);
  join(x, 0, axis);
  axis = 1;
}

} // namespace graphc::graph
