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

from make_models import ramp_of


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


def loop(count):
    def run(values):
        last, total = values, 0
        for _ in range(count):
            last = [v / 2 + x for v, x in zip(last, values)]
            total += max(last)
        return [v + total for v in last]
    return run


sigmoid = lambda v: 1 / (1 + math.exp(-v))
hard = lambda v: min(max(0.2 * v + 0.5, 0), 1)
softsign = lambda v: v / (1 + abs(v))
relu = lambda v: max(v, 0)


class Cells:
    """A recurrent operator by its specification, one direction after the other, one of the batch after the other; x [time, batch, inputs]."""

    def __init__(self, gates, units, directions, step, backwards=False, lengths=None, first=None, layout=0):
        self.gates, self.units, self.directions, self.step, self.backwards = gates, units, directions, step, backwards
        self.lengths, self.first, self.layout = lengths, first, layout

    def __call__(self, values):
        batch, time, u, rows = 2, 3, self.units, self.gates * self.units
        w, r, b = (ramp_of(self.directions * n, seed) for seed, n in ((1, rows * 2), (2, rows * u), (3, 2 * rows)))
        y = {}
        for d in range(self.directions):
            def part(kind, g, k, inputs):
                table, width = (w, 2) if kind == "w" else (r, u)
                row = d * rows + g * u + k
                bias = b[d * 2 * rows + (0 if kind == "w" else rows) + g * u + k]
                return sum(table[row * width + c] * v for c, v in enumerate(inputs)) + bias
            for i in range(batch):
                length = self.lengths[i] if self.lengths else time
                state = self.first(d, i) if self.first else ([0.0] * u, [0.0] * u)
                order = range(length)
                for t in reversed(order) if self.backwards or d == 1 else order:
                    at = (i * time + t) * 2 if self.layout else (t * batch + i) * 2
                    state = self.step(d, lambda g, k: part("w", g, k, values[at:at + 2]), lambda g, k, h: part("r", g, k, h), u, *state)
                    y[t, d, i] = state[0]
        places = ([(t, d, i) for i in range(batch) for t in range(time) for d in range(self.directions)] if self.layout else
                  [(t, d, i) for t in range(time) for d in range(self.directions) for i in range(batch)])
        return [v for place in places for v in y.get(place, [0.0] * u)]


def lstm(d, x, r, u, h, c, functions=((sigmoid, math.tanh, math.tanh),) * 2, clip=math.inf, peepholes=None, coupled=False):
    f, g, out = functions[d]
    seen = lambda gate, k, cell: peepholes[d * 3 * u + gate * u + k] * cell if peepholes else 0
    gate = lambda n, k, cell=None: max(-clip, min(clip, x(n, k) + r(n, k, h) + (seen(n, k, cell) if cell is not None else 0)))
    new_h, new_c = [], []
    for k in range(u):
        i = f(gate(0, k, c[k]))
        kept = 1 - i if coupled else f(gate(2, k, c[k]))
        new_c.append(kept * c[k] + i * g(gate(3, k)))
        new_h.append(f(gate(1, k, new_c[k])) * out(new_c[k]))
    return new_h, new_c


def gru(d, x, r, u, h, _, late=False):
    update, reset = ([sigmoid(x(n, k) + r(n, k, h)) for k in range(u)] for n in (0, 1))
    # Early: the reset acts before the product, which alone has the bias.
    own = [reset[k] * r(2, k, h) if late else r(2, k, [a * b for a, b in zip(reset, h)]) for k in range(u)]
    return [(1 - update[k]) * math.tanh(x(2, k) + own[k]) + update[k] * h[k] for k in range(u)], None


def rnn(d, x, r, u, h, _):
    act = (lambda v: v if v >= 0 else 0.25 * v) if d == 0 else (lambda v: 0.5 * v + 0.125)
    return [act(x(0, k) + r(0, k, h)) for k in range(u)], None


def lstm_first(d, i):
    return tuple(ramp_of(12, seed)[(d * 2 + i) * 3:(d * 2 + i) * 3 + 3] for seed in (4, 5))


BOTH = ((sigmoid, math.tanh, relu), (hard, softsign, math.tanh))
EXPECTED = {
    "branch_yes": lambda values: [v / 2 for v in values],  # their sum is below 0
    "branch_no": lambda values: [-v for v in values],
    "loop_while": lambda values: [3 * v for v in values],  # the sum of their sizes is 2.25: two turns
    "loop_few": loop(3),
    "loop_many": loop(300),
    "scan": lambda values: [sum(values[3 * row + column:3 * row + 3]) for row in range(2) for column in range(3)],
    "lstm": Cells(4, 3, 2, lambda *a: lstm(*a, functions=BOTH, clip=1.5, peepholes=ramp_of(18, 6)), lengths=[2, 3], first=lstm_first),
    "lstm_coupled": Cells(4, 3, 1, lambda *a: lstm(*a, coupled=True), backwards=True),
    "gru": Cells(3, 3, 1, gru, backwards=True),
    "gru_late": Cells(3, 3, 1, lambda *a: gru(*a, late=True)),
    "rnn": Cells(1, 4, 2, rnn, layout=1),
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
