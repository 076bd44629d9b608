// The ISA levels as a table, and what the machine has. Everything that depends on a level reads this table; nothing
// else asks LLVM or cpuid.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace graphc::support {

struct IsaLevel {
  int number;                 // 2, 3, 4
  llvm::StringRef name;       // "x86-64-v3", also LLVM's target-cpu
  int lanes;                  // f32 per vector register
  int tileRows, tileVectors;  // register tile of a contraction: rows x (tileVectors * lanes) columns
  bool fma;                   // else fma is a product and a sum
  bool f16c;                  // converts f16 to f32 and back
  bool scalef;                // p 2^n in one instruction
  llvm::StringRef vectorBits; // value of prefer-vector-width
};

llvm::ArrayRef<IsaLevel> isaLevels();
const IsaLevel *findIsaLevel(llvm::StringRef nameOrNative); // null: unknown
const IsaLevel &nativeIsaLevel();                           // by cpuid and XCR0

} // namespace graphc::support
