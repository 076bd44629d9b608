// Projections and parts only: what else an indexing map may say, no op of ours says.
#include "compiler/lower/fuse/loop_dims.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/lower/part_expr.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace graphc::lower;
using graphc::graph::Dim;

std::optional<OperandDims> graphc::lower::operandDims(AffineMap map, ArrayRef<Dim> sizes) {
  OperandDims operand;
  for (AffineExpr result : map.getResults()) {
    PartExpr one;
    if (auto constant = dyn_cast<AffineConstantExpr>(result)) {
      if (constant.getValue() == 0) continue;
      if (constant.getValue() < 0 || !operand.dims.empty()) return std::nullopt;
      one.part = constant.getValue();
      one.parts = one.part + 1; // at least: how many follow does not matter to the outermost
    } else {
      std::optional<PartExpr> found = partOf(result);
      if (!found) return std::nullopt;
      one = *found;
      if (!sizes[one.dim].is(1)) operand.dims.push_back(one.dim);
    }
    if (one.parts == 1) continue;
    if (!operand.isWhole()) return std::nullopt;
    operand.partBehind = operand.dims.size();
    operand.parts = one.parts;
    operand.part = one.part;
  }
  return operand;
}

std::optional<DimList> graphc::lower::dimsOf(AffineMap map, ArrayRef<Dim> sizes) {
  std::optional<OperandDims> operand = operandDims(map, sizes);
  return operand && operand->isWhole() ? std::optional(operand->dims) : std::nullopt;
}

/// True if `second` stands behind `first` wherever the operand has one of them.
static bool follows(const OperandDims &operand, unsigned first, unsigned second) {
  const DimList &dims = operand.dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == first && (i + 1 == dims.size() || dims[i + 1] != second)) return false;
    if (dims[i] == second && (i == 0 || dims[i - 1] != first)) return false;
    if (dims[i] == second && !operand.isWhole() && operand.partBehind == i) return false;
  }
  return true;
}

DimGroups graphc::lower::mergeDims(ArrayRef<Dim> sizes, ArrayRef<OperandDims> operands) {
  DimGroups groups;
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    if (sizes[dim].is(1)) continue;
    if (!groups.empty() &&
        llvm::all_of(operands, [&](const OperandDims &operand) { return follows(operand, groups.back().back(), dim); }))
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
                                                      const OperandDims &operand) {
  SmallVector<AffineExpr> results;
  bool placed = operand.isWhole();
  auto placePart = [&](size_t at) {
    if (placed || operand.partBehind != at) return;
    AffineExpr part = getAffineConstantExpr(operand.part, context);
    if (results.empty())
      results.push_back(part);
    else
      results.back() = results.back() * operand.parts + part;
    placed = true;
  };
  placePart(0);
  for (size_t at = 0; at < operand.dims.size();) {
    // A group of size 1 is empty and stands nowhere: its index is always 0.
    auto starts = [&](const DimList &group) {
      return !group.empty() && ArrayRef(operand.dims).drop_front(at).take_front(group.size()) == ArrayRef(group);
    };
    auto found = llvm::find_if(groups, starts);
    if (found == groups.end()) return std::nullopt;
    results.push_back(getAffineDimExpr(found - groups.begin(), context));
    at += found->size();
    placePart(at);
  }
  return placed ? std::optional(AffineMap::get(groups.size(), 0, results, context)) : std::nullopt;
}

Dim graphc::lower::groupSize(ArrayRef<Dim> sizes, const DimList &group) {
  if (llvm::any_of(sizes, [](const Dim &size) { return size.is(0); })) return 0; // nothing to do
  SmallVector<Dim> own;
  for (unsigned dim : group) own.push_back(sizes[dim]);
  return productOf(own);
}
