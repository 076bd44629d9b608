"""The table that the lowering of contractions is judged by: y = relu(x W + b) over sizes and ISA levels.

usage: contractions.py GRAPHC [--seconds S] [--levels x86-64-v4,...] [--sizes 64x512x784,...] [--dtype f32|bf16|i8]
Of bf16 and i8: y = relu(x W). Prints one Markdown row per size: share of the FMA peak measured in the same run (batch 1: GB/s of weights instead), and per level the
bytes of the kernel and the stack accesses in its innermost loops. A level that the machine lacks is left out.
"""
import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "lower"))
import inner_loops

LEVELS = ["x86-64-v2", "x86-64-v3", "x86-64-v4"]


BYTES = {"f32": 4, "bf16": 2, "i8": 1}


def graph(m, n, k, dtype):
    if dtype != "f32":
        params = {"w": {"type": f"{dtype}[{k}, {n}]", "init": 0}}
        function = {"inputs": {"x": f"{dtype}[{m}, {k}]"}, "params": params, "outputs": {"y": "relu(matmul(x, w))"}}
        return json.dumps({"graphc": 1, "name": "contraction", "functions": {"layer": function}, "entries": ["layer"]})
    node = {"op": "dense", "in": "x", "out": "y", "units": n, "activation": "relu"}
    function = {"inputs": {"x": f"f32[{m}, {k}]"}, "nodes": [node], "outputs": ["y"]}
    return json.dumps({"graphc": 1, "name": "contraction", "functions": {"layer": function}, "entries": ["layer"]})


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def code(graphc, path, level, folder):
    """Bytes of the part that computes, stack accesses in its innermost loops."""
    assembly = run(graphc, "build", path, "--emit=asm", "--target=" + level)
    kernel = next(line[:-1] for line in assembly.splitlines() if line.startswith("k") and line.endswith(".contraction.part:"))
    run(graphc, "build", path, "-o", folder, "--target=" + level)
    symbols = run("nm", "-S", f"{folder}/libcontraction.a").splitlines()
    size = next(int(line.split()[1], 16) for line in symbols if line.endswith(kernel))
    return size, sum(len(lines) for _, lines in inner_loops.measure(assembly, kernel))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("graphc")
    options.add_argument("--seconds", default="0.3")
    options.add_argument("--levels", default=",".join(LEVELS))
    options.add_argument("--sizes", default="")
    options.add_argument("--dtype", choices=BYTES, default="f32")
    a = options.parse_args()
    sizes = [tuple(map(int, size.split("x"))) for size in a.sizes.split(",") if size]
    sizes = sizes or list(itertools.product([1, 7, 64, 100, 512], [10, 256, 500, 512], [64, 784]))
    print("| M x N x K | " + " | ".join(f"{level}: speed, kernel bytes, stack" for level in a.levels.split(",")) + " |")
    print("|---" * (1 + len(a.levels.split(","))) + "|")
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/contraction.json"
        for m, n, k in sizes:
            pathlib.Path(path).write_text(graph(m, n, k, a.dtype))
            cells = []
            for level in a.levels.split(","):
                timed = json.loads(run(a.graphc, "bench", path, "--json", "--seconds", a.seconds, "--target=" + level))
                size, stack = code(a.graphc, path, level, folder + "/lib")
                speed = f"{100 * timed['share_of_peak']:.0f}%" if m > 1 else f"{BYTES[a.dtype] * n * k / timed['p10_us'] / 1e3:.0f} GB/s"
                cells.append(f"{speed}, {size}, {stack}")
            print(f"| {m} x {n} x {k} | " + " | ".join(cells) + " |", flush=True)


main()
