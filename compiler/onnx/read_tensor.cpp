// TensorProto -> Constant. The number of elements that the dims promise must be exactly the number that is there: one
// of raw_data, the typed field of the dtype, or a part of a file beside the model.
#include "compiler/onnx/read_model.h"
#include "compiler/support/files.h"
#include "llvm/ADT/StringRef.h"
#include <cstring>

namespace graphc::onnx {
using graph::Dtype;

static constexpr uint64_t maxExternalBytes = uint64_t(1) << 40;

/// Copies a typed field, each element narrowed to the dtype's bytes; false if their number differs.
template <typename Field> static bool copyField(const Field &field, int64_t elements, unsigned width, std::string &to) {
  if (field.size() != elements) return false;
  to.resize(static_cast<size_t>(elements) * width);
  char *at = to.data();
  for (auto value : field) {
    memcpy(at, &value, width); // little-endian: the low bytes
    at += width;
  }
  return true;
}

static bool copyTyped(const ::onnx::TensorProto &tensor, Dtype dtype, int64_t elements, std::string &to,
                      int64_t &found) {
  unsigned width = graph::dtypeBytes(dtype);
  switch (dtype) {
  case Dtype::F32:
    found = tensor.float_data_size();
    return copyField(tensor.float_data(), elements, width, to);
  case Dtype::F64:
    found = tensor.double_data_size();
    return copyField(tensor.double_data(), elements, width, to);
  case Dtype::I64:
    found = tensor.int64_data_size();
    return copyField(tensor.int64_data(), elements, width, to);
  case Dtype::U32:
  case Dtype::U64:
    found = tensor.uint64_data_size();
    return copyField(tensor.uint64_data(), elements, width, to);
  default: // the small integers, bool, and the bits of 16-bit floats
    found = tensor.int32_data_size();
    return copyField(tensor.int32_data(), elements, width, to);
  }
}

static bool readNumber(llvm::StringRef text, uint64_t &number) { return !text.getAsInteger(10, number); }

const std::string *TensorReader::fileBytes(llvm::StringRef location, std::string &error) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == location) return &contents[i];
  support::DataFile file = support::openDataBeneath(folder, location, maxExternalBytes);
  if (!file) {
    error = file.error;
    return nullptr;
  }
  names.push_back(location.str());
  contents.push_back(file.bytes->getBuffer().str());
  return &contents.back();
}

std::shared_ptr<const std::string> TensorReader::externalBytes(const ::onnx::TensorProto &tensor, uint64_t wanted,
                                                               std::string &error) {
  std::string location;
  uint64_t offset = 0, length = wanted;
  bool good = true;
  for (const ::onnx::StringStringEntryProto &entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") good &= readNumber(entry.value(), offset);
    if (entry.key() == "length") good &= readNumber(entry.value(), length);
  }
  if (!good || location.empty()) {
    error = "its external data have no location, or an offset or length that is no number";
    return nullptr;
  }
  if (length != wanted) {
    error = "it needs " + std::to_string(wanted) + " bytes, but its external data have " + std::to_string(length);
    return nullptr;
  }
  const std::string *bytes = fileBytes(location, error);
  if (!bytes) return nullptr;
  if (offset > bytes->size() || wanted > bytes->size() - offset) {
    error = "its external data end after the file '" + location + "' of " + std::to_string(bytes->size()) + " bytes";
    return nullptr;
  }
  return std::make_shared<const std::string>(bytes->substr(offset, wanted));
}

ConstantRef TensorReader::read(const ::onnx::TensorProto &tensor, std::string &error) {
  std::optional<Dtype> dtype = dtypeOfNumber(tensor.data_type(), error);
  if (!dtype) return nullptr;
  auto constant = std::make_shared<Constant>();
  constant->dtype = *dtype;
  constant->name = tensor.name();
  constant->shape.assign(tensor.dims().begin(), tensor.dims().end());
  std::optional<int64_t> elements = checkedElements(constant->shape);
  if (!elements || constant->shape.size() > 16) {
    error = "its dims are negative, too many or too large";
    return nullptr;
  }
  uint64_t wanted = static_cast<uint64_t>(*elements) * graph::dtypeBytes(*dtype);
  if (tensor.data_location() == ::onnx::TensorProto::EXTERNAL) {
    constant->bytes = externalBytes(tensor, wanted, error);
    if (!constant->bytes) return nullptr;
  } else if (tensor.has_raw_data()) {
    if (tensor.raw_data().size() != wanted) {
      error =
          "its dims need " + std::to_string(wanted) + " bytes, but it has " + std::to_string(tensor.raw_data().size());
      return nullptr;
    }
    constant->bytes = std::make_shared<const std::string>(tensor.raw_data());
  } else {
    std::string bytes;
    int64_t found = 0;
    if (!copyTyped(tensor, *dtype, *elements, bytes, found)) {
      error = "its dims need " + std::to_string(*elements) + " elements, but it has " + std::to_string(found);
      return nullptr;
    }
    constant->bytes = std::make_shared<const std::string>(std::move(bytes));
  }
  if (*dtype == Dtype::Bool) {
    std::string bytes = *constant->bytes;
    for (char &byte : bytes) byte = byte != 0;
    constant->bytes = std::make_shared<const std::string>(std::move(bytes));
  }
  return constant;
}

} // namespace graphc::onnx
