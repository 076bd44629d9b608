// Reading of a node's inputs and attributes, each checked for presence, kind and range.
#include "compiler/onnx/node_builder.h"
#include <cmath>

namespace graphc::onnx {
using Attribute = ::onnx::AttributeProto;

Value NodeBuilder::in(size_t input) {
  if (has(input)) return inputs[input];
  return error("G0202", "input " + llvm::Twine(input) + " is missing");
}

const Attribute *NodeBuilder::find(llvm::StringRef name) const {
  for (const Attribute &attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

/// True if the attribute says that it has this type; files before IR version 2 say nothing.
static bool isOf(const Attribute &attribute, Attribute::AttributeType type) {
  return attribute.type() == type || !attribute.has_type();
}

int64_t NodeBuilder::integer(llvm::StringRef name, int64_t fallback) {
  const Attribute *attribute = find(name);
  if (!attribute) return fallback;
  if (isOf(*attribute, Attribute::INT)) return attribute->i();
  error("G0202", "attribute '" + name + "' must be an integer");
  return fallback;
}

int64_t NodeBuilder::requiredInteger(llvm::StringRef name) {
  if (!find(name)) error("G0202", "attribute '" + name + "' is missing");
  return integer(name, 0);
}

double NodeBuilder::real(llvm::StringRef name, double fallback) {
  const Attribute *attribute = find(name);
  if (!attribute) return fallback;
  if (isOf(*attribute, Attribute::FLOAT)) return static_cast<double>(attribute->f());
  error("G0202", "attribute '" + name + "' must be a number");
  return fallback;
}

std::string NodeBuilder::text(llvm::StringRef name, llvm::StringRef fallback) {
  const Attribute *attribute = find(name);
  if (!attribute) return fallback.str();
  if (isOf(*attribute, Attribute::STRING)) return attribute->s();
  error("G0202", "attribute '" + name + "' must be a text");
  return fallback.str();
}

Ints NodeBuilder::integers(llvm::StringRef name, Ints fallback) {
  const Attribute *attribute = find(name);
  if (!attribute) return fallback;
  if (isOf(*attribute, Attribute::INTS)) return Ints(attribute->ints().begin(), attribute->ints().end());
  error("G0202", "attribute '" + name + "' must be a list of integers");
  return fallback;
}

Floats NodeBuilder::reals(llvm::StringRef name) {
  const Attribute *attribute = find(name);
  if (!attribute) return {};
  if (isOf(*attribute, Attribute::FLOATS)) return {{attribute->floats().begin(), attribute->floats().end()}};
  error("G0202", "attribute '" + name + "' must be a list of numbers");
  return {};
}

std::optional<Ints> NodeBuilder::knownIntegers(Value value, llvm::StringRef what) {
  if (!value || hasFailed) return std::nullopt;
  if (!value.constant()) {
    error("G0205", "its " + what + " must follow from the file alone, but it depends on an input of the graph");
    return std::nullopt;
  }
  if (value.isFloat()) {
    error("G0202", "its " + what + " must be integers");
    return std::nullopt;
  }
  if (value.rank() > 1 || value.constant()->elements() > 4096) {
    error("G0202", "its " + what + " must be one short list of integers");
    return std::nullopt;
  }
  return value.constant()->integers();
}

std::optional<double> NodeBuilder::knownReal(Value value, llvm::StringRef what) {
  if (!value || hasFailed) return std::nullopt;
  if (!value.constant() || value.constant()->elements() != 1) {
    error("G0205", "its " + what + " must be one number that follows from the file alone");
    return std::nullopt;
  }
  return value.constant()->real(0);
}

std::optional<Ints> NodeBuilder::integersOf(llvm::StringRef name, size_t input) {
  if (has(input)) return knownIntegers(inputs[input], name);
  if (find(name)) return integers(name);
  return std::nullopt;
}

int64_t NodeBuilder::axis(int64_t written, int64_t rank) {
  if (written >= -rank && written < rank) return written < 0 ? written + rank : written;
  error("G2004", "axis " + llvm::Twine(written) + " is none of a tensor with " + llvm::Twine(rank) + " axes");
  return 0;
}

Ints NodeBuilder::axes(llvm::ArrayRef<int64_t> written, int64_t rank) {
  Ints result;
  for (int64_t one : written) result.push_back(axis(one, rank));
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) error("G2004", "an axis is named twice");
  return hasFailed ? Ints() : result;
}

graph::Dtype NodeBuilder::dtypeOf(int64_t number) {
  std::string reason;
  std::optional<graph::Dtype> dtype = dtypeOfNumber(number, reason);
  if (!dtype) error("G0204", reason);
  return dtype.value_or(graph::Dtype::F32);
}

} // namespace graphc::onnx
