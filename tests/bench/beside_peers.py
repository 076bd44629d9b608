"""The workloads that graphc is held to, timed beside ONNX Runtime and PyTorch in one run. run.py calls it in a virtual environment.

usage: beside_peers.py GRAPHC [--only REGEX] [--threads N] [--seconds S] [--rounds R]
Every workload is a PyTorch module with fixed shapes, exported to ONNX; its answer is compared before its time counts. Rounds of all of them
alternate, so that a noisy neighbour meets each; a time is the median of rounds, each the median of calls. Prints JSON.
"""
import json
import logging
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import warnings

from peer_models import A, Block, Lstm, lenet, mlp

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import numpy as np
import onnxruntime
import torch
import torch.nn as nn
import torchvision


def image(name):
    return getattr(torchvision.models, name)(weights=None)


# name -> module, shape of the input, goal for graphc over ONNX Runtime (None: none was set)
WORKLOADS = {
    "sigmoid(Wx), 1024x1024, batch 1": (lambda: nn.Sequential(nn.Linear(1024, 1024), nn.Sigmoid()), (1, 1024), None),
    "MLP 784-512-256-10, batch 1": (lambda: mlp(784, 512, 256, 10), (1, 784), 0.75),
    "MLP 784-512-256-10, batch 64": (lambda: mlp(784, 512, 256, 10), (64, 784), 0.92),
    "MLP 16-32-32-4, batch 1": (lambda: mlp(16, 32, 32, 4, activation=nn.Tanh), (1, 16), None),
    "GEMM 512": (lambda: nn.Sequential(nn.Linear(512, 512, bias=False)), (512, 512), None),
    "GEMM 1024": (lambda: nn.Sequential(nn.Linear(1024, 1024, bias=False)), (1024, 1024), None),
    "LeNet, batch 1": (lenet, (1, 1, 28, 28), 0.7),
    "LeNet, batch 64": (lenet, (64, 1, 28, 28), 0.8),
    "ResNet-18, batch 1": (lambda: image("resnet18"), (1, 3, 224, 224), 0.75),
    "ResNet-50, batch 1": (lambda: image("resnet50"), (1, 3, 224, 224), 0.95),
    "MobileNetV2, batch 1": (lambda: image("mobilenet_v2"), (1, 3, 224, 224), 1.0),
    "transformer block d768 t128": (lambda: Block(768, 12), (1, 128, 768), None),
    "transformer block d256 t64": (lambda: Block(256, 8), (1, 64, 256), 1.0),
    "LSTM 256, 64 steps, batch 1": (lambda: Lstm(256, 256), (64, 1, 256), 0.8),
    "LSTM 256, 64 steps, batch 16": (lambda: Lstm(256, 256), (64, 16, 256), 0.9),
    "layer_norm + gelu, 4096x768": (lambda: nn.Sequential(nn.LayerNorm(768), nn.GELU(approximate="tanh")), (4096, 768), 0.65),
    "softmax, 4096x1000": (lambda: nn.Sequential(nn.Softmax(-1)), (4096, 1000), 0.8),
}


def median_us(call):
    """Median over samples, for about A.seconds. Samples are as short as those of graphc bench (20 us, or one call): on a busy machine longer
    ones would hold what other programs took, and show only the peers as slower."""
    for _ in range(10):
        start = time.perf_counter()
        call()
        once = time.perf_counter() - start
    inner = math.ceil(20e-6 / max(once, 1e-7))
    samples, end = [], time.perf_counter() + A.seconds
    while time.perf_counter() < end or len(samples) < 5:
        start = time.perf_counter()
        for _ in range(inner):
            call()
        samples.append((time.perf_counter() - start) / inner)
    return statistics.median(samples) * 1e6


def graphc(*words):
    done = subprocess.run([A.graphc, *words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def check_answer(model, name, x, want, folder):
    (folder / "in").mkdir()
    np.save(folder / "in" / (urllib.parse.quote(name, safe="") + ".npy"), x)
    graphc("run", str(model), "--inputs", str(folder / "in"), "--outputs", str(folder / "out"))
    (path,) = (folder / "out").glob("*.npy")
    off = np.abs(np.load(path) - want).max()
    if not off <= 1e-3 * max(1.0, np.abs(want).max()):
        raise RuntimeError(f"wrong answer: off by {off:.3g}")


def measure(make, shape, folder):
    torch.manual_seed(0)
    module, x = make().eval(), torch.randn(*shape)
    model = folder / "model.onnx"
    torch.onnx.export(module, (x,), model, dynamo=True, external_data=False, verbose=False, optimize=True)
    with torch.inference_mode():
        want = module(x).numpy()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = A.threads, 1
    session = onnxruntime.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])
    (name,) = (value.name for value in session.get_inputs())
    check_answer(model, name, x.numpy(), want, folder)
    binding, bound = session.io_binding(), onnxruntime.OrtValue.ortvalue_from_numpy(x.numpy())
    binding.bind_ortvalue_input(name, bound)
    for output in session.get_outputs():
        binding.bind_output(output.name)

    def of_torch():
        with torch.inference_mode():
            return median_us(lambda: module(x))

    last = {}

    def of_graphc():
        text = graphc("bench", str(model), "--threads", str(A.threads), "--seconds", str(A.seconds), "--json")
        last.update(json.loads(text))
        return last["median_us"]

    times = {"onnxruntime": lambda: median_us(lambda: session.run_with_iobinding(binding)), "torch": of_torch, "graphc": of_graphc}
    rounds = {who: [] for who in times}
    for _ in range(A.rounds):
        for who, clock in times.items():
            rounds[who].append(clock())
    row = {who: statistics.median(values) for who, values in rounds.items()}
    # The quotient of each round, so that both sides had the same neighbours.
    row["ratio"] = statistics.median(mine / theirs for mine, theirs in zip(rounds["graphc"], rounds["onnxruntime"]))
    row["over_best"] = statistics.median(mine / min(theirs) for mine, *theirs in zip(rounds["graphc"], rounds["onnxruntime"], rounds["torch"]))
    row["share_of_peak"], row["compile_s"] = last["share_of_peak"], last["compile_s"]
    return row


def main():
    rows = []
    for workload, (make, shape, goal) in WORKLOADS.items():
        if not re.search(A.only, workload):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                row = measure(make, shape, pathlib.Path(folder))
            except Exception as error:  # one that fails must not cost the others their row
                row = {"error": str(error).splitlines()[0][:200] if str(error) else type(error).__name__}
        rows.append({"workload": workload, "goal": goal, **row})
        print(f"{workload}: {row}", file=sys.stderr, flush=True)
    versions = {"onnxruntime": onnxruntime.__version__, "torch": torch.__version__.split("+")[0]}
    json.dump({"versions": versions, "threads": A.threads, "rows": rows}, sys.stdout)


main()
