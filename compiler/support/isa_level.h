// The ISA levels as a table, and what the machine has. Everything that depends on a level reads this table; nothing
// else asks LLVM or cpuid. A level has all that the rows before it have. A new row needs its feature set in
// nativeIsaLevel() and, for produced libraries, in runtime/core/processor_level.cpp.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace graphc::support {

struct IsaLevel {
  int number;                // 2, 3, ...: grows along the table; what a library calls the level
  llvm::StringRef name;      // "x86-64-v3"
  llvm::StringRef cpu;       // LLVM's target-cpu
  llvm::StringRef features;  // its target-features beside those of the cpu
  int lanes;                 // f32 per vector register
  int registers;             // of vectors
  int tileRows, tileVectors; // register tile of a contraction: rows x (tileVectors * lanes) columns
  int tileRowsOfHalves;      // where a product needs both halves of its operands in registers (lower/kernels/product.h)
  bool fma;                  // else fma is a product and a sum
  bool f16c;                 // converts f16 to f32 and back
  bool scalef;               // p 2^n in one instruction
  bool dotI8, dotBF16;       // sums products of 4 i8, 2 bf16 that lie side by side
  llvm::StringRef vectorBits; // value of prefer-vector-width

  /// Whether code differs from the other level's only where these products are.
  bool differsInDotsAlone(const IsaLevel &other) const { return cpu == other.cpu; }
};

llvm::ArrayRef<IsaLevel> isaLevels();
const IsaLevel *findIsaLevel(llvm::StringRef nameOrNative); // null: unknown
const IsaLevel &nativeIsaLevel();                           // by cpuid and XCR0

/// The levels that one library has code for: ascending, each once, never none.
using IsaLevels = std::vector<const IsaLevel *>;
IsaLevels allIsaLevels();
/// Symbol of a function's code for the level at `position`. The lowest level's has the function's own name, so that a
/// library of one level is as if there were no levels. A level may lack a function's code: then the code of the level
/// before it is meant (clone-levels).
std::string symbolAtLevel(llvm::StringRef function, const IsaLevels &levels, size_t position);

} // namespace graphc::support
