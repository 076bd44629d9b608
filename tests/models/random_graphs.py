"""Random valid graphs through `graphc run` against NumPy, which shares no code with the compiler.

Each seed makes one graph: several entries, calls of a function, layers with params, broadcasting, matrices of rank 1 to 4,
sizes 0 and 1, one value as several outputs, inputs passed through. One entry runs at -O0 and -O2, at one of this machine's
levels (the seeds take turns). Each result is compared with NumPy in float64; the two -O levels must agree bit by bit.

usage: random_graphs.py GRAPHC FIRST_SEED COUNT [KEEP_DIR]     KEEP_DIR: failing graphs are left there
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import numpy as np

SIZES = [0, 1, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 33, 64, 65]
TOLERANCE = 2e-4  # of the largest element; values stay small, so chains of ops lose little
MAX_ELEMENTS = 1 << 16


def softmax(x, axis):
    if x.size == 0:
        return x
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


UNARY = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "identity": lambda x: x,
}
BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply}
SYMBOL = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


class Body:
    """Builds the nodes of one function and computes them beside it."""

    def __init__(self, r, name, inputs, params):
        self.r, self.name, self.params = r, name, params
        self.nodes, self.values = [], dict(inputs)

    def fresh(self):
        return f"v{len(self.nodes)}_{len(self.values)}"

    def pick(self, rank=0):
        names = [n for n, v in self.values.items() if v.dtype == np.float64 and v.ndim >= rank]
        return self.r.choice(names) if names else None

    def keep(self, node, value):
        """Values that grew are brought back to -1..1, so that float32 and float64 stay comparable."""
        out = self.fresh()
        node["out"] = out
        self.nodes.append(node)
        self.values[out] = value
        if value.dtype == np.float64 and value.size and np.abs(value).max() > 8:
            self.keep({"op": "tanh", "in": out}, np.tanh(value))
        return out

    def partner(self, shape):
        """A value that broadcasts with `shape`: one that is there, or a number."""
        names = []
        for n, v in self.values.items():
            try:
                if v.dtype == np.float64 and np.prod(np.broadcast_shapes(v.shape, shape)) <= MAX_ELEMENTS:
                    names.append(n)
            except ValueError:
                pass
        return self.r.choice(names)

    def param(self, path, shape):
        value = np.random.RandomState(self.r.randrange(1 << 31)).uniform(-0.5, 0.5, shape).astype(np.float32)
        self.params[path] = value
        return value.astype(np.float64)

    def step(self):
        r, kind = self.r, self.r.randrange(9)
        a = self.pick()
        x = self.values[a]
        if kind == 0:
            op = r.choice(list(UNARY))
            self.keep({"op": op, "in": a}, UNARY[op](x))
        elif kind == 1:
            b, op = self.partner(x.shape), r.choice(list(BINARY))
            if r.random() < 0.5:
                a, b = b, a
            self.keep({"op": op, "in": [a, b]}, BINARY[op](self.values[a], self.values[b]))
        elif kind == 2:
            b, c = self.partner(x.shape), r.choice([0.5, 2, -1.25])
            y = self.values[b]
            if r.random() < 0.5:
                self.keep({"formula": f"{a} / (sigmoid({b}) + 0.5) - {c}"}, x / (UNARY['sigmoid'](y) + 0.5) - c)
            else:
                self.keep({"formula": f"exp(tanh({a})) * {c} + {b}"}, np.exp(np.tanh(x)) * c + y)
        elif kind == 3 and x.ndim:
            axis = r.randrange(-x.ndim, x.ndim)
            self.keep({"op": "softmax", "in": a, "axis": axis}, softmax(x, axis))
        elif kind in (4, 5) and x.ndim:
            self.matmul(a, x)
        elif kind in (6, 7) and x.ndim:
            self.dense(a, x)
        elif kind == 8:
            c = r.choice([0, 1, -3, 0.125])
            self.keep({"op": "add", "in": [a, c]}, x + c)

    def matmul(self, a, x):
        mates = [n for n, v in self.values.items() if v.dtype == np.float64 and self.product(x, v) is not None]
        if mates:
            b = self.r.choice(mates)
            self.keep({"op": "matmul", "in": [a, b]}, self.product(x, self.values[b]))
        else:  # a weight of the function's own
            path, n = f"w{len(self.nodes)}", self.r.choice(SIZES)
            if x.size // max(1, x.shape[-1]) * n > MAX_ELEMENTS:
                return
            weight = self.param(f"{self.name}.{path}", (x.shape[-1], n))
            self.own[path] = {"type": f"f32[{x.shape[-1]}, {n}]"}
            self.keep({"op": "matmul", "in": [a, path]}, np.matmul(x, weight))

    own = None

    @staticmethod
    def product(x, y):
        if y.ndim < 2 or x.shape[-1] != y.shape[-2] or (x.ndim == 1 and y.ndim > 2):
            return None
        try:
            lead = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        except ValueError:
            return None
        if np.prod(lead, dtype=float) * (x.shape[-2] if x.ndim > 1 else 1) * y.shape[-1] > MAX_ELEMENTS:
            return None
        return np.matmul(x, y)

    def dense(self, a, x):
        units, bias = self.r.choice([s for s in SIZES if s]), self.r.random() < 0.7
        if x.size // max(1, x.shape[-1]) * units > MAX_ELEMENTS:
            return
        activation = self.r.choice(["tanh", "relu", "identity", "sigmoid"])
        out = self.fresh()
        y = np.matmul(x, self.param(f"{self.name}.{out}.weight", (x.shape[-1], units)))
        if bias:
            y = y + self.param(f"{self.name}.{out}.bias", (units,))
        node = {"op": "dense", "in": a, "units": units, "activation": activation}
        if not bias:
            node["use_bias"] = False
        assert self.keep(node, UNARY[activation](y)) == out or node["out"] == out


def shape_of(r):
    rank = r.choice([0, 1, 1, 2, 2, 2, 3, 4])
    shape = [r.choice(SIZES if rank < 3 else SIZES[:8]) for _ in range(rank)]
    return tuple(shape) if np.prod(shape, dtype=float) <= 1 << 13 else shape_of(r)


def type_of(value):
    return "f32[" + ", ".join(map(str, value.shape)) + "]"


def make_inputs(r):
    base, inputs = shape_of(r), {}
    for name in r.sample(["x", "int", "b", "errno", "mask"], r.choice([1, 2, 3])):
        shape = r.choice([base, shape_of(r), base[1:], tuple(d if r.random() < 0.6 else 1 for d in base)])
        inputs[name] = np.random.RandomState(r.randrange(1 << 31)).uniform(-2, 2, shape).astype(np.float32)
    return inputs


def make_graph(seed):
    """(graph, params, entry, inputs, wanted outputs)"""
    r = random.Random(seed)
    functions, params, made = {}, {}, []
    for index in range(r.choice([1, 1, 2, 3])):
        name, inputs = f"f{index}", make_inputs(r)
        body = Body(r, name, {n: v.astype(np.float64) for n, v in inputs.items()}, params)
        body.own = {}
        for _ in range(r.choice([1, 3, 6, 12])):
            body.step()
        if made and r.random() < 0.5:  # call an earlier function on inputs of its own kind
            callee, callee_inputs, callee_outputs = r.choice(made)
            extra = {f"c_{n}": v for n, v in callee_inputs.items()}
            inputs.update(extra)
            body.values.update({n: v.astype(np.float64) for n, v in extra.items()})
            outs = [body.fresh() + f"_{i}" for i in range(len(callee_outputs))]
            body.nodes.append({"op": callee, "in": list(extra), "out": outs})
            body.values.update(zip(outs, callee_outputs.values()))
            body.step()
        names = [n for n, v in body.values.items()]
        chosen = [names[-1]] + r.sample(names, min(len(names), r.choice([0, 1, 3])))
        outputs = {f"o{i}": n for i, n in enumerate(chosen)}
        wanted = {o: body.values[n] for o, n in outputs.items()}
        for o, n in list(outputs.items()):
            v = body.values[n]
            if v.dtype == np.float64 and v.ndim and v.shape[-1] and r.random() < 0.2:
                outputs["i_" + o] = f"argmax({n})"
                wanted["i_" + o] = v  # what the positions point into
        r.shuffle(body.nodes)  # their order means nothing
        functions[name] = {"inputs": {n: type_of(v) for n, v in inputs.items()}, "nodes": body.nodes, "outputs": outputs}
        if body.own:
            functions[name]["params"] = body.own
        if not any(o.startswith("i_") for o in outputs):
            made.append((name, inputs, wanted))
        last = (name, inputs, wanted)
    graph = {"graphc": 1, "name": "random", "functions": functions, "entries": list(functions)}
    return graph, params, last


def write_weights(path, params):
    header, data = {}, b""
    for name, value in params.items():
        raw = value.tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def difference(name, got, want):
    """"" if the two agree."""
    if name.startswith("i_"):
        picked = np.take_along_axis(want, got[..., None].astype(np.int64), -1)[..., 0]
        return "" if np.all(picked >= want.max(-1) - TOLERANCE) else "points at a smaller element"
    if got.shape != want.shape:
        return f"has shape {got.shape}, not {want.shape}"
    if want.size == 0:
        return ""
    error = np.abs(got - want).max()
    limit = TOLERANCE * max(1.0, np.abs(want).max())
    return "" if error <= limit else f"is off by {error}"


def check(graphc, seed, levels, folder):
    graph, params, (entry, inputs, wanted) = make_graph(seed)
    path, weights, data = f"{folder}/random.json", f"{folder}/w.safetensors", f"{folder}/in"
    os.makedirs(data)
    with open(path, "w") as f:
        json.dump(graph, f, indent=1)
    for name, value in inputs.items():
        np.save(f"{data}/{name}.npy", value)
    command = [graphc, "run", path, "--entry", entry, "--inputs", data]
    if params:
        write_weights(weights, params)
        command += ["--weights", weights]
    level, bits = levels[seed % len(levels)], []
    for opt in ("-O0", "-O2"):
        out = f"{folder}/out{opt}"
        done = subprocess.run(command + ["--outputs", out, "--target", level, opt], capture_output=True, text=True)
        if done.returncode != 0:
            return f"{level} {opt}: exit {done.returncode}: {done.stderr}"
        got = {name: np.load(f"{out}/{name}.npy") for name in wanted}
        for name, want in wanted.items():
            message = difference(name, got[name], want)
            if message:
                return f"{level} {opt}: output {name} of {entry} {message}"
        bits.append({name: value.tobytes() for name, value in got.items()})
    for name in wanted:
        if bits[0][name] != bits[1][name]:
            return f"{level}: output {name} of {entry} differs between -O0 and -O2"
    return ""


def native_levels(graphc):
    lines = subprocess.run([graphc, "targets"], capture_output=True, text=True, check=True).stdout.splitlines()
    names = [line.split()[0] for line in lines if line.startswith("x86-64")]
    flags = open("/proc/cpuinfo").read().split()
    able = {"x86-64-v2": "sse4_2", "x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}
    return [name for name in names if able.get(name) in flags]


def main():
    graphc, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    levels, failed = native_levels(graphc), 0
    if not levels:
        sys.exit("no level of this machine is known")
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            message = check(graphc, seed, levels, folder)
            if message:
                failed += 1
                print(f"seed {seed}: {message}", flush=True)
                if len(sys.argv) > 4:
                    os.makedirs(sys.argv[4], exist_ok=True)
                    with open(f"{folder}/random.json") as f, open(f"{sys.argv[4]}/{seed}.json", "w") as g:
                        g.write(f.read())
    print(f"{count} graphs at {' '.join(levels)}, {failed} wrong")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
