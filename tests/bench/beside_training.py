"""Whole training steps (forward, gradient, Adam) timed beside PyTorch, torch.compile and JAX in one run. run.py calls it in a virtual environment.

usage: beside_training.py GRAPHC [--only REGEX] [--threads N] [--seconds S] [--rounds R]
Each workload is a graph of this folder and the same step in the peers, one fixed batch. That graphc's steps are PyTorch's to 1e-5 is a test
(tests/models/train_step.py), here only time counts. Rounds of all alternate; a time is the median of rounds, each the median of calls; the
quotient is the median over rounds of graphc over the best peer of the round. Prints JSON.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import time

from peer_models import A, Block, Lstm, lenet, mlp

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = (f"--xla_cpu_multi_thread_eigen={'true' if A.threads > 1 else 'false'} "
                           f"intra_op_parallelism_threads={A.threads}")

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent


def jax_block(params, x, heads):
    def linear(name, h):
        return h @ params[name + ".weight"].T + params[name + ".bias"]

    def norm(name, h):
        centred = h - h.mean(-1, keepdims=True)
        scale = jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return centred * scale * params[name + ".weight"] + params[name + ".bias"]

    batch, length, width = x.shape
    q, k, v = linear("qkv", norm("norm1", x)).reshape(batch, length, 3, heads, width // heads).transpose(2, 0, 3, 1, 4)
    score = q @ k.transpose(0, 1, 3, 2) / np.sqrt(width // heads)
    score = jnp.where(jnp.tril(jnp.ones((length, length), bool)), score, -jnp.inf)
    x = x + linear("out", (jax.nn.softmax(score, -1) @ v).transpose(0, 2, 1, 3).reshape(batch, length, width))
    return x + linear("down", jax.nn.gelu(linear("up", norm("norm2", x)), approximate=True))


def jax_lstm(params, x):
    recurrent = params["layer.weight_hh_l0"].T
    projected = x @ params["layer.weight_ih_l0"].T + params["layer.bias_ih_l0"] + params["layer.bias_hh_l0"]

    def turn(carry, z):
        h, c = carry
        i, f, g, o = jnp.split(z + h @ recurrent, 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zero = jnp.zeros((x.shape[1], recurrent.shape[0]))
    return jax.lax.scan(turn, (zero, zero), projected)[1]


# graph -> what it is, module, shape of the input, classes (0: a target of the input's shape), goal over the best peer (None: plain C is its peer, beside_c.py)
WORKLOADS = {
    "train_mlp_adam_b64": ("MLP 784-512-256-10, batch 64", lambda: mlp(784, 512, 256, 10), (64, 784), 10, 0.65),
    "train_mlp_tiny_adam_b1": ("MLP 16-32-32-4, batch 1", lambda: mlp(16, 32, 32, 4), (1, 16), 4, None),
    "train_lenet_adam_b64": ("LeNet, batch 64", lenet, (64, 1, 28, 28), 10, 0.75),
    "train_lstm_adam_t64_b16": ("LSTM 256, 64 steps, batch 16", lambda: Lstm(256, 256), (64, 16, 256), 0, 0.75),
    "train_block_adam_d256_t64_b8": ("transformer block d256 t64, batch 8", lambda: Block(256, 8), (8, 64, 256), 0, None),
}


def median_us(call):
    """Of a call's time, over batches of calls that are long beside the clock."""
    for _ in range(3):
        call()
    start = time.perf_counter()
    call()
    together = max(1, int(0.02 / max(time.perf_counter() - start, 1e-7)))
    times, end = [], time.perf_counter() + A.seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        for _ in range(together):
            call()
        times.append((time.perf_counter() - start) / together)
    return statistics.median(times) * 1e6


def torch_loss(y, label):
    return F.mse_loss(y, label) if label.is_floating_point() else F.cross_entropy(y, label)


def torch_step(module, x, label, compiled):
    optimizer = torch.optim.Adam(module.parameters(), 1e-3, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch_loss(module(x), label)
        loss.backward()
        optimizer.step()
        return loss

    return torch.compile(step) if compiled else step


def jax_step(module, x, label):
    def forward(params, h):
        if isinstance(module, Block):
            return jax_block(params, h, module.heads)
        if isinstance(module, Lstm):
            return jax_lstm(params, h)
        for name, layer in module.named_children():
            if isinstance(layer, nn.Linear):
                h = h @ params[name + ".weight"].T + params[name + ".bias"]
            elif isinstance(layer, nn.Conv2d):
                padding = [(layer.padding[0],) * 2] * 2
                h = jax.lax.conv_general_dilated(h, params[name + ".weight"], layer.stride, padding)
                h = h + params[name + ".bias"][None, :, None, None]
            elif isinstance(layer, nn.MaxPool2d):
                h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
            elif isinstance(layer, nn.Flatten):
                h = h.reshape(h.shape[0], -1)
            else:
                h = jax.nn.relu(h)
        return h

    def loss_of(params, h, label):
        if jnp.issubdtype(label.dtype, jnp.floating):
            return ((forward(params, h) - label) ** 2).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(forward(params, h), -1), label[:, None], 1).mean()

    def step(params, m, v, n, h, label):
        loss, g = jax.value_and_grad(loss_of)(params, h, label)
        n = n + 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        params = jax.tree.map(lambda p, a, b: p - 1e-3 * (a / (1 - 0.9**n)) / (jnp.sqrt(b / (1 - 0.999**n)) + 1e-8), params, m, v)
        return params, m, v, n, loss

    compiled = jax.jit(step, donate_argnums=(0, 1, 2, 3))
    params = {name: jnp.asarray(value.detach().numpy()) for name, value in module.state_dict().items()}
    state = [params, jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params), jnp.float32(0)]
    given = [jnp.asarray(x.numpy()), jnp.asarray(label.numpy())]

    def call():
        *state[:], loss = compiled(*state, *given)
        loss.block_until_ready()

    return call


def graphc_us(graph):
    command = [A.graphc, "bench", HERE / (graph + ".json"), "--entry=train_step", f"--threads={A.threads}", f"--seconds={A.seconds}", "--json"]
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def measured(graph, module, shape, classes):
    torch.manual_seed(0)
    x, label = torch.randn(*shape), torch.randint(0, classes, shape[:1]) if classes else torch.randn(*shape)
    peers = {"torch": torch_step(module(), x, label, False), "compile": torch_step(module(), x, label, True),
             "jax": jax_step(module(), x, label)}
    times, ratios, last = {name: [] for name in [*peers, "graphc"]}, [], None
    for _ in range(A.rounds):
        for name, call in peers.items():
            times[name].append(median_us(call))
        last = graphc_us(graph)
        times["graphc"].append(last["median_us"])
        ratios.append(times["graphc"][-1] / min(times[name][-1] for name in peers))
    row = {name: statistics.median(of) for name, of in times.items()}
    return {**row, "ratio": statistics.median(ratios), "share_of_peak": last["share_of_peak"], "compile_s": last["compile_s"]}


rows = []
for graph, (what, module, shape, classes, goal) in WORKLOADS.items():
    if re.search(A.only, graph) or re.search(A.only, what):
        rows.append({"workload": what, "goal": goal, **measured(graph, module, shape, classes)})
print(json.dumps({"versions": {"torch": torch.__version__, "jax": jax.__version__, "numpy": np.__version__}, "threads": A.threads, "rows": rows}))
