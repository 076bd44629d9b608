// Protobuf checks the wire format; whether the parts that every model has are there is checked here, everything else
// where it is used.
#include "compiler/onnx/read_model.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"

namespace graphc::onnx {

std::unique_ptr<::onnx::ModelProto> readModel(llvm::StringRef bytes, std::string &error) {
  google::protobuf::SetLogHandler(nullptr); // its complaints about the wire format are not for the user
  if (bytes.size() > maxModelBytes) {
    error = "it has more than 2 GiB; keep the weights as external data";
    return nullptr;
  }
  auto model = std::make_unique<::onnx::ModelProto>();
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream input(&stream);
  input.SetRecursionLimit(maxMessageDepth);
  input.SetTotalBytesLimit(static_cast<int>(maxModelBytes));
  if (!model->ParseFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
    error = "its bytes are no ONNX model, or are cut short or damaged";
    return nullptr;
  }
  if (!model->has_graph()) {
    error = "it holds no graph";
    return nullptr;
  }
  if (model->graph().node_size() > maxNodes) {
    error = "it has more than " + std::to_string(maxNodes) + " nodes";
    return nullptr;
  }
  return model;
}

std::optional<graph::Dtype> dtypeOfNumber(int64_t number, std::string &error) {
  using graph::Dtype;
  static constexpr Dtype none = Dtype(~0u);
  struct Row {
    const char *name;
    Dtype dtype;
  };
  // In the order of TensorProto.DataType; the installed schema may be older than the model.
  static constexpr Row rows[] = {{"undefined", none},
                                 {"float", Dtype::F32},
                                 {"uint8", Dtype::U8},
                                 {"int8", Dtype::I8},
                                 {"uint16", Dtype::U16},
                                 {"int16", Dtype::I16},
                                 {"int32", Dtype::I32},
                                 {"int64", Dtype::I64},
                                 {"string", none},
                                 {"bool", Dtype::Bool},
                                 {"float16", Dtype::F16},
                                 {"double", Dtype::F64},
                                 {"uint32", Dtype::U32},
                                 {"uint64", Dtype::U64},
                                 {"complex64", none},
                                 {"complex128", none},
                                 {"bfloat16", Dtype::BF16},
                                 {"float8e4m3fn", none},
                                 {"float8e4m3fnuz", none},
                                 {"float8e5m2", none},
                                 {"float8e5m2fnuz", none},
                                 {"uint4", none},
                                 {"int4", none},
                                 {"float4e2m1", none},
                                 {"float8e8m0", none},
                                 {"uint2", none},
                                 {"int2", none}};
  if (number < 0 || number >= static_cast<int64_t>(std::size(rows))) {
    error = "element type " + std::to_string(number) + " is not known to this version of graphc";
    return std::nullopt;
  }
  if (rows[number].dtype != none) return rows[number].dtype;
  error = std::string("element type '") + rows[number].name + "' is not supported";
  return std::nullopt;
}

} // namespace graphc::onnx
