// bind_dims: the dims of one call, from --dim options and from the shapes of the inputs' files. An axis that is a dim
// alone binds it; everything else is compared with what the bound dims give.
#pragma once
#include "graphc/types.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace graphc::cli {

/// Shape of argument `index`, as a file has it; `shown` names the file.
struct InputShape {
  uint32_t index;
  std::string shown;
  std::vector<int64_t> dims;
};

class BoundDims {
public:
  explicit BoundDims(const graphc_entry_info &entry) : entry(entry), found(entry.dim_count) {}

  /// "B=8" of each --dim. Returns the exit code; messages are printed.
  int bindOptions(llvm::ArrayRef<std::string> options);
  /// Binds and compares every axis; ranks and dtypes are right already. Returns the exit code.
  int bindShapes(llvm::ArrayRef<InputShape> inputs);
  /// The value of bench: 1 if the graph allows it, else the least above it. Returns what was chosen, as "B=1 T=8".
  std::string bindRest();
  /// Fails for the first dim that has no value.
  int requireAll() const;

  /// After requireAll() or bindRest().
  std::vector<int64_t> values() const;
  /// The shape of an argument; nullopt where it has none (negative or past 64 bits).
  std::optional<std::vector<int64_t>> shape(const graphc_tensor_info &tensor) const;

private:
  struct Binding {
    int64_t value = 0;
    std::string from; // "'--dim B=8'", "axis 0 of 'x.npy'"; empty: not bound
  };
  int bindAxis(const graphc_tensor_info &tensor, const InputShape &input, uint32_t axis);
  int checkAxis(const graphc_tensor_info &tensor, const InputShape &input, uint32_t axis) const;
  /// Why the graph does not allow a value; empty if it does.
  std::string refusal(uint32_t dim, int64_t value) const;
  std::string shownDims() const;

  const graphc_entry_info &entry;
  std::vector<Binding> found;
};

/// Bytes of a tensor of this shape, or nullopt past 2^62.
std::optional<uint64_t> tensorBytes(uint32_t dtype, llvm::ArrayRef<int64_t> shape);
/// flops or memory_bytes of one call: the number, or what the dims make of it.
uint64_t countOf(uint64_t fixed, const graphc_size &size, llvm::ArrayRef<int64_t> dims);
/// The dims of an argument as the graph writes them: "f32[B, 2*T + 1]".
std::string describeArgument(const graphc_entry_info &entry, const graphc_tensor_info &tensor);

} // namespace graphc::cli
