// RNN, GRU and LSTM as a scan over time, one per direction. What depends on the inputs alone is one product over all
// times before it. Inside, time is the first axis, and a gate's weights are columns that stand side by side.
//
// Sequences shorter than the longest: a state stays as it is where a sequence is over, and its outputs are zeros there.
// In reverse that is what the specification's reversal of each sequence by itself gives.
#include "compiler/onnx/control.h"
#include "compiler/onnx/op_table.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

constexpr int64_t longest = int64_t(1) << 20; // times: their numbers are constants

class Recurrent {
public:
  Recurrent(NodeBuilder &n, int64_t gates, llvm::ArrayRef<llvm::StringRef> activations)
      : n(n), gates(gates), defaults(activations) {}
  virtual ~Recurrent() = default;
  void run();

protected:
  /// The next states. `z`: what the inputs give to each gate, with the biases that are added to it.
  virtual Values turn(Value z, llvm::ArrayRef<Value> states) = 0;
  /// The recurrent bias of these gates may join the input's.
  virtual bool addsRecurrentBias(int64_t) { return true; }

  Value activate(int64_t which, Value x);
  Value clipped(Value x) { return clip > 0 ? n.op("clamp", {x, n.like(x, -clip), n.like(x, clip)}) : x; }
  Value gate(Value all, int64_t i) { return n.slice(all, all.rank() - 1, i * units, (i + 1) * units); }
  Value product(Value h, Value columns) { return n.op("matmul", {h, columns}); }

  NodeBuilder &n;
  const int64_t gates;
  int64_t units = 0;
  double clip = 0;
  Value recurrent, recurrentBias, peepholes; // of the direction: [units, gates * units], [gates * units], [3 * units]
  bool hasCell = false;

private:
  bool readShapes();
  Value ofDirection(Value x, int64_t direction);
  Value first(size_t input, int64_t direction);
  void runDirection(int64_t direction, bool reverse);
  std::string activationName(int64_t at);
  double parameter(llvm::StringRef list, int64_t at, double fallback);

  llvm::ArrayRef<llvm::StringRef> defaults;
  Value x, lengths; // [time, batch, inputs]; [batch]
  int64_t directions = 1, times = 0, batch = 0, direction = 0;
  bool batchFirst = false;
  std::vector<Values> found; // by direction: all h, the last states
};

bool Recurrent::readShapes() {
  batchFirst = n.integer("layout", 0) != 0;
  x = n.in(0);
  if (x.rank() != 3 || n.in(1).rank() != 3 || n.in(2).rank() != 3)
    return n.error("G0202", "its input and weights must have 3 axes"), false;
  if (batchFirst) x = n.transpose(x, {1, 0, 2});
  times = x.dim(0);
  batch = x.dim(1);
  std::string direction = n.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return n.error("G0202", "attribute 'direction' must be 'forward', 'reverse' or 'bidirectional'"), false;
  directions = direction == "bidirectional" ? 2 : 1;
  units = n.in(2).dim(2);
  if (n.hasAttribute("hidden_size") && n.integer("hidden_size", 0) != units)
    return n.error("G0202", "attribute 'hidden_size' is not what its weights have"), false;
  bool fits = n.in(1).dim(0) == directions && n.in(1).dim(1) == gates * units && n.in(1).dim(2) == x.dim(2) &&
              n.in(2).dim(0) == directions && n.in(2).dim(1) == gates * units && units > 0;
  if (n.has(3)) fits &= n.in(3).shape() == llvm::ArrayRef<int64_t>{directions, 2 * gates * units};
  if (!fits) return n.error("G0202", "the shapes of its weights do not fit its input and 'direction'"), false;
  if (times > longest) return n.unsupported("a sequence of " + llvm::Twine(times)), false;
  lengths = n.optional(4);
  if (lengths && lengths.shape() != llvm::ArrayRef<int64_t>{batch})
    return n.error("G0202", "input 'sequence_lens' must have one length for each of the batch"), false;
  clip = n.real("clip", 0);
  return !n.failed();
}

/// Row `direction` of a tensor with the directions as axis 0.
Value Recurrent::ofDirection(Value value, int64_t row) {
  if (!value || value.rank() < 1) return value;
  return n.reshape(n.slice(value, 0, row, row + 1), value.shape().drop_front());
}

Value Recurrent::first(size_t input, int64_t row) {
  Value given = n.optional(input);
  Ints shape{batch, units};
  if (!given) return n.filled(x.dtype(), shape, 0);
  if (batchFirst && given.rank() == 3) given = n.transpose(given, {1, 0, 2});
  if (given.shape() != llvm::ArrayRef<int64_t>{directions, batch, units})
    return n.error("G0202", "the shape of a first state does not fit its weights");
  return ofDirection(given, row);
}

void Recurrent::runDirection(int64_t row, bool reverse) {
  direction = row;
  recurrent = n.transpose(ofDirection(n.in(2), row), {1, 0});
  Value bias = n.has(3) ? ofDirection(n.in(3), row) : Value();
  Value inputBias = bias ? n.slice(bias, 0, 0, gates * units) : Value();
  recurrentBias = bias ? n.slice(bias, 0, gates * units, 2 * gates * units) : Value();
  if (bias) {
    Values joined;
    for (int64_t i = 0; i < gates; ++i)
      joined.push_back(addsRecurrentBias(i) ? gate(recurrentBias, i) : n.filled(bias.dtype(), {units}, 0));
    inputBias = n.add(inputBias, joined.size() == 1 ? joined[0] : n.op("concat", joined, {{"axis", int64_t(0)}}));
  }
  peepholes = hasCell && n.has(7) ? ofDirection(n.in(7), row) : Value();
  Value z = n.op("matmul", {x, n.transpose(ofDirection(n.in(1), row), {1, 0})});
  if (inputBias) z = n.add(z, inputBias);
  Values inits{first(5, row)};
  if (hasCell) inits.push_back(first(6, row));
  if (n.failed()) return;
  found.push_back(buildScan(n, inits, {z}, times, reverse, [&](llvm::ArrayRef<Value> arguments) {
    llvm::ArrayRef<Value> states = arguments.slice(1, inits.size());
    Values next = turn(arguments.back(), states);
    if (n.failed()) return next;
    Value shown = next[0];
    if (lengths) {
      Value runs = n.op("less", {arguments[0], n.reshape(n.cast(lengths, Dtype::I64), {batch, 1})});
      for (auto [state, old] : llvm::zip(next, states)) state = n.select(runs, state, old);
      shown = n.select(runs, shown, n.like(shown, 0));
    }
    next.push_back(shown);
    return next;
  }));
}

void Recurrent::run() {
  if (n.failed() || !readShapes()) return;
  bool backwards = n.text("direction", "forward") == "reverse";
  for (int64_t row = 0; row < directions && !n.failed(); ++row) runDirection(row, backwards || row == 1);
  if (n.failed()) return;
  auto together = [&](size_t which, int64_t axis) { // of each direction, at a new axis
    Values all;
    for (const Values &one : found) {
      Ints shape(one[which].shape());
      shape.insert(shape.begin() + axis, 1);
      all.push_back(n.reshape(one[which], shape));
    }
    return all.size() == 1 ? all[0] : n.op("concat", all, {{"axis", axis}});
  };
  size_t states = hasCell ? 2 : 1;
  if (n.wants(0)) {
    Value all = together(states, 1);
    n.result(0, batchFirst ? n.transpose(all, {2, 0, 1, 3}) : all);
  }
  for (size_t i = 0; i < states; ++i) {
    if (!n.wants(1 + i)) continue;
    Value last = together(i, 0);
    n.result(1 + i, batchFirst ? n.transpose(last, {1, 0, 2}) : last);
  }
}

/// "activations" has the functions of one direction behind those of the other. In lower case.
std::string Recurrent::activationName(int64_t at) {
  auto functions = static_cast<int64_t>(defaults.size());
  const ::onnx::AttributeProto *attribute = n.find("activations");
  if (!attribute) return defaults[at % functions].str();
  if (attribute->strings_size() == directions * functions)
    return llvm::StringRef(attribute->strings(static_cast<int>(at))).lower();
  n.error("G0202", "attribute 'activations' must have " + llvm::Twine(functions) + " functions per direction");
  return "tanh";
}

/// Of function `at`. A list as long as the functions has an entry for each, a shorter one for those in their order that
/// have such a parameter.
double Recurrent::parameter(llvm::StringRef list, int64_t at, double fallback) {
  std::vector<double> given = n.reals(list).list;
  if (static_cast<int64_t>(given.size()) == directions * static_cast<int64_t>(defaults.size())) return given[at];
  auto has = [&](llvm::StringRef name) {
    if (name == "affine" || name == "scaledtanh" || name == "hardsigmoid") return true;
    return list == "activation_alpha" && (name == "leakyrelu" || name == "thresholdedrelu" || name == "elu");
  };
  size_t before = 0;
  for (int64_t i = 0; i < at; ++i) before += has(activationName(i));
  return before < given.size() ? given[before] : fallback;
}

Value Recurrent::activate(int64_t which, Value v) {
  int64_t at = direction * static_cast<int64_t>(defaults.size()) + which;
  std::string name = activationName(at);
  double alpha = 0, beta = 0;
  auto read = [&](double a, double b) {
    alpha = parameter("activation_alpha", at, a);
    beta = parameter("activation_beta", at, b);
  };
  if (n.failed()) return {};
  if (name == "sigmoid" || name == "tanh" || name == "relu" || name == "softsign" || name == "softplus")
    return n.op(name, v);
  if (name == "affine") return read(1, 0), n.add(n.mul(v, n.like(v, alpha)), n.like(v, beta));
  if (name == "leakyrelu") return read(0.01, 0), n.op("leaky_relu", v, {{"slope", alpha}});
  if (name == "thresholdedrelu") return read(1, 0), n.select(n.op("greater", {v, n.like(v, alpha)}), v, n.like(v, 0));
  if (name == "scaledtanh") return read(1, 1), n.mul(n.op("tanh", n.mul(v, n.like(v, beta))), n.like(v, alpha));
  if (name == "hardsigmoid") {
    read(0.2, 0.5);
    Value line = n.add(n.mul(v, n.like(v, alpha)), n.like(v, beta));
    return n.op("clamp", {line, n.like(v, 0), n.like(v, 1)});
  }
  if (name == "elu") {
    read(1, 0);
    Value below = n.mul(n.op("expm1", n.op("min", {v, n.like(v, 0)})), n.like(v, alpha));
    return n.select(n.op("greater", {v, n.like(v, 0)}), v, below);
  }
  return n.unsupported("the activation '" + name + "'");
}

class Rnn : public Recurrent {
public:
  explicit Rnn(NodeBuilder &n) : Recurrent(n, 1, activations) {}
  static constexpr llvm::StringRef activations[] = {"tanh"};
  Values turn(Value z, llvm::ArrayRef<Value> states) override {
    return {activate(0, clipped(n.add(z, product(states[0], recurrent))))};
  }
};

/// Gates z (update), r (reset), h.
class Gru : public Recurrent {
public:
  explicit Gru(NodeBuilder &n) : Recurrent(n, 3, activations), resetsLate(n.integer("linear_before_reset", 0) != 0) {}
  static constexpr llvm::StringRef activations[] = {"sigmoid", "tanh"};
  bool addsRecurrentBias(int64_t i) override { return i < 2 || !resetsLate; }
  Values turn(Value z, llvm::ArrayRef<Value> states) override {
    Value h = states[0], q = product(h, resetsLate ? recurrent : n.slice(recurrent, 1, 0, 2 * units));
    Value update = activate(0, clipped(n.add(gate(z, 0), gate(q, 0))));
    Value reset = activate(0, clipped(n.add(gate(z, 1), gate(q, 1))));
    Value own;
    if (resetsLate) {
      own = gate(q, 2);
      if (recurrentBias) own = n.add(own, gate(recurrentBias, 2));
      own = n.mul(reset, own);
    } else {
      own = product(n.mul(reset, h), gate(recurrent, 2));
    }
    Value next = activate(1, clipped(n.add(gate(z, 2), own)));
    return {n.add(n.mul(n.sub(n.like(update, 1), update), next), n.mul(update, h))};
  }

private:
  const bool resetsLate;
};

/// Gates i, o, f, c; peepholes i, o, f.
class Lstm : public Recurrent {
public:
  explicit Lstm(NodeBuilder &n) : Recurrent(n, 4, activations), coupled(n.integer("input_forget", 0) != 0) {
    hasCell = true;
  }
  static constexpr llvm::StringRef activations[] = {"sigmoid", "tanh", "tanh"};
  Values turn(Value z, llvm::ArrayRef<Value> states) override {
    Value c = states[1], all = n.add(z, product(states[0], recurrent));
    auto gateAt = [&](int64_t i, int64_t peephole, Value seen) {
      Value v = gate(all, i);
      if (peepholes && peephole >= 0) v = n.add(v, n.mul(gate(peepholes, peephole), seen));
      return clipped(v);
    };
    Value in = activate(0, gateAt(0, 0, c));
    Value kept = coupled ? n.sub(n.like(in, 1), in) : activate(0, gateAt(2, 2, c));
    Value next = n.add(n.mul(kept, c), n.mul(in, activate(1, gateAt(3, -1, {}))));
    Value out = activate(0, gateAt(1, 1, next));
    return {n.mul(out, activate(2, next)), next};
  }

private:
  const bool coupled;
};

template <class Layer> void mapRecurrent(NodeBuilder &n) { Layer(n).run(); }

} // namespace

llvm::ArrayRef<OpRow> recurrentRows() {
  static const OpRow rows[] = {{"RNN", mapRecurrent<Rnn>}, {"GRU", mapRecurrent<Gru>}, {"LSTM", mapRecurrent<Lstm>}};
  return rows;
}

} // namespace graphc::onnx
