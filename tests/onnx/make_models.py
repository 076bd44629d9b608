#!/usr/bin/env python3
"""Writes small ONNX models without the onnx package, as protobuf bytes by hand: what the tests of the importer feed it, good and
hostile. usage: make_models.py DIR"""
import math
import os
import struct
import sys


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, values=None, raw=None, dtype=1, external=None):
    body = b"".join(number(1, d) for d in dims) + number(2, dtype) + text(8, name)
    if external:
        body += b"".join(text(13, text(1, k) + text(2, v)) for k, v in external.items()) + number(14, 1)
    else:
        body += text(9, raw if raw is not None else struct.pack("<%df" % len(values), *values))
    return body


class Graph(bytes):
    """A graph as an attribute."""


def single(field, value):
    return varint(field << 3 | 5) + struct.pack("<f", value)


def attribute(name, value):
    if isinstance(value, Graph):
        return text(1, name) + text(6, value) + number(20, 5)
    if isinstance(value, float):
        return text(1, name) + single(2, value) + number(20, 1)
    if isinstance(value, list) and isinstance(value[0], float):
        return text(1, name) + b"".join(single(7, v) for v in value) + number(20, 6)
    if isinstance(value, list) and isinstance(value[0], str):
        return text(1, name) + b"".join(text(9, v) for v in value) + number(20, 8)
    if isinstance(value, int):
        return text(1, name) + number(3, value) + number(20, 2)
    if isinstance(value, list):
        return text(1, name) + b"".join(number(8, v) for v in value) + number(20, 7)
    return text(1, name) + text(4, value) + number(20, 3)


def node(op, inputs, outputs, name="", domain="", **attributes):
    body = b"".join(text(1, i) for i in inputs) + b"".join(text(2, o) for o in outputs) + text(3, name) + text(4, op) + text(7, domain)
    return body + b"".join(text(5, attribute(k, v)) for k, v in attributes.items())


def value(name, dims, dtype=1):
    shape = b"".join(text(1, text(2, d) if isinstance(d, str) else number(1, d)) for d in dims)
    return text(1, name) + text(2, text(1, number(1, dtype) + text(2, shape)))


def graph(nodes, inputs, outputs, initializers=()):
    body = b"".join(text(1, n) for n in nodes) + text(2, "g") + b"".join(text(5, t) for t in initializers)
    return Graph(body + b"".join(text(11, i) for i in inputs) + b"".join(text(12, o) for o in outputs))


def model(nodes, inputs, outputs, initializers=(), opset=17):
    return number(1, 8) + text(7, graph(nodes, inputs, outputs, initializers)) + text(8, number(2, opset))


def integers(name, values):
    return tensor(name, [len(values)], raw=struct.pack("<%dq" % len(values), *values), dtype=7)


def ramp_of(count, seed):
    """Weights of the recurrent operators; compare.py makes them again."""
    return [((i * 37 + seed * 11) % 19 - 9) / 12 for i in range(count)]


def weights(name, dims, seed):
    return tensor(name, dims, ramp_of(math.prod(dims), seed))


def regions():
    """Operators with bodies, and those that become such: what they give is in compare.py."""
    x, y, flag = [value("x", [2, 3])], [value("y", [2, 3])], value("c", [], 9)
    bound, half = tensor("bound", [], [0.0]), tensor("half", [], [0.5])
    doubled = graph([node("Mul", ["x", "half"], ["d"])], [], [value("d", [2, 3])])

    def branch(op, other=Graph(graph([node("Neg", ["x"], ["n"])], [], [value("n", [2, 3])]))):
        nodes = [node("ReduceSum", ["x"], ["s"], keepdims=0), node(op, ["s", "bound"], ["c"])]
        return model(nodes + [node("If", ["c"], ["y"], "choose", then_branch=doubled, else_branch=other)], x, y, [bound, half])

    turn = [value("i", [], 7), value("on", [], 9), value("v", [2, 3])]
    counted = graph([node("Add", ["v", "x"], ["w"]), node("ReduceMax", ["w"], ["m"], keepdims=0), node("Less", ["m", "most"], ["go"])], turn,
                    [value("go", [], 9), value("w", [2, 3])], [tensor("most", [], [100.0])])
    turns = [node("Abs", ["x"], ["a"]), node("ReduceSum", ["a"], ["s"], keepdims=0), node("Cast", ["s"], ["n"], to=7)]
    gathered = graph([node("Mul", ["v", "half"], ["h"]), node("Add", ["h", "x"], ["w"]), node("Identity", ["on"], ["go"]),
                      node("ReduceMax", ["w"], ["m"], keepdims=0)], turn, [value("go", [], 9), value("w", [2, 3]), value("m", [])])
    summed = [node("ReduceSum", ["all"], ["t"], keepdims=0), node("Add", ["last", "t"], ["y"])]

    def loop(count):
        return model([node("Loop", ["count", "", "x"], ["last", "all"], "turns", body=gathered)] + summed, x, y,
                     [half, tensor("count", [], raw=struct.pack("<q", count), dtype=7)])

    running = graph([node("Add", ["s", "column"], ["t"]), node("Identity", ["t"], ["u"])], [value("s", [2]), value("column", [2])],
                    [value("t", [2]), value("u", [2])])
    directions = {"scan_input_axes": [1], "scan_input_directions": [1], "scan_output_axes": [-1], "scan_output_directions": [1]}

    def recurrent(op, gates, units, directions, extra=(), inputs=(), layout=0, **attributes):
        w = [weights("w", [directions, gates * units, 2], 1), weights("r", [directions, gates * units, units], 2),
             weights("b", [directions, 2 * gates * units], 3)]
        out = [2, 3, directions, units] if layout else [3, directions, 2, units]
        if layout:
            attributes["layout"] = layout
        nodes = [node(op, ["x", "w", "r", "b", *inputs], ["y"], "cells", hidden_size=units, **attributes)]
        return model(nodes, [value("x", [2, 3, 2] if layout else [3, 2, 2])], [value("y", out)], w + list(extra))

    lengths = tensor("lengths", [2], raw=struct.pack("<2i", 2, 3), dtype=6)
    states = [weights("h0", [2, 2, 3], 4), weights("c0", [2, 2, 3], 5), weights("p", [2, 9], 6)]
    relu = ["Sigmoid", "Tanh", "Relu", "HardSigmoid", "Softsign", "Tanh"]
    return {
        "branch_yes": branch("Less"),
        "branch_no": branch("Greater"),
        "branch_number": model([node("ReduceSum", ["x"], ["s"], keepdims=0), node("If", ["s"], ["y"], "choose", then_branch=doubled, else_branch=doubled)], x, y, [half]),
        "branch_types": branch("Less", graph([node("ReduceSum", ["x"], ["n"], keepdims=0)], [], [value("n", [])])),
        "loop_while": model(turns + [node("Loop", ["n", "", "x"], ["y"], "turns", body=counted)], x, y),
        "loop_parts": model(turns + [node("Loop", ["n", "", "x"], ["last", "all"], "turns", body=gathered)] + summed, x, y, [half]),
        "loop_few": loop(3),
        "loop_many": loop(300),
        "scan": model([node("Scan", ["zero", "x"], ["last", "y"], "sums", body=running, num_scan_inputs=1, **directions)], x, y, [tensor("zero", [2], [0.0, 0.0])]),
        "lstm": recurrent("LSTM", 4, 3, 2, [lengths, *states], ["lengths", "h0", "c0", "p"], direction="bidirectional", activations=relu, clip=1.5),
        "lstm_coupled": recurrent("LSTM", 4, 3, 1, input_forget=1, direction="reverse"),
        "lstm_activation": recurrent("LSTM", 4, 3, 1, activations=["Sigmoid", "Tanh", "Cubic"]),
        "lstm_shape": recurrent("LSTM", 4, 3, 1, direction="bidirectional"),
        "gru": recurrent("GRU", 3, 3, 1, direction="reverse"),
        "gru_late": recurrent("GRU", 3, 3, 1, linear_before_reset=1),
        "rnn": recurrent("RNN", 1, 4, 2, layout=1, direction="bidirectional", activations=["LeakyRelu", "Affine"], activation_alpha=[0.25, 0.5], activation_beta=[0.125]),
    }


def options():
    """Options of operators that graph ops do not have: what they give is in compare.py."""
    x, y = [value("x", [1, 1, 4, 4])], [value("y", [1, 1, 2, 4])]
    sizes, roi = integers("sizes", [1, 1, 2, 4]), tensor("roi", [8], [0, 0, 0.5, 0, 1, 1, 1.5, 1])

    def pool(order):
        attributes = {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [1, 1, 0, 0], "storage_order": order}
        nodes = [node("MaxPool", ["x"], ["m", "p"], "pool", **attributes), node("Cast", ["p"], ["y"], to=1)]
        return model(nodes, x, [value("y", [1, 1, 2, 2])])

    def resize(region, initializers, **attributes):
        return model([node("Resize", ["x", region, "", "sizes"], ["y"], "resize", **attributes)], x, y, initializers)

    crop = {"mode": "linear", "coordinate_transformation_mode": "tf_crop_and_resize"}
    largest, pad = node("ReduceMax", ["x"], ["v"], keepdims=0), node("Pad", ["x", "pads", "v"], ["y"])
    empty = [integers("begin", [0]), integers("end", [0]), integers("axes", [2])]
    of_nothing = [node("Slice", ["x", "begin", "end", "axes"], ["e"]), node("ReduceMax", ["e"], ["m"], axes=[2]), node("Max", ["x", "m"], ["y"])]
    square = [64, 64]
    mask = tensor("mask", square, raw=bytes(i % 3 == 0 for i in range(4096)), dtype=9)
    return {
        "pad_value": model([largest, pad], x, [value("y", [1, 1, 5, 5])], [integers("pads", [0, 0, 1, 0, 0, 0, 0, 1])]),
        "positions": pool(0),
        "positions_reversed": pool(1),
        "crop": resize("roi", [sizes, roi], **crop),
        "antialias": resize("", [sizes], mode="linear", antialias=1),
        "max_of_nothing": model(of_nothing, x, [value("y", [1, 1, 4, 4])], empty),
        "mask": model([node("Neg", ["x"], ["n"]), node("Where", ["mask", "x", "n"], ["y"])], [value("x", square)], [value("y", square)], [mask]),
        "pool_order": pool(2),
        "crop_without_roi": resize("", [sizes], **crop),
        "antialias_nearest": resize("", [sizes], mode="nearest", antialias=1),
    }


def main():
    folder = sys.argv[1]
    x, y = value("x", [2, 3]), value("y", [2, 4])
    ramp = [i / 8 for i in range(12)]
    large = struct.pack("<4608f", *[(i % 7 - 3) / 16 for i in range(4608)])
    gemm = node("Gemm", ["x", "w", "b"], ["g"], "fc1", transB=1)
    initial = [tensor("w", [4, 3], ramp), tensor("b", [4], [1, -1, 0.5, 0])]
    good = [gemm, node("Relu", ["g"], ["y"])]
    models = {
        "gemm": model(good, [x], [y], initial),
        "names": model([node("Relu", ["a/b:0"], ["%5"])], [value("a/b:0", [2, 3])], [value("%5", [2, 3])]),
        "param": model([node("MatMul", ["x", "fc/w"], ["y"])], [value("x", [2, 48])], [value("y", [2, 96])], [tensor("fc/w", [48, 96], raw=large)]),
        "external": model(good, [x], [y], [tensor("w", [4, 3], external={"location": "w.bin", "offset": "8", "length": "48"}), initial[1]]),
        "external_outside": model(good, [x], [y], [tensor("w", [4, 3], external={"location": "../w.bin"}), initial[1]]),
        "external_short": model(good, [x], [y], [tensor("w", [4, 3], external={"location": "w.bin", "offset": "16"}), initial[1]]),
        "raw_size": model(good, [x], [y], [tensor("w", [4, 3], raw=b"\0" * 40), initial[1]]),
        "huge_dims": model(good, [x], [y], [tensor("w", [1 << 40, 1 << 40], raw=b""), initial[1]]),
        "negative_dims": model(good, [value("x", [2, -3])], [y], initial),
        "open_dim": model(good, [value("x", ["N", 3])], [y], initial),
        "complex": model(good, [value("x", [2, 3], 14)], [y], initial),
        "cycle": model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"])], [x], [value("b", [2, 3])]),
        "twice": model([node("Relu", ["x"], ["y"]), node("Tanh", ["x"], ["y"])], [x], [y]),
        "missing_input": model([node("Add", ["x"], ["y"], "plus")], [x], [y]),
        "no_output": model([node("Relu", ["x"], ["z"])], [x], [y]),
        "unknown_op": model([node("Reluu", ["x"], ["y"], "act")], [x], [y]),
        "domain": model([node("Relu", ["x"], ["y"], "act", "com.example")], [x], [y]),
        "opset": model(good, [x], [y], initial, opset=5),
        "shapes": model([node("MatMul", ["x", "w"], ["y"], "mm")], [x], [y], initial),
        "attribute": model([node("Softmax", ["x"], ["y"], "probabilities", axis=[1])], [x], [y]),
        **options(),
        **regions(),
        "truncated": model(good, [x], [y], initial)[:-40],
        "axis": model([node("Softmax", ["x"], ["y"], "probabilities", axis=7)], [x], [y]),
    }
    os.makedirs(folder, exist_ok=True)
    for name, content in models.items():
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(content)
    with open(os.path.join(folder, "w.bin"), "wb") as file:
        file.write(b"\0" * 8 + struct.pack("<12f", *ramp))


if __name__ == "__main__":
    main()
