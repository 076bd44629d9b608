// A wrong file is a mistake in the input (exit 1); a wrong --dim is one of usage (exit 2). Requirements of several dims
// are left to the call, which explains them.
#include "tools/graphc/bind_dims.h"
#include "compiler/driver/describe_tensor.h"
#include "compiler/driver/driver.h"
#include "compiler/support/size_expression.h"
#include "graphc/abi.h"
#include "tools/graphc/message.h"
#include "llvm/ADT/STLExtras.h"

using namespace graphc;
using namespace graphc::cli;

static std::string number(int64_t value) { return std::to_string(value); }

/// The dim that an axis is, alone; or -1.
static int64_t dimAlone(const graphc_tensor_info &tensor, uint32_t axis) {
  if (!tensor.sizes) return -1;
  const graphc_size &size = tensor.sizes[axis];
  return size.step_count == 1 && size.steps[0].kind == GRAPHC_SIZE_DIM ? size.steps[0].value : -1;
}

/// Bit i: the size reads dim i.
static bool reads(const graphc_size &size, llvm::ArrayRef<bool> bound) {
  for (uint64_t i = 0; i < size.step_count; ++i)
    if (size.steps[i].kind == GRAPHC_SIZE_DIM && !bound[static_cast<size_t>(size.steps[i].value)]) return true;
  return false;
}

std::string BoundDims::refusal(uint32_t index, int64_t value) const {
  const graphc_dim_info &dim = entry.dims[index];
  if (value < dim.min) return "at least " + number(dim.min);
  if (value > dim.max) return "at most " + number(dim.max);
  if (dim.multiple_of > 1 && value % dim.multiple_of) return "a multiple of " + number(dim.multiple_of);
  return "";
}

int BoundDims::bindOptions(llvm::ArrayRef<std::string> options) {
  for (llvm::StringRef option : options) {
    auto [name, text] = option.split('=');
    int64_t value = 0;
    std::string shown = "'--dim " + support::printable(option) + "'";
    if (text.getAsInteger(10, value)) return usageError(shown + " is no dim with a number: '--dim B=8' is meant");
    std::vector<llvm::StringRef> names;
    uint32_t index = 0;
    for (uint32_t i = 0; i < entry.dim_count; ++i) {
      names.push_back(entry.dims[i].name);
      if (name == entry.dims[i].name) index = i;
    }
    if (!llvm::is_contained(names, name))
      return usageError("entry '" + support::printable(entry.name) + "' has no dim '" + support::printable(name) + "'" +
                        (names.empty() ? "" : " (" + listWords(names) + ")") + support::didYouMean(name, names));
    if (!found[index].from.empty()) return usageError("dim '" + support::printable(name) + "' is given twice");
    if (std::string wanted = refusal(index, value); !wanted.empty())
      return usageError(shown + ": dim '" + support::printable(name) + "' must be " + wanted);
    found[index] = {value, shown};
  }
  return driver::Ok;
}

int BoundDims::bindAxis(const graphc_tensor_info &tensor, const InputShape &input, uint32_t axis) {
  int64_t index = dimAlone(tensor, axis);
  if (index < 0) return driver::Ok;
  Binding &binding = found[static_cast<size_t>(index)];
  std::string place = "axis " + number(axis) + " of " + input.shown, name = support::printable(entry.dims[index].name);
  int64_t value = input.dims[axis];
  if (!binding.from.empty()) {
    if (binding.value == value) return driver::Ok;
    return fail(driver::Mistake, place + " is " + number(value) + ", but dim '" + name + "' is " +
                                     number(binding.value) + " by " + binding.from);
  }
  if (std::string wanted = refusal(static_cast<uint32_t>(index), value); !wanted.empty())
    return fail(driver::Mistake, place + " is " + number(value) + ", but dim '" + name + "' must be " + wanted);
  binding = {value, place};
  return driver::Ok;
}

std::string BoundDims::shownDims() const {
  std::string text;
  for (uint32_t i = 0; i < entry.dim_count; ++i)
    if (!found[i].from.empty())
      text += (text.empty() ? "" : ", ") + support::printable(entry.dims[i].name) + " = " + number(found[i].value);
  return text;
}

int BoundDims::checkAxis(const graphc_tensor_info &tensor, const InputShape &input, uint32_t axis) const {
  int64_t wanted = tensor.dims[axis], given = input.dims[axis];
  std::string why;
  if (tensor.sizes) {
    std::vector<int64_t> dims = values();
    bool known = graphc_size_value(&tensor.sizes[axis], dims.data(), entry.dim_count, &wanted) && wanted >= 0;
    if (known && wanted == given) return driver::Ok;
    why = known ? " with " + shownDims() : "";
    if (!known)
      return fail(driver::Mistake, "axis " + number(axis) + " of " + input.shown + " has no size with " + shownDims());
  }
  if (wanted == given) return driver::Ok;
  return fail(driver::Mistake, "axis " + number(axis) + " of " + input.shown + " is " + number(given) +
                                   ", but input '" + support::printable(tensor.name) + "' is " +
                                   describeArgument(entry, tensor) + " and wants " + number(wanted) + why);
}

int BoundDims::bindShapes(llvm::ArrayRef<InputShape> inputs) {
  for (const InputShape &input : inputs)
    for (uint32_t axis = 0; axis < input.dims.size(); ++axis)
      if (int exitCode = bindAxis(entry.args[input.index], input, axis)) return exitCode;
  llvm::SmallVector<bool> bound;
  for (const Binding &binding : found) bound.push_back(!binding.from.empty());
  for (const InputShape &input : inputs) {
    const graphc_tensor_info &tensor = entry.args[input.index];
    for (uint32_t axis = 0; axis < input.dims.size(); ++axis) {
      if (tensor.sizes && reads(tensor.sizes[axis], bound)) continue; // requireAll() speaks of the dim
      if (int exitCode = checkAxis(tensor, input, axis)) return exitCode;
    }
  }
  return driver::Ok;
}

std::string BoundDims::bindRest() {
  std::string text;
  for (uint32_t i = 0; i < entry.dim_count; ++i) {
    const graphc_dim_info &dim = entry.dims[i];
    if (found[i].from.empty()) {
      int64_t multiple = std::max<int64_t>(dim.multiple_of, 1), least = std::max<int64_t>(dim.min, 1);
      int64_t rest = least % multiple, chosen = least;
      if (rest && __builtin_add_overflow(least, multiple - rest, &chosen)) chosen = dim.max;
      found[i] = {std::min(chosen, dim.max), "default"};
    }
    text += (i ? " " : "") + support::printable(dim.name) + "=" + number(found[i].value);
  }
  return text;
}

int BoundDims::requireAll() const {
  for (uint32_t i = 0; i < entry.dim_count; ++i)
    if (found[i].from.empty()) {
      std::string name = support::printable(entry.dims[i].name);
      return usageError("no input is '" + name + "' alone on an axis: give the dim with '--dim " + name + "=8'");
    }
  return driver::Ok;
}

std::vector<int64_t> BoundDims::values() const {
  std::vector<int64_t> dims;
  for (const Binding &binding : found) dims.push_back(binding.value);
  return dims;
}

std::optional<std::vector<int64_t>> BoundDims::shape(const graphc_tensor_info &tensor) const {
  std::vector<int64_t> shape(tensor.dims, tensor.dims + tensor.rank), dims = values();
  for (uint32_t axis = 0; tensor.sizes && axis < tensor.rank; ++axis)
    if (!graphc_size_value(&tensor.sizes[axis], dims.data(), entry.dim_count, &shape[axis]) || shape[axis] < 0)
      return std::nullopt;
  return shape;
}

std::optional<uint64_t> cli::tensorBytes(uint32_t dtype, llvm::ArrayRef<int64_t> shape) {
  if (llvm::is_contained(shape, 0)) return 0;
  uint64_t bytes = driver::dtypeBytes(dtype);
  for (int64_t dim : shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim), &bytes) || bytes >> 62) return std::nullopt;
  return bytes;
}

uint64_t cli::countOf(uint64_t fixed, const graphc_size &size, llvm::ArrayRef<int64_t> dims) {
  int64_t value = 0;
  bool known = size.step_count && graphc_size_value(&size, dims.data(), static_cast<uint32_t>(dims.size()), &value);
  return known && value >= 0 ? static_cast<uint64_t>(value) : fixed;
}

std::string cli::describeArgument(const graphc_entry_info &entry, const graphc_tensor_info &tensor) {
  if (!tensor.sizes) return driver::describeTensor(tensor.dtype, llvm::ArrayRef<int64_t>(tensor.dims, tensor.rank));
  std::vector<support::DimDescription> dims(entry.dim_count);
  for (uint32_t i = 0; i < entry.dim_count; ++i) dims[i].name = support::printable(entry.dims[i].name);
  std::string text = driver::dtypeName(tensor.dtype).str() + "[";
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    support::SizeExpression size;
    size.steps.assign(tensor.sizes[axis].steps, tensor.sizes[axis].steps + tensor.sizes[axis].step_count);
    text += (axis ? ", " : "") + size.text(dims);
  }
  return text + "]";
}
