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
  int number;                 // 2, 3, 4: grows along the table; what a library calls the level
  llvm::StringRef name;       // "x86-64-v3", also LLVM's target-cpu
  int lanes;                  // f32 per vector register
  int registers;              // of vectors
  int tileRows, tileVectors;  // register tile of a contraction: rows x (tileVectors * lanes) columns
  bool fma;                   // else fma is a product and a sum
  bool f16c;                  // converts f16 to f32 and back
  bool scalef;                // p 2^n in one instruction
  llvm::StringRef vectorBits; // value of prefer-vector-width
};

llvm::ArrayRef<IsaLevel> isaLevels();
const IsaLevel *findIsaLevel(llvm::StringRef nameOrNative); // null: unknown
const IsaLevel &nativeIsaLevel();                           // by cpuid and XCR0

/// The levels that one library has code for: ascending, each once, never none.
using IsaLevels = std::vector<const IsaLevel *>;
IsaLevels allIsaLevels();
/// Symbol of a function's code for the level at `position`. The lowest level's has the function's own name, so that a
/// library of one level is as if there were no levels.
std::string symbolAtLevel(llvm::StringRef function, const IsaLevels &levels, size_t position);

} // namespace graphc::support
