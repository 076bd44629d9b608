#!/usr/bin/env python3
"""Trains the network of digits.json in numpy (float32, Adam) and writes into a folder:

  weights.safetensors    net.h.weight, net.h.bias, net.logits.weight, net.logits.bias
  test_x.npy             f32 [360, 64]   the test images
  test_label.npy         i32 [360]
  reference_logits.npy   f64 [360, 10]   the same weights evaluated in float64

usage: train.py FOLDER
graphc's own training replaces this script once the language's train_step is compiled.
"""
import json, os, sys
import numpy as np
from split import load

HIDDEN, EPOCHS, BATCH, RATE = 128, 60, 32, 1e-3


def initial(rng, inputs, outputs):
    limit = np.sqrt(6 / (inputs + outputs))  # glorot_uniform, as `dense` declares
    return rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)


def forward(w, x):
    h = np.maximum(x @ w["net.h.weight"] + w["net.h.bias"], 0)
    return h, h @ w["net.logits.weight"] + w["net.logits.bias"]


def gradients(w, x, label):
    h, z = forward(w, x)
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(label)), label] -= 1
    dz = p / len(label)
    dh = (dz @ w["net.logits.weight"].T) * (h > 0)
    return {"net.h.weight": x.T @ dh, "net.h.bias": dh.sum(0), "net.logits.weight": h.T @ dz, "net.logits.bias": dz.sum(0)}


def train(x, label):
    rng = np.random.RandomState(0)
    w = {"net.h.weight": initial(rng, 64, HIDDEN), "net.h.bias": np.zeros(HIDDEN, np.float32),
         "net.logits.weight": initial(rng, HIDDEN, 10), "net.logits.bias": np.zeros(10, np.float32)}
    m, v = ({name: np.zeros_like(value) for name, value in w.items()} for _ in range(2))
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(label))
        for begin in range(0, len(order), BATCH):
            batch = order[begin:begin + BATCH]
            step += 1
            for name, g in gradients(w, x[batch], label[batch]).items():
                m[name] += 0.1 * (g - m[name])
                v[name] += 0.001 * (g * g - v[name])
                w[name] -= (RATE * (m[name] / (1 - 0.9**step)) / (np.sqrt(v[name] / (1 - 0.999**step)) + 1e-8)).astype(np.float32)
    return w


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text + b"".join(np.ascontiguousarray(t, "<f4").tobytes() for t in tensors.values()))


if __name__ == "__main__":
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    train_x, train_label, test_x, test_label = load()
    weights = train(train_x, train_label)
    reference = forward({name: value.astype(np.float64) for name, value in weights.items()}, test_x.astype(np.float64))[1]
    write_safetensors(os.path.join(folder, "weights.safetensors"), weights)
    np.save(os.path.join(folder, "test_x.npy"), test_x)
    np.save(os.path.join(folder, "test_label.npy"), test_label)
    np.save(os.path.join(folder, "reference_logits.npy"), reference)
    print(f"numpy: {len(train_label)} training and {len(test_label)} test images, "
          f"test accuracy {100 * np.mean(reference.argmax(1) == test_label):.2f}%")
