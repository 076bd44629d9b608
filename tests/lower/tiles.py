"""Every tile of a contraction and of a window fold, at every ISA level, keeps its sums in registers: no innermost loop that multiplies and
adds touches the stack. Known sizes with every kind of rest, sizes at run time, windows, depthwise.

usage: tiles.py GRAPHC      One exception: where K is known to calls alone, rows of A lie at addresses for which a tile of 14 rows has not
enough registers; its loop may read that size again.
"""
import json
import re
import subprocess
import sys
import tempfile

import inner_loops

LEVELS = ["x86-64-v2", "x86-64-v3", "x86-64-v4"]
# Levels whose code differs from v4's for products of this type alone.
LEVELS_OF = {"f32": LEVELS, "i8": [*LEVELS, "x86-64-v4+vnni"], "bf16": [*LEVELS, "x86-64-v4+vnni+bf16"]}


def product(m, n, k, dtype="f32"):
    return {"x": f"{dtype}[{m}, {k}]", "w": f"{dtype}[{k}, {n}]"}, "relu(matmul(x, w))"


def conv(image, kernel, rest, dtype="f32"):
    return {"x": f"{dtype}[{image}]", "w": f"{dtype}[{kernel}]"}, f"relu(conv(x, w, {rest}))"


def depthwise(image, rest):
    channels = image.split(", ")[-1]
    return {"x": f"f32[{image}]", "w": f"f32[3, 3, 1, {channels}]"}, f"relu(conv(x, w, groups={channels}, {rest}))"


GRAPHS = [
    # heights of tiles, also where rows are left over; widths of the last panel; a block of 256 k and a rest
    *(product(m, 48, 300) for m in (2, 7, 13, 100)),
    *(product(64, n, 300) for n in (10, 100)),
    *(product(1, n, 300) for n in (10, 200)),
    product(50, 64, 1024),
    # named dims
    product("B", 64, 300),
    product(64, "N", 300),
    product(64, 64, "K"),
    product("B", "N", "K"),
    ({"x": "f32[B, N, 64]", "w": "f32[B, 64, N]"}, "matmul(x, w)"),
    # products of small elements: heights, a group that is not full, one row, named dims, windows. Of i8 with a named K LLVM copies the
    # loop over tiles for a K of less than one group; without a loop inside it would be taken for an inner one.
    *(product(m, 48, k, dtype) for dtype in ("i8", "bf16") for m, k in ((7, 300), (13, 301), (100, 300), (1, 300), ("B", 300))),
    product(64, 48, "K", "bf16"),
    *(product(64, n, 1024, dtype) for dtype in ("i8", "bf16") for n in (10, 512)),
    *(conv("1, 28, 28, 64", "3, 3, 64, 64", "padding=1", dtype) for dtype in ("i8", "bf16")),
    # windows
    conv("1, 56, 56, 64", "3, 3, 64, 64", "padding=1"),
    conv("1, 7, 7, 64", "3, 3, 64, 64", "padding=1"),
    conv("1, 56, 56, 64", "1, 1, 64, 256", "padding=0"),
    conv("1, 64, 64, 3", "7, 7, 3, 64", "padding=3, stride=2"),
    conv("8, 28, 28, 1", "5, 5, 1, 6", "padding=0"),
    conv("B, 28, 28, 6", "5, 5, 6, 16", "padding=0"),
    conv("B, N, K, 16", "3, 3, 16, 32", "padding=1"),
    depthwise("1, 56, 56, 144", "padding=1"),
    # A last vector of channels that is not full costs a register for its mask: with a stride, v3 then reloads one at an image's edges.
    depthwise("1, 112, 112, 32", "padding=1, stride=2"),
    depthwise("B, 14, 14, 100", "padding=1"),
]


def main():
    failed, loops = [], 0
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        for inputs, formula in GRAPHS:
            dims = {dim: {"min": 1, "max": 5000} for dim in "BNK" if any(re.search(rf"\b{dim}\b", t) for t in inputs.values())}
            function = {"inputs": inputs, "outputs": {"y": formula}}
            graph = {"graphc": 1, "name": "tiles", "functions": {"f": function}, "entries": ["f"], **({"dims": dims} if dims else {})}
            file.seek(0)
            file.truncate()
            file.write(json.dumps(graph))
            file.flush()
            for level in LEVELS_OF[inputs["x"].partition("[")[0]]:
                command = [sys.argv[1], "build", file.name, "--emit=asm", "--target=" + level]
                assembly = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                kernels = re.findall(r"^(k\d+\.(?:contraction|windows)\.part):", assembly, re.M)
                found = [loop for kernel in kernels for loop in inner_loops.measure(assembly, kernel)]
                if not found:
                    failed.append(f"{inputs} {formula} at {level}: no loop multiplies and adds")
                loops += len(found)
                for count, lines in found:
                    if count == 1:  # what a row's sums start from goes into the scratch tile, which is no spill
                        lines = [line for line in lines if not re.search(r"\(%rsp,%r", line)]
                    if "K" in dims:
                        lines = [line for line in lines if not re.match(r"(mov|cmp)q\s+\d+\(%rsp\), %r", line)]
                    if lines:
                        failed.append(f"{inputs} {formula} at {level}: a loop of {count} sums touches the stack: {lines}")
    print(*failed, f"{loops} loops", sep="\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
