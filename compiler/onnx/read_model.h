// The bytes of a model -> protobuf messages, under explicit limits; and tensors of it -> constants.
#pragma once
#include "compiler/onnx/constant.h"
#include "compiler/onnx/onnx.pb.h"
#include <deque>
#include <vector>

namespace graphc::onnx {

constexpr uint64_t maxModelBytes = (uint64_t(1) << 31) - 1; // what protobuf itself can hold
constexpr int maxMessageDepth = 100;
constexpr int64_t maxNodes = 1000000;

/// Null if the bytes are no model; then `error` is a sentence.
std::unique_ptr<::onnx::ModelProto> readModel(llvm::StringRef bytes, std::string &error);

/// Element type of an ONNX number (TensorProto.data_type), or nullopt with a sentence that names the type.
std::optional<graph::Dtype> dtypeOfNumber(int64_t number, std::string &error);

/// Reads tensors; those with external data from files beside the model.
class TensorReader {
public:
  explicit TensorReader(llvm::StringRef folder) : folder(folder.empty() ? "." : folder.str()) {}
  /// Null with a sentence in `error`, which does not name the tensor.
  ConstantRef read(const ::onnx::TensorProto &tensor, std::string &error);
  const std::vector<std::string> &files() const { return names; }

private:
  std::shared_ptr<const std::string> externalBytes(const ::onnx::TensorProto &tensor, uint64_t wanted,
                                                   std::string &error);
  const std::string *fileBytes(llvm::StringRef location, std::string &error);
  std::string folder;
  std::vector<std::string> names;   // of the files read, as the model writes them
  std::deque<std::string> contents; // addresses stay
};

} // namespace graphc::onnx
