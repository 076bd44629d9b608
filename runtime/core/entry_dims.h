// The dims of one call: whether an entry allows them, and the bytes of its tensors under them. Sizes come from the
// descriptor's expressions, every step checked: dims within bounds may still ask for more than 64 bits hold.
#pragma once
#include "core/library.h"
#include "core/message.h"

namespace graphc::runtime {

/// GRAPHC_OK, or GRAPHC_ERR_SHAPE (GRAPHC_ERR_NULL) with a message that names the dim, what is allowed and what it is.
graphc_status checkDims(const graphc_entry_info &entry, const int64_t *dims, Message message);
/// Size of one axis; false if it is negative or past 64 bits.
bool axisSize(const graphc_entry_info &entry, const graphc_tensor_info &tensor, uint32_t axis, const int64_t *dims,
              int64_t &size);
/// Bytes of a tensor; false if an axis has no size or the product passes 2^62.
bool tensorBytes(const graphc_entry_info &entry, const graphc_tensor_info &tensor, const int64_t *dims,
                 uint64_t &bytes);
/// The tensor's type under these dims: f32[8,64]. Past 16 axes only the dtype.
void writeType(Message &message, const graphc_entry_info &entry, const graphc_tensor_info &tensor, const int64_t *dims);

} // namespace graphc::runtime
