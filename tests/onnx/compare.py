#!/usr/bin/env python3
"""Runs models with `graphc run`, directly and after `graphc import`, and demands equal bytes of every output.
usage: compare.py GRAPHC DIR MODEL..."""
import json
import os
import re
import subprocess
import sys
import urllib.parse

import numpy as np


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
        values = (np.arange(np.prod(shape), dtype=np.float32).reshape(shape) - 3) / 4
        given = {"names": "a/b:0"}.get(name, shown)
        for path, tensor, out in ((original, given, "direct"), (graph, shown, "imported")):
            inputs = os.path.join(work, "in_" + out)
            os.makedirs(inputs, exist_ok=True)
            np.save(os.path.join(inputs, urllib.parse.quote(tensor, safe="") + ".npy"), values)
            subprocess.run([graphc, "run", path, "--inputs", inputs, "--outputs", os.path.join(work, out)], check=True)
        direct, imported = ([np.load(os.path.join(work, out, f)) for f in sorted(os.listdir(os.path.join(work, out)))]
                            for out in ("direct", "imported"))
        assert len(direct) == len(imported) == 1 and direct[0].tobytes() == imported[0].tobytes(), name
        if name in ("gemm", "external"):
            w = np.arange(12, dtype=np.float32).reshape(4, 3) / 8
            want = np.maximum(values @ w.T + np.float32([1, -1, 0.5, 0]), 0)
            assert np.allclose(direct[0], want, rtol=1e-6), name


if __name__ == "__main__":
    main()
