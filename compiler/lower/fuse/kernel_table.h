// The module's kernels by what they compute: asking twice for the same specification gives the same kernel. Names count
// up in order of first use ("k0.contraction"): a dot keeps them apart from every C name of the library.
#pragma once
#include "dialects/kern/kern_dialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringMap.h"

namespace graphc::lower {

class KernelTable {
public:
  explicit KernelTable(mlir::ModuleOp module);

  /// A kernel that is in no module yet: set its attributes, fill its body (absent for builders without one), then
  /// intern it.
  kern::KernelOp draft(mlir::Location location, llvm::StringRef builder, llvm::ArrayRef<mlir::AffineMap> maps,
                       mlir::TypeRange bodyArguments, bool hasBody = true);
  /// Takes the draft: the equal kernel that exists already, or the draft under a new name.
  mlir::FlatSymbolRefAttr intern(kern::KernelOp draft);
  /// The elementwise kernel that copies one flat buffer of `element`.
  mlir::FlatSymbolRefAttr copyKernel(mlir::Location location, mlir::Type element);

private:
  std::string canonicalText(kern::KernelOp kernel);
  mlir::ModuleOp module;
  llvm::StringMap<mlir::StringAttr> names; // canonical text -> symbol
  unsigned next = 0;
};

/// Clones the ops of a scalar body that `isLeftOut` does not name, as cloneBody does; `map` then has their results.
mlir::LogicalResult cloneOps(mlir::Block &body, kern::KernelOp kernel, mlir::IRMapping &map,
                             mlir::ValueRange loopIndices = {},
                             llvm::function_ref<bool(mlir::Operation &)> isLeftOut = nullptr);
/// Clones a scalar body into `kernel` after the ops that are there. `map` holds the kernel's values for the block's
/// arguments; scalar constants from outside come along. Gives the yielded values; fails with an error if the body reads
/// anything else.
mlir::FailureOr<llvm::SmallVector<mlir::Value>> cloneBody(mlir::Block &body, kern::KernelOp kernel,
                                                          mlir::IRMapping &map, mlir::ValueRange loopIndices = {});
/// Ends the kernel's body.
void yieldFrom(kern::KernelOp kernel, mlir::ValueRange values);

} // namespace graphc::lower
