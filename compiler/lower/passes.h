// The passes of lower, one file each. lower.cpp puts them in order and says why; graphc-opt runs each by its name.
#pragma once
#include "compiler/support/library_description.h"
#include "mlir/Pass/Pass.h"
#include <memory>
#include <string>

namespace graphc::lower {

std::unique_ptr<mlir::Pass> createOutlineControlPass();
std::unique_ptr<mlir::Pass> createLowerGraphOpsPass();
std::unique_ptr<mlir::Pass> createDelayWritesPass();
std::unique_ptr<mlir::Pass> createFuseElementwisePass();
std::unique_ptr<mlir::Pass> createFuseUpdatesPass();
/// `winograd`: convolutions may take fewer multiplications at a loss of accuracy.
std::unique_ptr<mlir::Pass> createFormGroupsPass(bool winograd = true);
/// `library` (may be null: graphc-opt) gets name, entries and params.
std::unique_ptr<mlir::Pass> createMakeBordersPass(support::LibraryDescription *library = nullptr);
std::unique_ptr<mlir::Pass> createVerifyDestinationsPass();
std::unique_ptr<mlir::Pass> createGroupCopiesPass();
std::unique_ptr<mlir::Pass> createPlacePartsPass();
/// `library` (may be null) gets the entries' arenaBytes; each may be at most `memoryLimit`, unless that is 0.
std::unique_ptr<mlir::Pass> createPlanArenaPass(support::LibraryDescription *library = nullptr,
                                                uint64_t memoryLimit = 0);
std::unique_ptr<mlir::Pass> createVerifyNoAllocNoCopyPass();
/// `library` (may be null) gets the runs.
std::unique_ptr<mlir::Pass> createProfileRunsPass(support::LibraryDescription *library = nullptr);
std::unique_ptr<mlir::Pass> createNoteVectorsPass(support::LibraryDescription *library);
std::unique_ptr<mlir::Pass> createLowerGroupsPass();
/// On the LLVM dialect.
std::unique_ptr<mlir::Pass> createShareOutPass();
std::unique_ptr<mlir::Pass> createDebugScopesPass(std::string directory = "");

} // namespace graphc::lower
