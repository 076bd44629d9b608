// Projections only: what else an indexing map may say, no op of ours says.
#include "compiler/lower/fuse/loop_dims.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace graphc::lower;

std::optional<DimList> graphc::lower::dimsOf(AffineMap map, ArrayRef<int64_t> sizes) {
  DimList dims;
  for (AffineExpr result : map.getResults()) {
    if (auto constant = dyn_cast<AffineConstantExpr>(result)) {
      if (constant.getValue() != 0) return std::nullopt;
      continue;
    }
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim) return std::nullopt;
    if (sizes[dim.getPosition()] == 1) continue;
    if (!dims.empty() && dims.back() >= dim.getPosition()) return std::nullopt; // transposed or a diagonal
    dims.push_back(dim.getPosition());
  }
  return dims;
}

DimGroups graphc::lower::mergeDims(ArrayRef<int64_t> sizes, ArrayRef<DimList> operands) {
  DimGroups groups;
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    if (sizes[dim] == 1) continue;
    auto sameAsBefore = [&](const DimList &operand) {
      return llvm::is_contained(operand, dim) == llvm::is_contained(operand, groups.back().back());
    };
    if (!groups.empty() && llvm::all_of(operands, sameAsBefore))
      groups.back().push_back(dim);
    else
      groups.push_back({dim});
  }
  return groups;
}

std::optional<DimGroups> graphc::lower::splitDims(ArrayRef<int64_t> sizes, ArrayRef<int64_t> wanted) {
  DimGroups groups;
  unsigned dim = 0;
  for (int64_t size : wanted) {
    DimList &group = groups.emplace_back();
    int64_t product = 1;
    while (product != size) {
      if (dim == sizes.size()) return std::nullopt;
      if (sizes[dim] != 1) group.push_back(dim);
      if (__builtin_mul_overflow(product, sizes[dim++], &product)) return std::nullopt; // beside a 0 dim anything goes
    }
  }
  for (; dim < sizes.size(); ++dim)
    if (sizes[dim] != 1) return std::nullopt;
  return groups;
}

std::optional<AffineMap> graphc::lower::mapOverGroups(MLIRContext *context, const DimGroups &groups,
                                                      const DimList &operand) {
  SmallVector<AffineExpr> results;
  for (auto [position, group] : llvm::enumerate(groups)) {
    size_t present = llvm::count_if(group, [&](unsigned dim) { return llvm::is_contained(operand, dim); });
    if (present == 0) continue; // also a group of size 1: its index is always 0
    if (present != group.size()) return std::nullopt;
    results.push_back(getAffineDimExpr(position, context));
  }
  return AffineMap::get(groups.size(), 0, results, context);
}

int64_t graphc::lower::groupSize(ArrayRef<int64_t> sizes, const DimList &group) {
  if (llvm::is_contained(sizes, 0)) return 0; // nothing to do, and the product of the others may overflow
  int64_t size = 1;
  for (unsigned dim : group) size *= sizes[dim];
  return size;
}
