#!/usr/bin/env python3
"""Runs models with `graphc run`, directly and after `graphc import`, and demands equal bytes of every output.
usage: compare.py GRAPHC DIR MODEL..."""
import json
import math
import os
import re
import struct
import subprocess
import sys
import urllib.parse


def save(path, shape, values):
    header = str({"descr": "<f4", "fortran_order": False, "shape": tuple(shape)}).ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack("<%df" % len(values), *values))


def load(path):
    with open(path, "rb") as file:
        data = file.read()
    body = data[10 + struct.unpack("<H", data[8:10])[0]:]
    return struct.unpack("<%df" % (len(body) // 4), body)


def gemm(values):
    """relu(x w^T + b) of make_models.py"""
    bias = [1, -1, 0.5, 0]
    return [max(sum(values[3 * row + k] * (3 * column + k) / 8 for k in range(3)) + bias[column], 0) for row in range(2) for column in range(4)]


def at(row, column):
    """What the input of 4 x 4 holds at a position between its elements, too: it is linear."""
    return (4 * row + column - 3) / 4


def rows(*numbers):
    return [at(row, column) for row in numbers for column in range(4)]


EXPECTED = {
    "gemm": gemm,
    "external": gemm,
    "pad_value": lambda values: [3] * 5 + [v for r in range(4) for v in rows(r) + [3]],  # 3 is the largest
    "positions": lambda values: [0, 2, 8, 10],
    "positions_reversed": lambda values: [0, 8, 2, 10],
    "crop": lambda values: rows(1.5) + [0] * 4,  # row 4.5 lies outside
    "antialias": lambda values: rows(0.625, 2.375),  # (0 * 1 + 1 * 0.75 + 2 * 0.25) / 2, and mirrored
    "max_of_nothing": lambda values: values,
    "mask": lambda values: [v if i % 3 == 0 else -v for i, v in enumerate(values)],
}


def main():
    graphc, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    for name in names:
        work = os.path.join(folder, "compare", name)
        os.makedirs(work, exist_ok=True)
        graph = os.path.join(work, name + ".json")
        original = os.path.join(folder, name + ".onnx")
        subprocess.run([graphc, "import", original, "-o", graph], check=True)
        with open(graph, encoding="utf-8") as file:
            (shown, kind), = json.load(file)["functions"]["predict"]["inputs"].items()
        shape = [int(size) for size in re.findall(r"\d+", kind.split("[")[1])]
        values = [(i - 3) / 4 for i in range(math.prod(shape))]
        given = {"names": "a/b:0"}.get(name, shown)
        for path, tensor, out in ((original, given, "direct"), (graph, shown, "imported")):
            inputs = os.path.join(work, "in_" + out)
            os.makedirs(inputs, exist_ok=True)
            save(os.path.join(inputs, urllib.parse.quote(tensor, safe="") + ".npy"), shape, values)
            subprocess.run([graphc, "run", path, "--inputs", inputs, "--outputs", os.path.join(work, out)], check=True)
        direct, imported = ([load(os.path.join(work, out, f)) for f in os.listdir(os.path.join(work, out))] for out in ("direct", "imported"))
        assert len(direct) == 1 and direct == imported, (name, direct, imported)
        if name in EXPECTED:
            expected = EXPECTED[name](values)
            assert len(direct[0]) == len(expected) and all(abs(a - b) < 1e-5 for a, b in zip(direct[0], expected)), (name, direct, expected)


if __name__ == "__main__":
    main()
