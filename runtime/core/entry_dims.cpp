// See entry_dims.h. Bounds are compared before anything is computed from a dim.
#include "core/entry_dims.h"
#include "core/dtype.h"

using namespace graphc::runtime;

static graphc_status checkDim(const graphc_dim_info &dim, int64_t value, Message &message) {
  bool multiple = dim.multiple_of <= 1 || value % dim.multiple_of == 0;
  if (value >= dim.min && value <= dim.max && multiple) return GRAPHC_OK;
  message << "dim ";
  message.quoted(dim.name) << " is ";
  message.signedNumber(value) << ", but it must be ";
  if (value < dim.min)
    (message << "at least ").signedNumber(dim.min);
  else if (value > dim.max)
    (message << "at most ").signedNumber(dim.max);
  else
    (message << "a multiple of ").signedNumber(dim.multiple_of);
  return GRAPHC_ERR_SHAPE;
}

static bool holds(uint32_t relation, int64_t left, int64_t right) {
  switch (relation) {
  case GRAPHC_EQ:
    return left == right;
  case GRAPHC_NE:
    return left != right;
  case GRAPHC_LT:
    return left < right;
  case GRAPHC_LE:
    return left <= right;
  case GRAPHC_GT:
    return left > right;
  case GRAPHC_GE:
    return left >= right;
  }
  return false;
}

static graphc_status checkRequirement(const graphc_entry_info &entry, const graphc_requirement &requirement,
                                      const int64_t *dims, Message &message) {
  int64_t left, right;
  bool known = graphc_size_value(&requirement.left, dims, entry.dim_count, &left) &&
               graphc_size_value(&requirement.right, dims, entry.dim_count, &right);
  if (known && holds(requirement.relation, left, right)) return GRAPHC_OK;
  message.quoted(requirement.text) << " must hold, but ";
  if (known) {
    message << "its sides are ";
    message.signedNumber(left) << " and ";
    message.signedNumber(right);
  } else {
    message << "its sides pass 64 bits";
  }
  for (uint32_t i = 0; i < entry.dim_count; ++i) {
    message << (i ? ", " : " at ") << entry.dims[i].name << " = ";
    message.signedNumber(dims[i]);
  }
  return GRAPHC_ERR_SHAPE;
}

graphc_status graphc::runtime::checkDims(const graphc_entry_info &entry, const int64_t *dims, Message message) {
  if (!entry.dim_count) return GRAPHC_OK;
  if (!dims) {
    message << "the list of dims is null";
    return GRAPHC_ERR_NULL;
  }
  graphc_status status = GRAPHC_OK;
  for (uint32_t i = 0; i < entry.dim_count && status == GRAPHC_OK; ++i)
    status = checkDim(entry.dims[i], dims[i], message);
  for (uint32_t i = 0; i < entry.requirement_count && status == GRAPHC_OK; ++i)
    status = checkRequirement(entry, entry.requirements[i], dims, message);
  return status;
}

bool graphc::runtime::axisSize(const graphc_entry_info &entry, const graphc_tensor_info &tensor, uint32_t axis,
                               const int64_t *dims, int64_t &size) {
  if (!tensor.sizes) {
    size = tensor.dims[axis];
    return true;
  }
  return graphc_size_value(&tensor.sizes[axis], dims, entry.dim_count, &size) && size >= 0;
}

bool graphc::runtime::tensorBytes(const graphc_entry_info &entry, const graphc_tensor_info &tensor, const int64_t *dims,
                                  uint64_t &bytes) {
  bytes = tensor.bytes;
  if (!tensor.sizes) return true;
  uint64_t product = tensor.dtype < dtypeCount ? dtypes[tensor.dtype].bytes : 1;
  bool empty = false, fits = true;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    int64_t size;
    if (!axisSize(entry, tensor, axis, dims, size)) return false;
    empty |= size == 0;
    fits = fits && !__builtin_mul_overflow(product, static_cast<uint64_t>(size), &product) && product >> 62 == 0;
  }
  bytes = empty ? 0 : product; // an empty tensor is empty, however large its other axes
  return empty || fits;
}

void graphc::runtime::writeType(Message &message, const graphc_entry_info &entry, const graphc_tensor_info &tensor,
                                const int64_t *dims) {
  constexpr uint32_t shown = 16;
  int64_t sizes[shown] = {};
  bool fits = tensor.rank <= shown;
  for (uint32_t axis = 0; fits && axis < tensor.rank; ++axis) axisSize(entry, tensor, axis, dims, sizes[axis]);
  if (fits)
    message.type(tensor.dtype, tensor.rank, sizes);
  else
    message << (tensor.dtype < dtypeCount ? dtypes[tensor.dtype].name : "unknown type");
}
