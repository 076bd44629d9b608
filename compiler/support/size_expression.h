// A number over the dims of an entry, in the form of the ABI: postfix steps (graphc/types.h). A plain number is one
// step, so that static libraries need nothing else. DIM i stands for the value of the entry's i-th C argument, not for
// a symbol of the IR that is a part of it. All arithmetic is checked.
#pragma once
#include "graphc/types.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>
#include <vector>

namespace graphc::support {

struct DimDescription {
  std::string name, doc;
  int64_t min = 0, max = 0, multipleOf = 1;
};

struct SizeExpression {
  SizeExpression() : SizeExpression(int64_t(0)) {}
  SizeExpression(int64_t number) : steps{{GRAPHC_SIZE_NUMBER, 0, number}} {} // implicit: a size is most often a number
  static SizeExpression dim(int64_t index);

  SizeExpression operator+(const SizeExpression &right) const { return combine(GRAPHC_SIZE_ADD, right); }
  SizeExpression operator*(const SizeExpression &right) const { return combine(GRAPHC_SIZE_MUL, right); }
  SizeExpression floorDiv(const SizeExpression &right) const { return combine(GRAPHC_SIZE_FLOOR_DIV, right); }
  SizeExpression mod(const SizeExpression &right) const { return combine(GRAPHC_SIZE_MOD, right); }

  bool isConstant() const { return steps.size() == 1 && steps[0].kind == GRAPHC_SIZE_NUMBER; }
  int64_t constant() const { return steps[0].value; } // only if isConstant()
  /// The index if this is one dim and nothing else.
  std::optional<int64_t> asDim() const;
  std::optional<int64_t> evaluate(llvm::ArrayRef<int64_t> dims) const;
  /// The largest value that dims within their bounds can give; an upper bound where one dim stands in several places.
  /// nullopt where it passes 64 bits.
  std::optional<int64_t> most(llvm::ArrayRef<DimDescription> dims) const;
  /// "2*T + 1"; no more parentheses than needed.
  std::string text(llvm::ArrayRef<DimDescription> dims) const;
  /// True if every step is one that the ABI knows, the stack suffices and divisors are positive numbers.
  bool isValid(size_t dimCount) const;
  bool operator==(const SizeExpression &other) const;

  std::vector<graphc_size_step> steps;

private:
  SizeExpression combine(uint32_t kind, const SizeExpression &right) const;
};

} // namespace graphc::support
