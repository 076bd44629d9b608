"""The TreeLSTM of tests/models/tree_lstm.json (20000 words, 150 units) beside PyTorch's eager mode walking the same trees, one thread, one run.

usage: tree_lstm.py GRAPHC [--leaves N] [--rounds R] [--words V] [--json]       needs torch
That values and gradients are PyTorch's is a test (tests/models/tree_lstm.py); here only time counts: the least of the rounds, per tree, of
graphc, of PyTorch, and their quotient, for the scores alone and for a training step with Adagrad. Rounds of both alternate.
"""
import argparse
import ctypes
import json
import pathlib
import random
import sys
import tempfile
import time

import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "models"))
from compiled_model import Model, build, floats, ints, read_graph  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("graphc")
parser.add_argument("--leaves", type=int, default=20)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--words", type=int, default=20000)
parser.add_argument("--json", action="store_true", help="seconds of both as JSON")
A = parser.parse_args()
torch.set_num_threads(1)
UNITS = 150
random_numbers = random.Random(1)


def random_tree(leaves):
    word, left, right = [], [], []

    def grow(count):
        at = len(word)
        word.append(random_numbers.randrange(A.words)), left.append(-1), right.append(-1)
        if count > 1:
            first = random_numbers.randint(1, count - 1)
            left[at], right[at] = grow(first), grow(count - first)
        return at

    return grow(leaves), word, left, right


class TreeLstm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.leaf = torch.nn.Embedding(A.words, UNITS), torch.nn.Linear(UNITS, 3 * UNITS)
        self.inner, self.z = torch.nn.Linear(2 * UNITS, 5 * UNITS), torch.nn.Linear(UNITS, 5)

    def forward(self, tree):
        root, word, left, right = tree

        def visit(node):
            if left[node] < 0:
                i, o, u = self.leaf(self.e(torch.tensor(word[node]))).split(UNITS)
                c = torch.sigmoid(i) * torch.tanh(u)
            else:
                (hl, cl), (hr, cr) = visit(left[node]), visit(right[node])
                i, o, u, fl, fr = self.inner(torch.cat([hl, hr])).split(UNITS)
                c = torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(fl) * cl + torch.sigmoid(fr) * cr
            return torch.sigmoid(o) * torch.tanh(c), c

        return self.z(visit(root)[0])


with tempfile.TemporaryDirectory() as folder:
    graph = read_graph("tree_lstm")
    graph["dims"]["V"] = A.words
    build(A.graphc, graph, folder)
    model, peer = Model(folder, "tree_lstm"), TreeLstm()
    trees = [random_tree(A.leaves) for _ in range(8)]
    calls = [[ctypes.c_int64(len(w)), ctypes.c_int32(root), ints(w), ints(l), ints(r)] for root, w, l, r in trees]
    z, loss, label = floats(5), ctypes.c_float(), torch.tensor(2)
    optimizer = torch.optim.Adagrad(peer.parameters(), 0.05)

    def peer_step(tree):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(peer(tree), label).backward()
        optimizer.step()

    def ours(call):
        model.call("train_step", *call, ctypes.c_int32(2), ctypes.byref(loss))

    def timed(run, cases):
        begin = time.perf_counter()
        for case in cases:
            run(case)
        return (time.perf_counter() - begin) / len(cases)

    best = {}
    for _ in range(A.rounds):
        with torch.no_grad():
            times = {"classify": (timed(lambda c: model.call("classify", *c, z), calls), timed(peer, trees))}
        times["train_step"] = timed(ours, calls), timed(peer_step, trees)
        for what, pair in times.items():
            best[what] = [min(a, b) for a, b in zip(best.get(what, pair), pair)]
    if A.json:
        print(json.dumps({"leaves": A.leaves, "torch": torch.__version__.split("+")[0], "seconds": best}))
        sys.exit()
    for what, (own, other) in best.items():
        print(f"{what}: {own * 1e3:.3f} ms per tree of {A.leaves} leaves, PyTorch {other * 1e3:.3f} ms, quotient {own / other:.3f}")
