#!/usr/bin/env python3
"""Writes small ONNX models without the onnx package, as protobuf bytes by hand: what the tests of the importer feed it, good and
hostile. usage: make_models.py DIR"""
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


def attribute(name, value):
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


def model(nodes, inputs, outputs, initializers=(), opset=17):
    graph = b"".join(text(1, n) for n in nodes) + text(2, "g") + b"".join(text(5, t) for t in initializers)
    graph += b"".join(text(11, i) for i in inputs) + b"".join(text(12, o) for o in outputs)
    return number(1, 8) + text(7, graph) + text(8, number(2, opset))


def integers(name, values):
    return tensor(name, [len(values)], raw=struct.pack("<%dq" % len(values), *values), dtype=7)


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
