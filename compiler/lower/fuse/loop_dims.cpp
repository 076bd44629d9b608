// Projections only: what else an indexing map may say, no op of ours says.
#include "compiler/lower/fuse/loop_dims.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace graphc::lower;
using graphc::graph::Dim;

std::optional<DimList> graphc::lower::dimsOf(AffineMap map, ArrayRef<Dim> sizes) {
  DimList dims;
  for (AffineExpr result : map.getResults()) {
    if (auto constant = dyn_cast<AffineConstantExpr>(result)) {
      if (constant.getValue() != 0) return std::nullopt;
      continue;
    }
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim) return std::nullopt;
    if (sizes[dim.getPosition()].is(1)) continue;
    dims.push_back(dim.getPosition());
  }
  return dims;
}

/// True if `second` stands behind `first` wherever the operand has one of them.
static bool follows(const DimList &operand, unsigned first, unsigned second) {
  for (size_t i = 0; i < operand.size(); ++i) {
    if (operand[i] == first && (i + 1 == operand.size() || operand[i + 1] != second)) return false;
    if (operand[i] == second && (i == 0 || operand[i - 1] != first)) return false;
  }
  return true;
}

DimGroups graphc::lower::mergeDims(ArrayRef<Dim> sizes, ArrayRef<DimList> operands) {
  DimGroups groups;
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    if (sizes[dim].is(1)) continue;
    if (!groups.empty() &&
        llvm::all_of(operands, [&](const DimList &operand) { return follows(operand, groups.back().back(), dim); }))
      groups.back().push_back(dim);
    else
      groups.push_back({dim});
  }
  return groups;
}

std::optional<DimGroups> graphc::lower::splitDims(ArrayRef<Dim> sizes, ArrayRef<Dim> wanted) {
  DimGroups groups;
  unsigned dim = 0;
  for (const Dim &size : wanted) {
    DimList &group = groups.emplace_back();
    Dim product = 1;
    while (product != size) {
      if (dim == sizes.size()) return std::nullopt;
      if (!sizes[dim].is(1)) group.push_back(dim);
      product = product * sizes[dim++];
    }
  }
  for (; dim < sizes.size(); ++dim)
    if (!sizes[dim].is(1)) return std::nullopt;
  return groups;
}

std::optional<AffineMap> graphc::lower::mapOverGroups(MLIRContext *context, const DimGroups &groups,
                                                      const DimList &operand) {
  SmallVector<AffineExpr> results;
  for (size_t at = 0; at < operand.size();) {
    // A group of size 1 is empty and stands nowhere: its index is always 0.
    auto starts = [&](const DimList &group) {
      return !group.empty() && ArrayRef(operand).drop_front(at).take_front(group.size()) == ArrayRef(group);
    };
    auto found = llvm::find_if(groups, starts);
    if (found == groups.end()) return std::nullopt;
    results.push_back(getAffineDimExpr(found - groups.begin(), context));
    at += found->size();
  }
  return AffineMap::get(groups.size(), 0, results, context);
}

Dim graphc::lower::groupSize(ArrayRef<Dim> sizes, const DimList &group) {
  if (llvm::any_of(sizes, [](const Dim &size) { return size.is(0); })) return 0; // nothing to do
  SmallVector<Dim> own;
  for (unsigned dim : group) own.push_back(sizes[dim]);
  return productOf(own);
}
